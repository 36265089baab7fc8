"""The embeddings of whole FAQs as files beside the database, which are mapped into memory instead of being read."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .failures import describe

if TYPE_CHECKING:
    from ..core.types import Embeddings

KEPT_DAYS = 7
"""How long a file stays that nobody has asked for: an FAQ that was changed may be changed back."""
_SECONDS_A_DAY = 86_400
_log = logging.getLogger(__name__)


class MatrixFolder:
    """Files of embeddings, each under a name that says what they are the embeddings of; all of them can be made again.

    Several processes may use one folder; a file appears in it whole or not at all.

    Args:
        folder: Where they are; made when the first one is kept. None keeps them in memory instead.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._in_memory: dict[str, Embeddings] = {}

    def read(self, name: str) -> Embeddings | None:
        """Return what was kept under a name, mapped from its file and read-only; None if nothing usable was."""
        if self._folder is None:
            return self._in_memory.get(name)
        path = self._folder / f"{name}.npy"
        try:
            found = np.load(path, mmap_mode="r", allow_pickle=False)
            # So that it counts as in use.
            os.utime(path)
        except FileNotFoundError:
            return None
        # An empty or a shortened file, and one that is something else.
        except (OSError, ValueError, EOFError) as error:
            _log.warning("Ignored %s, which cannot be read (%s); it is made again", path, error)
            return None
        if found.dtype != np.float32 or found.ndim != 2 or not found.flags.c_contiguous:  # noqa: PLR2004 - a matrix
            _log.warning("Ignored %s, which does not hold what it was made for; it is made again", path)
            return None
        return found

    def keep(self, name: str, embeddings: Embeddings) -> Embeddings:
        """Keep embeddings under a name; return them mapped from their file, or as they are where that fails."""
        if not embeddings.size:
            return embeddings
        if self._folder is None:
            kept = self._in_memory[name] = embeddings.copy()
            kept.setflags(write=False)
            return kept
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._forget()
            self._write(self._folder / f"{name}.npy", embeddings)
        except OSError as error:
            _log.warning(
                "The FAQ's embeddings cannot be kept in %s: %s; they stay in memory", self._folder, describe(error)
            )
            return embeddings
        kept = self.read(name)
        return embeddings if kept is None else kept

    def _write(self, path: Path, embeddings: Embeddings) -> None:
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".new", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.save(file, embeddings, allow_pickle=False)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise

    def _forget(self) -> None:
        """Delete what nobody has asked for lately; whoever has it mapped keeps it (on Windows the file stays then)."""
        oldest = time.time() - KEPT_DAYS * _SECONDS_A_DAY
        for path in self._folder.iterdir() if self._folder else ():
            with contextlib.suppress(FileNotFoundError, PermissionError):
                if path.suffix in {".npy", ".new"} and path.stat().st_mtime < oldest:
                    path.unlink()

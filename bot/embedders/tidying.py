"""Compiled models that nobody can use any more, because the program or a library has another version by now."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import shutil
import time
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
UNUSED_SECONDS = 30 * 86_400.0
"""Two versions may be in use side by side, and who goes back to an older one does so within weeks."""

_SLOT = re.compile(r"(?P<precision>[a-z0-9]+)-[0-9a-f]{16}")
_LEFT_OVER = re.compile(r"new-.*")
"""What a process that was killed while it compiled has left behind."""


def hold(slot: Path, holder: object) -> None:
    """Note that a compiled model is used now, and have nobody remove it while some object lives.

    Args:
        slot: Its folder.
        holder: What uses it.
    """
    # A cache that cannot be written to, or on a file system without locks, serves as well.
    with suppress(OSError):
        os.utime(slot / MANIFEST)
    with suppress(OSError):
        opened = os.open(slot / MANIFEST, os.O_RDONLY)
        weakref.finalize(holder, os.close, opened)
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)


@contextmanager
def at_work(folder: Path) -> Generator[None]:
    """Keep others from taking a folder for left over; to be begun and made within `one_at_a_time`."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)


def remove_left_over(root: Path) -> None:
    """Remove from a cache what nobody is at work on any more; to be called within `one_at_a_time`.

    Where there are no locks it stays for `UNUSED_SECONDS`, see `remove_unused`.
    """
    for folder in root.iterdir():
        if _LEFT_OVER.fullmatch(folder.name) and folder.is_dir():
            with suppress(OSError), _locked(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_at_a_time(folder: Path) -> Generator[None]:
    """Wait until nobody else does so with a folder; where there are no locks, go on at once."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def remove_unused(slot: Path, weights: str, now: float | None = None) -> list[Path]:
    """Remove other compiled forms of a model, in the same precision, that nobody has used for `UNUSED_SECONDS`.

    Args:
        slot: The folder of the form that stays.
        weights: The hash of the model's weights.
        now: The time in seconds since 1970, that of the machine by default.

    Returns:
        The folders that are gone.
    """
    before = (time.time() if now is None else now) - UNUSED_SECONDS
    gone = list[Path]()
    for other in sorted(slot.parent.iterdir()):
        if other != slot and (_is_left_over(other, before) or _is_unused(other, slot, weights, before)):
            shutil.rmtree(other, ignore_errors=True)
            gone.append(other)
    if gone:
        _log.info("Removed compiled models that nobody uses any more: %s", ", ".join(map(str, gone)))
    return gone


def _is_left_over(folder: Path, before: float) -> bool:
    return bool(_LEFT_OVER.fullmatch(folder.name)) and folder.is_dir() and folder.stat().st_mtime < before


def _is_unused(folder: Path, slot: Path, weights: str, before: float) -> bool:
    found, kept = _SLOT.fullmatch(folder.name), _SLOT.fullmatch(slot.name)
    if found is None or kept is None or found["precision"] != kept["precision"]:
        return False
    try:
        manifest: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        with _locked(folder / MANIFEST):
            return manifest["weights"] == weights and (folder / MANIFEST).stat().st_mtime < before
    except (OSError, ValueError, KeyError, TypeError) as error:
        # In use, not readable, or of a version that wrote something else: no reason to fail, and none to remove it.
        _log.debug("%s stays: %s", folder, error)
        return False


@contextmanager
def _locked(file: Path) -> Generator[None]:
    """Hold a file or folder that nobody else holds.

    Raises:
        OSError: Somebody holds it.
    """
    opened = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)

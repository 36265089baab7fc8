"""Which files a configuration means."""

from __future__ import annotations

from dataclasses import dataclass
from glob import glob, has_magic
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from ..core.errors import Problem
from ..core.speech import sentence
from ..yamlfile import unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from ..core.speech import Sentence

_NO_FILE = sentence("no FAQ file is here; write one (the README shows the form), or mend faq.files in the config")
_NOWHERE = sentence("is a link to a file that is not there; bring that file back, or remove the link")


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds files by path or pattern.

    Attributes:
        base: The folder that relative paths start from.
    """

    base: Path

    def find(self, pattern: str, problems: set[Problem]) -> list[Path]:
        """Return the files that a path or a pattern means, sorted by name; add to the problems which cannot be read.

        Where there are none, that is a problem, too.
        """
        path = self.base / pattern
        fault = _find_fault(path)
        # A file may be called "faq [old].yaml": what is there is meant, even if it could be a pattern.
        if fault == _NO_FILE and has_magic(pattern):
            # Only the pattern is one: a folder above it may be called "my [bot]".
            names = sorted(glob(pattern, root_dir=self.base, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
            faults = [(path := self.base / name, _find_fault(path)) for name in names]
            # Folders are not meant. What cannot be looked at is: without it half of the FAQ might be missing.
            broken = [
                Problem(self.name(path), 0, why)
                for path, why in faults
                if why is not None and why not in (_NO_FILE, _folder_fault(path))
            ]
            problems.update(broken)
            found = [path for path, why in faults if why is None]
            if found or broken:
                return found
        if fault is None:
            return [path]
        problems.add(Problem(pattern, 0, fault))
        return []

    def name(self, path: Path) -> str:
        """Return a file as problems name it."""
        return str(path.relative_to(self.base)) if path.is_relative_to(self.base) else str(path)


def _find_fault(path: Path) -> Sentence | None:
    """Return why a path is no file that can be read, None if it is one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _NOWHERE if path.is_symlink() else _NO_FILE
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        return unreadable(error)
    if S_ISDIR(mode):
        return _folder_fault(path)
    return None if S_ISREG(mode) else _NO_FILE


def _folder_fault(path: Path) -> Sentence:
    return sentence("is a folder; name the files in it, like '{name}/*.yaml'", name=path.name)

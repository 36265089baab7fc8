"""Asking the operating system to be sparing with memory; where it cannot be asked so, nothing happens.

Sources: mallopt(3), malloc_trim(3), madvise(2), proc(5).
"""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAPS = Path("/proc/self/smaps")
_PART = re.compile(r"(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) (?P<may>\S+) \S+ \S+ \d+ *(?P<path>.*)")
"""The first line about a part of the memory: addresses, permissions, offset, device, inode and, if any, the file."""
_UNWRITTEN = ["Anonymous:", "0", "kB"]
"""One of the lines that follow: no page is other than in the file."""
_M_ARENA_MAX = -8
"""Of mallopt: how many heaps threads may spread over."""
_MADV_DONTNEED = 4
"""Of madvise: of a mapped file to which nothing was written, nothing is lost."""


def limit_heaps(count: int) -> None:
    """Have threads share so many heaps; by default each gets one of its own, which keeps what it was at most.

    It holds for the whole process, and for heaps that are not made yet.
    """
    if mallopt := _find("mallopt"):
        mallopt(_M_ARENA_MAX, count)


def return_free() -> None:
    """Give back to the operating system what was used and is free."""
    if malloc_trim := _find("malloc_trim"):
        malloc_trim(0)


def forget_files() -> None:
    """Take what was read of files that this process has mapped to read them out of its memory.

    Most of it is code of libraries that only a start runs. The system still has it, and maps it again where it is run.
    """
    if madvise := _find("madvise"):
        for start, size in list(_find_parts(lambda may, path: path.startswith("/") and "w" not in may)):
            _forget(madvise, start, size)


class MappedFile:
    """A file that this process has mapped to read it, and of which it reads a little here and there.

    With each page that is read the system maps its neighbours too, so that after some hundred places all of the file
    counts as memory of this process.

    Args:
        file: The file; it may be mapped in several parts.
    """

    def __init__(self, file: Path) -> None:
        name = str(file.resolve())
        self._parts = list(_find_parts(lambda _, path: path == name))
        self._madvise = _find("madvise")

    @property
    def size(self) -> int:
        """Bytes of it that are mapped."""
        return sum(size for _, size in self._parts)

    def forget(self) -> None:
        """Take the file's pages out of this process's memory; the system still has them when they are read again."""
        if self._madvise:
            for start, size in self._parts:
                _forget(self._madvise, start, size)


def _find_parts(wanted: Callable[[str, str], bool]) -> Iterator[tuple[int, int]]:
    """Yield address and size in bytes of each part of the memory that is wanted, and to which nothing was written.

    Args:
        wanted: Called with what may be done in a part, such as "r-xp", and the file that is mapped there, if any.
    """
    if not _MAPS.exists():
        return
    start = end = 0
    for line in _MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        if found := _PART.match(line):
            start, end = int(found["start"], 16), int(found["end"], 16)
            start = start if wanted(found["may"], found["path"]) else end
        elif start < end and line.split() == _UNWRITTEN:
            yield start, end - start


def _forget(madvise: Callable[..., int], start: int, size: int) -> None:
    madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_DONTNEED)


def _find(name: str) -> Callable[..., int] | None:
    """Return a function of the C library, None where it has none of that name."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), name, None)

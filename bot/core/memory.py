"""Asking the operating system about memory, and to be sparing with it; where it cannot be asked so, nothing happens.

Sources: mallopt(3), malloc_trim(3), madvise(2), proc(5), getrusage(2).
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MANY_OBJECTS, _OBJECTS = 100_000, 700
"""Made since the last look for garbage, when the next is due: during a start, and later. The second is Python's own; a
start would take a tenth longer with it."""
_LATER = 10
"""Looks of one generation before the next older one is looked through: Python's own."""
_MAPS = Path("/proc/self/smaps")
_STATUS = Path("/proc/self/status")
_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB$", re.MULTILINE)
_KIBI = 1024
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


def peak_memory() -> int:
    """Return the most memory that this program ever had, in bytes."""
    if _STATUS.exists() and (told := _PEAK.search(_STATUS.read_bytes())):
        return int(told[1]) * _KIBI
    import resource  # noqa: PLC0415 - where nothing better is to be had

    # This counts the program that started this one in, as the process was a copy of that one's to begin with.
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage if sys.platform == "darwin" else usage * _KIBI


def expect_little_garbage() -> None:
    """Look for garbage seldom, for a start: next to nothing that it makes is."""
    gc.set_threshold(_MANY_OBJECTS, _LATER, _LATER)


def settle() -> None:
    """Make room after a start, for what runs for months.

    What is there by now stays, and is not looked through again for garbage: little new garbage then suffices to be
    looked for, and that takes a moment.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS, _LATER, _LATER)
    return_free()
    forget_files()


def forget_files() -> None:
    """Take what was read of files that this process has mapped to read them out of its memory.

    Most of it is code of libraries that only a start runs. The system still has it, and maps it again where it is run.
    """
    if madvise := _find("madvise"):
        for start, size in list(_find_parts()):
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_DONTNEED)


def _find_parts() -> Iterator[tuple[int, int]]:
    """Yield address and size in bytes of each part of the memory where a file is mapped that cannot be written there.

    Of those to which something was written before it was forbidden, as of libraries when they are loaded, nothing.
    """
    if not _MAPS.exists():
        return
    start = end = 0
    for line in _MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        if found := _PART.match(line):
            start, end = int(found["start"], 16), int(found["end"], 16)
            start = start if found["path"].startswith("/") and "w" not in found["may"] else end
        elif start < end and line.split() == _UNWRITTEN:
            yield start, end - start


def _find(name: str) -> Callable[..., int] | None:
    """Return a function of the C library, None where it has none of that name."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), name, None)

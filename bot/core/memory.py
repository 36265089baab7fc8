"""Asking the operating system to be sparing with memory; where it cannot be asked so, nothing happens.

Sources: mallopt(3), malloc_trim(3), madvise(2), proc(5).
"""

from __future__ import annotations

import ctypes
import logging
import sys
from pathlib import Path

_log = logging.getLogger(__name__)

_MAPS = Path("/proc/self/maps")
_M_ARENA_MAX = -8
"""Of mallopt: how many heaps threads may spread over."""
_MADV_RANDOM = 1
"""Of madvise: what is read once says nothing about what will be."""


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


def expect_scattered_reads(file: Path) -> None:
    """Have only those pages of a mapped file take memory that are read, not their neighbours too.

    Args:
        file: A file that this process has mapped.
    """
    madvise = _find("madvise")
    if madvise is None or not _MAPS.exists():
        return
    name = str(file.resolve())
    for line in _MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        # Address range, permissions, offset, device, inode and, if there is one, the file.
        range_, *_, path = [*line.split(maxsplit=5), ""][:6]
        if path != name:
            continue
        start, end = (int(address, 16) for address in range_.split("-"))
        if madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_RANDOM):
            _log.debug("madvise refused for %s", name)


def _find(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of the C library, None where it has none of that name."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), name, None)

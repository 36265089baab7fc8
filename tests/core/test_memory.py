from __future__ import annotations

import ctypes
import gc
import mmap
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.core import memory
from bot.core.memory import expect_little_garbage, forget_files, limit_heaps, peak_memory, return_free, settle

ROOT = Path(__file__).parents[2]
PAGES = 64
CONTENT = b"".join(bytes([number]) * mmap.PAGESIZE for number in range(PAGES))

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def resident(file: Path) -> int:
    """Return the kilobytes of a file that are in this process's memory."""
    parts = Path("/proc/self/smaps").read_text().split(f"{file.resolve()}\n")[1:]
    return sum(int(part.split("Rss:")[1].split()[0]) for part in parts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a file.bin"
    file.write_bytes(CONTENT)
    return file


@linux
@pytest.mark.parametrize("access", [mmap.ACCESS_READ, mmap.ACCESS_COPY, mmap.ACCESS_WRITE])
def test_files_that_can_only_be_read_are_forgotten_and_what_may_be_written_is_kept(file: Path, access: int) -> None:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0, access=access) as mapped:
        assert mapped[:] == CONTENT
        forget_files()
        assert (resident(file) == 0) is (access == mmap.ACCESS_READ)
        assert mapped[:] == CONTENT


@linux
def test_libraries_work_after_their_code_was_forgotten() -> None:
    numpy_core = Path(str(sys.modules["numpy._core._multiarray_umath"].__file__))
    assert np.linalg.norm(np.array([3.0, 4.0])) == 5.0
    before = resident(numpy_core)
    forget_files()
    assert resident(numpy_core) < before
    assert np.linalg.norm(np.array([3.0, 4.0])) == 5.0


@linux
def test_what_was_written_before_it_was_forbidden_is_kept(file: Path) -> None:
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY) as mapped:
        mapped[0] = 77
        address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        protect = ctypes.CDLL(None).mprotect
        whole = ctypes.c_void_p(address), ctypes.c_size_t(len(CONTENT))
        assert protect(*whole, mmap.PROT_READ) == 0
        forget_files()
        assert protect(*whole, mmap.PROT_READ | mmap.PROT_WRITE) == 0
        assert mapped[0] == 77
        assert mapped[1:] == CONTENT[1:]
        gc.collect()


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory._find("madvise") is None
    limit_heaps(1)
    return_free()
    forget_files()
    monkeypatch.setattr(memory, "_MAPS", ROOT / "none")
    assert list(memory._find_parts()) == []


def test_garbage_is_looked_for_seldom_during_a_start_only(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for name in ("collect", "freeze"):
        # Frozen, the other tests' objects would never be looked at again.
        monkeypatch.setattr(gc, name, lambda name=name: done.append(name))
    before = gc.get_threshold()
    try:
        expect_little_garbage()
        assert gc.get_threshold() == (100_000, 10, 10)
        settle()
        assert gc.get_threshold() == (700, 10, 10)
    finally:
        gc.set_threshold(*before)
    assert done == ["collect", "freeze"]


def test_after_a_start_what_is_there_stays_and_new_garbage_is_found() -> None:
    script = (
        "import gc\n"
        "from bot.core.memory import expect_little_garbage, settle\n"
        "expect_little_garbage()\n"
        "print(gc.get_threshold())\n"
        "class Thing:\n"
        "    def __init__(self): self.own = self\n"
        "gone = []\n"
        "import weakref\n"
        "def make(): weakref.finalize(Thing(), gone.append, 1)\n"
        "make()\n"
        "settle()\n"
        "print(gc.get_threshold(), gc.get_freeze_count() > 1000, gone)\n"
        "for _ in range(3000): make()\n"
        "print(len(gone) > 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout.splitlines() == ["(100000, 10, 10)", "(700, 10, 10) True [1]", "True"]


@linux
def test_threads_share_the_heaps_that_they_are_left() -> None:
    # A heap of its own is 64 MB of address space, which malloc_info lists.
    script = (
        "import ctypes, sys, threading\n"
        "from bot.core.memory import limit_heaps, return_free\n"
        "if sys.argv[1] == '1': limit_heaps(1)\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype = ctypes.c_void_p\n"
        "threads = [threading.Thread(target=libc.malloc, args=(5000,)) for _ in range(3)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "return_free()\n"
        "libc.fopen.restype = ctypes.c_void_p\n"
        "out = libc.fopen(b'/dev/stdout', b'w')\n"
        "libc.malloc_info(0, ctypes.c_void_p(out))\n"
        "libc.fclose(ctypes.c_void_p(out))\n"
    )
    if memory._find("malloc_info") is None:
        pytest.skip("another C library")
    heaps = []
    for limited in ("1", "0"):
        command = [sys.executable, "-c", script, limited]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
        heaps.append(done.stdout.count("<heap "))
    assert heaps[0] == 1
    assert heaps[1] > 1


TAKEN = 256_000_000
TAKE_AND_GIVE_BACK = f"""
from bot.core.memory import peak_memory
before = peak_memory()
taken = b"1" * {TAKEN}
del taken
print(before, peak_memory())
"""


@linux
def test_the_peak_of_a_program_is_its_own_and_what_was_given_back_counts() -> None:
    # The program that starts it has more.
    taken = b"1" * (2 * TAKEN)
    told = subprocess.run(  # noqa: S603 - written above
        [sys.executable, "-c", TAKE_AND_GIVE_BACK], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    before, after = map(int, told.stdout.split())
    assert 0 < before < TAKEN < after < len(taken)


@linux
def test_where_the_system_tells_no_peak_the_one_that_counts_more_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = peak_memory()
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "nowhere")
    # Either is a little behind.
    assert peak_memory() > 0.95 * known

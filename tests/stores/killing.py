"""Processes that work on a database until somebody kills them, and the one above them that starts the next.

Each line of its input is a database and a seed, with a tab between them. The process that is started for it prints its
number, then ``begin`` before each step, and something once that is kept. After it was killed comes ``killed``.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BEGIN, KILLED = "begin", "killed"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def work_when_told(work: Callable[[str, int], Coroutine[Any, Any, None]]) -> None:
    """Start a process for each line of the input; what takes long to import is imported before, once."""
    for line in sys.stdin:
        path, seed = line.rstrip("\n").split("\t")
        number = os.fork()
        if not number:
            say(str(os.getpid()))
            asyncio.run(work(path, int(seed)))
            # It never ends by itself; if it did all the same, it must not go on reading here.
            os._exit(1)
        os.waitpid(number, 0)
        say(KILLED)


class Working:
    """A process that works, and one above it that starts the next when it was killed."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-m", module]
        pipe = subprocess.PIPE
        self._above = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - our own script
        self._number = 0

    def start(self, path: Path | str, seed: int) -> None:
        assert self._above.stdin
        self._above.stdin.write(f"{path}\t{seed}\n")
        self._above.stdin.flush()
        self._number = int(self._read())

    def read_some(self, count: int) -> Iterator[str]:
        """Yield so many lines, and then up to the beginning of a step."""
        line = ""
        while count > 0 or line != BEGIN:
            line = self._read()
            count -= 1
            yield line

    def kill(self) -> None:
        os.kill(self._number, signal.SIGKILL)

    def read_rest(self) -> Iterator[str]:
        """Yield what a process that was killed had still said."""
        while (line := self._read(alive=False)) != KILLED:
            yield line
        self._number = 0

    def close(self) -> None:
        if self._number:
            self.kill()
        self._above.communicate()

    def _read(self, *, alive: bool = True) -> str:
        assert self._above.stdout
        line = self._above.stdout.readline().rstrip("\n")
        if not line or (alive and line == KILLED):
            self._number = 0
            pytest.fail("a process ended by itself")
        return line

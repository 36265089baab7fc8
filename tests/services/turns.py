"""Several who work at the same time, of whom a test says who goes on when."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Turns:
    """Lets one task at a time do one step; a step ends where the next begins, or where the task ends."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._still = asyncio.Event()

    def begin(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Have somebody begin something, who has not begun anything or has ended it."""
        assert name not in self._tasks
        self._tasks[name] = asyncio.create_task(work)
        self._tasks[name].add_done_callback(lambda _: self._look())

    async def wait(self, name: str) -> None:
        """Wait for one's turn, as every step does first."""
        self._waiting[name] = asyncio.get_running_loop().create_future()
        self._look()
        await self._waiting[name]

    async def settle(self) -> list[str]:
        """Wait until everybody who works waits for his turn; return who does, and forget who has ended."""
        while not self._is_still():
            self._still.clear()
            await self._still.wait()
        for name in [name for name, task in self._tasks.items() if task.done()]:
            self._tasks.pop(name).result()
        return sorted(self._waiting)

    async def step(self, name: str) -> None:
        """Have somebody do one step."""
        self._waiting.pop(name).set_result(None)
        await self.settle()

    async def stop(self, name: str) -> None:
        """End somebody's work where it is, as if the process died."""
        self._waiting.pop(name)
        task = self._tasks.pop(name)
        task.cancel()
        await asyncio.wait([task])

    def _look(self) -> None:
        if self._is_still():
            self._still.set()

    def _is_still(self) -> bool:
        return all(task.done() or name in self._waiting for name, task in self._tasks.items())

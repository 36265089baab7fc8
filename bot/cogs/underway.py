"""What has begun and should come to its end, also when the bot is stopped meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


class Underway:
    """The tasks that are in the middle of something."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextmanager
    def noted(self) -> Generator[None]:
        """Count the current task among them as long as this is open."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be in the middle of something")
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def wait(self, seconds: float) -> None:
        """Wait until they have come to their end, so many seconds at most; who waits is not waited for."""
        others = self._tasks - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=seconds)

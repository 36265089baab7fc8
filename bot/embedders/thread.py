"""One thread for one model: torch spreads each batch over the cores already, and tokenizers must not be shared."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from ..core.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

_T = TypeVar("_T")

_MAX_REASON = 200
"""Characters of a library's error that a person reads; the traceback has the rest."""


class ModelThread:
    """Runs a model's work in a thread of its own, one piece after the other.

    Args:
        what: What the model is, for error messages and the thread's name: "embedder".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"faqtotum-{what}")
        self._closed = False

    async def call(self, work: Callable[[], _T]) -> _T:
        """Return what some work returns, or raise what it raises.

        Raises:
            EmbedderUnavailableError: It was closed, before the work or while that waited for its turn.
        """
        if self._closed:
            raise EmbedderUnavailableError(f"the {self._what} is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._unless_closed, work)

    def begin(self, work: Callable[[], object]) -> None:
        """Have some work done before all other; nobody hears what comes of it."""
        self._executor.submit(self._unless_closed, work)

    async def close(self) -> None:
        """Wait for what the model is doing, and fail what waits for it."""
        self._closed = True
        await asyncio.to_thread(self._executor.shutdown)

    def _unless_closed(self, work: Callable[[], _T]) -> _T:
        # What still waits at the end fails here, at once, so that nobody waits for ever.
        if self._closed:
            raise EmbedderUnavailableError(f"the {self._what} was closed before the text's turn came")
        return work()


class Opened(ABC):
    """What is started and closed, also as an asynchronous context manager."""

    @abstractmethod
    async def start(self) -> None:
        """Load the model unless it is loaded."""

    @abstractmethod
    async def close(self) -> None:
        """Let the model go."""

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def brief(error: Exception) -> str:
    """Return a library's error in one line that a person can read."""
    reason = " ".join(str(error).split())[:_MAX_REASON]
    return f"{type(error).__name__}: {reason}"

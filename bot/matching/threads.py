"""One thread for small matrices: with more, each product waits for a core that something else is using."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def one_thread() -> Generator[None]:
    """Make numpy's linear algebra use one thread inside.

    Comparing one question with 5,000 phrasings takes a tenth of a millisecond in one thread, and several in two
    threads as soon as the second core is busy, for instance with embedding the next question.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


class _Limit:
    """The limit holds for the whole process, so it is lifted when the last one who asked for it is done.

    Each for himself would restore what he found: a question that began before a reload would lift the reload's limit.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._limiter: Any = None

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._limiter = _controller().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()


_limit = _Limit()


@cache
def _controller() -> Any:  # noqa: ANN401 - threadpoolctl has no types
    # An import that the command line's help should not pay for.
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    return cast("Any", ThreadpoolController)()

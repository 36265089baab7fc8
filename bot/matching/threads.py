"""One thread for small matrices: with more, each product waits for a core that something else is using."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Generator

ONE_THREAD_VARIABLE = "OPENBLAS_NUM_THREADS"
"""Environment variable that OpenBLAS, which numpy's own packages bring, obeys when it is loaded."""


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
        if has_one_thread():
            return
        with self._lock:
            if not self._inside:
                self._limiter = _controller().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        if has_one_thread():
            return
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()


_limit = _Limit()


@cache
def has_one_thread() -> bool:
    """Tell whether numpy's linear algebra has but one thread anyway, because its environment says so.

    To ask the library itself takes as long as a hundred questions.
    """
    built: dict[str, Any] = np.show_config(mode="dicts")  # pyright: ignore[reportAssignmentType] - its stubs are vague
    return "openblas" in built["Build Dependencies"]["blas"]["name"] and os.environ.get(ONE_THREAD_VARIABLE) == "1"


@cache
def _controller() -> Any:  # noqa: ANN401 - threadpoolctl has no types
    # An import that the command line's help should not pay for.
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    return cast("Any", ThreadpoolController)()

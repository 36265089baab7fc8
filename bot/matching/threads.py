"""One thread for small matrices: with more, each product waits for a core that something else is using."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which numpy's linear algebra uses one thread.

    Comparing one question with 5,000 phrasings takes a tenth of a millisecond in one thread, and several in two
    threads as soon as the second core is busy, for instance with embedding the next question.
    """
    return cast("AbstractContextManager[object]", _controller().limit(limits=1, user_api="blas"))


@cache
def _controller() -> Any:  # noqa: ANN401 - threadpoolctl has no types
    # Half a second's import together with scikit-learn, which the command line's help should not pay for.
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    return cast("Any", ThreadpoolController)()

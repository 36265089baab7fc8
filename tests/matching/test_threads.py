"""The limit on numpy's threads holds while anybody needs it."""

import numpy as np
import pytest

from bot.matching.threads import _controller, one_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in _controller().info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def blas() -> None:
    # What is not loaded cannot be limited.
    assert (np.ones((2, 2)) @ np.ones((2, 2))).sum() == 8


def test_the_limit_is_lifted_when_the_last_one_is_done() -> None:
    before = threads()
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    assert threads() == {1}
    # The one that began first ends first; the other still needs the limit.
    first.__exit__(None, None, None)
    assert threads() == {1}
    second.__exit__(None, None, None)
    assert threads() == before


def test_an_error_inside_lifts_it_too() -> None:
    before = threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert threads() == before

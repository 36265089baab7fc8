"""The limit on numpy's threads holds while anybody needs it."""

from collections.abc import Iterator

import numpy as np
import pytest

from bot.matching.threads import ONE_THREAD_VARIABLE, _controller, has_one_thread, one_thread


def threads() -> set[int]:
    return {library["num_threads"] for library in _controller().info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def blas() -> None:
    # What is not loaded cannot be limited.
    assert (np.ones((2, 2)) @ np.ones((2, 2))).sum() == 8


@pytest.fixture(autouse=True)
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(ONE_THREAD_VARIABLE, raising=False)
    has_one_thread.cache_clear()
    yield
    has_one_thread.cache_clear()


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


def test_nothing_is_limited_where_the_environment_leaves_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ONE_THREAD_VARIABLE, "1")
    assert has_one_thread()
    before = threads()
    with one_thread():
        assert threads() == before
    has_one_thread.cache_clear()
    monkeypatch.setenv(ONE_THREAD_VARIABLE, "2")
    assert not has_one_thread()

"""One clock for the world and the bot: real time goes on, and it is never set back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.playground.clock import ShiftedClock


@given(st.lists(st.integers(-(10**6), 10**6)))
def test_it_goes_to_what_lies_ahead_and_never_back(jumps: list[int]) -> None:
    clock = ShiftedClock()
    for seconds in jumps:
        before, elapsed = clock.now(), clock.monotonic()
        clock.skip_to(before + timedelta(seconds=seconds))
        gone = (clock.now() - before).total_seconds()
        assert gone >= max(0, seconds) - 1e-3
        assert gone < max(0, seconds) + 10
        assert abs(clock.monotonic() - elapsed - gone) < 1


def test_its_seconds_are_those_of_its_moments() -> None:
    clock = ShiftedClock()
    assert abs(clock.seconds() - time.time()) < 1
    clock.skip_to(datetime(2100, 1, 1, tzinfo=UTC))
    assert abs(clock.seconds() - clock.now().timestamp()) < 1
    assert clock.now().utcoffset() == timedelta()

"""Snowflake ids, and the clock they are cut from.

Source: Discord's API reference, section "Snowflakes": milliseconds since the first second of 2015, shifted by 22 bits,
and below that a worker, a process and a counter, all of which are one counter here.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000
TIMESTAMP_SHIFT = 22

Clock = Callable[[], float]
"""Seconds since 1970, as `time.time` gives them."""


class ManualClock:
    """A clock that stands still until it is told otherwise; call it to read it, in seconds since 1970."""

    def __init__(self, start: float = 1_750_000_000.0) -> None:
        self._now = start

    def __call__(self) -> float:
        """The time it shows."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward by so many seconds."""
        self._now += seconds


class Snowflakes:
    """Hands out ids that only ever grow, whatever the clock does."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self._last = 0

    def next(self) -> int:
        """The id of something created now."""
        self._last = max(self._last + 1, self.at(self.clock()))
        return self._last

    @staticmethod
    def at(seconds: float) -> int:
        """The smallest id of the millisecond that `seconds` (since 1970) falls in."""
        return max(0, int(seconds * 1000) - DISCORD_EPOCH_MS) << TIMESTAMP_SHIFT

    def now(self) -> str:
        """The current time as Discord writes it: ISO 8601 with microseconds and an offset."""
        return isoformat(self.clock())


def isoformat(seconds: float) -> str:
    """`seconds` since 1970 as ISO 8601 in UTC, always with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def shard_of(guild_id: int, shard_count: int) -> int:
    """The shard that serves a guild (Discord's documentation, "Sharding")."""
    return (guild_id >> TIMESTAMP_SHIFT) % shard_count

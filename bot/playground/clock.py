"""The clock of a playground: real time goes on, and a week or a night can be skipped."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class ShiftedClock:
    """The machine's own time, ahead of it by whatever has been skipped; the world's clock and the bot's are this one.

    It only ever goes forward, as ids and cooldowns need it.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def seconds(self) -> float:
        """Return seconds since 1970, as the loopback Discord's world wants them."""
        return time.time() + self._ahead

    def now(self) -> datetime:
        """See Clock."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic() + self._ahead

    def skip_to(self, moment: datetime) -> None:
        """Go forward to a moment; one that has passed changes nothing."""
        self._ahead += max(0.0, (moment - self.now()).total_seconds())

"""Showing posted reports anew, once what they name was deleted or what was done about them was taken back."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from ..core.speech import verbatim
from .nightly import LEASE as POSTING_LEASE
from .nightly import BoardError

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..core.ports import Clock, Reports, StaleReports
    from ..core.reports import Posting, Report, Stale
    from .nightly import Board

_log = logging.getLogger(__name__)

SHOW_SECONDS = 120.0
"""For drawing a report and for Discord to take it, waiting for a rate limit included."""
LEASE = timedelta(minutes=5)
"""Of a claim: longer than anybody can be at it, or two would show the report at once, and the older state might win."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)
"""After a failure; each further one doubles it. Discord takes few edits of messages that are older than an hour (error
30046), and a channel that the bot may not see any more should not be asked for every minute."""
_MOST_DOUBLINGS = 12
"""Beyond which it is the longest wait anyway."""


class Refresher:
    """Shows stale reports anew.

    Args:
        reports: Keeps the reports.
        stale: Keeps which of them are stale.
        clock: Tells the time.
        holder: Names this process among those that could do it; no two may have the same.
    """

    def __init__(self, reports: Reports, stale: StaleReports, clock: Clock, holder: str) -> None:
        self._reports = reports
        self._stale = stale
        self._clock = clock
        self._holder = holder
        self._refreshing = asyncio.Lock()

    async def mark(self, posting_id: int) -> None:
        """Have a report shown anew, by the next look."""
        await self._stale.mark_stale(posting_id)

    async def refresh(self, guild_ids: Collection[int], board: Board) -> int:
        """Show what is stale anew; return how many reports it was.

        What Discord refuses is tried again later, and what is gone is given up.

        Args:
            guild_ids: The servers that this process can reach.
            board: Where reports are posted.

        Raises:
            StoreUnavailableError: The database failed.
        """
        async with self._refreshing:
            shown = 0
            for posting_id, guild_id in await self._stale.find_stale(self._clock.now()):
                if guild_id not in guild_ids:
                    continue
                stale = await self._stale.claim_stale(posting_id, self._holder, self._clock.now(), LEASE)
                if stale:
                    shown += await self._refresh(stale, board)
            return shown

    async def _refresh(self, stale: Stale, board: Board) -> bool:
        # Read after it was claimed: what is deleted from now on makes it stale again.
        posting = await self._reports.find_posting(stale.posting_id)
        report = posting and posting.report
        if posting is None or report is None:
            await self._stale.drop_stale(stale, self._holder)
            return False
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                there = await self._show(posting, report, board)
        except (BoardError, TimeoutError) as error:
            wait = min(FIRST_WAIT * 2 ** min(stale.tries, _MOST_DOUBLINGS), LONGEST_WAIT)
            await self._stale.put_off_stale(stale, self._holder, self._clock.now() + wait)
            level = logging.DEBUG if stale.tries else logging.WARNING
            reason = str(error) or "it takes too long"
            _log.log(level, "report %d cannot be brought up to date, which is tried again: %s", posting.id, reason)
            return False
        if not there:
            await self._stale.drop_stale(stale, self._holder)
            return False
        return await self._stale.settle_stale(stale, self._holder)

    async def _show(self, posting: Posting, report: Report, board: Board) -> bool:
        """Show a report anew; return whether there is a message to show it in."""
        if posting.message_id:
            return await board.renew(posting, report)
        if not posting.channel_id:
            return False
        # It was asked for in between, and who posted it has not said yet, or died before he could say, where it stands.
        if self._clock.now() - report.until < POSTING_LEASE:
            raise BoardError(verbatim("it is being posted"))
        message_id = await board.find(posting, posting.channel_id)
        if message_id is None:
            return False
        await self._reports.place_extra_report(posting.id, message_id)
        placed = await self._reports.find_posting(posting.id)
        return placed is not None and bool(placed.message_id) and await board.renew(placed, report)

"""The life of a nightly report: due, claimed, built, posted, each of them once whatever happens in between."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from ..core.errors import EmbedderUnavailableError, FaqtotumError, StoreUnavailableError
from ..core.reports import ReportState
from ..core.schedule import latest_day, next_posting, posting_time

if TYPE_CHECKING:
    from ..core.ports import Clock, Reports, Store
    from ..core.reports import Posting, Report
    from ..core.speech import Sentence
    from .reporting import Reporter
    from .settings import GuildSettings, Settings

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""Of a claim: building takes seconds, for a large history minutes. It is also how long it takes until somebody tries
again after a failure, or looks again whether another process has died over a report."""
NO_MESSAGE = 0
"""Where a report stands about which there is nothing to say: nobody asked anything."""


class BoardError(FaqtotumError):
    """A report cannot be posted where it should be; carries why, and what to do."""

    def __init__(self, reason: Sentence) -> None:
        self.reason = reason
        super().__init__(str(reason))


class Board(Protocol):
    """Where reports are posted."""

    def is_elsewhere(self, guild_id: int, channel_id: int) -> bool:
        """Return whether a channel is one of another server, in which no report of this one may be posted."""
        ...

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        """Return the message of a report that was posted already, None if there is none.

        Raises:
            BoardError: Nobody can look there.
        """
        ...

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        """Post a report; return its message.

        Raises:
            BoardError: It cannot be posted there.
        """
        ...

    async def renew(self, posting: Posting, report: Report) -> bool:
        """Show a report that was posted as it is now, with new files; return False if its message is gone.

        Raises:
            BoardError: It cannot be shown now.
        """
        ...


class Nightly:
    """Posts what is due.

    Args:
        reporter: Builds the reports.
        reports: Keeps them, and who makes them.
        store: Keeps from when on a server wants them.
        clock: Tells the time.
        settings: Where and when each server wants its report.
        holder: Names this process among those that could post; no two may have the same.
    """

    def __init__(
        self, reporter: Reporter, reports: Reports, store: Store, clock: Clock, settings: Settings, holder: str
    ) -> None:
        self._reporter = reporter
        self._reports = reports
        self._store = store
        self._clock = clock
        self._settings = settings
        self._holder = holder
        self._told: dict[int, str] = {}
        self._resting: dict[int, tuple[GuildSettings, datetime]] = {}

    async def post_due(self, guild_id: int, board: Board) -> bool:
        """Post a server's report if it is due and nobody else does it; return whether it was posted now.

        What fails is logged, once for each reason, and tried again after a lease, or as soon as the settings change.
        """
        settings = self._settings.read(guild_id)
        if settings.report_channel is None or self._is_resting(guild_id, settings):
            return False
        if board.is_elsewhere(guild_id, settings.report_channel):
            # The configuration names it for all servers, and means the one that has it.
            return False
        try:
            posted = await self._post(guild_id, settings, settings.report_channel, board)
        except BoardError as error:
            self._tell(guild_id, str(error))
            return False
        except (EmbedderUnavailableError, StoreUnavailableError) as error:
            if self._tell(guild_id, str(error)):
                _log.debug("the report of server %s failed", guild_id, exc_info=error)
            return False
        if posted:
            self._told.pop(guild_id, None)
        return posted

    def _is_resting(self, guild_id: int, settings: GuildSettings) -> bool:
        """Return whether there is nothing to look for yet; if there is, the next look is a lease away, or at the hour.

        Otherwise every look would cost the database a write, and a channel that is gone a request.
        """
        now = self._clock.now()
        seen = self._resting.get(guild_id)
        if seen and seen[0] == settings and now < seen[1]:
            return True
        coming = next_posting(now, settings.report_hour, ZoneInfo(settings.time_zone))
        self._resting[guild_id] = settings, min(now + LEASE, coming)
        return False

    async def _post(self, guild_id: int, settings: GuildSettings, channel_id: int, board: Board) -> bool:
        zone, now = ZoneInfo(settings.time_zone), self._clock.now()
        day = latest_day(now, settings.report_hour, zone)
        due = posting_time(day, settings.report_hour, zone)
        if due < await self._read_beginning(guild_id, channel_id, now):
            return False
        posting = await self._reports.claim_report(guild_id, day, self._holder, now, LEASE)
        if posting is None:
            return False
        report, message_id = posting.report, None
        if posting.state is ReportState.BUILT and report is not None:
            # Whoever built it may have posted it too, and died before he could say so.
            message_id = await board.find(posting, channel_id)
        if report is None:
            report = await self._reporter.build(guild_id, day, due, zone)
            if not await self._reports.keep_report(posting.id, self._holder, report):
                return False
        if message_id is None:
            if not await self._still_holds(posting):
                return False
            message_id = await board.post(posting, report, channel_id) if report.questions else NO_MESSAGE
        finished = await self._reports.finish_report(posting.id, self._holder, channel_id, message_id)
        return finished and message_id != NO_MESSAGE

    async def _still_holds(self, posting: Posting) -> bool:
        """Claim once more what is about to be posted; return False if it took so long that another process has it."""
        claim = await self._reports.claim_report(posting.guild_id, posting.day, self._holder, self._clock.now(), LEASE)
        return claim is not None

    async def _read_beginning(self, guild_id: int, channel_id: int, now: datetime) -> datetime:
        """Return since when a server has wanted its reports in a channel: what was due before is not made up for."""
        key = f"reports of {guild_id} in {channel_id} since"
        noted = await self._store.read_note(key)
        if noted is None:
            await self._store.write_note(key, now.isoformat())
            return now
        return datetime.fromisoformat(noted)

    def _tell(self, guild_id: int, reason: str) -> bool:
        """Log why a report cannot be made, once for each reason; return whether it was logged."""
        if self._told.get(guild_id) == reason:
            return False
        self._told[guild_id] = reason
        _log.error("the report of server %s cannot be posted: %s", guild_id, reason)
        return True

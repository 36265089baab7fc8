"""When a server's nightly report is due. Days are the server's own; a day has one report, whatever its clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def posting_time(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return when the report of a day is posted, aware, UTC.

    An hour that a change of the clock skips is as late as it would have been without the change; of one that comes
    twice the first counts.

    Args:
        day: The day, by the server's calendar.
        hour: The hour, 0 to 23, by the server's clock.
        zone: The server's time zone.
    """
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def latest_day(now: datetime, hour: int, zone: ZoneInfo) -> date:
    """Return the last day whose report should have been posted by now.

    Args:
        now: Aware.
        hour: See `posting_time`.
        zone: See `posting_time`.
    """
    today = now.astimezone(zone).date()
    # The hour may have been skipped past midnight, so that even yesterday's is still to come.
    return next(
        day for day in (today + _DAY, today, today - _DAY, today - 2 * _DAY) if posting_time(day, hour, zone) <= now
    )


def next_posting(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """Return when the next report is posted, aware, UTC; later than now."""
    return posting_time(latest_day(now, hour, zone) + _DAY, hour, zone)

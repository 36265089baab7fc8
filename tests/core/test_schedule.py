"""Every local day has one report, also when the clock jumps."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.schedule import latest_day, next_posting, posting_time

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
zones = st.sampled_from(sorted(available_timezones() - {"localtime"})).map(ZoneInfo)
moments = st.datetimes(datetime(1990, 1, 3), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
hours = st.integers(0, 23)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def test_it_is_due_from_the_hour_on() -> None:
    assert latest_day(at("2026-05-04 06:59:59"), 7, BERLIN) == date(2026, 5, 3)
    assert latest_day(at("2026-05-04 07:00:00"), 7, BERLIN) == date(2026, 5, 4)
    assert latest_day(at("2026-05-04 23:59:59"), 7, BERLIN) == date(2026, 5, 4)


def test_the_day_is_the_servers_own() -> None:
    evening = datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    assert latest_day(evening, 0, BERLIN) == date(2026, 5, 4)
    assert latest_day(evening, 0, UTC_ZONE) == date(2026, 5, 3)


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26"])
@pytest.mark.parametrize("hour", [1, 2, 3])
def test_around_a_change_of_the_clock_every_day_has_one_report(day: str, hour: int) -> None:
    wanted = date.fromisoformat(day)
    due = posting_time(wanted, hour, BERLIN)
    assert latest_day(due, hour, BERLIN) == wanted
    assert latest_day(due - timedelta(microseconds=1), hour, BERLIN) == wanted - timedelta(days=1)
    assert latest_day(due + timedelta(hours=1), hour, BERLIN) == wanted


def test_an_hour_that_is_skipped_comes_as_late_as_it_would_have_been() -> None:
    assert posting_time(date(2026, 3, 29), 2, BERLIN) == at("2026-03-29 03:00")


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    assert posting_time(date(2026, 10, 25), 2, BERLIN) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@given(moments, hours, zones)
def test_time_never_takes_a_report_back_and_never_skips_one(now: datetime, hour: int, zone: ZoneInfo) -> None:
    day = latest_day(now, hour, zone)
    assert posting_time(day, hour, zone) <= now < next_posting(now, hour, zone)
    later = latest_day(next_posting(now, hour, zone), hour, zone)
    # Where a place moved over the date line a whole day is missing (Samoa, 2011).
    assert timedelta(days=1) <= later - day <= timedelta(days=2)

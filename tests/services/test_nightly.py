"""One report a day, whatever happens: other processes, crashes, channels that are gone, clocks that jump."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.core.errors import EmbedderUnavailableError, StoreUnavailableError
from bot.core.reports import ReportState
from bot.core.speech import verbatim
from bot.services import GuildSettings, Nightly, Settings
from bot.services.nightly import LEASE, NO_MESSAGE, BoardError
from tests.fakes.clock import FrozenClock
from tests.fakes.members import MemoryMembers
from tests.services.processes import DEFAULTS
from tests.services.test_reporting import GUILD, NEAR, Week

if TYPE_CHECKING:
    from bot.core.reports import Posting, Report

CHANNEL = 77
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
HOUR = 7
WANTED = replace(DEFAULTS, report_channel=CHANNEL, report_hour=HOUR, time_zone="Europe/Berlin")


class Crash(BaseException):
    """The process ends here."""


@dataclass
class FakeBoard:
    """A channel; a test says when it fails, or when the process ends while writing there."""

    messages: list[tuple[int, date]] = field(default_factory=list)
    error: Exception | None = None
    crash_before: bool = False
    crash_after: bool = False
    elsewhere: bool = False

    def is_elsewhere(self, guild_id: int, channel_id: int) -> bool:
        return self.elsewhere and (guild_id, channel_id) == (GUILD, CHANNEL)

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        if self.error:
            raise self.error
        wanted = (channel_id, posting.day)
        return self.messages.index(wanted) + 1 if wanted in self.messages else None

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        if self.error:
            raise self.error
        if self.crash_before:
            raise Crash
        assert report.day == posting.day
        self.messages.append((channel_id, posting.day))
        if self.crash_after:
            raise Crash
        return len(self.messages)

    async def renew(self, posting: Posting, report: Report) -> bool:
        raise AssertionError(f"what is due is posted, not shown anew: {posting.id} of {report.day}")


class Night:
    """A server with questions, and processes that could post its report."""

    def __init__(self) -> None:
        self.week, self.board = Week(), FakeBoard()
        self.settings = WANTED
        self.clock = FrozenClock(NOON)

    def process(self, name: str = "one") -> Nightly:
        settings = Settings(self.week.knowledge, self._read)
        return Nightly(self.week.reporter, self.week.reports, self.week.store, self.clock, settings, name)

    def _read(self, _: int | None) -> GuildSettings:
        return self.settings

    async def post(self, name: str = "one") -> bool:
        return await self.process(name).post_due(GUILD, self.board)

    @property
    def days(self) -> list[int]:
        return [day.day for _, day in self.board.messages]


@pytest.fixture
async def night() -> Night:
    built = Night()
    await built.week.knowledge.reload()
    for author in (1, 2, 3):
        await built.week.ask(NEAR, author=author)
    # It has wanted reports since noon of the 10th; it is half past seven in Berlin on the 11th.
    assert not await built.post()
    built.clock.advance(timedelta(hours=17, minutes=30).total_seconds())
    return built


async def test_it_is_posted_once(night: Night) -> None:
    assert await night.post()
    assert not await night.post()
    assert not await night.post("two")
    assert night.board.messages == [(CHANNEL, date(2026, 5, 11))]
    posting = await night.week.reports.find_last_posting(GUILD)
    assert posting
    assert (posting.state, posting.channel_id, posting.message_id) == (ReportState.POSTED, CHANNEL, 1)
    assert posting.report
    assert posting.report.until == datetime(2026, 5, 11, 5, tzinfo=UTC)
    assert len(posting.report.topics) == 1


async def test_every_day_has_its_own(night: Night) -> None:
    for _ in range(3):
        await night.post()
        night.clock.advance(86_400)
    assert night.days == [11, 12, 13]


async def test_not_before_the_hour(night: Night) -> None:
    night.clock.advance(-1801)
    assert not await night.post()
    night.clock.advance(1)
    assert await night.post()


async def test_what_was_due_before_anybody_wanted_it_is_not_made_up_for() -> None:
    night = Night()
    await night.week.knowledge.reload()
    await night.week.ask(NEAR)
    assert not await night.post()
    night.clock.advance(3600)
    assert not await night.post()
    assert night.board.messages == []


async def test_who_was_offline_at_the_hour_makes_up_for_the_last_day_alone(night: Night) -> None:
    night.clock.advance(3 * 86_400)
    assert await night.post()
    assert night.days == [14]


async def test_who_wants_none_gets_none(night: Night) -> None:
    night.settings = replace(WANTED, report_channel=None)
    assert not await night.post()
    assert night.board.messages == []


async def test_a_channel_that_is_chosen_later_begins_anew(night: Night) -> None:
    night.settings = replace(WANTED, report_channel=88)
    assert not await night.post()
    night.clock.advance(86_400)
    assert await night.post()
    assert night.board.messages == [(88, date(2026, 5, 12))]


async def test_a_week_without_questions_needs_no_message(night: Night) -> None:
    await MemoryMembers(night.week.store).forget_before(night.clock.now())
    assert not await night.post()
    assert night.board.messages == []
    posting = await night.week.reports.find_last_posting(GUILD)
    assert posting
    assert (posting.state, posting.message_id) == (ReportState.POSTED, NO_MESSAGE)


async def test_a_crash_before_it_was_posted_is_made_up_for_when_the_claim_has_run_out(night: Night) -> None:
    night.board.crash_before = True
    with pytest.raises(Crash):
        await night.post()
    night.board.crash_before = False
    assert not await night.post("two")
    night.clock.advance(LEASE.total_seconds() + 1)
    assert await night.post("two")
    assert night.days == [11]


async def test_a_crash_after_it_was_posted_does_not_post_it_again(night: Night) -> None:
    night.board.crash_after = True
    with pytest.raises(Crash):
        await night.post()
    night.board.crash_after = False
    night.clock.advance(LEASE.total_seconds() + 1)
    assert await night.post("two")
    assert night.days == [11]
    posting = await night.week.reports.find_last_posting(GUILD)
    assert posting
    assert posting.message_id == 1


async def test_a_crash_while_it_is_built_is_made_up_for(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object, **__: object) -> Report:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(night.week.reporter, "build", crash)
        with pytest.raises(Crash):
            await night.post()
    night.clock.advance(LEASE.total_seconds() + 1)
    assert await night.post("two")
    assert night.days == [11]


async def test_who_took_too_long_leaves_it_to_who_took_over(night: Night) -> None:
    build = night.week.reporter.build

    async def slow(*args: object, **more: object) -> Report:
        night.week.reporter.build = build  # type: ignore[method-assign]
        night.clock.advance(LEASE.total_seconds() + 1)
        assert await night.post("two")
        return await build(*args, **more)  # type: ignore[arg-type]

    night.week.reporter.build = slow  # type: ignore[method-assign]
    assert not await night.post("one")
    assert night.days == [11]


async def test_who_stood_still_before_posting_leaves_it_to_who_took_over(night: Night) -> None:
    keep = night.week.reports.keep_report

    async def keep_and_stand_still(posting_id: int, holder: str, report: Report) -> bool:
        kept = await keep(posting_id, holder, report)
        night.week.reports.keep_report = keep  # type: ignore[method-assign]
        night.clock.advance(LEASE.total_seconds() + 1)
        assert await night.post("two")
        return kept

    night.week.reports.keep_report = keep_and_stand_still  # type: ignore[method-assign]
    assert not await night.post("one")
    assert night.days == [11]


async def test_who_took_long_and_was_not_missed_goes_on(night: Night) -> None:
    build = night.week.reporter.build

    async def slow(*args: object, **more: object) -> Report:
        night.clock.advance(LEASE.total_seconds() + 1)
        return await build(*args, **more)  # type: ignore[arg-type]

    night.week.reporter.build = slow  # type: ignore[method-assign]
    assert await night.post("one")
    assert night.days == [11]


async def test_a_channel_that_cannot_be_written_to_is_told_once_and_tried_again(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    night.board.error = BoardError(verbatim("the channel 77 is gone; choose another with /settings"))
    process = night.process()
    for _ in range(3):
        assert not await process.post_due(GUILD, night.board)
        night.clock.advance(LEASE.total_seconds() + 1)
    assert caplog.text.count("the channel 77 is gone") == 1
    night.board.error = BoardError(verbatim("no permission there; allow it"))
    assert not await process.post_due(GUILD, night.board)
    assert "no permission there" in caplog.text
    night.board.error = None
    night.clock.advance(LEASE.total_seconds() + 1)
    assert await process.post_due(GUILD, night.board)
    assert night.days == [11]


async def test_a_channel_of_another_server_counts_as_none(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    night.board.elsewhere = True
    process = night.process()
    for _ in range(2):
        assert not await process.post_due(GUILD, night.board)
        night.clock.advance(LEASE.total_seconds() + 1)
    assert await night.week.reports.find_last_posting(GUILD) is None
    assert "cannot be posted" not in caplog.text
    night.board.elsewhere = False
    assert await process.post_due(GUILD, night.board)


async def test_between_two_looks_nothing_is_asked_for_unless_the_settings_change(night: Night) -> None:
    night.board.error = BoardError(verbatim("the channel is gone"))
    process = night.process()
    assert not await process.post_due(GUILD, night.board)
    night.board.error = None
    night.clock.advance(LEASE.total_seconds() - 1)
    assert not await process.post_due(GUILD, night.board)
    night.settings = replace(WANTED, language="de")
    assert await process.post_due(GUILD, night.board)


async def test_a_process_that_looks_all_the_time_posts_at_the_very_hour(night: Night) -> None:
    process = night.process()
    assert await process.post_due(GUILD, night.board)
    # From half past seven on, to a minute before the next report.
    night.clock.advance(timedelta(hours=23, minutes=29).total_seconds())
    assert not await process.post_due(GUILD, night.board)
    night.clock.advance(60)
    assert await process.post_due(GUILD, night.board)
    assert night.days == [11, 12]


@pytest.mark.parametrize("error", [EmbedderUnavailableError("no model"), StoreUnavailableError("no database")])
async def test_what_fails_on_our_side_is_logged_and_tried_again(
    night: Night, caplog: pytest.LogCaptureFixture, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> Report:
        raise error

    caplog.set_level(logging.ERROR)
    process = night.process()
    with monkeypatch.context() as patch:
        patch.setattr(night.week.reporter, "build", fail)
        for _ in range(2):
            assert not await process.post_due(GUILD, night.board)
            night.clock.advance(LEASE.total_seconds() + 1)
    assert caplog.text.count(str(error)) == 1
    assert await process.post_due(GUILD, night.board)

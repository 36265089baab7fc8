"""What was deleted goes from posted reports: whoever deleted it, whatever Discord says, whoever dies over it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.reports import Report, Topic, TopicKind
from bot.core.speech import verbatim
from bot.services import Refresher, leave_out_deleted, refreshing
from bot.services.nightly import LEASE as POSTING_LEASE
from bot.services.nightly import BoardError
from bot.stores import SqliteStore, open_sqlite
from tests.fakes.clock import FrozenClock
from tests.services.turns import Turns
from tests.stores.records import START, make_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.core.reports import Posting

GUILD, OTHER, CHANNEL = 10, 11, 5
ANN, BEN = b"a" * 32, b"b" * 32
DAY = START.date()


@dataclass
class Messages:
    """A channel with the reports in it; what each says is the rows of its questions."""

    store: SqliteStore
    shown: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    error: Exception | None = None
    edits: int = 0
    turns: Turns | None = None
    name: str = ""

    async def read(self, report: Report) -> set[int]:
        ids = [one for topic in report.topics for one in topic.question_ids]
        found = {one.id for one in await self.store.reports.find_asked(ids)}
        await self.pause()
        return found

    async def pause(self) -> None:
        if self.turns:
            await self.turns.wait(self.name)

    def is_elsewhere(self, guild_id: int, channel_id: int) -> bool:
        raise AssertionError(f"what server {guild_id} has posted to {channel_id} stands where it stands")

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        assert channel_id == CHANNEL
        return posting.id if posting.id in self.shown else None

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        raise AssertionError(f"{report} is not posted to {channel_id} for a second time: {posting}")

    async def renew(self, posting: Posting, report: Report) -> bool:
        if self.error:
            raise self.error
        said = await self.read(report)
        if posting.message_id not in self.shown:
            return False
        self.shown[posting.message_id] = said
        self.edits += 1
        await self.pause()
        return True


@dataclass
class Place:
    store: SqliteStore
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(START))

    def __post_init__(self) -> None:
        self.messages = Messages(self.store)

    def process(self, name: str = "one") -> Refresher:
        return Refresher(self.store.reports, self.store.stale, self.clock, name)

    async def refresh(self, name: str = "one") -> int:
        return await self.process(name).refresh({GUILD}, self.messages)

    async def ask(self, author: bytes = ANN, minutes: int = 0, guild_id: int = GUILD) -> int:
        at = START - timedelta(days=1, minutes=-minutes)
        question = make_question("who?", guild_id=guild_id)
        number = await self.store.add_question(
            replace(question, author_hash=author, asked_at=at, message_id=1000 + minutes)
        )
        assert number
        await self.store.reports.assign_texts(guild_id, "model")
        return number

    async def post(self, *question_ids: int, guild_id: int = GUILD) -> int:
        """Post a report; its message has its number."""
        report = make_report(*question_ids, guild_id=guild_id)
        number = await self.store.reports.add_extra_report(report, CHANNEL)
        await self.store.reports.place_extra_report(number, number)
        self.messages.shown[number] = set(question_ids)
        return number

    async def forget(self, author: bytes = ANN) -> None:
        await self.store.members.forget_author(author, START)


def make_report(*question_ids: int, guild_id: int = GUILD) -> Report:
    topic = Topic(1, TopicKind.NO_ENTRY, question_ids, question_ids[0], None, None, 2, 0, 0)
    return Report(guild_id, DAY, START - timedelta(days=7), START, 9, 0, 3, (), (topic,))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_sqlite(":memory:") as store:
        yield Place(store)


async def test_a_report_forgets_what_was_deleted(place: Place) -> None:
    hers, his, unnamed = await place.ask(), await place.ask(BEN), await place.ask()
    number = await place.post(hers, his)
    other = await place.post(his)
    assert unnamed
    assert await place.refresh() == 0
    await place.forget()
    assert await place.refresh() == 1
    assert place.messages.shown == {number: {his}, other: {his}}
    assert await place.refresh() == 0
    assert place.messages.edits == 1


@pytest.mark.parametrize("how", ["opt out", "messages", "sql"])
async def test_whoever_deletes_it(place: Place, how: str) -> None:
    hers, his = await place.ask(minutes=1), await place.ask(BEN, minutes=2)
    number = await place.post(hers, his)
    match how:
        case "opt out":
            await place.store.members.opt_out(ANN, START)
        case "messages":
            await place.store.members.forget_messages([1001])
        case _:
            await place.store._database.fetch("DELETE FROM questions WHERE id = ?", hers)
    assert await place.refresh() == 1
    assert place.messages.shown == {number: {his}}


async def test_what_grows_old_goes_within_a_day_and_at_once_when_something_is_wanted_gone(place: Place) -> None:
    old, young = await place.ask(minutes=0), await place.ask(BEN, minutes=5)
    first = await place.post(old, young)
    second = await place.post(old)
    later = START + timedelta(days=1)
    for minutes in (1, 2):
        await place.store.members.forget_before(START - timedelta(days=1, minutes=-minutes), later)
    assert await place.refresh() == 0
    assert place.messages.shown == {first: {old, young}, second: {old}}
    await place.forget(BEN)
    assert await place.refresh() == 1
    assert place.messages.shown == {first: set(), second: {old}}
    place.clock.advance(timedelta(days=1).total_seconds())
    assert await place.refresh() == 1
    assert place.messages.shown == {first: set(), second: set()}


async def test_another_servers_reports_are_left_to_who_is_there(place: Place) -> None:
    number = await place.post(await place.ask(guild_id=OTHER), guild_id=OTHER)
    await place.forget()
    assert await place.refresh() == 0
    assert await place.process().refresh({GUILD, OTHER}, place.messages) == 1
    assert place.messages.shown == {number: set()}


async def test_what_discord_refuses_is_tried_again_less_and_less_often(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    number = await place.post(await place.ask())
    await place.forget()
    place.messages.error = BoardError(verbatim("Maximum number of edits to messages older than 1 hour reached"))
    waited = timedelta()
    for doubled in range(16):
        assert await place.refresh() == 0
        wait = min(refreshing.FIRST_WAIT * 2**doubled, refreshing.LONGEST_WAIT)
        place.clock.advance(wait.total_seconds() - 1)
        assert await place.refresh("other") == 0
        [row] = await place.store._database.fetch("SELECT tries, claimed_by FROM stale_reports")
        assert tuple(row) == (doubled + 1, None)
        place.clock.advance(1)
        waited += wait
    assert waited < timedelta(days=7)
    assert caplog.text.count("report 1 cannot be brought up to date") == 1
    place.messages.error = None
    assert await place.refresh() == 1
    assert place.messages.shown == {number: set()}


async def test_a_new_deletion_is_tried_at_once(place: Place) -> None:
    await place.post(await place.ask(), await place.ask(BEN))
    await place.forget()
    place.messages.error = BoardError(verbatim("not now"))
    await place.refresh()
    place.messages.error = None
    assert await place.refresh() == 0
    await place.forget(BEN)
    assert await place.refresh() == 1


async def test_what_takes_too_long_is_tried_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.post(await place.ask())
    await place.forget()
    monkeypatch.setattr(refreshing, "SHOW_SECONDS", 0)
    place.messages.turns = Turns()
    assert await place.refresh() == 0
    place.messages.turns = None
    place.clock.advance(refreshing.FIRST_WAIT.total_seconds())
    monkeypatch.undo()
    assert await place.refresh() == 1


async def test_a_message_that_is_gone_is_given_up_without_a_word(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    await place.post(await place.ask())
    place.messages.shown.clear()
    await place.forget()
    assert await place.refresh() == 0
    assert await place.store._database.fetch("SELECT * FROM stale_reports") == []
    assert caplog.messages == []


async def test_who_died_over_it_is_made_up_for(place: Place) -> None:
    number = await place.post(await place.ask())
    await place.forget()
    assert await place.store.stale.claim_stale(number, "dead", START, refreshing.LEASE)
    assert await place.refresh() == 0
    place.clock.advance(refreshing.LEASE.total_seconds())
    assert await place.refresh() == 1
    assert place.messages.shown == {number: set()}


async def test_an_unforeseen_failure_keeps_no_other_report_waiting(place: Place) -> None:
    first, second = await place.post(await place.ask()), await place.post(await place.ask())
    await place.forget()
    place.messages.error = RuntimeError("a mistake of ours")
    with pytest.raises(RuntimeError):
        await place.refresh()
    place.messages.error = None
    assert await place.refresh() == 1
    assert place.messages.shown[second] == set()
    assert place.messages.shown[first] != set()
    place.clock.advance(refreshing.LEASE.total_seconds())
    assert await place.refresh() == 1


async def test_a_report_that_is_not_posted_yet_waits_until_it_is(place: Place) -> None:
    hers, his = await place.ask(), await place.ask(BEN)
    claimed = await place.store.reports.claim_report(GUILD, DAY, "poster", START, refreshing.LEASE)
    assert claimed
    await place.store.reports.keep_report(claimed.id, "poster", make_report(hers, his))
    # The poster has read it, she has it deleted, and only then it is posted.
    await place.forget()
    assert await place.refresh() == 0
    place.messages.shown[77] = {hers, his}
    await place.store.reports.finish_report(claimed.id, "poster", CHANNEL, 77)
    assert await place.refresh() == 1
    assert place.messages.shown == {77: {his}}


@pytest.mark.parametrize("posted", [True, False])
async def test_a_report_that_was_asked_for_and_whose_poster_died_is_looked_for(place: Place, *, posted: bool) -> None:
    number = await place.store.reports.add_extra_report(make_report(await place.ask()), CHANNEL)
    await place.forget()
    assert await place.refresh() == 0
    if posted:
        place.messages.shown[number] = {1}
    assert await place.refresh() == 0
    place.clock.advance(POSTING_LEASE.total_seconds() + 3600)
    assert await place.refresh() == posted
    assert place.messages.shown == ({number: set()} if posted else {})
    assert await place.store._database.fetch("SELECT * FROM stale_reports") == []
    found = await place.store.reports.find_posting(number)
    assert found
    assert found.message_id == (number if posted else 0)


async def test_who_is_faster_between_the_look_and_the_claim_does_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await place.post(await place.ask())
    await place.forget()
    seen = await place.store.stale.find_stale(START)

    async def find_as_before(_: object) -> list[tuple[int, int]]:
        return seen

    monkeypatch.setattr(place.store.stale, "find_stale", find_as_before)
    assert await place.store.stale.claim_stale(number, "another", START, timedelta(minutes=1))
    assert await place.refresh() == 0
    assert place.messages.edits == 0


@pytest.mark.parametrize("what", ["row", "channel"])
async def test_a_report_that_stands_nowhere_is_given_up(
    place: Place, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    number = await place.post(await place.ask())
    await place.forget()
    posting = await place.store.reports.find_posting(number)
    assert posting is not None
    left = None if what == "row" else replace(posting, channel_id=None, message_id=None)

    async def find(_: int) -> Posting | None:
        return left

    monkeypatch.setattr(place.store.reports, "find_posting", find)
    assert await place.refresh() == 0
    assert await place.store.stale.find_stale(START + timedelta(days=9)) == []


async def test_a_report_is_marked_by_hand(place: Place) -> None:
    number = await place.post(await place.ask())
    await place.process().mark(number)
    await place.process().mark(99)
    assert await place.refresh() == 1
    assert place.messages.edits == 1


moves = st.one_of(
    st.tuples(st.just("step"), st.sampled_from("ab")),
    st.tuples(st.just("step"), st.sampled_from("ab")),
    st.tuples(st.just("begin"), st.sampled_from("ab")),
    st.tuples(st.just("forget"), st.integers(0, 5)),
    st.tuples(st.just("die"), st.sampled_from("ab")),
    st.tuples(st.just("wait"), st.none()),
)


@given(st.lists(moves, max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_two_processes_do_the_message_ends_without_what_was_deleted(plan: list[tuple[str, object]]) -> None:
    asyncio.run(_play(plan))


async def _play(plan: list[tuple[str, object]]) -> None:
    async with open_sqlite(":memory:") as store:
        place, turns = Place(store), Turns()
        numbers = [await place.ask(minutes=minutes) for minutes in range(6)]
        posting_id = await place.post(*numbers)
        shown = place.messages.shown
        boards = {name: Messages(store, shown, turns=turns, name=name) for name in "ab"}
        processes = {name: place.process(name) for name in "ab"}
        for what, more in plan:
            waiting = await turns.settle()
            match what, more:
                case "step", str() if more in waiting:
                    await turns.step(more)
                case "begin", str() if more not in turns._tasks:
                    turns.begin(more, processes[more].refresh({GUILD}, boards[more]))
                case "forget", int():
                    await store.members.forget_messages([1000 + more])
                case "die", str() if more in waiting:
                    await turns.stop(more)
                    processes[more] = place.process(more)
                case "wait", _ if not waiting:
                    # Nobody is at it for longer than his claim lasts: that is what `SHOW_SECONDS` is for.
                    place.clock.advance(refreshing.LEASE.total_seconds())
                case _:
                    pass
        while waiting := await turns.settle():
            await turns.step(waiting[0])
        place.clock.advance(refreshing.LEASE.total_seconds())
        await place.refresh("c")
        left = {one.id for one in await store.reports.find_asked(numbers)}
        assert shown == {posting_id: left}
        assert await store.stale.find_stale(place.clock.now() + timedelta(days=9)) == []


async def test_a_report_without_what_was_deleted_counts_what_is_left(place: Place) -> None:
    numbers = [await place.ask(), await place.ask(BEN), await place.ask(BEN), await place.ask()]
    report = make_report(*numbers[:3])
    lost = replace(report.topics[0], number=2, question_ids=(numbers[3],))
    report = replace(report, topics=(*report.topics, lost))
    await place.forget()
    asked = {one.id: one for one in await place.store.reports.find_asked(numbers)}
    [topic] = leave_out_deleted(report, asked).topics
    assert (topic.number, topic.question_ids, topic.askers, topic.answered) == (1, tuple(numbers[1:3]), 1, 0)
    assert leave_out_deleted(report, asked) == replace(report, topics=(topic,))
    assert leave_out_deleted(report, {}) == replace(report, topics=())

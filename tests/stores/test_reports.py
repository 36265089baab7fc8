"""What every keeper of reports must do."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.core.edits import Change, ChangeKind
from bot.core.ports import Ledger, Members, Reports, StaleReports, Store
from bot.core.reports import Asked, Deed, Done, Ignored, Mining, Posting, Report, ReportState, Topic, TopicKind
from bot.core.types import VerdictName
from bot.stores import open_sqlite
from tests.fakes.ledger import MemoryLedger
from tests.fakes.members import MemoryMembers
from tests.fakes.reports import MemoryReports
from tests.fakes.stale import MemoryStaleReports
from tests.fakes.store import MemoryStore
from tests.stores.records import START, make_question, row

ANN, BEN = b"a" * 32, b"b" * 32
GUILD, OTHER = 10, 11
DAY = date(2026, 5, 4)
LEASE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
BEFORE = START - timedelta(days=1)
"""Before anything that is asked here: what is deleted then may be asked again."""


@dataclass
class Place:
    store: Store
    members: Members
    reports: Reports
    ledger: Ledger
    stale: StaleReports

    async def ask(self, text: str, author: bytes = ANN, **more: Any) -> int:  # noqa: ANN401 - fields of a record
        number = await self.store.add_question(replace(make_question(text), author_hash=author, **more))
        assert number
        return number

    async def assigned(self, *texts: str, guild_id: int = GUILD) -> list[int]:
        """Return the ids of the texts of new questions."""
        numbers = [await self.ask(text, guild_id=guild_id) for text in texts]
        await self.reports.assign_texts(guild_id, "model")
        text_of = {one.id: one.text_id for one in await self.reports.find_asked(numbers)}
        return [text_of[number] for number in numbers]

    async def read_ids(self, *, mined: bool, guild_id: int = GUILD) -> list[int]:
        return list((await self.reports.read_texts(guild_id, "model", mined=mined, limit=99)).ids)

    async def keep_pairs(self, pairs: Any, mined: Any, guild_id: int = GUILD) -> None:  # noqa: ANN401 - see the port
        """Keep pairs as who has looked just now."""
        if await self.reports.read_mining(guild_id) is None:
            await self.reports.restart_mining(guild_id, Mining("model", 0.5))
        mining = await self.reports.read_mining(guild_id)
        assert mining
        assert await self.reports.keep_pairs(guild_id, mining.generation, pairs, mined) is not None

    async def claim(self, holder: str = "me", at: datetime = START, guild_id: int = GUILD) -> Posting | None:
        return await self.reports.claim_report(guild_id, DAY, holder, at, LEASE)

    async def post(self, report: Report) -> int:
        posting = await self.reports.claim_report(report.guild_id, report.day, "me", START, LEASE)
        assert posting
        assert await self.reports.keep_report(posting.id, "me", report)
        assert await self.reports.finish_report(posting.id, "me", 5, 6)
        return posting.id


@pytest.fixture(params=["sqlite", "fake"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Place]:
    if request.param == "fake":
        store = MemoryStore()
        ledger = MemoryLedger()
        yield Place(store, MemoryMembers(store), MemoryReports(store, ledger), ledger, MemoryStaleReports(store))
        return
    async with open_sqlite(tmp_path / "a.db") as opened:
        yield Place(opened, opened.members, opened.reports, opened.ledger, opened.stale)
        # Nothing that a test does leaves something that refers to nothing.
        assert await opened.find_damage() == []


def make_report(*question_ids: int, day: date = DAY, guild_id: int = GUILD) -> Report:
    missed = Topic(1, TopicKind.MISSED_PHRASING, question_ids, question_ids[0], "card", None, 2, 3, 1)
    colliding = Topic(2, TopicKind.COLLIDING, question_ids[:1], question_ids[0], "card", "fee", 1, 0, 1)
    return Report(
        guild_id=guild_id,
        day=day,
        since=START - timedelta(days=7),
        until=START,
        questions=12,
        answered=5,
        askers=4,
        by_day=((date(2026, 5, 3), 7, 3), (date(2026, 5, 4), 5, 2)),
        topics=(missed, colliding),
    )


def make_ignored(question: str, *, minutes: int = 0) -> Ignored:
    return Ignored(0, question, row(0.6, 0.8), "model", 7, START + timedelta(minutes=minutes))


async def test_questions_that_say_the_same_share_a_text(place: Place) -> None:
    first, second, third, fourth = [await place.ask(text) for text in ("Lost my card", "lost my CARD?!", "?", "lost")]
    assert await place.reports.assign_texts(GUILD, "model") == 4
    text_of = {one.id: one.text_id for one in await place.reports.find_asked([first, second, third, fourth])}
    assert text_of[first] == text_of[second]
    assert len(set(text_of.values())) == 3
    assert await place.reports.assign_texts(GUILD, "model") == 0


@pytest.mark.parametrize(("one", "other"), [("?", "!"), ("...", "?"), ("?", "how?")])
async def test_where_nothing_but_marks_is_left_they_count(place: Place, one: str, other: str) -> None:
    assert len(set(await place.assigned(one, other, one))) == 2


async def test_texts_are_of_one_server_and_one_model(place: Place) -> None:
    await place.ask("who?")
    await place.ask("who?", guild_id=OTHER)
    await place.ask("who?", model_id="other")
    await place.ask("who?", guild_id=None)
    assert await place.reports.assign_texts(GUILD, "model") == 1
    assert await place.reports.assign_texts(OTHER, "model") == 1
    assert await place.reports.assign_texts(GUILD, "other") == 1
    ids = [
        (await place.reports.read_texts(guild_id, model_id, mined=False, limit=9)).ids
        for guild_id, model_id in ((GUILD, "model"), (OTHER, "model"), (GUILD, "other"), (OTHER, "other"))
    ]
    assert [len(own) for own in ids] == [1, 1, 1, 0]
    assert len({*ids[0], *ids[1], *ids[2]}) == 3


async def test_texts_come_in_pages_with_the_embedding_of_their_first_question(place: Place) -> None:
    later = START - timedelta(days=1)  # the first that was logged counts, whenever it was asked
    await place.ask("a", embedding=row(1, 0))
    await place.ask("b", embedding=row(0, 1))
    await place.ask("A?", embedding=row(0.6, 0.8), asked_at=later)
    await place.ask("c", embedding=row(0.8, 0.6))
    await place.reports.assign_texts(GUILD, "model")
    everything = await place.reports.read_texts(GUILD, "model", mined=False, limit=9)
    assert everything.embeddings.dtype == np.float32
    assert everything.embeddings.flags.c_contiguous
    assert everything.embeddings.tolist() == np.stack([row(1, 0), row(0, 1), row(0.8, 0.6)]).tolist()
    assert list(everything.ids) == sorted(everything.ids)
    first = await place.reports.read_texts(GUILD, "model", mined=False, limit=2)
    rest = await place.reports.read_texts(GUILD, "model", mined=False, after=first.ids[-1], limit=2)
    assert first.ids + rest.ids == everything.ids
    none = await place.reports.read_texts(GUILD, "model", mined=False, after=rest.ids[-1], limit=2)
    assert (none.ids, len(none.embeddings)) == ((), 0)


async def test_pairs_are_kept_and_texts_are_mined(place: Place) -> None:
    a, b, c, d = await place.assigned("a", "b", "c", "d")
    await place.keep_pairs([(b, a, 0.5), (b, c, np.float32(0.75))], [np.int64(a), b])
    assert await place.read_ids(mined=True) == [a, b]
    assert await place.read_ids(mined=False) == [c, d]
    await place.keep_pairs([(a, b, 0.875), (c, d, -0.25)], [])
    assert await place.reports.read_pairs([d, c, b, a, a]) == [(a, b, 0.875), (b, c, 0.75), (c, d, -0.25)]
    assert await place.reports.read_pairs([a, b, d]) == [(a, b, 0.875)]
    assert await place.reports.read_pairs([]) == []
    assert await place.reports.find_near([b, d, 99], [a, b, c, d]) == {a, c}
    assert await place.reports.find_near([b, c, d, 99], [a]) == {a}
    assert await place.reports.find_near([b], [b, d, c, 99]) == {c}
    assert await place.reports.find_near([a, b], [a, b]) == {a, b}
    assert await place.reports.find_near([a], [a]) == await place.reports.find_near([a], [d, 99]) == set()
    assert await place.reports.find_near([], [a]) == await place.reports.find_near([a], []) == set()
    everything = [a, b, c, d]
    assert await place.reports.find_near(everything, everything, at_least=0.75) == {a, b, c}
    assert await place.reports.find_near(everything, everything, at_least=np.float64(0.8)) == {a, b}
    assert await place.reports.find_near([b], everything, at_least=0.8) == {a}
    assert await place.reports.find_near([a], everything, at_least=0.8) == {b}
    assert await place.reports.find_near([c], everything, at_least=0.8) == set()
    assert await place.reports.find_near([d], everything, at_least=0.8) == set()


async def test_more_texts_than_one_statement_takes(place: Place) -> None:
    ids = await place.assigned(*(f"{number}" for number in range(1_001)))
    await place.keep_pairs([(ids[0], ids[-1], 0.5), (ids[-2], ids[-1], 0.5)], ids)
    assert await place.reports.read_pairs(ids) == [(ids[0], ids[-1], 0.5), (ids[-2], ids[-1], 0.5)]
    assert await place.reports.find_near(ids, ids) == {ids[0], ids[-2], ids[-1]}
    assert await place.reports.find_near(ids[:-1], ids) == {ids[-1]}
    assert await place.reports.find_near(ids, ids[:-1]) == {ids[0], ids[-2]}
    await place.reports.restart_mining(GUILD, Mining("model", 0.5))
    assert await place.reports.read_pairs(ids) == []
    assert await place.read_ids(mined=True) == []


async def test_a_pair_of_a_text_that_is_gone_is_left_out(place: Place) -> None:
    a, b = await place.assigned("a", "b")
    [gone] = await place.assigned("gone")
    await place.ask("elsewhere", guild_id=OTHER)
    await place.keep_pairs([(a, gone, 0.5)], [gone])
    await place.members.forget_author(ANN, BEFORE)
    a, b, again = await place.assigned("a", "b", "gone")
    assert again > b > a > gone
    last = await place.ask("last", message_id=77)
    await place.reports.assign_texts(GUILD, "model")
    [asked] = await place.reports.find_asked([last])
    await place.members.forget_messages([77])
    await place.keep_pairs([(a, asked.text_id, 0.5)], [asked.text_id])
    await place.keep_pairs([(a, b, 0.5), (gone, a, 0.5), (b, gone, 0.5)], [a, gone])
    assert await place.reports.read_pairs([a, b, again, gone, asked.text_id]) == [(a, b, 0.5)]
    assert await place.read_ids(mined=True) == [a]


async def test_a_text_goes_with_its_last_question(place: Place) -> None:
    first, second, other = await place.ask("a"), await place.ask("A?", BEN), await place.ask("b", BEN)
    await place.reports.assign_texts(GUILD, "model")
    a, b = await place.read_ids(mined=False)
    await place.keep_pairs([(a, b, 0.5)], [a, b])
    await place.members.forget_author(ANN, BEFORE)
    assert [one.id for one in await place.reports.find_asked([first, second, other])] == [second, other]
    assert await place.read_ids(mined=True) == [a, b]
    assert await place.reports.read_pairs([a, b]) == [(a, b, 0.5)]
    await place.ask("a", BEN, message_id=77)
    await place.members.forget_author(BEN, BEFORE)
    assert await place.read_ids(mined=True) == []
    assert await place.reports.read_pairs([a, b]) == []
    assert await place.reports.find_near([a], [a, b]) == set()


async def test_mining_begins_anew(place: Place) -> None:
    assert await place.reports.read_mining(GUILD) is None
    a, b = await place.assigned("a", "b")
    c, d = await place.assigned("a", "b", guild_id=OTHER)
    await place.keep_pairs([(a, b, 0.5), (c, d, 0.5)], [a, b])
    await place.keep_pairs([], [c, d], OTHER)
    assert await place.reports.read_mining(OTHER) == Mining("model", 0.5, 2)
    await place.reports.restart_mining(OTHER, Mining("model", 0.75))
    assert await place.reports.read_pairs([a, b, c, d]) == [(a, b, 0.5)]
    assert await place.read_ids(mined=True) == [a, b]
    assert await place.read_ids(mined=False, guild_id=OTHER) == [c, d]
    assert await place.reports.read_mining(OTHER) == Mining("model", 0.75, 3)
    assert await place.reports.read_mining(GUILD) == Mining("model", 0.5, 2)
    await place.reports.restart_mining(OTHER, Mining("newer", 0.5, 99))
    assert await place.reports.read_mining(OTHER) == Mining("newer", 0.5, 4)
    assert await place.reports.count_unmined(OTHER, "model") == 2
    assert await place.reports.count_unmined(GUILD, "model") == 0
    assert await place.reports.count_unmined(OTHER, "newer") == 0
    assert await place.reports.read_guilds() == [GUILD, OTHER]


async def test_what_will_do_does_not_begin_anew_unless_it_has_to(place: Place) -> None:
    a, b = await place.assigned("a", "b")
    await place.keep_pairs([(a, b, 0.5)], [a, b])
    before = await place.reports.read_mining(GUILD)
    await place.reports.restart_mining(GUILD, Mining("model", 0.75), anew=False)
    assert await place.reports.read_mining(GUILD) == before
    assert await place.read_ids(mined=True) == [a, b]
    await place.reports.restart_mining(GUILD, Mining("model", 0.25), anew=False)
    assert await place.read_ids(mined=True) == []
    await place.reports.restart_mining(GUILD, Mining("newer", 0.25), anew=False)
    assert await place.reports.read_mining(GUILD) == Mining("newer", 0.25, 4)


async def test_who_goes_by_what_is_no_longer_so_keeps_nothing(place: Place) -> None:
    a, b, c = await place.assigned("a", "b", "c")
    assert await place.reports.keep_pairs(GUILD, 0, [(a, b, 0.5)], [a]) is None
    await place.reports.restart_mining(GUILD, Mining("model", 0.5))
    mining = await place.reports.read_mining(GUILD)
    assert mining
    first = mining.generation
    # Two have looked; pairs alone overtake nobody, but what is mined does.
    assert await place.reports.keep_pairs(GUILD, first, [(a, b, 0.5)], []) == first
    second = await place.reports.keep_pairs(GUILD, first, [], [a, b])
    assert second not in (None, first)
    assert await place.reports.keep_pairs(GUILD, first, [(b, c, 0.5)], [c]) is None
    assert await place.read_ids(mined=True) == [a, b]
    assert await place.reports.read_pairs([a, b, c]) == [(a, b, 0.5)]
    await place.reports.restart_mining(GUILD, Mining("model", 0.5))
    assert second
    assert await place.reports.keep_pairs(GUILD, second, [(b, c, 0.5)], [c]) is None
    assert await place.read_ids(mined=True) == []
    assert await place.reports.read_pairs([a, b, c]) == []


async def test_servers_of_which_nothing_is_logged_are_not_named(place: Place) -> None:
    assert await place.reports.read_guilds() == []
    await place.ask("who?", guild_id=None)
    await place.ask("who?", guild_id=OTHER, asked_at=START)
    await place.ask("who?", guild_id=OTHER, asked_at=START + SECOND)
    assert await place.reports.read_guilds() == [OTHER]


async def test_what_another_model_embedded_is_embedded_again(place: Place) -> None:
    old = [await place.ask(text, model_id="old") for text in ("a", "A", "b")]
    older = await place.ask("c", model_id="z-older", guild_id=None)
    await place.ask("a", model_id="model")
    await place.reports.assign_texts(GUILD, "old")
    assert await place.reports.read_outdated("model", 9) == [(old[0], "a"), (old[1], "A"), (old[2], "b"), (older, "c")]
    assert await place.reports.read_outdated("model", 2) == [(old[0], "a"), (old[1], "A")]
    before = await place.reports.read_texts(GUILD, "old", mined=False, limit=9)
    await place.keep_pairs([(*before.ids, 0.5)], before.ids)
    new = {old[0]: row(1, 0), old[2]: row(0, 1), older: row(0.6, 0.8), 999: row(1, 0)}
    assert await place.reports.replace_embeddings("model", new) == 3
    assert await place.reports.read_outdated("model", 9) == [(old[1], "A")]
    # One question keeps the text of the old model, where the other has gone with its pair.
    assert (await place.reports.read_texts(GUILD, "old", mined=True, limit=9)).ids == before.ids[:1]
    assert await place.reports.read_pairs(before.ids) == []
    # What had a text has one, and the question that was of the new model before gets the same.
    asked = await place.reports.find_asked(old)
    assert [one.id for one in asked] == old
    await place.reports.assign_texts(GUILD, "model")
    found = await place.reports.read_texts(GUILD, "model", mined=False, limit=9)
    assert found.ids == (asked[0].text_id, asked[2].text_id)
    assert found.embeddings.tolist() == [[1, 0], [0, 1]]
    assert await place.reports.replace_embeddings("model", {old[0]: row(0, 1)}) == 1
    again = await place.reports.find_asked(old)
    assert [one.text_id for one in again] == [one.text_id for one in asked]
    assert [one.model_id for one in await place.store.read_questions()] == ["model", "old", "model", "model", "model"]


async def test_what_is_ignored_is_embedded_again_too(place: Place) -> None:
    await place.assigned("a", "b")
    await place.ask("c", model_id="old")
    first = await place.reports.ignore(GUILD, make_ignored("a"))
    second = await place.reports.ignore(GUILD, replace(make_ignored("b"), model_id="newer"))
    assert first
    assert second
    assert await place.reports.count_outdated("model") == 2
    assert await place.reports.count_outdated("newer") == 4
    assert await place.reports.read_outdated_ignored("newest", 1) == [(first, "a")]
    assert await place.reports.read_outdated_ignored("newer", 9) == [(first, "a")]
    assert await place.reports.replace_ignored("newer", {first: row(1, 0), 99: row(0, 1)}) == 1
    assert await place.reports.read_outdated_ignored("newer", 9) == []
    found = {one.id: one for one in await place.reports.read_ignored(GUILD)}
    assert (found[first].model_id, found[first].embedding.tolist()) == ("newer", [1, 0])
    assert found[second].embedding.tolist() == row(0.6, 0.8).tolist()


async def test_questions_are_read_as_reports_need_them(place: Place) -> None:
    more = {"replied": True, "verdict": VerdictName.ANSWER, "entry_id": "card", "message_id": 8, "channel_id": 9}
    late = await place.ask("Late “one”?", asked_at=START + 2 * SECOND, **more)
    early = await place.ask("early", BEN, asked_at=START, channel_id=None, message_id=None, entry_id=None)
    for at in (START - SECOND, START + 3 * SECOND):
        await place.ask("out of the time", asked_at=at)
    await place.ask("elsewhere", guild_id=OTHER, asked_at=START)
    assert await place.reports.read_asked(GUILD, START, START + 3 * SECOND) == []
    await place.reports.assign_texts(GUILD, "model")
    unassigned = await place.ask("too new", asked_at=START)
    found = await place.reports.read_asked(GUILD, START, START + 3 * SECOND)
    ids = {one.id: one.text_id for one in found}
    at = START + 2 * SECOND
    assert found == [
        Asked(
            early,
            ids[early],
            "early",
            START,
            None,
            None,
            BEN,
            addressed=True,
            replied=False,
            verdict=VerdictName.NO_MATCH,
            entry_id=None,
        ),
        Asked(
            late,
            ids[late],
            "Late “one”?",
            at,
            9,
            8,
            ANN,
            addressed=True,
            replied=True,
            verdict=VerdictName.ANSWER,
            entry_id="card",
        ),
    ]
    assert all(one.asked_at.tzinfo is UTC for one in found)
    assert await place.reports.find_asked([late, 999, early, unassigned]) == found
    assert await place.reports.find_asked([]) == []


async def test_the_number_of_a_question_is_never_used_again(place: Place) -> None:
    numbers = {await place.ask("a") for _ in range(3)}
    await place.members.forget_author(ANN, BEFORE)
    assert await place.ask("b") not in numbers


async def test_a_claim_is_one_holders_until_its_lease_is_over(place: Place) -> None:
    claimed = await place.claim()
    assert claimed
    assert claimed == Posting(claimed.id, GUILD, DAY, ReportState.CLAIMED, None, None, None, {})
    assert await place.reports.find_posting(claimed.id) == claimed
    assert await place.claim("other", START) is None
    assert await place.claim("other", START + LEASE - SECOND) is None
    elsewhere = await place.claim("other", guild_id=OTHER)
    assert elsewhere
    assert elsewhere.id != claimed.id
    assert await place.claim("other", START + LEASE) == claimed
    report = make_report(1)
    assert await place.reports.keep_report(claimed.id, "me", report) is False
    assert await place.reports.find_posting(claimed.id) == claimed
    assert await place.reports.keep_report(claimed.id, "other", report) is True
    assert await place.claim("me", START + 2 * LEASE - SECOND) is None
    assert await place.reports.finish_report(claimed.id, "me", 5, 6) is False


async def test_who_has_a_claim_has_it_for_another_lease(place: Place) -> None:
    claimed = await place.claim()
    assert await place.claim("me", START + LEASE / 2) == claimed
    assert await place.claim("other", START + LEASE) is None
    assert await place.claim("other", START + LEASE * 1.5) == claimed


async def test_what_was_built_is_taken_over(place: Place) -> None:
    claimed = await place.claim()
    assert claimed
    assert await place.reports.finish_report(claimed.id, "me", 5, 6) is False
    assert await place.reports.keep_report(claimed.id, "me", make_report(1, 2)) is True
    taken = await place.claim("other", START + LEASE)
    assert taken == Posting(claimed.id, GUILD, DAY, ReportState.BUILT, make_report(1, 2), None, None, {})
    assert await place.reports.keep_report(claimed.id, "other", make_report(3)) is True
    assert await place.reports.find_last_posting(GUILD) is None
    assert await place.reports.finish_report(claimed.id, "other", 5, 6) is True
    posted = Posting(claimed.id, GUILD, DAY, ReportState.POSTED, make_report(3), 5, 6, {})
    assert await place.reports.find_last_posting(GUILD) == posted
    assert await place.claim("me", START + 10 * LEASE) is None
    assert await place.claim("other", START + 10 * LEASE) is None
    assert await place.reports.keep_report(claimed.id, "other", make_report(4)) is False
    assert await place.reports.finish_report(claimed.id, "other", 7, 8) is False
    await place.reports.give_up_report(claimed.id, "other")
    assert await place.claim("me", START + 10 * LEASE) is None
    assert await place.reports.find_posting(claimed.id) == posted


async def test_who_gives_up_leaves_it_to_the_next(place: Place) -> None:
    claimed = await place.claim()
    assert claimed
    await place.reports.keep_report(claimed.id, "me", make_report(1))
    await place.reports.give_up_report(claimed.id, "other")
    assert await place.claim("other") is None
    await place.reports.give_up_report(claimed.id, "me")
    assert await place.reports.keep_report(claimed.id, "me", make_report(2)) is False
    assert await place.reports.finish_report(claimed.id, "me", 5, 6) is False
    taken = await place.claim("other")
    assert taken
    assert (taken.state, taken.report) == (ReportState.BUILT, make_report(1))
    assert await place.claim() is None


async def test_nothing_happens_to_a_report_that_is_not_there(place: Place) -> None:
    assert await place.reports.find_posting(1) is None
    assert await place.reports.find_last_posting(GUILD) is None
    assert await place.reports.keep_report(1, "me", make_report(1)) is False
    assert await place.reports.finish_report(1, "me", 5, 6) is False
    await place.reports.give_up_report(1, "me")
    assert await place.reports.note_done(1, 1, Done(Deed.MERGED, 7, START, None)) is False
    claimed = await place.claim()
    assert claimed
    assert claimed.state is ReportState.CLAIMED


async def test_the_newest_report_is_that_of_the_last_day(place: Place) -> None:
    later = await place.post(make_report(1, day=DAY + timedelta(days=1)))
    earlier = await place.post(make_report(1, day=DAY))
    elsewhere = await place.post(make_report(1, day=DAY + timedelta(days=2), guild_id=OTHER))
    await place.reports.claim_report(GUILD, DAY + timedelta(days=2), "me", START, LEASE)
    found = [await place.reports.find_last_posting(guild_id) for guild_id in (GUILD, OTHER, 12)]
    assert [one and one.id for one in found] == [later, elsewhere, None]
    assert earlier not in (later, elsewhere)


async def test_something_is_done_about_a_topic_once(place: Place) -> None:
    change_id = await place.ledger.add_change(Change(GUILD, ChangeKind.EDIT, 7, START))
    posting_id = await place.post(make_report(1))
    other_id = await place.post(make_report(1, day=DAY + timedelta(days=1)))
    added = Done(Deed.ADDED_PHRASING, 7, START, change_id)
    assert await place.reports.note_done(posting_id, 2, added) is True
    assert await place.reports.note_done(posting_id, 2, Done(Deed.IGNORED, 8, START + SECOND, None)) is False
    ignored = Done(Deed.IGNORED, 8, START + SECOND, None)
    assert await place.reports.note_done(posting_id, 1, ignored) is True
    found, other = await place.reports.find_posting(posting_id), await place.reports.find_posting(other_id)
    assert found
    assert other
    assert (found.done, other.done) == ({1: ignored, 2: added}, {})
    assert list(found.done) == [1, 2]


async def undo(place: Place, change_id: int) -> int:
    return await place.ledger.add_change(Change(GUILD, ChangeKind.UNDO, 7, START, undoes=change_id))


async def test_what_was_done_is_taken_back_with_its_change_and_done_again_with_it(place: Place) -> None:
    change_id = await place.ledger.add_change(Change(GUILD, ChangeKind.EDIT, 7, START))
    posting_id = await place.post(make_report(1))
    done = {1: Done(Deed.IGNORED, 8, START, None), 2: Done(Deed.ADDED_PHRASING, 7, START, change_id)}
    for number, one in done.items():
        await place.reports.note_done(posting_id, number, one)
    assert await place.stale.find_stale(START) == []
    undone = change_id
    for taken_back in (True, False, True, False):
        undone = await undo(place, undone)
        found = await place.reports.find_last_posting(GUILD)
        assert found
        assert found.done == ({1: done[1]} if taken_back else done)
        assert await place.reports.find_posting(posting_id) == found
        [due] = await place.stale.find_stale(START)
        assert due == (posting_id, GUILD)
        stale = await place.stale.claim_stale(posting_id, "me", START, LEASE)
        assert stale
        assert await place.stale.settle_stale(stale, "me") is True


async def test_what_was_taken_back_leaves_room_for_something_else(place: Place) -> None:
    change_id = await place.ledger.add_change(Change(GUILD, ChangeKind.EDIT, 7, START))
    posting_id = await place.post(make_report(1))
    assert await place.reports.note_done(posting_id, 1, Done(Deed.ADDED_PHRASING, 7, START, change_id)) is True
    undone = await undo(place, change_id)
    ignored = Done(Deed.IGNORED, 8, START, None)
    assert await place.reports.note_done(posting_id, 1, ignored) is True
    assert await place.reports.note_done(posting_id, 1, ignored) is False
    await undo(place, undone)
    found = await place.reports.find_posting(posting_id)
    assert found
    assert found.done == {1: ignored}


async def test_topics_are_ignored_until_they_are_not(place: Place) -> None:
    await place.assigned("a", "b")
    await place.assigned("a", guild_id=OTHER)
    first = await place.reports.ignore(GUILD, make_ignored("a"))
    second = await place.reports.ignore(GUILD, make_ignored("b", minutes=1))
    elsewhere = await place.reports.ignore(OTHER, make_ignored("a", minutes=2))
    assert first
    assert second
    assert elsewhere
    found = await place.reports.read_ignored(GUILD)
    assert [one.id for one in found] == [second, first]
    plain = {name: getattr(found[0], name) for name in ("question", "model_id", "by", "at")}
    assert plain == {"question": "b", "model_id": "model", "by": 7, "at": START + timedelta(minutes=1)}
    assert found[0].embedding.tolist() == row(0.6, 0.8).tolist()
    assert await place.reports.stop_ignoring(GUILD, elsewhere) is False
    assert await place.reports.stop_ignoring(GUILD, second) is True
    assert await place.reports.stop_ignoring(GUILD, second) is False
    assert await place.reports.stop_ignoring(OTHER, elsewhere) is True
    assert [one.id for one in await place.reports.read_ignored(GUILD)] == [first]
    again = await place.reports.ignore(GUILD, make_ignored("b"))
    assert again not in (first, second, elsewhere)


async def test_what_is_ignored_again_is_replaced(place: Place) -> None:
    await place.assigned("a")
    first = await place.reports.ignore(GUILD, make_ignored("a"))
    newer = replace(make_ignored("A?", minutes=1), embedding=row(1, 0), model_id="newer", by=8)
    assert await place.reports.ignore(GUILD, newer) == first
    [found] = await place.reports.read_ignored(GUILD)
    assert (found.question, found.embedding.tolist(), found.model_id, found.by) == ("A?", [1, 0], "newer", 8)
    # Also when the questions are long gone, so that another model can be used.
    await place.members.forget_before(START + timedelta(days=1))
    assert await place.reports.ignore(GUILD, make_ignored("a")) == first


async def test_what_nobody_says_any_more_is_not_kept_to_be_ignored(place: Place) -> None:
    await place.assigned("a")
    await place.assigned("b", guild_id=OTHER)
    await place.members.forget_author(ANN, BEFORE)
    assert await place.reports.ignore(GUILD, make_ignored("a")) is None
    assert await place.reports.ignore(GUILD, make_ignored("b")) is None
    assert await place.reports.read_ignored(GUILD) == []


FORGET = {
    "forget_author": lambda place: place.members.forget_author(ANN, BEFORE),
    "opt_out": lambda place: place.members.opt_out(ANN, BEFORE),
    "forget_messages": lambda place: place.members.forget_messages([5]),
}


@pytest.mark.parametrize("how", FORGET)
@pytest.mark.parametrize("assigned", [True, False])
async def test_what_only_the_forgotten_said_is_not_ignored_any_more(place: Place, how: str, *, assigned: bool) -> None:
    await place.assigned("Mine", "ours", "theirs")
    await place.assigned("mine", guild_id=OTHER)
    for guild_id, text in ((GUILD, "mine"), (GUILD, "ours"), (GUILD, "theirs"), (OTHER, "mine")):
        assert await place.reports.ignore(guild_id, make_ignored(text))
    await place.members.forget_before(START + SECOND)
    later = START + 2 * SECOND
    for text, author, message_id in (("MINE", ANN, 5), ("ours", ANN, 5), ("Ours?", BEN, 6), ("other", ANN, 5)):
        await place.ask(text, author, message_id=message_id, asked_at=later)
    if assigned:
        await place.reports.assign_texts(GUILD, "model")
    await FORGET[how](place)
    assert sorted(one.question for one in await place.reports.read_ignored(GUILD)) == ["ours", "theirs"]
    assert [one.question for one in await place.reports.read_ignored(OTHER)] == ["mine"]


async def test_what_grows_old_stays_ignored(place: Place) -> None:
    await place.assigned("a")
    await place.reports.ignore(GUILD, make_ignored("a"))
    assert await place.members.forget_before(START + SECOND) == 1
    assert [one.question for one in await place.reports.read_ignored(GUILD)] == ["a"]


async def test_everything_that_is_too_old_goes_however_much_it_is(place: Place) -> None:
    for number in range(1_001):
        await place.ask(f"{number}")
    await place.ask("young", asked_at=START + SECOND)
    assert await place.members.forget_before(START + SECOND) == 1_001
    assert [one.text for one in await place.store.read_questions()] == ["young"]


async def test_texts_are_found_by_their_ids_as_they_are_read(place: Place) -> None:
    for text in ("one", "two", "three", "One!"):
        await place.ask(text)
    await place.reports.assign_texts(GUILD, "model")
    read = await place.reports.read_texts(GUILD, "model", mined=False, limit=10)
    first, _, third = read.ids
    found = await place.reports.find_texts([third, first, 999, first])
    assert found.ids == (first, third)
    assert found.embeddings.tolist() == read.embeddings[[0, 2]].tolist()
    assert (await place.reports.find_texts([])).ids == ()


async def test_what_is_mined_is_known_by_the_questions_whose_embeddings_count(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stores.mining._IDS", 2)
    numbers = [await place.ask(text) for text in ("one", "two", "three", "One?", "four", "three!")]
    await place.reports.assign_texts(GUILD, "model")
    assert (await place.reports.read_mined(GUILD, "model")).shape == (0, 2)
    first, second, third, fourth = await place.read_ids(mined=False)
    await place.keep_pairs([], [first, second, third])
    mined = await place.reports.read_mined(GUILD, "model")
    assert mined.tolist() == [[first, numbers[0]], [second, numbers[1]], [third, numbers[2]]]
    assert mined.dtype == np.int64
    await place.keep_pairs([], [fourth])
    assert (await place.reports.read_mined(GUILD, "model")).tolist()[3:] == [[fourth, numbers[4]]]
    assert (await place.reports.read_mined(OTHER, "model")).shape == (0, 2)
    assert (await place.reports.read_mined(GUILD, "other")).shape == (0, 2)


async def test_a_text_whose_first_question_goes_has_the_embedding_of_the_next(place: Place) -> None:
    await place.ask("one")
    last = await place.ask("One?", BEN)
    await place.reports.assign_texts(GUILD, "model")
    [text_id] = await place.read_ids(mined=False)
    await place.keep_pairs([], [text_id])
    await place.members.forget_author(ANN, BEFORE)
    assert (await place.reports.read_mined(GUILD, "model")).tolist() == [[text_id, last]]


async def test_a_report_that_was_asked_for_is_beside_the_nightly_one(place: Place) -> None:
    number = await place.ask("one")
    await place.reports.assign_texts(GUILD, "model")
    report = make_report(number)
    extra = await place.reports.add_extra_report(report, 5)
    assert await place.reports.find_last_posting(GUILD) is None
    claimed = await place.reports.claim_report(GUILD, DAY, "one", START, timedelta(minutes=1))
    assert claimed
    assert claimed.id != extra
    await place.reports.place_extra_report(extra, 6)
    await place.reports.place_extra_report(claimed.id, 6)
    posting = await place.reports.find_posting(extra)
    assert posting == Posting(extra, GUILD, DAY, ReportState.POSTED, report, 5, 6)
    assert await place.reports.add_extra_report(report, 5) != extra

"""What every keeper of members' questions must do."""

import asyncio
import sqlite3
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiosqlite
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.edits import Draft
from bot.core.members import Count, Holding, Retracted
from bot.core.ports import Ledger, Members, Store
from bot.core.reports import Ignored, Mining
from bot.core.types import QuestionRecord, VerdictName
from bot.stores import open_sqlite
from bot.stores.members import SqliteMembers
from bot.stores.rows import text_key
from tests.fakes.ledger import MemoryLedger
from tests.fakes.members import MemoryMembers
from tests.fakes.store import MemoryStore
from tests.stores.records import START, make_question

ANN, BEN = b"a" * 32, b"b" * 32
LATER = START + timedelta(microseconds=1)
HIDDEN = "where did I hide the marmalade"
SIMILARITY = 0.123456789


@dataclass
class Place:
    store: Store
    members: Members
    ledger: Ledger

    async def ask(self, text: str, author: bytes = ANN, **more: Any) -> int | None:  # noqa: ANN401 - fields of a record
        return await self.store.add_question(replace(make_question(text), author_hash=author, **more))

    async def texts(self) -> list[str]:
        return [question.text for question in await self.store.read_questions()]


@asynccontextmanager
async def _open(kind: str, path: Path) -> AsyncGenerator[Place]:
    if kind == "fake":
        store, ledger = MemoryStore(), MemoryLedger()
        yield Place(store, MemoryMembers(store, ledger), ledger)
        return
    async with open_sqlite(path) as opened:
        yield Place(opened, opened.members, opened.ledger)


@pytest.fixture(params=["sqlite", "fake"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Place]:
    async with _open(request.param, tmp_path / "a.db") as opened:
        yield opened


async def test_nothing_is_kept_of_who_never_asked(place: Place) -> None:
    await place.ask("one", BEN)
    assert await place.members.read_holding(ANN) == Holding(0, None, opted_out=False)
    assert await place.members.read_own_questions(ANN) == []
    assert await place.members.forget_author(ANN, START) == 0
    assert await place.texts() == ["one"]


async def test_everybody_sees_and_deletes_his_own_alone(place: Place) -> None:
    await place.ask("late", asked_at=START + timedelta(hours=1))
    await place.ask("early", asked_at=START)
    await place.ask("his", BEN)
    assert await place.members.read_holding(ANN) == Holding(2, START, opted_out=False)
    assert [question.text for question in await place.members.read_own_questions(ANN)] == ["early", "late"]
    assert await place.members.forget_author(ANN, START) == 2
    assert await place.members.read_holding(ANN) == Holding(0, None, opted_out=False)
    assert await place.texts() == ["his"]


async def test_who_opted_out_is_never_logged_again_until_he_opts_in(place: Place) -> None:
    await place.ask("before")
    assert await place.members.opt_out(ANN, START) == 1
    assert await place.members.opt_out(ANN, START) == 0
    assert await place.ask("after") is None
    assert await place.ask("his", BEN) is not None
    assert await place.members.read_holding(ANN) == Holding(0, None, opted_out=True)
    assert await place.texts() == ["his"]
    assert await place.members.opt_in(ANN, START) is True
    assert await place.members.opt_in(ANN, START) is False
    assert await place.ask("again", asked_at=LATER) is not None
    assert await place.members.read_holding(ANN) == Holding(1, LATER, opted_out=False)


async def test_whoever_decided_something_is_a_decision(place: Place) -> None:
    await place.ask("his", BEN)
    assert not await place.members.has_decisions()
    await place.members.forget_author(ANN, START)
    assert await place.members.has_decisions()
    await place.members.forget_before(LATER)
    assert not await place.members.has_decisions()
    await place.members.opt_out(BEN, START)
    await place.members.forget_before(LATER)
    assert await place.members.has_decisions()


async def test_deleting_data_is_not_opting_out(place: Place) -> None:
    await place.members.forget_author(ANN, START)
    assert await place.ask("again", asked_at=LATER) is not None


@pytest.mark.parametrize("how", ["forget_author", "opt_out"])
async def test_nothing_that_was_asked_before_everything_was_deleted_comes_back(place: Place, how: str) -> None:
    await getattr(place.members, how)(ANN, START)
    await place.members.opt_in(ANN, START)
    assert await place.ask("in flight") is None
    assert await place.ask("of the server's past", asked_at=START - timedelta(days=80)) is None
    assert await place.ask("his", BEN) is not None
    assert await place.ask("later", asked_at=LATER) is not None
    # The clock of another process may be behind.
    await place.members.forget_author(ANN, START - timedelta(minutes=1))
    assert await place.ask("in flight") is None
    assert await place.texts() == ["his"]


async def test_what_was_asked_while_opted_out_does_not_come_back_with_opting_in(place: Place) -> None:
    await place.members.opt_out(ANN, START)
    assert await place.members.opt_in(ANN, START + timedelta(days=9)) is True
    assert await place.ask("read from the past", asked_at=START + timedelta(days=5)) is None
    assert await place.ask("asked since", asked_at=START + timedelta(days=9, seconds=1)) is not None
    # Who had not opted out has nothing refused because of an opt-in.
    assert await place.members.opt_in(ANN, START + timedelta(days=20)) is False
    assert await place.ask("in flight", asked_at=START + timedelta(days=10)) is not None


async def test_until_when_is_kept_as_long_as_it_is_of_use(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "a.db") as store:
        await store.members.forget_author(ANN, START)
        await store.members.forget_author(BEN, LATER)
        await store.members.forget_before(START)
        await store.members.forget_before(LATER, decided_before=START)
        assert len(await store._database.fetch("SELECT * FROM forgotten")) == 2
        # What Ann asked by then is too old to be kept, whoever brings it.
        await store.members.forget_before(LATER)
        assert [row["author_hash"] for row in await store._database.fetch("SELECT * FROM forgotten")] == [BEN]


@pytest.mark.parametrize("how", ["forget_author", "opt_out"])
async def test_who_was_to_be_forgotten_when_the_bot_was_killed_is_forgotten_by_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with open_sqlite(tmp_path / "a.db") as store:
        place = Place(store, store.members, store.ledger)
        for text, author in (("mine", ANN), ("mine as well", ANN), ("his", BEN)):
            await place.ask(text, author)
        with monkeypatch.context() as killing:
            # The note that Ann is to be forgotten is written first.
            killing.setattr(SqliteMembers, "_delete", _die)
            with pytest.raises(KilledError):
                await getattr(store.members, how)(ANN, START)
        assert await store.members.forget_before(START - timedelta(days=90)) == 2
        assert await place.texts() == ["his"]
        assert await store.members.forget_before(START - timedelta(days=90)) == 0


class KilledError(Exception):
    """Stands for the end of the process."""


async def _die(*_: object) -> int:
    raise KilledError


@given(st.lists(st.tuples(st.sampled_from(["ask", "forget", "opt out", "opt in", "expire"]), st.integers(0, 9))))
def test_whatever_is_done_in_whatever_order_the_database_keeps_what_memory_does(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_compare(steps))


async def _compare(steps: list[tuple[str, int]]) -> None:
    fake = MemoryStore()
    async with open_sqlite(":memory:") as opened:
        places = [Place(opened, opened.members, opened.ledger), Place(fake, MemoryMembers(fake), MemoryLedger())]
        until = START - timedelta(days=1)
        opted_out = False
        for what, minutes in steps:
            at = START + timedelta(minutes=minutes)
            for place in places:
                match what:
                    case "ask":
                        kept = await place.ask(f"{minutes}", asked_at=at)
                        # What must hold, said once more.
                        assert kept is None or not (opted_out or at <= until)
                    case "forget":
                        await place.members.forget_author(ANN, at)
                    case "opt out":
                        await place.members.opt_out(ANN, at)
                    case "opt in":
                        await place.members.opt_in(ANN, at)
                    case _:
                        await place.members.forget_before(at)
            opted_out = (opted_out or what == "opt out") and what != "opt in"
            if what in {"forget", "opt out"}:
                until = max(until, at)
            elif what == "expire" and until < at:
                until = START - timedelta(days=1)
            assert await places[0].texts() == await places[1].texts()
            assert await places[0].members.read_holding(ANN) == await places[1].members.read_holding(ANN)


async def test_questions_of_deleted_messages_go_and_their_replies_are_named(place: Place) -> None:
    await place.ask("replied to", message_id=1, channel_id=7, reply_id=11)
    await place.ask("not replied to", message_id=2)
    await place.ask("asked from the menu about the same message", BEN, message_id=1, channel_id=7, reply_id=12)
    await place.ask("a slash command", message_id=None)
    await place.ask("stays", message_id=3, reply_id=13)
    retracted = await place.members.forget_messages([1, 2, 99])
    assert sorted(retracted, key=lambda one: one.reply_id) == [Retracted(7, 11), Retracted(7, 12)]
    assert await place.texts() == ["a slash command", "stays"]
    assert await place.members.forget_messages([]) == []


async def test_what_is_too_old_goes_and_what_is_just_old_enough_stays(place: Place) -> None:
    for minutes in (0, 1, 2):
        await place.ask(f"at {minutes}", asked_at=START + timedelta(minutes=minutes))
    assert await place.members.forget_before(START + timedelta(minutes=1)) == 1
    assert await place.texts() == ["at 1", "at 2"]


async def test_what_was_deleted_is_counted_by_server_day_and_outcome(place: Place) -> None:
    answered = {"verdict": VerdictName.ANSWER, "replied": True}
    await place.ask("a", **answered)
    await place.ask("b", **answered)
    await place.ask("c")
    await place.ask("d", asked_at=START + timedelta(days=1))
    await place.ask("e", guild_id=None)
    await place.ask("f", guild_id=77, message_id=5)
    assert await place.members.read_counts(10) == []
    await place.members.forget_messages([5])
    await place.members.forget_author(ANN, START)
    await place.ask("g", **answered, asked_at=LATER)
    await place.members.opt_out(ANN, LATER)
    first, second = date(2026, 5, 4), date(2026, 5, 5)
    assert sorted(await place.members.read_counts(10), key=lambda one: (one.day, one.verdict)) == [
        Count(first, VerdictName.ANSWER, replied=True, questions=3),
        Count(first, VerdictName.NO_MATCH, replied=False, questions=1),
        Count(second, VerdictName.NO_MATCH, replied=False, questions=1),
    ]
    assert await place.members.read_counts(None) == [Count(first, VerdictName.NO_MATCH, replied=False, questions=1)]
    assert await place.members.read_counts(77) == [Count(first, VerdictName.NO_MATCH, replied=False, questions=1)]


async def _fill(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store.add_question(_secret())
        await store.add_question(replace(make_question("his"), author_hash=BEN))
        await store.reports.assign_texts(10, "model")
        await store.reports.restart_mining(10, Mining("model", 0.1))
        assert await store.reports.keep_pairs(10, 1, [(1, 2, SIMILARITY)], [1, 2]) == 2
        await store.reports.ignore(10, Ignored(0, HIDDEN, _secret().embedding, "model", 7, START))


def _secret() -> QuestionRecord:
    embedding = np.frombuffer(b"EMBEDDED" * 48, dtype=np.float32)
    return replace(make_question(HIDDEN), embedding=embedding, message_id=5)


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


@pytest.mark.parametrize("how", ["forget_author", "opt_out", "forget_messages", "forget_before"])
async def test_deleted_means_overwritten_in_every_file_of_the_database(tmp_path: Path, how: str) -> None:
    await _fill(tmp_path / "a.db")
    async with open_sqlite(tmp_path / "a.db") as store:
        await store.add_question(replace(_secret(), message_id=6))  # this one stands in the write-ahead log
        before = _bytes_of(tmp_path)
        assert before.count(HIDDEN.encode()) >= 2
        assert b"EMBEDDEDEMBEDDED" in before
        # So does what was derived from it, which is nowhere else.
        assert await store.reports.keep_pairs(10, 2, [(1, 2, SIMILARITY)], []) == 2
        await store.ledger.keep_draft(_quoting(HIDDEN))
        derived = [text_key(HIDDEN), struct.pack(">d", SIMILARITY)]
        assert all(one in before for one in derived)
        match how:
            case "forget_author":
                await store.members.forget_author(ANN, START)
            case "opt_out":
                await store.members.opt_out(ANN, START)
            case "forget_messages":
                await store.members.forget_messages([5, 6])
            case _:
                await store.members.forget_before(START + timedelta(days=1))
                await store.add_question(replace(make_question("his"), author_hash=BEN))
                assert await store.ledger.drop_drafts(before=LATER) == 1
                # What an admin wants ignored outlives it.
                [ignored] = await store.reports.read_ignored(10)
                await store.reports.stop_ignoring(10, ignored.id)
        assert await store.reports.read_ignored(10) == []
        after = _bytes_of(tmp_path)
        assert HIDDEN.encode() not in after
        assert b"EMBEDDEDEMBEDDED" not in after
        assert not any(one in after for one in derived)
        assert [question.text for question in await store.read_questions()] == ["his"]


def _copy_files(source: Path, target: Path) -> None:
    for file in source.glob("a.db*"):
        (target / file.name).write_bytes(file.read_bytes())


async def test_what_a_reader_kept_in_the_log_goes_with_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_sqlite(path) as store:
        await store.add_question(_secret())
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM questions").fetchone()
        assert await store.members.forget_author(ANN, START) == 1
        assert HIDDEN.encode() in _bytes_of(tmp_path)
        reader.close()
        # It finds nothing more to delete.
        assert await store.members.forget_before(START - timedelta(days=90)) == 0
        assert HIDDEN.encode() not in _bytes_of(tmp_path)
        assert (await store._database.fetch("PRAGMA busy_timeout"))[0][0] == 5000


async def test_what_stayed_in_the_log_when_the_bot_was_killed_goes_with_the_first_look(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.db", tmp_path / "copy"
    copy.mkdir()
    async with open_sqlite(path) as store:
        await store.add_question(_secret())
        await store._database.fetch("DELETE FROM questions")
        # What is on the disk if it ends here.
        _copy_files(tmp_path, copy)
    assert HIDDEN.encode() in _bytes_of(copy)
    async with open_sqlite(copy / "a.db") as store:
        assert await store.members.forget_before(START - timedelta(days=90)) == 0
        assert HIDDEN.encode() not in _bytes_of(copy)


async def test_another_process_that_reads_keeps_nobody_from_deleting(tmp_path: Path) -> None:
    await _fill(tmp_path / "a.db")
    async with open_sqlite(tmp_path / "a.db") as store, open_sqlite(tmp_path / "a.db") as other:
        assert len(await other.read_questions()) == 2
        assert await store.members.opt_out(ANN, START) == 1
        assert len(await other.read_questions()) == 1
        assert await other.add_question(_secret()) is None


def _quoting(text: str, guild_id: int = 10) -> Draft:
    return Draft(guild_id, 7, START, {"does": "put", "raw": {"alternates": ["Anything else?", text]}, "seen": None})


FORGETTING = {
    "forget_author": lambda place: place.members.forget_author(ANN, START),
    "opt_out": lambda place: place.members.opt_out(ANN, START),
    "forget_messages": lambda place: place.members.forget_messages([5]),
}


@pytest.mark.parametrize("how", FORGETTING)
async def test_drafts_that_quote_what_somebody_had_deleted_go_with_it(place: Place, how: str) -> None:
    await place.ask("his", BEN, message_id=6)
    await place.ask(HIDDEN, message_id=5)
    await place.ask("of a direct message", message_id=5, guild_id=None)
    quoting = await place.ledger.keep_draft(_quoting(f"{HIDDEN.upper()}?"))
    others = [await place.ledger.keep_draft(draft) for draft in (_quoting("his"), _quoting(HIDDEN, 77))]
    await FORGETTING[how](place)
    assert await place.ledger.read_draft(quoting) is None
    assert all([await place.ledger.read_draft(number) for number in others])


@pytest.mark.parametrize("how", FORGETTING)
@pytest.mark.parametrize("assigned", [False, True])
async def test_drafts_that_quote_what_somebody_else_asked_too_stay(tmp_path: Path, how: str, assigned: bool) -> None:  # noqa: FBT001
    async with _open("sqlite", tmp_path / "a.db") as place:
        await _keep_a_draft_of_both(place, how, assigned=assigned)
    async with _open("fake", tmp_path / "a.db") as place:
        await _keep_a_draft_of_both(place, how, assigned=False)


async def _keep_a_draft_of_both(place: Place, how: str, *, assigned: bool) -> None:
    await place.ask(HIDDEN, message_id=5)
    await place.ask(f"{HIDDEN}?", BEN, message_id=6)
    if assigned:
        await place.store.reports.assign_texts(10, "model")  # type: ignore[attr-defined]
    number = await place.ledger.keep_draft(_quoting(HIDDEN))
    await FORGETTING[how](place)
    assert await place.ledger.read_draft(number)
    await place.members.forget_author(BEN, START)
    assert await place.ledger.read_draft(number) is None


@pytest.mark.parametrize("how", FORGETTING)
async def test_what_has_many_pairs_is_deleted_in_steps(tmp_path: Path, how: str) -> None:
    async with open_sqlite(tmp_path / "a.db") as store:
        place = Place(store, store.members, store.ledger)
        for number in range(300):
            await place.ask(f"How do I get number {number}?", message_id=5, reply_id=number % 3 + 1)
        await store.reports.assign_texts(10, "model")
        await store.reports.restart_mining(10, Mining("model", 0.1))
        ids = [row["id"] for row in await store._database.fetch("SELECT id FROM texts ORDER BY id")]
        pairs = [(one, other, 0.5) for one in ids for other in ids if one < other]
        assert await store.reports.keep_pairs(10, 1, pairs, ids)
        sizes: list[int] = []
        transaction = store._database.transaction

        @asynccontextmanager
        async def counting() -> AsyncGenerator[aiosqlite.Connection]:
            async with transaction() as connection:
                yield connection
                [(left,)] = await connection.execute_fetchall("SELECT count(*) FROM pairs")
                sizes.append(int(left))

        store._database.transaction = counting  # type: ignore[method-assign]
        result = await FORGETTING[how](place)
        if how == "forget_messages":
            assert sorted(one.reply_id for one in result) == [1, 2, 3]
        else:
            assert result == 300
        assert await place.texts() == []
        assert sizes[-1] == 0
        steps = [before - after for before, after in pairwise([len(pairs), *sizes])]
        assert 0 < max(steps) <= 20_000
        assert len([step for step in steps if step]) > 2

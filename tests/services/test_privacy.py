"""Members are known by a keyed hash alone, and get rid of what is kept."""

import asyncio
import json
import struct
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.edits import DRAFT_KEPT, Draft
from bot.core.members import Holding, Retracted
from bot.core.privacy import MAX_RETENTION_DAYS, author_hash
from bot.services import Privacy, accept_key, find_key_problem, is_known_key
from bot.services.report_lists import MAX_BYTES
from tests.fakes.clock import FrozenClock
from tests.fakes.ledger import MemoryLedger
from tests.fakes.members import MemoryMembers
from tests.fakes.store import MemoryStore
from tests.stores.records import make_question

KEY = b"k" * 32
ANN, BEN = 111111111111111111, 222222222222222222


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def privacy(store: MemoryStore, clock: FrozenClock) -> Privacy:
    return Privacy(MemoryMembers(store), clock, KEY, timedelta(days=90))


async def ask(store: MemoryStore, text: str, user: int = ANN, **more: object) -> None:
    await store.add_question(replace(make_question(text), author_hash=author_hash(KEY, user), **more))  # type: ignore[arg-type]


async def test_a_member_is_found_by_the_hash_of_his_id(privacy: Privacy, store: MemoryStore) -> None:
    await ask(store, "hers")
    await ask(store, "his", BEN)
    assert (await privacy.describe(ANN)).questions == 1
    assert await privacy.forget(ANN) == 1
    assert [question.text for question in store.questions] == ["his"]


async def test_another_key_finds_nobody(store: MemoryStore, clock: FrozenClock) -> None:
    await ask(store, "hers")
    stranger = Privacy(MemoryMembers(store), clock, b"x" * 32, timedelta(days=90))
    assert await stranger.describe(ANN) == Holding(0, None, opted_out=False)
    assert await stranger.forget(ANN) == 0


async def test_an_export_is_json_has_everything_and_no_foreign_question(privacy: Privacy, store: MemoryStore) -> None:
    await ask(store, "hers", reply_id=31)
    await ask(store, "his", BEN)
    [content] = await privacy.export(ANN)
    [only] = json.loads(content)["questions"]
    embedding = only.pop("embedding")
    assert embedding.pop("model") == "model"
    assert struct.unpack("<2f", b64decode(embedding.pop("values"))) == pytest.approx([0.6, 0.8])
    assert embedding == {}
    assert "base64" in json.loads(content)["about"]
    assert only == {
        "asked_at": "2026-05-04T12:00:00+00:00",
        "server": "10",
        "channel": "20",
        "message": "30",
        "reply": "31",
        "text": "hers",
        "addressed": True,
        "replied": False,
        "verdict": "no_match",
        "entry": "entry",
        "similarity": 0.25,
        "your_name_in_the_log": author_hash(KEY, ANN).hex(),
    }
    assert str(ANN) not in json.dumps(only)


async def test_of_nothing_there_is_no_file(privacy: Privacy) -> None:
    assert await privacy.export(ANN) == []


@given(st.lists(st.text(max_size=300), max_size=12), st.integers(1, 3000))
def test_an_export_is_split_into_files_that_together_hold_everything(asked: list[str], more: int) -> None:
    async def export(max_bytes: int) -> list[bytes]:
        store = MemoryStore()
        for text in asked:
            await ask(store, text)
        return await Privacy(MemoryMembers(store), FrozenClock(), KEY, timedelta(days=90)).export(
            ANN, max_bytes=max_bytes
        )

    contents = asyncio.run(export(1_000 + more))
    found = [json.loads(content)["questions"] for content in contents]
    assert [question["text"] for questions in found for question in questions] == asked
    assert all(len(content) <= 1_000 + more or len(own) == 1 for content, own in zip(contents, found, strict=True))


async def test_an_export_that_is_too_large_for_one_file_comes_in_two(privacy: Privacy, store: MemoryStore) -> None:
    for number in range(2):
        await ask(store, f"question {number} {'x' * 600}")
    [whole] = await privacy.export(ANN)
    contents = await privacy.export(ANN, max_bytes=len(whole) - 1)
    assert [[one["text"][:10] for one in json.loads(content)["questions"]] for content in contents] == [
        ["question 0"],
        ["question 1"],
    ]


async def test_thousands_of_questions_fit_a_file_of_discord(privacy: Privacy, store: MemoryStore) -> None:
    embedding = np.random.default_rng(0).normal(size=384).astype(np.float32)
    for _ in range(2_500):
        await ask(store, "how do I get a new card please?", embedding=embedding)
    [content] = await privacy.export(ANN)
    assert len(content) < MAX_BYTES


async def test_opting_out_and_in(privacy: Privacy, store: MemoryStore) -> None:
    await ask(store, "before")
    assert await privacy.opt_out(ANN) == 1
    await ask(store, "after")
    assert (await privacy.describe(ANN)) == Holding(0, None, opted_out=True)
    assert await privacy.opt_in(ANN)
    assert not await privacy.opt_in(ANN)


async def test_questions_are_kept_to_the_last_moment_of_their_time_and_no_longer(
    privacy: Privacy, store: MemoryStore, clock: FrozenClock
) -> None:
    await ask(store, "old", asked_at=clock.now())
    clock.advance(timedelta(days=90).total_seconds())
    assert await privacy.forget_expired() == 0
    clock.advance(1)
    assert await privacy.forget_expired() == 1
    assert store.questions == []


async def test_what_was_deleted_does_not_come_back_when_questions_are_kept_for_longer(
    privacy: Privacy, store: MemoryStore, clock: FrozenClock
) -> None:
    asked_at = clock.now()
    await privacy.forget(ANN)
    clock.advance(timedelta(days=91).total_seconds())
    await privacy.forget_expired()
    longer = Privacy(MemoryMembers(store), clock, KEY, timedelta(days=MAX_RETENTION_DAYS))
    await longer.forget_expired()
    await ask(store, "hers, of the server's past", asked_at=asked_at)
    await ask(store, "his", BEN, asked_at=asked_at)
    assert [question.text for question in store.questions] == ["his"]
    # As long as anything could be kept, and no longer.
    clock.advance(timedelta(days=MAX_RETENTION_DAYS).total_seconds())
    await longer.forget_expired()
    assert store.forgotten == {}


async def test_drafts_go_with_their_time_whether_or_not_anybody_begins_another(
    store: MemoryStore, clock: FrozenClock
) -> None:
    ledger = MemoryLedger()
    privacy = Privacy(MemoryMembers(store, ledger), clock, KEY, timedelta(days=90), ledger)
    await ledger.keep_draft(Draft(10, 7, clock.now(), {"does": "pick", "text": "hers"}))
    clock.advance(DRAFT_KEPT.total_seconds())
    assert await privacy.forget_expired() == 0
    assert ledger.drafts
    clock.advance(1)
    assert await privacy.forget_expired() == 0
    assert ledger.drafts == {}


async def test_messages_that_were_deleted_are_remembered_for_a_while(privacy: Privacy, store: MemoryStore) -> None:
    await ask(store, "replied", message_id=5, channel_id=7, reply_id=9)
    assert not privacy.was_deleted(5)
    assert await privacy.retract([5]) == [Retracted(7, 9)]
    assert privacy.was_deleted(5)
    assert not privacy.was_deleted(None)
    await privacy.retract(range(1_000, 2_000))
    assert not privacy.was_deleted(5)
    assert privacy.was_deleted(1_000)


async def test_another_key_is_told_as_long_as_somebody_has_decided_something(store: MemoryStore) -> None:
    members = MemoryMembers(store)

    async def look(key: bytes) -> bool:
        return await find_key_problem(store, members, key) is not None

    assert not await look(KEY)
    # Nobody minds.
    assert not await look(b"x" * 32)
    assert not await look(KEY)
    await members.opt_out(author_hash(KEY, ANN), make_question().asked_at)
    assert not await look(KEY)
    assert await look(b"x" * 32)
    assert await look(b"x" * 32)
    # It is the right one again, and the log never held it.
    assert not await look(KEY)
    assert KEY.hex() not in str(store.notes)
    assert author_hash(KEY, ANN).hex() not in str(store.notes)
    # The old one is lost for good.
    await accept_key(store, b"x" * 32)
    assert not await look(b"x" * 32)
    assert await look(KEY)
    assert await is_known_key(store, b"x" * 32)
    assert not await is_known_key(store, KEY)
    assert await is_known_key(MemoryStore(), KEY)


@pytest.mark.parametrize("decide", [Privacy.forget, Privacy.opt_out])
async def test_the_right_key_is_that_of_the_process_in_which_the_first_member_decides(
    store: MemoryStore, clock: FrozenClock, decide: Callable[[Privacy, int], Awaitable[int]]
) -> None:
    members = MemoryMembers(store)
    bots, shells = (Privacy(members, clock, key, timedelta(days=90), store=store) for key in (KEY, b"x" * 32))
    assert await find_key_problem(store, members, KEY) is None
    # A command in a shell that does not have the key, while the bot runs.
    assert await find_key_problem(store, members, b"x" * 32) is None
    await decide(bots, ANN)
    assert await find_key_problem(store, members, KEY) is None
    assert await find_key_problem(store, members, b"x" * 32) is not None
    # Ann is still not recognised, whoever else decides.
    await decide(shells, BEN)
    assert await find_key_problem(store, members, KEY) is None

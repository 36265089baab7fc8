"""What every Store must do."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from bot.core.ports import Store
from bot.core.types import QuestionRecord, VerdictName
from bot.stores import open_sqlite
from tests.fakes.store import MemoryStore
from tests.stores.records import START, make_question, row, values

OpenStore: TypeAlias = Callable[[], AbstractAsyncContextManager[Store]]

MORE_THAN_SQLITE_PARAMETERS = 32_766 + 1


@asynccontextmanager
async def open_fake() -> AsyncGenerator[Store]:
    yield MemoryStore()


@pytest.fixture(params=["sqlite file", "sqlite memory", "fake"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    """Opens a new, empty store each time."""
    if request.param == "fake":
        return open_fake
    if request.param == "sqlite memory":
        return lambda: open_sqlite(":memory:")
    numbers = count()
    return lambda: open_sqlite(tmp_path / "data" / f"{next(numbers)}.db")


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncGenerator[Store]:
    async with open_store() as opened:
        yield opened


ids = st.none() | st.integers(min_value=1, max_value=2**63 - 1)
zones = st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))])
embeddings = npst.arrays(np.float32, st.integers(1, 16), elements=st.floats(-1, 1, width=32))
questions = st.builds(
    QuestionRecord,
    asked_at=st.datetimes(timezones=zones),
    guild_id=ids,
    channel_id=ids,
    message_id=ids,
    reply_id=ids,
    author_hash=st.binary(min_size=32, max_size=32),
    text=st.text(),
    embedding=embeddings,
    model_id=st.text(),
    addressed=st.booleans(),
    replied=st.booleans(),
    verdict=st.sampled_from(VerdictName),
    entry_id=st.none() | st.text(),
    similarity=st.none() | st.floats(-1, 1),
    latency=st.floats(0, 1e6),
)
few_examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few_examples
@given(question=questions)
async def test_every_field_of_a_question_comes_back(open_store: OpenStore, question: QuestionRecord) -> None:
    async with open_store() as store:
        await store.add_question(question)
        [found] = await store.read_questions()
    assert values(found) == values(question)
    assert found.asked_at.tzinfo is UTC
    assert found.addressed is question.addressed
    assert found.replied is question.replied
    assert isinstance(found.verdict, VerdictName)


async def test_a_numpy_similarity_comes_back_as_a_number(store: Store) -> None:
    await store.add_question(replace(make_question(), similarity=np.float32(0.5)))  # type: ignore[arg-type]
    [found] = await store.read_questions()
    assert found.similarity == 0.5


async def test_questions_come_oldest_first(store: Store) -> None:
    for minutes in (5, 1, 3):
        await store.add_question(make_question(f"at {minutes}", minutes=minutes))
    assert [question.text for question in await store.read_questions()] == ["at 1", "at 3", "at 5"]


async def test_questions_of_the_same_moment_keep_their_order(store: Store) -> None:
    for name in "cab":
        await store.add_question(make_question(name))
    assert [question.text for question in await store.read_questions()] == ["c", "a", "b"]


async def test_every_question_has_a_row_number_of_its_own(store: Store) -> None:
    numbers = [await store.add_question(make_question()) for _ in range(3)]
    assert None not in numbers
    assert len(set(numbers)) == 3
    assert numbers == sorted(number for number in numbers if number)


async def test_questions_asked_at_the_same_time_are_all_kept(store: Store) -> None:
    await asyncio.gather(*(store.add_question(make_question(f"{number}")) for number in range(50)))
    assert len(await store.read_questions()) == 50


async def test_questions_of_one_server(store: Store) -> None:
    for guild in (1, 2, None, 1):
        await store.add_question(make_question(guild_id=guild))
    assert [question.guild_id for question in await store.read_questions(guild_id=1)] == [1, 1]
    assert await store.read_questions(guild_id=3) == []


async def test_since_includes_its_own_moment(store: Store) -> None:
    for minutes in range(3):
        await store.add_question(make_question(f"at {minutes}", minutes=minutes))
    since = START + timedelta(minutes=1)
    assert [question.text for question in await store.read_questions(since=since)] == ["at 1", "at 2"]
    since += timedelta(microseconds=1)
    assert [question.text for question in await store.read_questions(since=since)] == ["at 2"]


async def test_server_and_time_together(store: Store) -> None:
    for guild in (1, 2):
        for minutes in range(2):
            await store.add_question(make_question(f"{guild} at {minutes}", minutes=minutes, guild_id=guild))
    since = (START + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=5, minutes=45)))
    found = await store.read_questions(guild_id=2, since=since)
    assert [question.text for question in found] == ["2 at 1"]


async def test_the_newest_are_the_last_ones_oldest_first(store: Store) -> None:
    for minutes in (5, 1, 3):
        await store.add_question(make_question(f"at {minutes}", minutes=minutes))
    for newest, expected in ((1, ["at 5"]), (2, ["at 3", "at 5"]), (3, ["at 1", "at 3", "at 5"]), (0, [])):
        assert [question.text for question in await store.read_questions(newest=newest)] == expected
    everything = [question.text for question in await store.read_questions()]
    assert [question.text for question in await store.read_questions(newest=2**31)] == everything
    assert [question.text for question in await store.read_questions(newest=None)] == everything


async def test_of_the_same_moment_the_last_logged_are_the_newest(store: Store) -> None:
    for name in "cab":
        await store.add_question(make_question(name))
    assert [question.text for question in await store.read_questions(newest=2)] == ["a", "b"]


async def test_the_newest_are_counted_among_those_wanted(store: Store) -> None:
    for minutes in range(4):
        for guild in (1, 2):
            await store.add_question(make_question(f"{guild} at {minutes}", minutes=minutes, guild_id=guild))
    found = await store.read_questions(guild_id=1, newest=2)
    assert [question.text for question in found] == ["1 at 2", "1 at 3"]
    since = START + timedelta(minutes=3)
    assert [question.text for question in await store.read_questions(since=since, newest=5)] == ["1 at 3", "2 at 3"]
    assert [question.text for question in await store.read_questions(guild_id=2, since=since, newest=5)] == ["2 at 3"]
    assert await store.read_questions(guild_id=3, newest=5) == []


@few_examples
@given(
    asked=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1, 2, None])), max_size=8),
    newest=st.integers(0, 9),
    guild_id=st.sampled_from([1, None]),
)
async def test_the_newest_are_the_end_of_all(
    open_store: OpenStore, asked: list[tuple[int, int | None]], newest: int, guild_id: int | None
) -> None:
    async with open_store() as store:
        for number, (minutes, guild) in enumerate(asked):
            await store.add_question(make_question(f"{number}", minutes=minutes, guild_id=guild))
        everything = [question.text for question in await store.read_questions(guild_id=guild_id)]
        found = [question.text for question in await store.read_questions(guild_id=guild_id, newest=newest)]
    assert found == everything[max(0, len(everything) - newest) :]


@few_examples
@given(kept=st.dictionaries(st.binary().map(bytes.hex), embeddings, max_size=5))
async def test_cached_embeddings_come_back(open_store: OpenStore, kept: dict[str, np.ndarray]) -> None:
    async with open_store() as store:
        await store.cache_embeddings("model", kept)
        found = await store.read_cached_embeddings("model", [*kept, "never cached"])
    assert {key: value.tolist() for key, value in found.items()} == {key: value.tolist() for key, value in kept.items()}


async def test_cached_embeddings_are_float32_contiguous_and_read_only(store: Store) -> None:
    await store.cache_embeddings("model", {"a": np.stack([row(1, 2), row(3, 4)], axis=1)[0]})
    found = (await store.read_cached_embeddings("model", ["a"]))["a"]
    assert found.dtype == np.float32
    assert found.shape == (2,)
    assert found.flags.c_contiguous
    assert not found.flags.writeable
    assert found.tolist() == [1, 3]


async def test_a_cached_embedding_is_replaced(store: Store) -> None:
    await store.cache_embeddings("model", {"a": row(1), "b": row(2)})
    await store.cache_embeddings("model", {"a": row(3)})
    found = await store.read_cached_embeddings("model", ["a", "b"])
    assert {key: value.tolist() for key, value in found.items()} == {"a": [3], "b": [2]}


async def test_what_is_kept_does_not_change_with_the_callers_array(store: Store) -> None:
    embedding = row(1, 2)
    await store.cache_embeddings("model", {"a": embedding})
    embedding[0] = 9
    assert (await store.read_cached_embeddings("model", ["a"]))["a"].tolist() == [1, 2]


async def test_models_do_not_share_embeddings(store: Store) -> None:
    await store.cache_embeddings("one", {"a": row(1)})
    assert await store.read_cached_embeddings("other", ["a"]) == {}


async def test_more_hashes_than_sqlite_has_parameters(store: Store) -> None:
    hashes = [f"{number:064x}" for number in range(MORE_THAN_SQLITE_PARAMETERS)]
    await store.cache_embeddings("model", dict.fromkeys(hashes, row(1)))
    assert len(await store.read_cached_embeddings("model", iter(hashes))) == len(hashes)


async def test_nothing_cached_nothing_asked(store: Store) -> None:
    await store.cache_embeddings("model", {})
    assert await store.read_cached_embeddings("model", []) == {}


async def test_notes(store: Store) -> None:
    assert await store.read_note("commands") is None
    await store.write_note("commands", "old")
    await store.write_note("commands", "new")
    await store.write_note("empty", "")
    assert await store.read_note("commands") == "new"
    assert await store.read_note("empty") == ""


async def test_a_new_store_is_sound(store: Store) -> None:
    await store.add_question(make_question())
    assert await store.find_damage() == []


async def test_what_is_kept_is_there_until_it_is_replaced(store: Store) -> None:
    assert await store.read_kept("a") is None
    await store.keep("a", b"\x00one")
    await store.keep("b", b"two")
    assert await store.read_kept("a") == b"\x00one"
    await store.keep("a", b"three")
    assert (await store.read_kept("a"), await store.read_kept("b")) == (b"three", b"two")


async def test_embeddings_of_an_faq_are_there_until_they_are_replaced(store: Store) -> None:
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert await store.read_matrix("a") is None
    for kept in (rows, 2 * rows):
        told = await store.keep_matrix("a", kept)
        found = await store.read_matrix("a")
        assert found is not None
        for one in (told, found):
            assert np.array_equal(one, kept)
            assert not one.flags.writeable


async def test_a_question_is_found_by_the_reply_to_it(store: Store) -> None:
    assert await store.find_question(7) is None
    for number, reply_id in enumerate((None, 7, 8, 7)):
        await store.add_question(replace(make_question(f"Q{number}"), reply_id=reply_id))
    found = await store.find_question(7)
    assert found
    assert found.text == "Q3"


async def test_a_question_is_logged_once_where_that_is_asked_for(store: Store) -> None:
    first, second = (replace(make_question(f"Q{number}"), message_id=number) for number in (1, 2))
    assert await store.add_question(first, once=True)
    assert await store.add_question(first, once=True) is None
    assert await store.add_question(second, once=True)
    assert [question.text for question in await store.read_questions()] == ["Q1", "Q2"]
    # As when a message that was overheard is shown to the bot by the context menu.
    assert await store.add_question(first)
    assert await store.add_question(first, once=True) is None
    assert [question.text for question in await store.read_questions()] == ["Q1", "Q2", "Q1"]


async def test_without_a_message_nothing_says_that_a_question_is_logged_already(store: Store) -> None:
    for _ in range(2):
        assert await store.add_question(replace(make_question(), message_id=None), once=True)


async def test_the_messages_that_are_logged_are_found(store: Store) -> None:
    for message_id in (1, 2, 2, None, 2**63 - 1):
        await store.add_question(replace(make_question(), message_id=message_id))
    assert await store.find_logged([2, 3, 2**63 - 1]) == {2, 2**63 - 1}
    assert await store.find_logged([]) == set()
    assert await store.find_logged(range(MORE_THAN_SQLITE_PARAMETERS)) == {1, 2}


async def test_replies_are_noted_where_none_is_known(store: Store) -> None:
    for message_id in (1, 2, 3, 4):
        question = replace(make_question(), message_id=message_id, replied=message_id == 3)
        await store.add_question(replace(question, reply_id=13 if message_id == 3 else None))
    assert await store.note_replies({1: 11, 3: 30, 9: 19}) == 1
    assert await store.note_replies({1: 12}) == 0
    assert await store.note_replies({}) == 0
    found = [(question.message_id, question.reply_id, question.replied) for question in await store.read_questions()]
    assert found == [(1, 11, True), (2, None, False), (3, 13, True), (4, None, False)]


async def test_a_reply_is_not_noted_twice(store: Store) -> None:
    """Overheard without an answer, then answered by the context menu: the second row has the reply."""
    overheard = replace(make_question(), message_id=1)
    await store.add_question(overheard)
    await store.add_question(replace(overheard, reply_id=11, replied=True))
    assert await store.note_replies({1: 11}) == 0
    assert [question.reply_id for question in await store.read_questions()] == [None, 11]


async def test_who_was_replied_to_privately_stays_without_a_reply(store: Store) -> None:
    await store.add_question(replace(make_question(), message_id=1, replied=True))
    assert await store.note_replies({1: 11}) == 0
    assert [question.reply_id for question in await store.read_questions()] == [None]


async def test_embeddings_that_are_of_no_use_go_after_a_while_and_others_stay(store: Store) -> None:
    await store.cache_embeddings("a", {name: row(1, 0) for name in ("used", "unused", "elsewhere")})
    await store.cache_embeddings("b", {"used": row(0, 1)})
    week = timedelta(days=7)

    async def look(days: int, *used: str, model_id: str = "a") -> int:
        now = START + timedelta(days=days)
        return await store.prune_embeddings(model_id, used, now, now - week)

    assert await look(0, "used") == 0
    assert await look(3, "used") == 0
    # Another process has another FAQ, and another model.
    assert await look(4, "used", "elsewhere") == 0
    assert await look(4, "used", model_id="b") == 0
    assert await look(5, "used") == 0
    assert sorted(await store.read_cached_embeddings("a", ["used", "unused", "elsewhere"])) == [
        *("elsewhere", "unused", "used")
    ]
    # Unused since the first look, exactly a week, and a day more.
    assert await look(7, "used") == 0
    assert await look(8, "used") == 1
    assert sorted(await store.read_cached_embeddings("a", ["used", "unused", "elsewhere"])) == ["elsewhere", "used"]
    assert sorted(await store.read_cached_embeddings("b", ["used"])) == ["used"]
    assert await look(13, "used") == 2
    assert sorted(await store.read_cached_embeddings("a", ["used", "unused", "elsewhere"])) == ["used"]
    # What comes back is new again.
    await store.cache_embeddings("a", {"unused": row(1, 0)})
    assert await look(13, "used") == 0
    assert await look(14, "used") == 0
    assert list(await store.read_cached_embeddings("a", ["unused"])) == ["unused"]

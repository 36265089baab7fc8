import asyncio
import logging
import weakref
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import EmbedderUnavailableError, StoreUnavailableError
from bot.core.privacy import author_hash
from bot.core.types import Query, VerdictName
from bot.services import (
    Action,
    Answerer,
    BatchingEmbedder,
    Budgets,
    GuildRules,
    GuildSettings,
    HistoryError,
    HistoryImporter,
    Imported,
    Knowledge,
    Page,
    PastMessage,
    PlaceError,
    Rules,
    Settings,
    Tally,
    require_log,
)
from bot.services.history import SETTLED
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.history import GUILD, FakeHistory, FakePlace, make_id, make_message
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER
from tests.stores.records import values

KEY = b"0123456789abcdef"
CHANNEL, THREAD = 10, 11
NOW = FrozenClock().now()
START = NOW - timedelta(days=5)
DAYS = timedelta(days=90)
SETTINGS = GuildSettings(
    watch=(CHANNEL,),
    overhear=True,
    admin_roles=(),
    overheard_budget=2,
    addressed_budget=5,
    channel_seconds=10,
    repeat_seconds=300,
    report_channel=None,
    report_hour=7,
    time_zone="UTC",
    language="en",
    log_questions=True,
)
PASSWORD, ELSE, CHAT = "How do I change my password?", "Where can I park my car?", "nice weather today"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def asked(*texts: str | None, first: float = 0, channel: int = CHANNEL) -> list[PastMessage]:
    """Messages of different people, a minute between them."""
    return [
        make_message(at(first + number), text, channel=channel, asker=100 + number) for number, text in enumerate(texts)
    ]


class House:
    """An importer with everything that it stands on, in a test's hands."""

    def __init__(self, store: MemoryStore | None = None, settings: GuildSettings = SETTINGS) -> None:
        self.store, self.clock, self.embedder = store or MemoryStore(), FrozenClock(), HashEmbedder()
        self.knowledge = Knowledge(ListSource(*BIG[:3]), self.embedder, MemoryStore(), self.clock, CHATTER)
        self.settings = Settings(self.knowledge, lambda _: settings)
        batching = BatchingEmbedder(self.embedder)
        self.answerer = Answerer(self.knowledge, batching, self.store, self.clock, self.settings, KEY)
        self.importer = HistoryImporter(self.answerer, self.store, self.clock, self.settings)

    async def read(self, *places: FakePlace, back: timedelta = DAYS) -> Imported:
        """Import what stands in some places, all of them of one channel."""
        return await self.importer.run(FakeHistory({CHANNEL: places}), [CHANNEL], self.clock.now() - back)

    @property
    def texts(self) -> list[str]:
        return [question.text for question in self.store.questions]


@pytest.fixture
async def house() -> House:
    built = House()
    await built.knowledge.reload()
    return built


async def test_a_question_is_logged_as_if_it_had_been_asked_then(house: House) -> None:
    message = make_message(at(0), f"**{PASSWORD}**", channel=THREAD, asker=5)
    imported = await house.read(FakePlace(CHANNEL, [message]))
    assert imported == Imported(Tally(read=1, found=1, logged=1), ())
    (question,) = house.store.questions
    assert (question.asked_at, question.guild_id, question.channel_id) == (at(0), GUILD, THREAD)
    assert (question.message_id, question.author_hash) == (message.id, author_hash(KEY, 5))
    assert (question.text, question.addressed) == (PASSWORD, False)
    assert (question.replied, question.reply_id, question.latency) == (False, None, 0)
    now = await house.answerer.answer(Query(PASSWORD, 5, GUILD, THREAD, addressed=False))
    assert now.embedding is not None
    assert question.embedding.tolist() == now.embedding.tolist()
    assert (question.verdict, question.entry_id) == (VerdictName.of(now.verdict), now.hits[0].entry.id)
    assert (question.verdict, question.similarity) == (VerdictName.ANSWER, now.hits[0].similarity)


async def test_what_the_bot_would_not_have_treated_as_a_question_is_not_logged(house: House) -> None:
    messages = [
        *asked(PASSWORD, CHAT, None, "<@5> \u200b"),
        make_message(at(10), CHAT, addressed=True, asker=9),
        make_message(at(11), "<@5>", addressed=True),
    ]
    imported = await house.read(FakePlace(CHANNEL, messages))
    assert [(question.text, question.addressed) for question in house.store.questions] == [
        (PASSWORD, False),
        (CHAT, True),
    ]
    # In the last one there is nothing to read.
    assert imported.tally == Tally(read=6, found=3, logged=2)


async def test_cooldowns_play_no_part_and_learn_nothing(house: House) -> None:
    await house.answerer.answer(Query(PASSWORD, 100, GUILD, CHANNEL, addressed=False))
    messages = [make_message(at(number / 60), PASSWORD, asker=100) for number in range(3)]
    await house.read(FakePlace(CHANNEL, messages))
    assert [question.verdict for question in house.store.questions] == [VerdictName.ANSWER] * 3
    house.clock.advance(1000)
    await house.read(FakePlace(THREAD, [make_message(at(20), PASSWORD, asker=101)]))
    outcome = await house.answerer.answer(Query(PASSWORD, 101, GUILD, CHANNEL, addressed=False))
    assert outcome.action is Action.REPLY


async def test_what_the_log_taught_does_not_count() -> None:
    """The log is what is being filled: whoever is interrupted goes on with another one, and has to judge alike."""
    store, clock, embedder = MemoryStore(), FrozenClock(), HashEmbedder()
    knowledge = Knowledge(ListSource(*BIG), embedder, store, clock, CHATTER)
    await knowledge.reload()
    rules = GuildRules(Budgets(0.02, 0.05), 0, 0, log_questions=True)
    answerer = Answerer(knowledge, embedder, store, clock, Rules(rules), KEY)
    queries = [Query(f"{word} my password", 1, GUILD, CHANNEL) for word in ("forgot", "password", "is", "change")]
    queries += [Query(text, 1, GUILD, CHANNEL) for text in ("how to pass", "my account change", "where's the email")]

    async def judge() -> list[dict[str, object]]:
        return [values(one) for query in queries if (one := await answerer.judge_past(query, at(0)))]

    async def answer() -> list[VerdictName]:
        return [VerdictName.of((await answerer.answer(replace(query, private=True))).verdict) for query in queries]

    before, said = await judge(), await answer()
    chat = await answerer.answer(Query("lol haha", 1, GUILD, CHANNEL))
    for _ in range(1000):
        await answerer.record(chat)
    await knowledge.learn()
    assert await answer() != said
    assert await judge() == before
    assert len(before) == len(queries)


async def test_the_bots_own_replies_are_noted_wherever_they_stand(house: House) -> None:
    first, second, third, *_ = messages = asked(PASSWORD, ELSE, PASSWORD, CHAT)
    replies = [
        make_message(at(1.5), replies_to=first.id),
        make_message(at(1.6), replies_to=first.id),
        make_message(at(500), replies_to=third.id),
        make_message(at(501), replies_to=messages[3].id),
        make_message(at(502), replies_to=make_id(START - timedelta(days=200))),
        # Too young for a question, but not for the reply to an old one.
        make_message(NOW - timedelta(minutes=1), replies_to=second.id),
    ]
    for size in (2, 100):
        house.store.rows.clear()
        house.store.notes.clear()
        await house.read(FakePlace(CHANNEL, [*messages, *replies], size))
        assert [(question.reply_id, question.replied) for question in house.store.questions] == [
            (replies[0].id, True),
            (replies[5].id, True),
            (replies[2].id, True),
        ]


async def test_what_is_asked_now_is_left_to_the_bot(house: House) -> None:
    young, old = NOW - SETTLED, NOW - SETTLED - timedelta(milliseconds=1)
    messages = [make_message(old, PASSWORD), make_message(young, ELSE), make_message(NOW, ELSE, asker=8)]
    for size in (1, 2, 3):
        house.store.rows.clear()
        house.store.notes.clear()
        imported = await house.read(FakePlace(CHANNEL, messages, size))
        assert house.texts == [PASSWORD]
        assert imported.tally == Tally(read=3, found=1, logged=1)
    house.clock.advance(SETTLED.total_seconds() + 1)
    await house.read(FakePlace(CHANNEL, messages))
    assert house.texts == [PASSWORD, ELSE, ELSE]


async def test_what_is_in_the_log_already_is_not_logged_again_and_costs_the_model_nothing(house: House) -> None:
    messages = asked(PASSWORD, ELSE, CHAT, PASSWORD, ELSE)
    for message in messages[:2]:
        assert message.query
        outcome = await house.answerer.answer(message.query)
        await house.answerer.record(outcome)
    live = dict(house.store.rows)
    house.embedder.queries.clear()
    imported = await house.read(FakePlace(CHANNEL, messages))
    assert [house.store.rows[number] for number in live] == list(live.values())
    assert house.texts == [PASSWORD, ELSE, PASSWORD, ELSE]
    assert imported.tally == Tally(read=5, found=4, logged=2)
    assert sum(map(len, house.embedder.queries)) == 2


async def test_a_page_is_embedded_at_once(house: House) -> None:
    texts = [f"How do I change my password {number}?" for number in range(40)]
    await house.read(FakePlace(CHANNEL, asked(*texts), size=100))
    assert [len(batch) for batch in house.embedder.queries] == [40]


async def test_the_next_page_is_fetched_while_the_last_one_is_embedded(house: House) -> None:
    place = FakePlace(CHANNEL, asked(*[PASSWORD] * 9))
    house.embedder.gate = asyncio.Event()
    reading = asyncio.create_task(house.read(place))
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(place.reads) == 2
    assert house.texts == []
    house.embedder.gate.set()
    await reading
    assert len(house.texts) == 9


async def test_a_second_run_reads_only_what_is_new(house: House) -> None:
    messages = asked(PASSWORD, CHAT, ELSE, PASSWORD)
    place, quiet = FakePlace(CHANNEL, messages), FakePlace(THREAD, asked(ELSE, channel=THREAD))
    await house.read(place, quiet)
    assert len(house.texts) == 4
    again = await house.read(place, quiet)
    assert again.tally == Tally()
    assert (len(place.reads), len(quiet.reads)) == (2, 1)
    # As close as two messages can be.
    place.messages.append(make_message(messages[-1].written_at, ELSE, number=1))
    later = await house.read(place, quiet)
    assert later.tally == Tally(read=1, found=1, logged=1)
    assert (len(place.reads), len(quiet.reads)) == (3, 1)


async def test_who_wants_to_look_further_back_later_gets_it(house: House) -> None:
    messages = [make_message(NOW - timedelta(days=days), PASSWORD, asker=days) for days in range(60, 0, -5)]
    place = FakePlace(CHANNEL, messages)
    for days, known in ((12, 2), (30, 6), (7, 6), (70, 12)):
        await house.read(place, back=timedelta(days=days))
        assert len(house.texts) == known
    # What was not read for a while lies between two parts that were.
    house.clock.advance(timedelta(days=100).total_seconds())
    place.messages += [make_message(house.clock.now() - timedelta(days=days), ELSE, asker=days) for days in (50, 9, 5)]
    for days, known in ((10, 14), (60, 15)):
        await house.read(place, back=timedelta(days=days))
        assert len(house.texts) == known


async def test_one_place_that_cannot_be_read_does_not_keep_the_others_back(house: House) -> None:
    broken = FakePlace(12, asked(PASSWORD, PASSWORD, PASSWORD, PASSWORD), size=2)
    broken.error, broken.good_reads = PlaceError("not allowed"), 1
    good, last = FakePlace(THREAD, asked(ELSE, channel=THREAD)), FakePlace(13, asked(PASSWORD, channel=13))
    history = FakeHistory({CHANNEL: (broken, good), 14: (last,)})
    imported = await house.importer.run(history, [CHANNEL, 99, 14], START)
    assert [str(problem) for problem in imported.problems] == ["not allowed", "channel 99 is gone"]
    assert house.texts == [PASSWORD, PASSWORD, ELSE, PASSWORD]
    broken.error = None
    mended = await house.importer.run(history, [CHANNEL, 14], START)
    assert mended == Imported(Tally(read=2, found=2, logged=2), ())


async def test_a_list_of_threads_that_breaks_off_keeps_what_came_before(house: House) -> None:
    history = FakeHistory({CHANNEL: (FakePlace(CHANNEL, asked(PASSWORD)),)})
    history.error = PlaceError("no threads")
    imported = await house.importer.run(history, [CHANNEL], START)
    assert (len(imported.problems), house.texts) == (1, [PASSWORD])
    history.error = HistoryError("Discord is gone")
    with pytest.raises(HistoryError, match="Discord is gone"):
        await house.importer.run(history, [CHANNEL], START)


async def test_what_was_read_before_discord_went_away_is_kept(house: House) -> None:
    place = FakePlace(CHANNEL, asked(*[PASSWORD] * 8))
    place.error, place.good_reads = HistoryError("Discord is gone"), 2
    with pytest.raises(HistoryError, match="Discord is gone"):
        await house.read(place)
    assert len(house.texts) == 6
    place.error = None
    assert (await house.read(place)).tally == Tally(read=2, found=2, logged=2)


class Slow(FakePlace):
    """A place whose second page never comes while it is `slow`."""

    slow = True

    async def read_page(self, after: int) -> Page:
        if self.reads and self.slow:
            await asyncio.Event().wait()
        return await super().read_page(after)


@pytest.mark.parametrize("also_discord", [True, False])
async def test_a_failure_leaves_no_request_behind(
    house: House, caplog: pytest.LogCaptureFixture, *, also_discord: bool
) -> None:
    place = Slow(CHANNEL, asked(*[PASSWORD] * 8))
    if also_discord:
        place.slow, place.error, place.good_reads = False, HistoryError("Discord is gone too"), 1
    house.embedder.error = EmbedderUnavailableError("broken")
    with caplog.at_level(logging.DEBUG), pytest.raises(EmbedderUnavailableError):
        await house.read(place)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()] == []
    assert caplog.records == []
    assert house.store.notes == {}
    house.embedder.error, place.error, place.slow = None, None, False
    await house.read(place)
    assert len(house.texts) == 8


async def test_a_database_that_fails_is_told(house: House) -> None:
    house.store.error = StoreUnavailableError("disk full")
    with pytest.raises(StoreUnavailableError):
        await house.read(FakePlace(CHANNEL, asked(PASSWORD)))


async def test_nothing_is_kept_of_those_who_do_not_want_it(house: House) -> None:
    house.store.opted_out[author_hash(KEY, 100)] = NOW
    imported = await house.read(FakePlace(CHANNEL, asked(PASSWORD, ELSE)))
    assert house.texts == [ELSE]
    assert imported.tally == Tally(read=2, found=2, logged=1)


async def test_who_keeps_no_log_reads_nothing() -> None:
    house = House(settings=replace(SETTINGS, log_questions=False))
    place = FakePlace(CHANNEL, asked(PASSWORD))
    with pytest.raises(HistoryError, match="log_questions"):
        await house.read(place)
    assert place.reads == []
    with pytest.raises(HistoryError, match="log_questions"):
        require_log(house.settings.read(GUILD))


async def test_the_channels_are_those_in_which_the_bot_reads_along() -> None:
    house = House(settings=replace(SETTINGS, watch=(30, 10, 20)))
    assert await house.importer.choose_channels(FakeHistory({}, elsewhere=[20])) == (10, 30)
    with pytest.raises(HistoryError, match="--channel"):
        await house.importer.choose_channels(FakeHistory({}, elsewhere=[10, 20, 30]))
    deaf = House(settings=replace(SETTINGS, overhear=False))
    with pytest.raises(HistoryError, match="reads along in no channel"):
        await deaf.importer.choose_channels(FakeHistory({}))


async def test_progress_is_told_after_each_page(house: House) -> None:
    told = list[tuple[str, int, int]]()

    def show(channel: str, tally: Tally) -> None:
        told.append((channel, tally.read, tally.logged))

    history = FakeHistory({CHANNEL: (FakePlace(CHANNEL, asked(PASSWORD, CHAT, CHAT, ELSE)),)})
    await house.importer.run(history, [CHANNEL], START, show)
    assert told == [("#made-up", 3, 1), ("#made-up", 4, 2)]


async def test_an_empty_place_is_read_once_each_time(house: House) -> None:
    place = FakePlace(CHANNEL)
    assert (await house.read(place)).tally == Tally()
    place.messages += asked(PASSWORD, first=5 * 24 * 60)
    house.clock.advance(3600)
    await house.read(place)
    assert house.texts == [PASSWORD]


async def test_two_imports_at_once_log_nothing_twice(house: House) -> None:
    messages = asked(*[PASSWORD, ELSE, CHAT] * 4)
    await asyncio.gather(*(house.read(FakePlace(CHANNEL, messages, size)) for size in (2, 5, 3)))
    assert sorted(question.message_id or 0 for question in house.store.questions) == [
        message.id for message in messages if message.query and message.query.text != CHAT
    ]


class Tracked(PastMessage):
    """A message of which can be told when it is forgotten."""


class Endless(FakePlace):
    """A place whose messages are made as they are read.

    Attributes:
        alive: How many of them are held in memory at each reading.
    """

    def __init__(self, pages: int) -> None:
        super().__init__(CHANNEL, size=10)
        self._pages = pages
        self._held = weakref.WeakValueDictionary[int, PastMessage]()
        self.alive: list[int] = []

    async def read_page(self, after: int) -> Page:
        self.reads.append(after)
        messages = list[PastMessage]()
        for number in range(self.size):
            made = make_message(at(len(self.reads) + number / self.size), PASSWORD if number % 5 else CHAT)
            messages.append(Tracked(made.id, made.written_at, made.query, None))
            self._held[made.id] = messages[-1]
        self.alive.append(len(self._held))
        return Page(tuple(messages), is_last=len(self.reads) == self._pages)


async def test_memory_does_not_grow_with_the_history(house: House) -> None:
    place = Endless(pages=50)
    assert (await house.read(place)).tally == Tally(read=500, found=400, logged=400)
    # One page at work, one that waits, and what the one before has left in variables.
    assert len(place.alive) == 50
    assert max(place.alive) <= 3 * place.size


class Killed(BaseException):
    """The process is gone."""


class Mortal(MemoryStore):
    """A store whose process is killed before the operation of some number."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0

    def fail_if_told(self) -> None:
        super().fail_if_told()
        self.left -= 1
        if not self.left:
            raise Killed


lines = st.lists(
    st.tuples(
        st.sampled_from([PASSWORD, ELSE, CHAT, None]),
        st.sampled_from([0, 1, 60 * 24]),
        st.sampled_from([CHANNEL, THREAD]),
        st.integers(0, 3),
        st.none() | st.integers(0, 20),
    ),
    max_size=20,
)


def make_past(written: Iterable[tuple[str | None, int, int, int, int | None]]) -> dict[int, list[PastMessage]]:
    """Messages by place; the bot's may reply to any that came before in the same one, as in Discord."""
    minutes, places = -24 * 60 * 15, dict[int, list[PastMessage]]({CHANNEL: [], THREAD: []})
    for number, (text, gap, place, asker, back) in enumerate(written):
        minutes += gap
        before = places[place]
        replied = before[-1 - back].id if text is None and back is not None and back < len(before) else None
        message = make_message(at(minutes), text, channel=place, asker=asker, number=number)
        before.append(replace(message, replies_to=replied))
    return places


def rows_of(store: MemoryStore) -> list[dict[str, object]]:
    return sorted((values(question) for question in store.questions), key=lambda row: str(row["message_id"]))


ANSWERER = House()


@given(
    written=lines,
    deaths=st.lists(st.tuples(st.integers(1, 25), st.integers(1, 5), st.integers(1, 25)), max_size=4),
    size=st.integers(1, 5),
)
async def test_whatever_the_pages_and_whenever_it_is_killed_the_rows_are_the_same(
    written: list[tuple[str | None, int, int, int, int | None]], deaths: list[tuple[int, int, int]], size: int
) -> None:
    past = make_past(written)
    undisturbed, disturbed = MemoryStore(), Mortal()
    if not ANSWERER.knowledge.current.faq_of(GUILD).entries:
        await ANSWERER.knowledge.reload()

    async def run(store: MemoryStore, size: int, days: int) -> Tally:
        importer = HistoryImporter(ANSWERER.answerer, store, ANSWERER.clock, ANSWERER.settings)
        history = FakeHistory({CHANNEL: [FakePlace(place, messages, size) for place, messages in past.items()]})
        return (await importer.run(history, [CHANNEL], NOW - timedelta(days=days))).tally

    expected = await run(undisturbed, 100, 25)
    for left, size_then, days in deaths:
        disturbed.left = left
        with suppress(Killed):
            await run(disturbed, size_then, days)
    disturbed.left = 0
    await run(disturbed, size, 25)
    assert rows_of(disturbed) == rows_of(undisturbed)
    assert len(disturbed.questions) == expected.logged
    assert (await run(disturbed, size, 25)).logged == 0

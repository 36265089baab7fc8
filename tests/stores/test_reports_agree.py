"""Whatever happens in whatever order, texts, pairs, questions and reports agree, in the database as in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ports import Members, Reports, StaleReports, Store
from bot.core.reports import Asked, Deed, Done, Ignored, Mining, Report, Topic, TopicKind
from bot.stores import open_sqlite
from tests.fakes.members import MemoryMembers
from tests.fakes.reports import MemoryReports
from tests.fakes.stale import MemoryStaleReports
from tests.fakes.store import MemoryStore
from tests.stores.records import START, make_question, row, values

AUTHORS = (b"a" * 32, b"b" * 32)
GUILDS, MODELS = (10, 11), ("model", "newer")
TEXTS = ("who", "Who?", "what", "when", "?", "...")
DAY = START.date()
EVER = timedelta(days=400)
MINUTE = timedelta(minutes=1)

SHOWN = ("settle", "settle too late", "put off", "drop", "die")

few = st.integers(0, 3)
guilds, models, texts = st.sampled_from(GUILDS), st.sampled_from(MODELS), st.sampled_from(TEXTS)
# Questions and texts are drawn as places among those that there are, from the newest: then both kinds of keepers find
# the same ones, and most of them exist.
some = st.lists(st.integers(0, 6), max_size=4).map(tuple)
steps = st.one_of(
    st.tuples(st.just("ask"), texts, st.sampled_from(AUTHORS), st.none() | guilds, models, few),
    st.tuples(st.just("ask"), texts, st.sampled_from(AUTHORS), st.just(10), st.just("model"), few),
    st.tuples(st.just("assign"), guilds, models),
    st.tuples(st.just("assign"), st.just(10), st.just("model")),
    st.tuples(st.just("pairs"), st.lists(st.tuples(few, few, st.floats(-1, 1)), max_size=4).map(tuple), some),
    st.tuples(st.just("restart"), guilds, models),
    st.tuples(st.just("embed"), models, some),
    st.tuples(st.just("forget author"), st.sampled_from(AUTHORS)),
    st.tuples(st.just("forget messages"), some),
    st.tuples(st.just("forget before"), few),
    st.tuples(st.just("ignore"), guilds, texts, few),
    st.tuples(st.just("stop ignoring"), guilds, few),
    st.tuples(st.just("claim"), st.sampled_from("xy"), few),
    st.tuples(st.just("keep"), st.sampled_from("xy"), some),
    st.tuples(st.just("finish"), st.sampled_from("xy")),
    st.tuples(st.just("show"), st.sampled_from("xy"), few, st.sampled_from(SHOWN)),
    st.tuples(st.just("give up"), st.sampled_from("xy")),
    st.tuples(st.just("done"), st.integers(1, 2), st.sampled_from(Deed)),
)
Outcome: TypeAlias = object


@dataclass
class Keeper:
    """One kind of keeper, with numbers that may differ from another's: what it says is told without them."""

    store: Store
    members: Members
    reports: Reports
    stale: StaleReports

    def __post_init__(self) -> None:
        self.numbers: list[int] = []

    async def take(self, step: tuple[Any, ...]) -> Outcome:
        name, *rest = step
        method: Callable[..., Awaitable[Outcome]] = getattr(self, f"_{name.replace(' ', '_')}")
        return await method(*rest)

    async def _ask(self, text: str, author: bytes, guild_id: int | None, model_id: str, minutes: int) -> Outcome:
        question = make_question(text, minutes=minutes, guild_id=guild_id)
        message_id = len(self.numbers)
        number = await self.store.add_question(
            replace(question, author_hash=author, model_id=model_id, message_id=message_id)
        )
        assert number
        assert number > max(self.numbers, default=0)
        self.numbers.append(number)
        return None

    async def _assign(self, guild_id: int, model_id: str) -> Outcome:
        return await self.reports.assign_texts(guild_id, model_id)

    async def _pairs(self, pairs: Sequence[tuple[int, int, float]], mined: Sequence[int]) -> Outcome:
        ids = await self._text_ids()
        chosen = [(ids[-1 - one], ids[-1 - other], similarity) for one, other, similarity in pairs if one != other]
        if await self.reports.read_mining(10) is None:
            await self.reports.restart_mining(10, Mining("model", 0.5))
        mining = await self.reports.read_mining(10)
        assert mining
        pairs = [pair for pair in chosen if pair[0] != pair[1]]
        assert await self.reports.keep_pairs(10, mining.generation - 1, pairs, ()) is None
        return await self.reports.keep_pairs(10, mining.generation, pairs, [ids[-1 - one] for one in mined])

    async def _text_ids(self) -> list[int]:
        # And some that are gone, or never were.
        return [90, 91, 92, 93, 94, 95, 96, *sorted({one.text_id for one in await self._asked()})]

    async def _restart(self, guild_id: int, model_id: str) -> Outcome:
        await self.reports.restart_mining(guild_id, Mining(model_id, 0.5))
        return await self.reports.read_mining(guild_id)

    async def _embed(self, model_id: str, chosen: Sequence[int]) -> Outcome:
        found = dict.fromkeys(self._choose(chosen), row(1, 0))
        return await self.reports.replace_embeddings(model_id, found)

    async def _forget_author(self, author: bytes) -> Outcome:
        return await self.members.forget_author(author, START - MINUTE)

    async def _forget_messages(self, chosen: Sequence[int]) -> Outcome:
        return await self.members.forget_messages(self.numbers.index(number) for number in self._choose(chosen))

    async def _forget_before(self, minutes: int) -> Outcome:
        until = START + (minutes + 1) * MINUTE if minutes % 2 else None
        return await self.members.forget_before(START + minutes * MINUTE, until)

    async def _show(self, holder: str, minutes: int, how: str) -> Outcome:
        """Have a holder claim the report, and do with it whatever one does then."""
        at = START + minutes * MINUTE
        claimed = await self.stale.claim_stale(1, holder, at, MINUTE)
        if claimed is None:
            return None
        match how:
            case "settle":
                return await self.stale.settle_stale(claimed, holder)
            case "settle too late":
                assert await self.stale.claim_stale(1, "z", at, MINUTE) is None
                await self.stale.mark_stale(1)
                return await self.stale.settle_stale(claimed, holder)
            case "put off":
                return await self.stale.put_off_stale(claimed, holder, at + MINUTE)
            case "drop":
                return await self.stale.drop_stale(claimed, holder)
            case _:
                return claimed.tries

    async def _ignore(self, guild_id: int, text: str, minutes: int) -> Outcome:
        ignored = Ignored(0, text, row(0, 1), "model", 7, START + minutes * MINUTE)
        return await self.reports.ignore(guild_id, ignored) is None

    async def _stop_ignoring(self, guild_id: int, place: int) -> Outcome:
        ids = [one.id for one in await self.reports.read_ignored(guild_id)]
        return await self.reports.stop_ignoring(guild_id, [*ids, 90, 90, 90, 90][place])

    async def _claim(self, holder: str, minutes: int) -> Outcome:
        return self._tell(await self.reports.claim_report(10, DAY, holder, START + minutes * MINUTE, MINUTE))

    async def _keep(self, holder: str, chosen: Sequence[int]) -> Outcome:
        numbers = self._choose(chosen)
        topics = [Topic(1, TopicKind.NO_ENTRY, numbers, numbers[0], None, None, 1, 0, 0)] if numbers else []
        report = Report(10, DAY, START, START, 1, 1, 1, (), tuple(topics))
        return await self.reports.keep_report(1, holder, report)

    async def _finish(self, holder: str) -> Outcome:
        return await self.reports.finish_report(1, holder, 5, 6)

    async def _give_up(self, holder: str) -> Outcome:
        return await self.reports.give_up_report(1, holder)

    async def _done(self, number: int, deed: Deed) -> Outcome:
        return await self.reports.note_done(1, number, Done(deed, 7, START, None))

    def _choose(self, chosen: Sequence[int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.numbers[-1 - one] for one in chosen if one < len(self.numbers)))

    async def _asked(self) -> list[Asked]:
        return await self.reports.find_asked(self.numbers)

    async def tell(self) -> Outcome:
        """Return everything that can be read, after having made sure that it agrees with itself."""
        asked = await self._asked()
        saying: dict[int, list[int]] = {}
        for one in sorted(asked, key=lambda one: one.id):
            saying.setdefault(one.text_id, []).append(self.numbers.index(one.id))
        mined = await self._read_mined(saying)
        near = await self.reports.find_near(saying, saying)
        pairs = await self.reports.read_pairs([*saying, *range(90, 97)])
        assert pairs == sorted(pairs)
        assert all(saying.keys() >= {first, second} and first < second for first, second, _ in pairs)
        assert near == {one for first, second, _ in pairs for one in (first, second)}
        posting = await self.reports.find_posting(1)
        return (
            [values(one) for one in await self.store.read_questions()],
            [self.numbers.index(one.id) for one in asked],
            {tuple(saying[text_id]): flag for text_id, flag in mined.items()},
            {(tuple(saying[first]), tuple(saying[second])): similarity for first, second, similarity in pairs},
            [[(one.question, one.at) for one in await self.reports.read_ignored(guild_id)] for guild_id in GUILDS],
            [self.numbers.index(number) for number, _ in await self.reports.read_outdated("model", 5)],
            self._tell(posting),
            [await self.stale.find_stale(START + minutes * MINUTE) for minutes in range(4)],
        )

    async def _read_mined(self, saying: dict[int, list[int]]) -> dict[int, tuple[int, str, bool]]:
        found: dict[int, tuple[int, str, bool]] = {}
        for guild_id in GUILDS:
            asked = await self.reports.read_asked(guild_id, START - EVER, START + EVER)
            for model_id in MODELS:
                for flag in (False, True):
                    read = await self.reports.read_texts(guild_id, model_id, mined=flag, limit=99)
                    assert len(read.embeddings) == len(read.ids)
                    assert {one.text_id for one in asked}.issuperset(read.ids)
                    assert not found.keys() & set(read.ids)
                    found |= dict.fromkeys(read.ids, (guild_id, model_id, flag))
                    if flag:
                        mined = await self.reports.read_mined(guild_id, model_id)
                        firsts = [min(one.id for one in asked if one.text_id == text_id) for text_id in read.ids]
                        assert mined.tolist() == [list(both) for both in zip(read.ids, firsts, strict=True)]
        # Every text has questions, every question that has a text has one that is there.
        assert found.keys() == saying.keys()
        return found

    def _tell(self, posting: Any) -> Outcome:  # noqa: ANN401 - a posting or none
        if posting is None or posting.report is None:
            return posting
        topics = [
            replace(topic, question_ids=tuple(map(self.numbers.index, topic.question_ids)), medoid_id=0)
            for topic in posting.report.topics
        ]
        return replace(posting, report=replace(posting.report, topics=tuple(topics)))


async def compare(taken: Sequence[tuple[Any, ...]]) -> None:
    store = MemoryStore()
    async with open_sqlite(":memory:") as opened:
        one = Keeper(opened, opened.members, opened.reports, opened.stale)
        other = Keeper(store, MemoryMembers(store), MemoryReports(store), MemoryStaleReports(store))
        for step in taken:
            assert await one.take(step) == await other.take(step)
            assert await one.tell() == await other.tell()
        assert await opened.find_damage() == []


asked_first = st.lists(
    st.tuples(st.just("ask"), texts, st.sampled_from(AUTHORS), st.just(10), models, few), min_size=2, max_size=6
)
# So that there is something to find from the beginning.
ASSIGNED = [("assign", 10, model_id) for model_id in MODELS]
PAIRED = [("pairs", ((0, 1, 0.5), (1, 2, 0.25), (3, 0, 0.75)), (0, 1))]
POSTED = [("claim", "x", 0), ("keep", "x", (0, 1)), ("finish", "x")]


@given(asked=asked_first, posted=st.sampled_from([(), POSTED]), taken=st.lists(steps, min_size=5, max_size=20))
@settings(max_examples=100, deadline=None)
def test_in_any_order_all_agree(
    asked: list[tuple[Any, ...]], posted: Sequence[tuple[Any, ...]], taken: list[tuple[Any, ...]]
) -> None:
    asyncio.run(compare([*asked, *ASSIGNED, *PAIRED, *posted, *taken]))

"""Two processes that mine one server on one database miss no pair, however their steps fall between each other's."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import StoreUnavailableError
from bot.mining import similarity
from bot.services import keeping, mining
from bot.services.mining import Miner
from bot.stores import SqliteStore, open_sqlite
from bot.stores import mining as stored
from bot.stores.database import Database
from bot.stores.reports import SqliteReports
from tests.fakes.table import TableEmbedder
from tests.services.turns import Turns
from tests.stores.records import make_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    import aiosqlite

LOW, HIGH = 0.8, 0.95
NAMES = ("a", "b")
STEPS = 200
"""More than any two of them take."""
ASKED_AFTER = 7
"""Steps after which one more question is asked; it gets its text if somebody begins after that."""


class TurnTaking(Database):
    """A database that is used in turns: each statement, and each transaction, is a step."""

    def __init__(self, database: Database, turns: Turns, name: str) -> None:
        super().__init__(database._connection, database.path)
        self._writing = database._writing
        self._turns, self._name = turns, name

    async def fetch(self, sql: str, *parameters: Any) -> list[Any]:  # noqa: ANN401 - as the other's
        await self._turns.wait(self._name)
        return await super().fetch(sql, *parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:  # type: ignore[override]
        await self._turns.wait(self._name)
        async with super().transaction() as connection:
            yield connection


@dataclass
class Model(TableEmbedder):
    """The embedder of a process."""

    model_id: str = "model"  # pyright: ignore[reportIncompatibleVariableOverride]


@dataclass
class Scene:
    """Processes that share a database, of which a test says who goes on when."""

    store: SqliteStore
    guild_id: int = 1
    turns: Turns = field(default_factory=Turns)
    miners: dict[str, Miner] = field(default_factory=dict[str, Miner])

    def process(self, name: str, model_id: str = "model") -> None:
        reports = SqliteReports(TurnTaking(self.store._database, self.turns, name))
        self.miners[name] = Miner(reports, Model(model_id))

    def mine(self, name: str, threshold: float, *, anew: bool = False) -> None:
        self.turns.begin(name, self.miners[name].mine(self.guild_id, threshold, anew=anew))

    async def ask(self, angle: int, model_id: str = "model") -> None:
        row = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32)
        question = make_question(f"question at {angle}", guild_id=self.guild_id)
        assert await self.store.add_question(replace(question, embedding=row, model_id=model_id, message_id=angle))

    async def check(self) -> None:
        """Make sure that of what counts as mined no pair is missing and none is too much."""
        how = await self.store.reports.read_mining(self.guild_id)
        if how is None:
            return
        texts = await self.store.reports.read_texts(self.guild_id, how.model_id, mined=True, limit=10_000)
        rows = texts.embeddings
        expected = [
            (texts.ids[one], texts.ids[other])
            for one, other in product(range(len(texts.ids)), repeat=2)
            if one < other and similarity(rows[[one]], rows[[other]])[0] >= how.threshold
        ]
        assert [(one, other) for one, other, _ in await self.store.reports.read_pairs(texts.ids)] == expected

    async def finish(self, who: Iterator[int]) -> None:
        """Go on until everybody has ended, whose turn it is being drawn."""
        for _ in range(STEPS):
            waiting = await self.turns.settle()
            if not waiting:
                return
            await self.turns.step(waiting[next(who) % len(waiting)])
            await self.check()
        raise AssertionError("they hinder each other for good")


@asynccontextmanager
async def scene(page: int = 2, step: int = 2, kept_from: int = keeping.KEPT_FROM) -> AsyncIterator[Scene]:
    async with open_sqlite(":memory:") as store:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mining, "PAGE", page)
            patch.setattr(keeping, "PAGE", page)
            patch.setattr(keeping, "KEPT_FROM", kept_from)
            patch.setattr(mining, "BLOCKS_KEPT", 1)
            patch.setattr(stored, "STEP", step)
            made = Scene(store)
            for name in NAMES:
                made.process(name)
            yield made


def cycle_of(turns: Iterable[int]) -> Iterator[int]:
    """Yield drawn turns, and when they have run out each in turn."""
    yield from turns
    while True:
        yield from (0, 1)


act = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 71)),
    st.tuples(st.just("forget"), st.integers(0, 71)),
    st.tuples(st.just("mine"), st.sampled_from(NAMES), st.sampled_from((LOW, HIGH)), st.booleans()),
    st.tuples(st.just("die"), st.sampled_from(NAMES)),
)
turn = st.tuples(st.just("step"), st.integers(0, 1), st.integers(1, 4))
plans = st.lists(turn | turn | act, max_size=40)


@pytest.mark.no_cover
@given(
    asked=st.lists(st.integers(0, 71), max_size=6),
    plan=plans,
    page=st.integers(1, 3),
    kept_from=st.sampled_from([1, keeping.KEPT_FROM]),
)
@settings(max_examples=100, deadline=None)
def test_whatever_happens_in_between_no_pair_is_missed(
    asked: list[int], plan: list[tuple[Any, ...]], page: int, kept_from: int
) -> None:
    asyncio.run(_play(asked, [("mine", name, LOW, False) for name in NAMES] + plan, page, kept_from))


async def test_two_that_each_read_before_the_other_ends_do_not_begin_anew_for_ever() -> None:
    first = [("mine", name, LOW, False) for name in NAMES]
    between = [("die", "b"), ("step", 1, 2), ("mine", "b", HIGH, False), ("step", 1, 4)]
    await _play([], [*first, *between], 1, keeping.KEPT_FROM)


async def _play(asked: list[int], plan: list[tuple[Any, ...]], page: int, kept_from: int) -> None:
    async with scene(page, kept_from=kept_from) as made:
        for place in asked:
            await made.ask(5 * place)
        for what, *more in plan:
            waiting = await made.turns.settle()
            match what:
                case "ask":
                    await made.ask(5 * more[0])
                case "forget":
                    await made.store.members.forget_messages([5 * more[0]])
                case "mine" if more[0] not in made.turns._tasks:
                    made.mine(more[0], more[1], anew=more[2])
                case "die" if more[0] in waiting:
                    await made.turns.stop(more[0])
                    made.process(more[0])
                case "step":
                    for _ in range(more[1]):
                        if waiting := await made.turns.settle():
                            await made.turns.step(waiting[more[0] % len(waiting)])
                            await made.check()
                case _:
                    pass
        await made.finish(cycle_of(()))
        made.mine("a", LOW)
        await made.finish(cycle_of(()))
        assert await made.store.reports.count_unmined(made.guild_id, "model") == 0
        await made.check()


async def _run(
    made: Scene, order: Iterable[int], mined: float | None, a: tuple[float, bool], b: tuple[float, bool]
) -> Counter[str]:
    """Have two mine a server of their own in an order, mined before or not; return how many turns each had."""
    made.guild_id += 1
    counts = Counter[str]()
    for angle in (0, 10, 20):
        await made.ask(angle)
    await made.store.reports.assign_texts(made.guild_id, "model")
    if mined is not None:
        await Miner(made.store.reports, Model()).mine(made.guild_id, mined)
    made.mine("a", a[0], anew=a[1])
    made.mine("b", b[0], anew=b[1])
    who = cycle_of(order)
    while waiting := await made.turns.settle():
        name = waiting[next(who) % len(waiting)]
        counts[name] += 1
        await made.turns.step(name)
        await made.check()
        assert counts.total() < STEPS, "they hinder each other for good"
        if counts.total() == ASKED_AFTER:
            await made.ask(30)
    return counts


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("mined", "a", "b"),
    [(None, (LOW, False), (LOW, False)), (HIGH, (HIGH, True), (LOW, False)), (LOW, (LOW, False), (LOW, True))],
)
async def test_wherever_one_comes_in_between_the_other(
    mined: float | None, a: tuple[float, bool], b: tuple[float, bool]
) -> None:
    async with scene() as made:
        # Whoever is alone takes so many steps; after each of them the other may do so many before it goes on.
        alone = (await _run(made, [0] * STEPS, mined, a, b))["a"]
        for before, between in product(range(alone + 1), range(1, alone + 4, 3)):
            await _run(made, [0] * before + [1] * between + [0] * STEPS, mined, a, b)


@pytest.mark.parametrize("spread", [range(0, 50, 10), range(0, 300, 60)])
async def test_who_was_overtaken_by_one_who_died_does_all_the_rest(spread: range) -> None:
    async with scene() as made:
        for angle in spread:
            await made.ask(angle)
        for name in NAMES:
            made.mine(name, LOW)
        while await made.store.reports.read_mining(made.guild_id) is None:
            await made.turns.step((await made.turns.settle())[0])
        # Both have read the first page by now, and the other keeps it.
        for _ in range(4):
            await made.turns.settle()
            await made.turns.step("a")
        while await made.store.reports.count_unmined(made.guild_id, "model") in (0, 5):
            await made.turns.settle()
            await made.turns.step("b")
        await made.turns.stop("b")
        await made.finish(cycle_of(()))
        assert await made.store.reports.count_unmined(made.guild_id, "model") == 0
        await made.check()


async def test_two_models_on_one_database_end_with_an_error_and_not_never() -> None:
    async with scene(page=1) as made:
        made.process("b", "other")
        for angle in (0, 10, 20, 30, 40, 50):
            await made.ask(angle)
            await made.ask(angle + 1, "other")
        for name in NAMES:
            made.mine(name, LOW)
        with pytest.raises(StoreUnavailableError, match="different models"):
            await made.finish(cycle_of(()))

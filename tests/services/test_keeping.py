"""Nights that keep codes find every pair, read little, and remember nothing that was deleted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mining import nights, pairs
from bot.services import keeping, mining
from bot.services.mining import Miner
from tests.fakes.members import MemoryMembers
from tests.fakes.reports import MemoryReports
from tests.services.test_mining import GUILD, OTHER, THRESHOLD, Night
from tests.stores.records import START, make_question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.core.reports import TextRows
    from tests.fakes.store import MemoryStore

ANN = b"n" * 32


class Watched(MemoryReports):
    """Knows which texts' embeddings were read."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.read = list[int]()
        self.vanishing = set[int]()

    async def find_texts(self, text_ids: Iterable[int]) -> TextRows:
        wanted = set(text_ids)
        self.read += sorted(wanted)
        return await super().find_texts(wanted - self.vanishing)

    async def read_texts(self, guild_id: int, model_id: str, *, mined: bool, after: int = 0, limit: int) -> TextRows:
        page = await super().read_texts(guild_id, model_id, mined=mined, after=after, limit=limit)
        self.read += page.ids
        return page

    def take_read(self) -> list[int]:
        read, self.read = sorted(self.read), []
        return read


class Watch(Night):
    def __init__(self) -> None:
        super().__init__()
        self.reports = self.watched = Watched(self.store)
        self.miner = Miner(self.reports, self.embedder)
        self.members = MemoryMembers(self.store)

    async def log_at(self, place: float, said: str, author: bytes) -> None:
        """Log what is not placed by what it says."""
        row = np.array([np.cos(np.radians(place)), np.sin(np.radians(place))], dtype=np.float32)
        question = make_question(said, guild_id=GUILD)
        await self.store.add_question(replace(question, embedding=row, model_id="table", author_hash=author))


@pytest.fixture(autouse=True)
def kept_from_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT_FROM", 2)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 359), max_size=6), max_size=6),
    st.integers(1, 3),
    st.integers(1, 4),
    st.sets(st.integers(0, 5)),
    st.sets(st.integers(0, 5)),
)
async def test_any_division_into_nights_and_restarts_finds_what_one_night_does(
    nightly: list[list[int]], page: int, small: int, restarts: set[int], deleting: set[int]
) -> None:
    watch = Watch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "KEPT_FROM", 2)
        patch.setattr(mining, "PAGE", page)
        patch.setattr(keeping, "PAGE", page)
        patch.setattr(nights, "OLDER_BLOCK", small)
        patch.setattr(nights, "SMALL_BLOCKS", small)
        patch.setattr(nights, "ASKED_FOR", small)
        for number, angles in enumerate(nightly):
            await watch.log(*angles)
            if number in restarts:
                watch.miner = Miner(watch.reports, watch.embedder)
            if number in deleting:
                await watch.log_at(7, "mine", ANN)
                await watch.miner.mine(GUILD, THRESHOLD)
                await watch.members.forget_author(ANN, START)
            await watch.miner.mine(GUILD, THRESHOLD)
    assert await watch.pairs() == await watch.expected()


async def test_only_what_may_be_similar_is_read_again(watch: Watch) -> None:
    await watch.log(*range(0, 360, 10))
    await watch.miner.mine(GUILD, 0.98)
    watch.watched.take_read()
    await watch.log(101)
    await watch.miner.mine(GUILD, 0.98)
    # The first time after it began: all of them, a sample to begin with, and those near 101 degrees.
    assert set(watch.watched.take_read()) == set(range(1, 38))
    await watch.log(202)
    assert await watch.miner.mine(GUILD, 0.98) == 2
    # 37 is last night's, of which it was not known yet whose embedding it is; 21 and 22 lie at 200 and 210 degrees.
    read = watch.watched.take_read()
    assert {21, 22, 37, 38} <= set(read)
    assert len(read) <= 6


async def test_what_was_deleted_is_forgotten(watch: Watch) -> None:
    await watch.log(0, 120)
    await watch.log_at(200, "mine", ANN)
    for angle in (10, 130):
        await watch.miner.mine(GUILD, THRESHOLD)
        await watch.log(angle)
    [kept] = watch.miner._keeper._kept.values()
    assert (kept.ids.tolist(), len(kept.codes)) == ([1, 2, 3, 4], 4)
    await watch.members.forget_author(ANN, START)
    await watch.miner.mine(GUILD, THRESHOLD)
    [kept] = watch.miner._keeper._kept.values()
    assert (kept.ids.tolist(), len(kept.codes)) == ([1, 2, 4, 5], 4)


async def test_a_text_whose_first_question_was_deleted_is_read_again(watch: Watch) -> None:
    await watch.log(120)
    await watch.log_at(200, "the same", ANN)
    await watch.log_at(300, "The same!", b"b" * 32)
    for angle in (130, 310, 140):
        await watch.miner.mine(GUILD, 0.99)
        await watch.log(angle)
    await watch.miner.mine(GUILD, 0.99)
    await watch.members.forget_author(ANN, START)
    watch.watched.take_read()
    await watch.log(305)
    # One that is read again stands below those that are not, of which one is as similar but for the last bits.
    assert await watch.miner.mine(GUILD, 0.99) == 2
    found = [pair for pair in await watch.pairs() if pair[1] == 6]
    assert found == [pair for pair in await watch.expected(0.99) if pair[1] == 6]
    assert [first for first, _, _ in found] == [2, 4]
    assert 2 in watch.watched.take_read()


async def test_worn_codes_are_made_anew(watch: Watch) -> None:
    await watch.log(0, 90)
    made = list[object]()
    for night in range(1, 6):
        await watch.miner.mine(GUILD, THRESHOLD)
        await watch.log(night, 90 + night)
        made += [kept.codes for kept in watch.miner._keeper._kept.values()]
    # Two rows to begin with; six are more than twice as many, beside the last night's.
    assert [made[0] is one for one in made] == [True, True, True, False]
    assert len(set(map(id, made))) == 2
    assert await watch.miner.mine(GUILD, THRESHOLD) == 10
    assert await watch.pairs() == await watch.expected()


async def test_a_text_that_goes_while_it_is_compared_is_in_no_pair(watch: Watch) -> None:
    await watch.log(0, 5, 90)
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(180)
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(2, 91)
    watch.watched.vanishing = {1}
    assert await watch.miner.mine(GUILD, THRESHOLD) == 2


@pytest.mark.parametrize(("gone", "found"), [(set[int](), 3), ({1}, 2), ({4}, 2), ({1, 2, 4}, 0)])
async def test_texts_may_go_whenever_they_are_read(watch: Watch, gone: set[int], found: int) -> None:
    await watch.log(0, 5, 180)
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(2)
    await watch.miner.mine(GUILD, THRESHOLD)
    # Both 4, which is to be read anew, and those that it is compared with.
    watch.watched.vanishing = gone
    await watch.log(3)
    assert await watch.miner.mine(GUILD, THRESHOLD) == found


async def test_nothing_is_kept_of_texts_that_are_all_gone(watch: Watch) -> None:
    await watch.log(0, 180)
    await watch.miner.mine(GUILD, THRESHOLD)
    watch.watched.vanishing = {1, 2}
    await watch.log(2)
    await watch.miner.mine(GUILD, THRESHOLD)
    assert not watch.miner._keeper._kept


@pytest.mark.parametrize("changed", [("KEPT_MOST", 2), ("KEPT_FROM", 99)])
async def test_few_texts_and_too_many_are_read_each_night(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, changed: tuple[str, int]
) -> None:
    await watch.log(0, 5, 90)
    await watch.miner.mine(GUILD, THRESHOLD)
    monkeypatch.setattr(keeping, *changed)
    await watch.log(2)
    assert await watch.miner.mine(GUILD, THRESHOLD) == 2
    assert not watch.miner._keeper._kept
    assert await watch.pairs() == await watch.expected()


async def test_the_servers_together_are_kept_up_to_a_limit(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT_MOST", 5)
    for _ in range(2):
        for guild_id in (GUILD, OTHER):
            await watch.log(0, 5, 90, guild_id=guild_id)
            await watch.miner.mine(guild_id, THRESHOLD)
            await watch.log(2, guild_id=guild_id)
            await watch.miner.mine(guild_id, THRESHOLD)
    assert list(watch.miner._keeper._kept) == [GUILD]


async def test_a_server_counts_once(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT_MOST", 5)
    for angles in ((0, 5, 90), (200,), (220,)):
        await watch.log(*angles)
        await watch.miner.mine(GUILD, THRESHOLD)
    assert list(watch.miner._keeper._kept) == [GUILD]


async def test_without_products_of_codes_all_are_read(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "can_keep_codes", lambda: False)
    await watch.log(0, 5, 90)
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(2)
    assert await watch.miner.mine(GUILD, THRESHOLD) == 2
    assert not watch.miner._keeper._kept


async def test_who_is_broken_off_while_reading_begins_anew(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    await watch.log(0, 5, 90)
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(2)
    with monkeypatch.context() as patch:
        patch.setattr(keeping.KeptTexts, "append", broken)
        with pytest.raises(asyncio.CancelledError):
            await watch.miner.mine(GUILD, THRESHOLD)
    assert not watch.miner._keeper._kept
    assert await watch.miner.mine(GUILD, THRESHOLD) == 2
    assert await watch.pairs() == await watch.expected()


def broken(*_: object) -> None:
    raise asyncio.CancelledError


async def test_progress_is_told_of_the_new_ones(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "OLDER_BLOCK", 2)
    await watch.log(*range(0, 100, 10))
    await watch.miner.mine(GUILD, THRESHOLD)
    await watch.log(1, 2, 3)
    told = list[tuple[int, int]]()
    await watch.miner.mine(GUILD, THRESHOLD, on_progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (3, 3)

"""Mining night by night finds what mining at once does, and goes on where it was interrupted."""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import StoreUnavailableError
from bot.core.reports import Mining
from bot.mining import pairs, similarity
from bot.services import mining
from bot.services.mining import Miner
from bot.services.renewing import Renewer
from tests.fakes.reports import MemoryReports
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder
from tests.stores.records import make_question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.core.types import Embeddings

GUILD, OTHER = 10, 11
THRESHOLD = 0.9


class Night:
    """Logged questions, and who mines them; `angles` places their texts on a circle."""

    def __init__(self) -> None:
        self.store, self.embedder = MemoryStore(), TableEmbedder()
        self.reports = MemoryReports(self.store)
        self.miner = Miner(self.reports, self.embedder)

    async def log(self, *angles: float, guild_id: int = GUILD, model_id: str = "table") -> None:
        for angle in angles:
            question = make_question(f"question at {angle}", guild_id=guild_id)
            row = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32)
            await self.store.add_question(replace(question, embedding=row, model_id=model_id))

    async def pairs(self, guild_id: int = GUILD) -> list[tuple[int, int, float]]:
        texts = await self.reports.read_texts(guild_id, "table", mined=True, limit=10_000)
        return await self.reports.read_pairs(texts.ids)

    async def expected(self, threshold: float = THRESHOLD) -> list[tuple[int, int, float]]:
        texts = await self.reports.read_texts(GUILD, "table", mined=True, limit=10_000)
        return compare(texts.ids, texts.embeddings, threshold)


def compare(ids: Sequence[int], rows: Embeddings, threshold: float) -> list[tuple[int, int, float]]:
    """Return all pairs that reach a threshold, one by one."""
    found = [
        (ids[one], ids[other], float(similarity(rows[[one]], rows[[other]])[0]))
        for one in range(len(ids))
        for other in range(one + 1, len(ids))
    ]
    return [pair for pair in found if pair[2] >= threshold]


@pytest.fixture
def night() -> Night:
    return Night()


async def test_pairs_of_like_texts_are_kept(night: Night) -> None:
    await night.log(0, 10, 90, 100, 200)
    assert await night.miner.mine(GUILD, THRESHOLD) == 2
    assert [(one, other) for one, other, _ in await night.pairs()] == [(1, 2), (3, 4)]
    assert await night.pairs() == await night.expected()


async def test_without_a_folder_for_temporary_files_nothing_is_mined_and_advice_is_given(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.log(0, 10)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", "/nonexistent")
        with pytest.raises(StoreUnavailableError, match="TMPDIR"):
            await night.miner.mine(GUILD, THRESHOLD)
    assert await night.miner.mine(GUILD, THRESHOLD) == 1


async def test_where_there_is_no_room_for_what_was_mined_nothing_is_lost(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.log(0, 10)
    assert await night.miner.mine(GUILD, THRESHOLD) == 1
    await night.log(20)
    with monkeypatch.context() as patch:
        # As full as a disk can be.
        patch.setattr(tempfile, "TemporaryFile", lambda **_: io.BufferedWriter(io.FileIO("/dev/full", "w")))
        with pytest.raises(StoreUnavailableError, match=r"No space left.*free some space"):
            await night.miner.mine(GUILD, THRESHOLD)
    assert await night.miner.mine(GUILD, THRESHOLD) == 2
    assert await night.pairs() == await night.expected()


async def test_a_text_that_is_asked_again_is_no_pair_with_itself(night: Night) -> None:
    await night.log(0, 0, 0)
    assert await night.miner.mine(GUILD, THRESHOLD) == 0


async def test_servers_are_not_compared_with_each_other(night: Night) -> None:
    await night.log(0)
    await night.log(1, guild_id=OTHER)
    assert await night.miner.mine(GUILD, THRESHOLD) == 0
    assert await night.miner.mine(OTHER, THRESHOLD) == 0


async def test_nothing_to_mine_is_no_trouble(night: Night) -> None:
    assert await night.miner.mine(GUILD, THRESHOLD) == 0
    await night.log(0)
    assert await night.miner.mine(GUILD, THRESHOLD) == 0
    assert await night.miner.mine(GUILD, THRESHOLD) == 0


@given(st.lists(st.lists(st.integers(0, 359), max_size=6), max_size=5), st.integers(1, 3), st.integers(1, 3))
async def test_any_division_into_nights_finds_what_one_night_does(
    nights: list[list[int]], page: int, blocks: int
) -> None:
    night = Night()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mining, "PAGE", page)
        patch.setattr(mining, "BLOCKS_KEPT", blocks)
        total = 0
        for angles in nights:
            await night.log(*angles)
            total += await night.miner.mine(GUILD, THRESHOLD)
    assert await night.pairs() == await night.expected()
    assert total == len(await night.pairs())


class Disturbed(MemoryReports):
    """Has something happen just before pairs are kept for the n-th time."""

    def __init__(self, store: MemoryStore, disturb: Callable[[MemoryReports], Awaitable[None]], at: int) -> None:
        super().__init__(store)
        self.calls = 0
        self._disturb, self._at = disturb, at

    async def keep_pairs(self, guild_id: int, generation: int, pairs: Any, mined: Any) -> int | None:  # noqa: ANN401 - see the port
        self.calls += 1
        if self.calls == self._at:
            await self._disturb(self)
        return await super().keep_pairs(guild_id, generation, pairs, mined)


async def break_off(_: MemoryReports) -> None:
    raise RuntimeError("the process ends here")


async def begin_anew(reports: MemoryReports) -> None:
    await reports.restart_mining(GUILD, Mining("table", THRESHOLD))


@pytest.fixture
async def paged(night: Night, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Six questions, of which two are mined at a time."""
    monkeypatch.setattr(mining, "PAGE", 2)
    await night.log(0, 5, 10, 15, 20, 25)
    return night


@pytest.mark.parametrize("fails_at", range(1, 7))
async def test_what_was_interrupted_is_gone_on_with(paged: Night, fails_at: int) -> None:
    paged.reports = Disturbed(paged.store, break_off, fails_at)
    miner = Miner(paged.reports, paged.embedder)
    with pytest.raises(RuntimeError, match="ends here"):
        await miner.mine(GUILD, THRESHOLD)
    await miner.mine(GUILD, THRESHOLD)
    assert len(await paged.pairs()) == len(await paged.expected()) > 0
    assert await paged.pairs() == await paged.expected()


@pytest.mark.parametrize("overtaken_at", range(1, 7))
async def test_where_somebody_else_begins_anew_so_does_this_one(paged: Night, overtaken_at: int) -> None:
    reports = paged.reports = Disturbed(paged.store, begin_anew, overtaken_at)
    assert await Miner(reports, paged.embedder).mine(GUILD, THRESHOLD) == len(await paged.expected()) > 0
    assert reports.calls > overtaken_at
    assert await paged.pairs() == await paged.expected()


async def test_a_lower_threshold_mines_anew_and_a_higher_one_keeps_what_there_is(night: Night) -> None:
    await night.log(0, 30, 60)
    assert await night.miner.mine(GUILD, 0.95) == 0
    assert await night.miner.mine(GUILD, 0.8) == 2
    assert await night.reports.read_mining(GUILD) == Mining("table", 0.8, 4)
    await night.log(90)
    assert await night.miner.mine(GUILD, 0.95) == 1
    assert await night.reports.read_mining(GUILD) == Mining("table", 0.8, 5)
    assert await night.pairs() == await night.expected(0.8)


async def test_everything_can_be_mined_once_more(night: Night) -> None:
    await night.log(0, 10)
    assert await night.miner.mine(GUILD, THRESHOLD) == 1
    assert await night.miner.mine(GUILD, THRESHOLD) == 0
    assert await night.miner.mine(GUILD, THRESHOLD, anew=True) == 1


async def test_questions_of_another_model_are_embedded_again_and_never_compared_before(night: Night) -> None:
    await night.log(0, 10, model_id="old")
    await night.log(20)
    assert await night.miner.mine(GUILD, THRESHOLD) == 0
    night.embedder.degrees |= {f"question at {angle}?": angle for angle in (0, 10)}
    renewer = Renewer(night.reports, night.embedder)
    assert await renewer.renew() == 2
    await night.log(40, model_id="old")
    assert await renewer.renew() == 1
    assert await night.miner.mine(GUILD, THRESHOLD) == 3
    assert await night.pairs() == await night.expected()
    assert night.miner.model_id == "table"


async def test_what_was_mined_is_read_in_parts(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mining, "PAGE", 3)
    monkeypatch.setattr(pairs, "OLDER_BLOCK", 2)
    for angles in ((0, 20, 40, 60), (10, 30, 50, 70, 90), (5,)):
        await night.log(*angles)
        await night.miner.mine(GUILD, THRESHOLD)
    assert len(await night.pairs()) == len(await night.expected()) > 0
    assert await night.pairs() == await night.expected()


async def test_progress_is_told(night: Night) -> None:
    await night.log(*range(0, 50, 10))
    told = list[tuple[int, int]]()
    await night.miner.mine(GUILD, THRESHOLD, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)
    assert all(one[0] <= other[0] for one, other in pairwise(told))


async def test_progress_is_that_of_all_pages(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mining, "PAGE", 2)
    await night.log(*range(0, 50, 10))
    told = list[tuple[int, int]]()
    await night.miner.mine(GUILD, THRESHOLD, on_progress=lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {5}
    assert [done for done, _ in told][-1] == 5
    assert {2, 4, 5}.issubset(done for done, _ in told)
    assert all(one[0] <= other[0] for one, other in pairwise(told))

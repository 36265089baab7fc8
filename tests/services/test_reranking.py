"""The reranking model's say in what the services do."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.core.errors import EmbedderUnavailableError
from bot.core.types import Answer, Entry, Query
from bot.matching import WEIGHTS
from bot.services import Answerer, Budgets, GuildRules, Knowledge, Outcome, Rules
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER

QUESTION = "Can my account backup be restored?"
"""As close to the account's phrasing "Can my account be removed?" as to the backup's "Can a backup be restored?"."""


class ScriptedReranker:
    """Finds the phrasings relevant that hold a word that a test chose.

    Attributes:
        pairs: The pairs of every call.
        error: Raised by every call while a test sets it.
    """

    model_id = "scripted"

    def __init__(self, word: str) -> None:
        self.word = word
        self.pairs: list[list[tuple[str, str]]] = []
        self.error: Exception | None = None

    async def rerank_pairs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        self.pairs.append(list(pairs))
        if self.error:
            raise self.error
        return np.array([float(self.word in phrasing.casefold()) for _, phrasing in pairs], dtype=np.float32)


class House:
    def __init__(self, reranker: ScriptedReranker | None, *entries: Entry) -> None:
        embedder, store, clock = HashEmbedder(), MemoryStore(), FrozenClock()
        self.source = ListSource(*entries)
        self.knowledge = Knowledge(self.source, embedder, store, clock, CHATTER, reranker)
        rules = Rules(GuildRules(Budgets(0.02, 0.05), channel_seconds=0, repeat_seconds=0, log_questions=True))
        key = b"0123456789abcdef"
        self.answerer = Answerer(self.knowledge, embedder, store, clock, rules, key, reranker)

    async def ask(self, text: str) -> Outcome:
        return await self.answerer.answer(Query(text))


@pytest.mark.parametrize("word", ["account", "backup"])
async def test_it_decides_between_hits_that_are_close(word: str) -> None:
    reranker = ScriptedReranker(word)
    house, plain = House(reranker, *BIG), House(None, *BIG)
    await house.knowledge.reload()
    await plain.knowledge.reload()
    before = {hit.entry.id: hit for hit in (await plain.ask(QUESTION)).hits}
    reranker.pairs.clear()
    hits = (await house.ask(QUESTION)).hits
    assert {"account", "backup"} <= before.keys()
    assert hits[0].entry.id == word
    assert reranker.pairs == [[(QUESTION, hit.phrasing) for hit in before.values()]]
    for hit in hits:
        score = float(word in hit.phrasing.casefold())
        assert hit.terms.rerank == score
        assert hit.relevance == pytest.approx(before[hit.entry.id].relevance + WEIGHTS["rerank"] * score, abs=1e-6)
        assert before[hit.entry.id].terms.rerank is None
    assert list(hits) == sorted(hits, key=lambda hit: -hit.relevance)


async def test_where_there_is_nothing_to_rank_it_is_not_asked() -> None:
    reranker = ScriptedReranker("account")
    house = House(reranker)
    await house.knowledge.reload()
    assert (await house.ask(QUESTION)).hits == ()
    house.source.scopes[None] = BIG[:2]
    await house.knowledge.reload()
    assert (await house.ask("\u200b")).hits == ()
    assert reranker.pairs == []
    assert len((await house.ask(QUESTION)).hits) == 2
    assert [len(pairs) for pairs in reranker.pairs] == [2]


async def test_the_calibration_measures_with_it() -> None:
    house, plain = House(ScriptedReranker("a"), *BIG), House(None, *BIG)
    await house.knowledge.reload()
    await plain.knowledge.reload()
    own, other = (one.knowledge.current.faq_of(None).calibration.samples for one in (house, plain))
    assert len(own.chatter) == len(other.chatter)
    assert own.chatter.mean() > other.chatter.mean() + 0.1
    assert own.near.mean() > other.near.mean() + 0.1


async def test_a_failing_reranker_is_told_to_the_caller_and_on_a_reload_the_old_faq_stays() -> None:
    reranker = ScriptedReranker("account")
    house = House(reranker, *BIG)
    await house.knowledge.reload()
    before = house.knowledge.current
    reranker.error = EmbedderUnavailableError("broken")
    with pytest.raises(EmbedderUnavailableError, match="broken"):
        await house.ask(QUESTION)
    house.source.scopes[None] = BIG[:9]
    async with asyncio.timeout(30):
        with pytest.raises(EmbedderUnavailableError, match="broken"):
            await house.knowledge.reload()
    assert house.knowledge.current is before
    reranker.error = None
    assert isinstance((await house.ask("How do I delete my account?")).verdict, Answer)

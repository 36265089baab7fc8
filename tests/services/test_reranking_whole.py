"""The reranking model's say from the FAQ files to the explanation, and what it costs."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.app import open_app
from bot.config import Config
from bot.core.errors import EmbedderUnavailableError
from bot.core.types import Entry, Query, VerdictName
from bot.embedders import LocalReranker
from bot.matching import ADDRESSED, KEPT, WEIGHTS
from bot.matching.samples import MOST_RERANKED
from bot.services import (
    Answerer,
    Budgets,
    Faq,
    Fitter,
    GuildRules,
    Judged,
    Knowledge,
    Outcome,
    Rules,
    explain,
    judge,
)
from tests.embedders.tiny import save_tiny_cross_encoder, save_tiny_model
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER
from tests.services.test_reranking import QUESTION, ScriptedReranker

QUESTIONS = [QUESTION, "How do I change my password?", "refund for a late parcel?", "who is up for chess?", ""]


async def fit(reranker: ScriptedReranker | None, entries: tuple[Entry, ...], chatter: tuple[str, ...]) -> Faq:
    faqs, _ = await Fitter(HashEmbedder(), chatter, reranker=reranker).fit({None: entries})
    return faqs[None]


def wordy(entries: int, phrasings: int) -> tuple[Entry, ...]:
    """Make an FAQ of a size."""
    texts = [[f"what about {chr(97 + one) * 4} number {other}" for other in range(phrasings)] for one in range(entries)]
    return tuple(Entry(f"e{number}", own[0], "An answer.", tuple(own[1:])) for number, own in enumerate(texts))


@pytest.mark.parametrize(("entries", "phrasings"), [(8, 3), (10, 40), (25, 20)])
async def test_calibrating_asks_it_no_more_often_than_there_is_time_for(entries: int, phrasings: int) -> None:
    faq, chatter = wordy(entries, phrasings), tuple(f"chatter of day {number}" for number in range(3 * MOST_RERANKED))
    reranker = ScriptedReranker("what")
    calibration = (await fit(reranker, faq, chatter)).calibration
    asked = [pair for pairs in reranker.pairs for pair in pairs]
    texts = {text for entry in faq for text in entry.phrasings}
    lines = [query for query, _ in asked if query in chatter]
    assert len(lines) + sum(query in texts for query, _ in asked) == len(asked)
    assert len(lines) == MOST_RERANKED * KEPT
    assert KEPT * entries <= len(asked) - len(lines) <= 2 * MOST_RERANKED * KEPT
    assert {phrasing for _, phrasing in asked} <= texts
    samples = calibration.samples
    assert len(samples.chatter) == MOST_RERANKED
    assert (len(samples.held_out) + len(samples.near)) * KEPT == len(asked) - len(lines)
    # Not only the first, and not only those of a few entries.
    assert {lines[0], lines[-1]} <= {chatter[0], *chatter[-3:]}
    assert len({query.rsplit(" ", 1)[0] for query, _ in asked if query in texts}) == entries


async def test_a_held_out_phrasing_is_not_compared_with_itself() -> None:
    reranker = ScriptedReranker("a")
    await fit(reranker, BIG, ())
    assert reranker.pairs
    assert not [pair for pairs in reranker.pairs for pair in pairs if pair[0] == pair[1]]


async def test_an_faq_that_is_too_small_does_not_ask_it() -> None:
    reranker = ScriptedReranker("a")
    assert not (await fit(reranker, BIG[:7], CHATTER)).calibration.measured
    assert reranker.pairs == []


async def test_with_it_as_without_it_calibrating_is_deterministic() -> None:
    one, other = [(await fit(ScriptedReranker("a"), BIG, CHATTER)).calibration for _ in range(2)]
    plain = (await fit(None, BIG, CHATTER)).calibration
    assert one.limits(0.05, ADDRESSED) == other.limits(0.05, ADDRESSED)
    np.testing.assert_array_equal(one.samples.held_out, other.samples.held_out)
    assert len(one.samples.held_out) == len(plain.samples.held_out)
    assert one.samples.chatter.mean() != plain.samples.chatter.mean()


async def ask_and_judge(reranker: ScriptedReranker | None) -> tuple[list[Outcome], list[Judged]]:
    embedder, store, clock = HashEmbedder(), MemoryStore(), FrozenClock()
    knowledge = Knowledge(ListSource(*BIG), embedder, store, clock, CHATTER, reranker)
    await knowledge.reload()
    rules = Rules(GuildRules(Budgets(0.05, 0.05), channel_seconds=0, repeat_seconds=0, log_questions=False))
    answerer = Answerer(knowledge, embedder, store, clock, rules, b"0123456789abcdef", reranker)
    outcomes = [await answerer.answer(Query(text)) for text in QUESTIONS]
    queries = [(text, None) for text in QUESTIONS]
    faq = knowledge.current.faq_of(None)
    return outcomes, await judge(faq, embedder, queries, budget=0.05, prior=ADDRESSED, reranker=reranker)


async def test_questions_are_judged_as_they_are_answered() -> None:
    outcomes, judged = await ask_and_judge(ScriptedReranker("backup"))
    for outcome, one in zip(outcomes[:-1], judged[:-1], strict=True):
        assert one.verdict is VerdictName.of(outcome.verdict)
        assert one.prediction.predicted == outcome.hits[0].entry.id
        assert one.prediction.confidence == pytest.approx(outcome.grounds.odds.right, abs=1e-6)
    _, plain = await ask_and_judge(None)
    assert plain[0].prediction.confidence != pytest.approx(judged[0].prediction.confidence)


async def test_what_cannot_be_read_is_judged_as_it_is_answered() -> None:
    outcomes, judged = await ask_and_judge(None)
    assert VerdictName.of(outcomes[-1].verdict) is judged[-1].verdict is VerdictName.NO_MATCH
    assert judged[-1].prediction.predicted is None


async def test_its_share_is_explained() -> None:
    for outcome in (await ask_and_judge(ScriptedReranker("backup")))[0]:
        for candidate in explain(outcome).candidates:
            assert {share.term: share.weight for share in candidate.shares} == WEIGHTS
            assert candidate.shares[-1].value == float("backup" in candidate.hit.phrasing.casefold())
            assert sum(share.adds for share in candidate.shares) == pytest.approx(candidate.hit.relevance, abs=1e-5)


@pytest.fixture
def settings(tmp_path: Path) -> Mapping[str, Mapping[str, object]]:
    """A configuration with small real models and an FAQ."""
    save_tiny_model(tmp_path / "model")
    save_tiny_cross_encoder(tmp_path / "reranker")
    entries = [
        {"id": entry.id, "question": entry.question, "answer": entry.answer, "alternates": list(entry.alternates)}
        for entry in BIG
    ]
    (tmp_path / "faq.yaml").write_text(yaml.safe_dump({"title": "A shop", "entries": entries}))
    return {
        "faq": {"files": [str(tmp_path / "faq.yaml")]},
        "model": {"path": tmp_path / "model"},
        "rerank": {"path": tmp_path / "reranker"},
        "store": {"path": tmp_path / "faqtotum.sqlite3"},
    }


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("faqtotum-")}


async def test_the_configuration_names_it(settings: Mapping[str, Mapping[str, object]], tmp_path: Path) -> None:
    before = threads()
    async with open_app(Config.from_mapping(settings)) as app:
        assert any(name.startswith("faqtotum-reranker") for name in threads() - before)
        outcome = await app.ask(QUESTION)
        assert outcome.grounds.measured
    async with open_app(Config.from_mapping({**settings, "rerank": {}})) as app:
        assert not any(name.startswith("faqtotum-reranker") for name in threads() - before)
        plain = await app.ask(QUESTION)
    assert threads() == before
    async with LocalReranker("test/tiny", path=tmp_path / "reranker") as reranker:
        scores = await reranker.rerank(outcome.grounds.read_as, [hit.phrasing for hit in outcome.hits])
    relevance = {hit.entry.id: hit.relevance for hit in plain.hits}
    assert len(outcome.hits) == KEPT
    for hit, score in zip(outcome.hits, scores, strict=True):
        assert hit.terms.rerank == pytest.approx(score, abs=1e-5)
        assert hit.relevance == pytest.approx(relevance[hit.entry.id] + WEIGHTS["rerank"] * score, abs=1e-4)
    assert {hit.terms.rerank for hit in plain.hits} == {None}
    assert "rerank" in {share.term for share in explain(outcome).candidates[0].shares}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.rename(path.with_name("elsewhere")), r"does not exist; correct rerank\.path"),
        (lambda path: (path / "model.safetensors").write_bytes(b"no weights"), "cannot be loaded"),
    ],
)
async def test_a_reranker_that_cannot_be_loaded_keeps_the_app_from_opening(
    settings: Mapping[str, Mapping[str, object]], tmp_path: Path, spoil: Callable[[Path], object], says: str
) -> None:
    before = threads()
    spoil(tmp_path / "reranker")
    async with asyncio.timeout(30):
        with pytest.raises(EmbedderUnavailableError, match=says):
            async with open_app(Config.from_mapping(settings)):
                pytest.fail("the app opened without the reranker that its configuration names")
    assert threads() == before

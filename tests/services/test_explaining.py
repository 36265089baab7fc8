import pytest

from bot.core.types import Answer, Entry, NoMatch, Query, Suggest
from bot.core.vocabulary import Vocabulary
from bot.matching import WEIGHTS
from bot.services import Answerer, Budgets, GuildRules, Knowledge, Outcome, Rules, explain
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER

SMALL = BIG[:2]
SURE, DOUBTFUL, CHAT = "How do I change my password?", "password reset", "good evening all"


async def ask(text: str, *entries: Entry, budget: float = 0.05, addressed: bool = True) -> Outcome:
    embedder, store, clock = HashEmbedder(), MemoryStore(), FrozenClock()
    embedder.vocabulary = Vocabulary.of(("the", "weather", "is", "it"))
    knowledge = Knowledge(ListSource(*entries), embedder, store, clock, CHATTER)
    await knowledge.reload()
    rules = Rules(GuildRules(Budgets(budget / 2, budget), channel_seconds=0, repeat_seconds=0, log_questions=True))
    answerer = Answerer(knowledge, embedder, store, clock, rules, b"0123456789abcdef")
    return await answerer.answer(Query(text, addressed=addressed))


@pytest.mark.parametrize("entries", [BIG, SMALL, BIG[:1]])
@pytest.mark.parametrize("text", [SURE, DOUBTFUL, CHAT])
async def test_the_shares_add_up_to_the_relevance(text: str, entries: tuple[Entry, ...]) -> None:
    outcome = await ask(text, *entries)
    explanation = explain(outcome)
    assert [candidate.hit for candidate in explanation.candidates] == list(outcome.hits)
    for candidate in explanation.candidates:
        assert {share.term: share.weight for share in candidate.shares} == {
            name: weight for name, weight in WEIGHTS.items() if name != "rerank"
        }
        assert sum(share.adds for share in candidate.shares) == pytest.approx(candidate.hit.relevance, abs=1e-5)
    relevance = [hit.relevance for hit in outcome.hits]
    assert explanation.lead == (relevance[0] - relevance[1] if len(relevance) > 1 else 0)
    assert explanation.grounds is outcome.grounds


async def test_an_answer_is_explained_in_sentences() -> None:
    outcome = await ask("How do I chnage my password", *BIG)
    assert isinstance(outcome.verdict, Answer)
    read_as, closest, runner_up, verdict, limit = map(str, explain(outcome).sentences)
    assert read_as == "Read as “How do I change my password”."
    assert closest == "Closest phrasing: “How do I change my password?” of password (similarity 1.00)."
    assert runner_up.startswith(f"Runner-up: {outcome.hits[1].entry.id}, ")
    right, from_on = f"{outcome.grounds.odds.right:.0%}", f"{outcome.grounds.limits.answer:.0%}"
    assert verdict == f"Sure enough: {right} probably right, and it answers from {from_on} on."
    assert limit == (
        "The limit is to keep false answers to 5.0% of the questions asked directly; "
        "45% of them are taken to have an answer here."
    )


async def test_a_suggestion_says_why_it_is_no_answer() -> None:
    outcome = await ask(DOUBTFUL, *BIG, budget=0.0001)
    assert isinstance(outcome.verdict, Suggest)
    told = " ".join(map(str, explain(outcome).sentences))
    assert "Not sure enough to answer: " in told
    assert "Sure enough to suggest: " in told
    assert "Read as" not in told


async def test_silence_says_what_was_missing_and_that_it_was_overheard() -> None:
    outcome = await ask(CHAT, *BIG, addressed=False)
    assert isinstance(outcome.verdict, NoMatch)
    told = " ".join(map(str, explain(outcome).sentences))
    assert "Not sure enough: " in told
    assert "2.5% of the questions overheard; 20% of them" in told
    assert "too small" not in told


async def test_an_faq_that_is_too_small_and_one_entry_are_told() -> None:
    told = list(map(str, explain(await ask(SURE, *BIG[:1])).sentences))
    assert told[-1] == "The FAQ is too small to be calibrated: safe values are used."
    assert not any(sentence.startswith("Runner-up") for sentence in told)


@pytest.mark.parametrize(("text", "entries"), [(SURE, ()), ("\u200b", BIG)])
async def test_where_nothing_was_found_there_is_nothing_to_explain(text: str, entries: tuple[Entry, ...]) -> None:
    explanation = explain(await ask(text, *entries))
    assert (explanation.candidates, explanation.lead) == ((), 0)
    assert tuple(map(str, explanation.sentences)) == (
        "There is nothing to compare: the FAQ is empty, or nothing readable is in the message.",
    )

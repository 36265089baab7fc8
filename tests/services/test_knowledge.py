import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import EmbedderUnavailableError, FaqInvalidError, Problem, StoreUnavailableError
from bot.core.speech import verbatim
from bot.core.text import as_question
from bot.core.types import Embeddings, Entry, FaqScope, QuestionRecord
from bot.core.vocabulary import Vocabulary
from bot.matching import ADDRESSED, OVERHEARD
from bot.services import Knowledge, Priors, ReloadResult
from bot.services.knowledge import LOG_DAYS, LOG_QUESTIONS
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.fakes.table import TableEmbedder
from tests.services.faqs import BIG, CHATTER
from tests.stores.records import make_question

CARD = Entry("card", "How do I replace my card?", "Like this.", ("I lost my card",))
COST = Entry("cost", "What does it cost?", "Nothing.")
CARD_TEXTS = ["How do I replace my card?", "I lost my card?", "card?"]
COST_TEXTS = ["What does it cost?", "cost?"]
"""What is embedded: the phrasings and the ids in words, as questions."""


def build(*entries: Entry) -> tuple[Knowledge, ListSource, TableEmbedder, MemoryStore]:
    source, embedder, store = ListSource(*entries), TableEmbedder(), MemoryStore()
    return Knowledge(source, embedder, store, FrozenClock()), source, embedder, store


def counts(result: ReloadResult) -> tuple[int, int, int, int, int]:
    return result.added, result.changed, result.removed, result.unchanged, result.embedded


async def test_before_the_first_reload_nothing_is_known() -> None:
    knowledge, *_ = build(CARD)
    assert knowledge.current.faq_of(None).entries == ()
    assert knowledge.current.faq_of(1).find("card") is None


async def test_a_reload_embeds_cleaned_phrasings_and_puts_them_into_service() -> None:
    messy = replace(CARD, alternates=("I **lost** my\ncard",))
    knowledge, _, embedder, _ = build(messy, COST)
    assert counts(await knowledge.reload()) == (2, 0, 0, 0, 5)
    assert embedder.corpus == CARD_TEXTS + COST_TEXTS
    assert embedder.queries == []
    faq = knowledge.current.faq_of(None)
    assert faq.entries == (messy, COST)
    assert faq.find("cost") is COST
    assert faq.find("gone") is None


async def test_a_reload_counts_what_changed_and_embeds_only_that() -> None:
    knowledge, source, embedder, _ = build(CARD, COST, Entry("old", "Old?", "x"))
    await knowledge.reload()
    embedder.corpus.clear()
    source.scopes[None] = [
        replace(CARD, alternates=("My card is gone",)),
        COST,
        Entry("new", "Old?", "Same words, another entry."),
    ]
    assert counts(await knowledge.reload()) == (1, 1, 1, 1, 2)
    assert embedder.corpus == ["My card is gone?", "new?"]


async def test_starting_again_with_the_same_files_embeds_nothing() -> None:
    _, source, embedder, store = build(CARD, COST)
    await Knowledge(source, embedder, store, FrozenClock()).reload()
    embedder.corpus.clear()
    again = Knowledge(source, embedder, store, FrozenClock())
    assert counts(await again.reload()) == (2, 0, 0, 0, 0)
    assert embedder.corpus == []
    assert len(again.current.faq_of(None).matcher.embeddings) == 5


async def test_another_model_shares_no_embeddings() -> None:
    knowledge, source, _embedder, store = build(COST)
    await knowledge.reload()
    other = TableEmbedder()
    other.model_id = "another"
    assert (await Knowledge(source, other, store, FrozenClock()).reload()).embedded == 2


async def test_a_text_in_two_scopes_is_embedded_once() -> None:
    knowledge, source, embedder, _ = build(COST)
    source.scopes[7] = [COST]
    assert counts(await knowledge.reload()) == (2, 0, 0, 0, 2)
    assert embedder.corpus == COST_TEXTS


async def test_each_server_has_its_own_faq_and_the_others_the_default() -> None:
    knowledge, source, _, _ = build(COST)
    source.scopes[7] = [CARD]
    await knowledge.reload()
    assert knowledge.current.faq_of(7).entries == (CARD,)
    assert knowledge.current.faq_of(8).entries == (COST,)
    assert knowledge.current.faq_of(None).entries == (COST,)


async def test_an_empty_faq_is_an_faq() -> None:
    knowledge, source, _, _ = build(COST)
    await knowledge.reload()
    source.scopes[None] = []
    assert counts(await knowledge.reload()) == (0, 0, 1, 0, 0)
    faq = knowledge.current.faq_of(None)
    assert faq.entries == ()
    assert faq.matcher.rank("What does it cost?", np.ones(2, dtype=np.float32), 5).hits == ()


@pytest.mark.parametrize("place", ["source", "embedder", "store"])
async def test_whatever_fails_the_old_faq_stays(place: str) -> None:
    knowledge, source, embedder, store = build(COST)
    await knowledge.reload()
    before = knowledge.current
    source.scopes[None] = [CARD]
    errors = {
        "source": FaqInvalidError([Problem("a.yaml", 1, verbatim("no"))]),
        "embedder": EmbedderUnavailableError("no"),
        "store": StoreUnavailableError("no"),
    }
    {"source": source, "embedder": embedder, "store": store}[place].error = errors[place]
    with pytest.raises(type(errors[place])):
        await knowledge.reload()
    assert knowledge.current is before


def reads_nothing(store: MemoryStore) -> None:
    """Make a store fail when its log is read, and only then."""

    async def fail(**_: object) -> list[QuestionRecord]:
        raise StoreUnavailableError("no")

    store.read_questions = fail  # type: ignore[method-assign]


async def test_if_the_log_cannot_be_read_the_old_faq_stays() -> None:
    knowledge, source, _, store = build(COST)
    await knowledge.reload()
    before = knowledge.current
    source.scopes[None] = [CARD]
    reads_nothing(store)
    for change in (knowledge.reload, knowledge.learn):
        with pytest.raises(StoreUnavailableError):
            await change()
        assert knowledge.current is before


class Asymmetric(HashEmbedder):
    """Embeds questions otherwise than the FAQ, as models do that prefix them."""

    model_id = "asymmetric-64"
    is_symmetric = False

    def __init__(self) -> None:
        super().__init__()
        self.query_error: Exception | None = None

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        self.queries.append(list(texts))
        if self.query_error:
            raise self.query_error
        return await self._embed([f"question {text[::-1]}" for text in texts])


def big(
    embedder: HashEmbedder, *entries: Entry, chatter: Sequence[str] = CHATTER
) -> tuple[Knowledge, ListSource, MemoryStore, FrozenClock]:
    source, store, clock = ListSource(*(entries or BIG)), MemoryStore(), FrozenClock()
    return Knowledge(source, embedder, store, clock, chatter), source, store, clock


async def test_an_asymmetric_model_reads_the_phrasings_in_both_ways_and_keeps_them_apart() -> None:
    embedder = Asymmetric()
    knowledge, source, store, clock = big(embedder)
    texts = 4 * len(BIG)  # three phrasings and the id in words
    assert (await knowledge.reload()).embedded == 2 * texts + len(CHATTER)
    ((corpus,), parts) = embedder.corpus, embedder.queries
    queries = [text for part in parts for text in part]
    assert len(corpus) == texts
    # In parts, so that people's questions have their turn in between.
    assert max(map(len, parts)) <= 32
    assert queries == corpus + [as_question(line) for line in CHATTER]
    assert len(store.embeddings) == 2 * texts + len(CHATTER)
    # What is searched are the phrasings as the FAQ's; with what they are asked, the phrasings as questions.
    matcher = knowledge.current.faq_of(None).matcher
    assert matcher.embeddings.tolist() == (await embedder.embed_corpus(corpus)).tolist()
    symmetric, *_ = big(HashEmbedder())
    await symmetric.reload()
    own, others = (one.current.faq_of(None).calibration.samples.held_out for one in (knowledge, symmetric))
    assert own.mean() < others.mean() - 0.2
    again = Knowledge(source, embedder, store, clock, CHATTER)
    assert (await again.reload()).embedded == 0
    assert again.current.faq_of(None).calibration.samples.held_out.tolist() == own.tolist()


async def test_a_symmetric_model_reads_everything_once() -> None:
    embedder = HashEmbedder()
    knowledge, *_ = big(embedder)
    assert (await knowledge.reload()).embedded == 4 * len(BIG) + len(CHATTER)
    assert embedder.queries == []
    assert [len(texts) for texts in embedder.corpus] == [4 * len(BIG) + len(CHATTER)]


async def test_if_only_the_questions_cannot_be_embedded_the_old_faq_stays() -> None:
    embedder = Asymmetric()
    knowledge, source, *_ = big(embedder)
    await knowledge.reload()
    before = knowledge.current
    source.scopes[None] = [*BIG, COST]
    embedder.query_error = EmbedderUnavailableError("no")
    with pytest.raises(EmbedderUnavailableError):
        await knowledge.reload()
    assert knowledge.current is before
    embedder.query_error = None
    assert (await knowledge.reload()).added == 1


@pytest.mark.parametrize("embedder", [HashEmbedder(), Asymmetric()])
async def test_chatter_is_embedded_only_for_an_faq_that_is_big_enough(embedder: HashEmbedder) -> None:
    chatter = {as_question(line) for line in CHATTER}
    knowledge, source, *_ = big(embedder, *BIG[:7])
    await knowledge.reload()
    assert chatter.isdisjoint(text for texts in (*embedder.corpus, *embedder.queries) for text in texts)
    source.scopes[7] = BIG
    await knowledge.reload()
    assert chatter <= {text for texts in (*embedder.corpus, *embedder.queries) for text in texts}


async def test_chatter_is_cleaned_and_empty_lines_do_not_count() -> None:
    embedder = HashEmbedder()
    knowledge, *_ = big(embedder, chatter=["**lol** <@5>", "", "  ", "nice one!"])
    await knowledge.reload()
    assert embedder.corpus[0][4 * len(BIG) :] == ["lol?", "nice one?"]
    assert len(knowledge.current.faq_of(None).calibration.samples.chatter) == 2


async def test_without_chatter_an_faq_is_calibrated_all_the_same() -> None:
    knowledge, *_ = big(HashEmbedder(), chatter=())
    assert (await knowledge.reload()).uncalibrated == ()
    calibration = knowledge.current.faq_of(None).calibration
    assert calibration.measured
    assert calibration.odds(1.5, ADDRESSED).right > 0.9
    assert calibration.odds(0.1, ADDRESSED).right < 0.1


async def test_a_reload_tells_which_scopes_are_too_small_to_be_calibrated() -> None:
    knowledge, source, *_ = big(HashEmbedder(), CARD)
    source.scopes |= {7: BIG, 8: [COST], 9: []}
    assert (await knowledge.reload()).uncalibrated == (None, 8)
    assert [knowledge.current.faq_of(guild).calibration.measured for guild in (None, 7, 8, 9)] == [
        False,
        True,
        False,
        False,
    ]
    source.scopes = {None: BIG}
    assert (await knowledge.reload()).uncalibrated == ()


async def test_the_models_words_reach_the_search() -> None:
    knowledge, _, embedder, _ = build(CARD)
    embedder.vocabulary = Vocabulary.of(("the", "weather"))
    await knowledge.reload()
    assert knowledge.current.faq_of(None).matcher.read("where is my crad") == "where is my card"


CHAT, PHRASING = "lol haha", "How do I change my password?"


async def log(
    store: MemoryStore,
    text: str,
    count: int,
    *,
    guild_id: int | None = None,
    addressed: bool = True,
    age: timedelta = timedelta(),
) -> None:
    (embedding,) = await HashEmbedder().embed_queries([as_question(text)])
    question = make_question(text, guild_id=guild_id)
    question = replace(question, embedding=embedding, model_id=HashEmbedder.model_id, addressed=addressed)
    for _ in range(count):
        await store.add_question(replace(question, asked_at=question.asked_at - age))


@pytest.mark.parametrize("addressed", [True, False])
async def test_what_the_log_is_full_of_becomes_the_prior(*, addressed: bool) -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await knowledge.reload()
    assumed = ADDRESSED if addressed else OVERHEARD
    before = knowledge.current
    await log(store, CHAT, 300, addressed=addressed)
    await knowledge.learn()
    learnt = knowledge.current.faq_of(None).priors
    assert learnt.of(addressed=addressed).in_scope < 0.75 * assumed.in_scope
    assert learnt.of(addressed=not addressed) == (OVERHEARD if addressed else ADDRESSED)
    await log(store, PHRASING, 700, addressed=addressed)
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors.of(addressed=addressed).in_scope > assumed.in_scope
    # Nothing but the priors has changed, and whoever holds the old snapshot holds the old ones.
    now = knowledge.current.faq_of(None)
    assert now.matcher is before.faq_of(None).matcher
    assert now.calibration is before.faq_of(None).calibration
    assert before.faq_of(None).priors == Priors()


async def test_a_few_questions_teach_little() -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await knowledge.reload()
    await log(store, CHAT, 5)
    await knowledge.learn()
    learnt = knowledge.current.faq_of(None).priors.addressed
    assert learnt != ADDRESSED
    assert learnt.in_scope == pytest.approx(ADDRESSED.in_scope, abs=0.05)


async def test_a_reload_learns_from_the_log_too() -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await log(store, CHAT, 300)
    await knowledge.reload()
    assert knowledge.current.faq_of(None).priors.addressed.in_scope < 0.75 * ADDRESSED.in_scope


async def test_each_scope_learns_from_its_own_questions() -> None:
    knowledge, source, store, _ = big(HashEmbedder())
    source.scopes |= {7: BIG, 9: BIG}
    await knowledge.reload()
    await log(store, CHAT, 200, guild_id=7)
    for elsewhere in (8, None):
        await log(store, PHRASING, 100, guild_id=elsewhere)
    await knowledge.learn()
    in_scope = {scope: knowledge.current.faq_of(scope).priors.addressed.in_scope for scope in (7, 8, None, 9)}
    assert in_scope[7] < 0.75 * ADDRESSED.in_scope
    assert in_scope[8] == in_scope[None] > 1.25 * ADDRESSED.in_scope
    assert in_scope[9] == ADDRESSED.in_scope


async def test_questions_that_another_model_embedded_do_not_count() -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await knowledge.reload()
    for _ in range(300):
        await store.add_question(make_question(CHAT, guild_id=None))
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors == Priors()
    await log(store, PHRASING, 100)
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors.addressed.in_scope > ADDRESSED.in_scope


async def test_old_questions_do_not_count() -> None:
    knowledge, _, store, clock = big(HashEmbedder())
    await knowledge.reload()
    await log(store, CHAT, 100, age=timedelta(days=LOG_DAYS, seconds=1))
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors == Priors()
    await log(store, CHAT, 100, age=timedelta(days=LOG_DAYS - 1))
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors.addressed.in_scope < ADDRESSED.in_scope
    clock.advance(timedelta(days=2).total_seconds())
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors == Priors()


async def test_of_many_questions_the_newest_count() -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await log(store, CHAT, LOG_QUESTIONS)
    await knowledge.reload()
    expected = knowledge.current.faq_of(None).priors
    await log(store, PHRASING, LOG_QUESTIONS, age=timedelta(hours=1))
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors == expected


async def test_an_faq_that_is_too_small_learns_nothing() -> None:
    knowledge, _, store, _ = big(HashEmbedder(), COST)
    await log(store, CHAT, 300)
    await knowledge.reload()
    await knowledge.learn()
    assert knowledge.current.faq_of(None).priors == Priors()


async def test_learning_before_the_first_reload_is_nothing() -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await log(store, CHAT, 1)
    await knowledge.learn()
    assert knowledge.current.faq_of(None).entries == ()


class SlowLog(MemoryStore):
    """A store whose log takes as long to read as the test wants, the first time after it was told to be slow."""

    slow = False

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def read_questions(self, **wanted: object) -> list[QuestionRecord]:  # type: ignore[override]
        if self.slow:
            self.slow = False
            await self.gate.wait()
        return await super().read_questions(**wanted)  # type: ignore[arg-type]


async def test_learning_that_overlaps_a_reload_brings_back_no_old_faq() -> None:
    source, store = ListSource(*BIG), SlowLog()
    knowledge = Knowledge(source, HashEmbedder(), store, FrozenClock(), CHATTER)
    await knowledge.reload()
    source.scopes[None] = [*BIG, COST]
    await log(store, CHAT, 300)
    store.slow = True
    learning = asyncio.create_task(knowledge.learn())
    await asyncio.sleep(0)
    reloading = asyncio.create_task(knowledge.reload())
    # Time enough to get ahead of the learning, if nothing kept the reload from it.
    await asyncio.wait([reloading], timeout=0.5)
    store.gate.set()
    await asyncio.gather(learning, reloading)
    faq = knowledge.current.faq_of(None)
    assert faq.entries == (*BIG, COST)
    assert faq.priors.addressed.in_scope < 0.75 * ADDRESSED.in_scope


class GatedSource(ListSource):
    """Counts how many read at the same time, and lets them go one `gate` at a time."""

    def __init__(self, *entries: Entry) -> None:
        super().__init__(*entries)
        self.reading = self.most = 0

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        self.reading += 1
        self.most = max(self.most, self.reading)
        await asyncio.sleep(0)
        self.reading -= 1
        return await super().read()


async def test_reloads_come_one_at_a_time() -> None:
    source = GatedSource(COST)
    knowledge = Knowledge(source, TableEmbedder(), MemoryStore(), FrozenClock())
    results = await asyncio.gather(*(knowledge.reload() for _ in range(3)))
    assert source.most == 1
    assert [result.added for result in results] == [1, 0, 0]


entries = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(str),
        question=st.text(min_size=1, max_size=20),
        answer=st.text(max_size=20),
        alternates=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    ),
    max_size=5,
    unique_by=lambda entry: entry.id,
)


@given(entries)
def test_reloading_the_same_files_changes_nothing(faq: list[Entry]) -> None:
    async def reload_twice() -> None:
        knowledge, *_ = build(*faq)
        first, second = await knowledge.reload(), await knowledge.reload()
        assert first.added == len(faq)
        assert counts(second) == (0, 0, 0, len(faq), 0)
        assert knowledge.current.faq_of(None).entries == tuple(faq)

    asyncio.run(reload_twice())


async def test_an_entry_that_is_not_enabled_answers_nothing() -> None:
    knowledge, *_ = build(CARD, replace(COST, enabled=False))
    assert (await knowledge.reload()).added == 1
    assert [entry.id for entry in knowledge.current.faq_of(None).entries] == [CARD.id]


@pytest.mark.parametrize("damage", [np.full(64, np.nan, np.float32), np.ones(32, np.float32)])
async def test_questions_whose_embedding_is_damaged_teach_nothing_and_are_counted(
    damage: Embeddings, caplog: pytest.LogCaptureFixture
) -> None:
    knowledge, _, store, _ = big(HashEmbedder())
    await log(store, CHAT, 300)
    await knowledge.reload()
    learnt = knowledge.current.faq_of(None).priors
    assert learnt != Priors()
    question = replace(make_question("My secret?"), model_id=HashEmbedder.model_id, addressed=True)
    for _ in range(2):
        await store.add_question(replace(question, embedding=damage))
    await knowledge.reload()
    assert knowledge.current.faq_of(None).priors == learnt
    [warning] = [record.getMessage() for record in caplog.records]
    assert "of 2 logged questions are damaged" in warning
    assert "secret" not in warning

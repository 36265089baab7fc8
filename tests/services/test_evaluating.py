import pytest

from bot.core.types import Query, VerdictName
from bot.matching import ADDRESSED, OVERHEARD, Prior
from bot.services import Answerer, Budgets, Faq, GuildRules, Judged, Knowledge, Rules, judge
from bot.services.evaluating import CHUNK
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG, CHATTER

QUERIES = [
    ("How do I change my password?", "password"),
    ("**Where** is my invoice", "invoice"),
    ("Is there a discount?", "refund"),
    ("good evening all", None),
]


class House:
    def __init__(self) -> None:
        self.embedder, self.store, self.clock = HashEmbedder(), MemoryStore(), FrozenClock()
        self.knowledge = Knowledge(ListSource(*BIG), self.embedder, self.store, self.clock, CHATTER)

    @property
    def faq(self) -> Faq:
        return self.knowledge.current.faq_of(None)

    async def judge(self, queries: list[tuple[str, str | None]], prior: Prior = ADDRESSED) -> list[Judged]:
        return await judge(self.faq, self.embedder, queries, budget=0.05, prior=prior)


@pytest.fixture
async def house() -> House:
    built = House()
    await built.knowledge.reload()
    return built


async def test_each_question_gets_its_prediction(house: House) -> None:
    judged = await house.judge([*QUERIES])
    assert [(one.text, one.prediction.entry) for one in judged] == QUERIES
    assert [(one.prediction.predicted, one.prediction.answered, one.verdict) for one in judged[:3]] == [
        ("password", True, VerdictName.ANSWER),
        ("invoice", True, VerdictName.ANSWER),
        ("discount", True, VerdictName.ANSWER),
    ]
    assert [one.prediction.rank for one in judged[:2]] == [0, 0]
    assert judged[2].prediction.rank != 0
    assert judged[3].verdict is VerdictName.NO_MATCH
    assert judged[3].prediction.rank is None
    assert all(0 <= one.prediction.confidence <= 1 for one in judged)


@pytest.mark.parametrize("addressed", [True, False])
async def test_it_judges_as_the_bot_answers(house: House, *, addressed: bool) -> None:
    rules = GuildRules(Budgets(0.05, 0.05), channel_seconds=0, repeat_seconds=0, log_questions=True)
    answerer = Answerer(house.knowledge, house.embedder, house.store, house.clock, Rules(rules), b"0123456789abcdef")
    texts = [*(text for text, _ in QUERIES), "which languages", "late parcel", "who is up for chess?", ""]
    judged = await house.judge([(text, None) for text in texts], ADDRESSED if addressed else OVERHEARD)
    for text, one in zip(texts, judged, strict=True):
        if text:
            outcome = await answerer.answer(Query(text, addressed=addressed))
            assert one.verdict is VerdictName.of(outcome.verdict)
            assert one.prediction.confidence == pytest.approx(outcome.grounds.odds.right, abs=1e-6)


async def test_progress_is_told_chunk_by_chunk(house: House) -> None:
    told = list[tuple[int, int]]()
    queries = [(f"question {number}", None) for number in range(CHUNK + 1)]
    judged = await judge(
        house.faq,
        house.embedder,
        queries,
        budget=0.05,
        prior=ADDRESSED,
        on_progress=lambda *now: told.append(now),
    )
    assert [one.text for one in judged] == [text for text, _ in queries]
    assert told == [(CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]


async def test_no_questions_no_judgements(house: House) -> None:
    assert await house.judge([]) == []

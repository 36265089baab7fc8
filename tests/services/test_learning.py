"""What the log teaches, whether it is read at once or bit by bit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.core.text import as_question
from bot.matching import Matcher
from bot.services import Fitter, Priors
from bot.services.learning import learn_priors
from tests.fakes.embedder import HashEmbedder
from tests.services.faqs import BIG, CHATTER
from tests.stores.records import make_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bot.core.types import Embeddings, QuestionRecord
    from bot.matching import Rerank
    from bot.services import Faq

TEXTS = ("How do I change my password?", "lol haha", "where is my parcel", "my card is gone", "what a day")


async def fitted() -> Faq:
    faqs, _ = await Fitter(HashEmbedder(), CHATTER).fit({None: BIG})
    return faqs[None]


async def logged(texts: Sequence[str]) -> list[QuestionRecord]:
    embeddings = await HashEmbedder().embed_queries([as_question(text) for text in texts])
    return [
        replace(make_question(text), embedding=embedding, addressed=number % 2 == 0)
        for number, (text, embedding) in enumerate(zip(texts, embeddings, strict=True))
    ]


def learn(faq: Faq, log: Sequence[QuestionRecord], rerank: Rerank | None = None) -> Faq:
    return learn_priors({None: faq}, log, lambda _: None, rerank)[None]


def watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that are weighed from now on."""
    weighed: list[str] = []
    weigh = Matcher.confidences

    def confidences(
        self: Matcher, texts: Sequence[str], embeddings: Embeddings, rerank: Rerank | None = None
    ) -> NDArray[np.float64]:
        weighed.extend(texts)
        return weigh(self, texts, embeddings, rerank)

    monkeypatch.setattr(Matcher, "confidences", confidences)
    return weighed


async def test_bit_by_bit_the_same_is_learnt_as_at_once_and_each_question_weighed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faq, log = await fitted(), await logged(TEXTS * 20)
    at_once = learn(faq, log)
    weighed = watch(monkeypatch)
    step = faq
    for end in (10, 30, 30, 100):
        step = learn(step, log[:end])
    assert sorted(weighed) == sorted(faq.matcher.read(text) for text in TEXTS)
    assert step.priors.addressed.in_scope == pytest.approx(at_once.priors.addressed.in_scope)
    assert step.priors.overheard.near == pytest.approx(at_once.priors.overheard.near)
    assert step.priors != Priors()
    assert step == replace(faq, priors=step.priors)


async def test_what_left_the_log_is_forgotten_and_no_text_is_kept() -> None:
    log = await logged(TEXTS)
    before = learn(await fitted(), log)
    assert len(before.judged) == len(TEXTS)
    assert not any(text.encode() in digest for text in TEXTS for digest in before.judged)
    after = learn(before, log[:2])
    assert set(after.judged) < set(before.judged)
    assert len(after.judged) == 2
    assert learn(before, []).judged == {}
    assert learn(before, []).priors == Priors()


async def test_the_same_words_embedded_otherwise_are_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    [question] = await logged(TEXTS[:1])
    once = learn(await fitted(), [question])
    weighed = watch(monkeypatch)
    learn(once, [replace(question, embedding=-question.embedding)])
    assert weighed == [once.matcher.read(question.text)]

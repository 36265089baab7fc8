"""What the log teaches about an FAQ: how many of the questions it answers."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from ..core.memory import return_free
from ..matching import ADDRESSED, MOST_RERANKED, OVERHEARD, learn_prior
from .faq import Priors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..core.ports import Embedder
    from ..core.types import FaqScope, QuestionRecord
    from ..matching import Rerank
    from .faq import Faq


def learn_priors(
    faqs: Mapping[FaqScope, Faq],
    log: Sequence[QuestionRecord],
    scope_of: Callable[[int | None], FaqScope],
    rerank: Rerank | None,
) -> dict[FaqScope, Faq]:
    """Return FAQs with the priors that a log speaks for; those too small to be calibrated stay as they are.

    What an FAQ has judged before is not weighed again: weighing a thousand questions takes half a second, in which
    whoever asks would wait.

    Args:
        faqs: The FAQs.
        log: Logged questions, oldest first, embedded by the model of the FAQs.
        scope_of: Tells whose FAQ answers a server.
        rerank: The reranking model, if one takes part.
    """
    taught = dict(faqs)
    for scope, faq in faqs.items():
        if not faq.calibration.measured:
            continue
        own = [question for question in log if scope_of(question.guild_id) == scope]
        kinds = [[question for question in own if question.addressed is addressed] for addressed in (True, False)]
        if rerank:
            # As many as the calibration has time for, the newest.
            kinds = [questions[-MOST_RERANKED:] for questions in kinds]
        judged = _judge(faq, [question for questions in kinds for question in questions], rerank)
        learnt = [
            learn_prior(faq.calibration, np.array([judged[_digest(question)] for question in questions]), assumed)
            if questions
            else assumed
            for questions, assumed in zip(kinds, (ADDRESSED, OVERHEARD), strict=True)
        ]
        taught[scope] = replace(faq, priors=Priors(*learnt), judged=judged)
    if log:
        # Comparing them all takes several megabytes that nobody else needs as long as a bot runs.
        return_free()
    return taught


def leave_out_damaged(log: Sequence[QuestionRecord], embedder: Embedder) -> list[QuestionRecord]:
    """Return the logged questions that can be asked again: embedded by a model, and not damaged since.

    Args:
        log: Logged questions.
        embedder: The model.
    """
    shape = (embedder.dim,)
    own = (one for one in log if one.model_id == embedder.model_id)
    return [one for one in own if one.embedding.shape == shape and np.isfinite(one.embedding).all()]


def _judge(faq: Faq, questions: Sequence[QuestionRecord], rerank: Rerank | None) -> dict[bytes, float]:
    """Return the confidence in some logged questions, by their digests."""
    known = {_digest(question): question for question in questions}
    judged = {digest: faq.judged[digest] for digest in known if digest in faq.judged}
    fresh = {digest: question for digest, question in known.items() if digest not in judged}
    if fresh:
        texts = [faq.matcher.read(question.text) for question in fresh.values()]
        embeddings = np.stack([question.embedding for question in fresh.values()])
        confidences: list[float] = faq.matcher.confidences(texts, embeddings, rerank).tolist()
        judged |= zip(fresh, confidences, strict=True)
    return judged


def _digest(question: QuestionRecord) -> bytes:
    """Return what two questions have in common that are judged alike."""
    return blake2b(question.text.encode() + b"\0" + question.embedding.tobytes(), digest_size=16).digest()

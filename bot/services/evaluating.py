"""How good an FAQ's answers are, measured on questions of which somebody said what answers them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.decision import decide
from ..core.evaluation import Prediction
from ..core.text import as_question, clean
from ..core.types import Answer, Ranking, VerdictName
from ..matching import KEPT
from .reranking import rerank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..core.ports import Embedder, Reranker
    from ..core.types import Embeddings
    from ..matching import Prior
    from .faq import Faq

CHUNK = 256
"""Questions embedded between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled question and what the bot would have made of it.

    Attributes:
        text: The question as it was written.
        prediction: What was found, how sure, and whether it would be answered.
        verdict: What the bot would have done.
    """

    text: str
    prediction: Prediction
    verdict: VerdictName


async def judge(
    faq: Faq,
    embedder: Embedder,
    queries: Sequence[tuple[str, str | None]],
    *,
    budget: float,
    prior: Prior,
    reranker: Reranker | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Judged]:
    """Ask an FAQ labelled questions, as the bot would be asked, without cooldowns.

    Args:
        faq: The FAQ.
        embedder: The model that embedded it.
        queries: Each question and the id of the entry that answers it, None where there is none.
        budget: Share of false answers that is put up with.
        prior: Of what the questions consist, as far as the bot knows.
        reranker: Has a say on the first hits.
        on_progress: Called with questions done and questions to do.

    Raises:
        EmbedderUnavailableError: The model failed.
    """
    texts = [faq.matcher.read(clean(text)) for text, _ in queries]
    judged = list[Judged]()
    for start in range(0, len(queries), CHUNK):
        part = slice(start, start + CHUNK)
        embeddings = await embedder.embed_queries([as_question(text) for text in texts[part]])
        rankings = await asyncio.to_thread(_rank, faq, texts[part], embeddings)
        rankings = [await rerank(*ranked, reranker) for ranked in zip(rankings, texts[part], strict=True)]
        judged += [
            _judge(faq, *query, ranking, budget, prior) for query, ranking in zip(queries[part], rankings, strict=True)
        ]
        if on_progress:
            on_progress(len(judged), len(queries))
    return judged


def _rank(faq: Faq, texts: Sequence[str], embeddings: Embeddings) -> list[Ranking]:
    return [
        # As the bot does: where nothing can be read there is nothing to find.
        faq.matcher.rank(text, embedding, KEPT) if text else Ranking((), 0.0)
        for text, embedding in zip(texts, embeddings, strict=True)
    ]


def _judge(faq: Faq, text: str, entry: str | None, ranking: Ranking, budget: float, prior: Prior) -> Judged:
    odds = faq.calibration.odds(ranking.confidence, prior)
    verdict = decide(ranking.hits, odds, faq.calibration.limits(budget, prior))
    ids = [hit.entry.id for hit in ranking.hits]
    prediction = Prediction(
        entry=entry,
        predicted=ids[0] if ids else None,
        confidence=odds.right,
        answered=isinstance(verdict, Answer),
        rank=ids.index(entry) if entry in ids else None,
    )
    return Judged(text, prediction, VerdictName.of(verdict))

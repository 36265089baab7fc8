"""Giving the reranking model its say on the first hits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..matching import rank_hits, rerank_hits

if TYPE_CHECKING:
    from ..core.ports import Reranker
    from ..core.types import Ranking
    from ..matching import Rerank


async def rerank(ranking: Ranking, text: str, reranker: Reranker | None) -> Ranking:
    """Return a ranking after the reranker, if there is one, had its say.

    Args:
        ranking: The hits of a query.
        text: The query as it was searched for.
        reranker: Whom to ask.

    Raises:
        EmbedderUnavailableError: The model failed.
    """
    if reranker is None or not ranking.hits:
        return ranking
    scores = await reranker.rerank_pairs([(text, hit.phrasing) for hit in ranking.hits])
    return rank_hits(rerank_hits(ranking.hits, scores), len(ranking.hits))


def from_thread(reranker: Reranker) -> Rerank:
    """Return the reranker as a function that another thread than the event loop's may call."""
    loop = asyncio.get_running_loop()
    return lambda pairs: asyncio.run_coroutine_threadsafe(reranker.rerank_pairs(pairs), loop).result()

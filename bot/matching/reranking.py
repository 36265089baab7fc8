"""A second opinion on the first hits: a model that reads question and phrasing together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .relevance import WEIGHT_RERANK

if TYPE_CHECKING:
    from ..core.types import Hit

Rerank: TypeAlias = Callable[[Sequence[tuple[str, str]]], NDArray[np.float32]]
"""Says how relevant the second text of each pair is to the first, 0 to 1, shape ``(pairs,)``."""


def rerank_hits(hits: Sequence[Hit], scores: NDArray[np.float32]) -> list[Hit]:
    """Return hits with what the reranking model says of each added to their relevance, in the same order.

    Args:
        hits: The hits.
        scores: One for each of the first of them; the others keep the relevance that they have.
    """
    added = [
        replace(
            hit,
            relevance=hit.relevance + WEIGHT_RERANK * float(score),
            terms=replace(hit.terms, rerank=float(score)),
        )
        for hit, score in zip(hits, scores, strict=False)
    ]
    return [*added, *hits[len(added) :]]


def add_rerank(
    top: NDArray[np.float32], queries: Sequence[str], phrasings: Sequence[Sequence[str]], rerank: Rerank
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Ask the reranking model about the first hits of many queries.

    Args:
        top: Relevance of the hits, shape ``(n, k)``.
        queries: The n queries.
        phrasings: The closest phrasing of each of their k hits.
        rerank: The model.

    Returns:
        The relevance with the model's share, highest first, and where each stood before; shape ``(n, k)`` both.
    """
    pairs = [(query, phrasing) for query, near in zip(queries, phrasings, strict=True) for phrasing in near]
    scores = rerank(pairs).reshape(top.shape)
    scored = np.asarray(top + np.float32(WEIGHT_RERANK) * scores, dtype=np.float32)
    order = np.argsort(-scored, axis=1, kind="stable")
    return np.take_along_axis(scored, order, axis=1), order

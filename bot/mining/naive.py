"""The naive way to find questions that are the same, to compare with: what a few lines with a library would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .evaluating import precision_of
from .pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..core.types import Embeddings

TOP_K = 100
MAX_PAIRS = 500_000
"""The defaults of ``sentence_transformers.util.paraphrase_mining``."""
THRESHOLD = 0.8
"""A customary one for pairs that become the edges of connected components."""
_BLOCK = 1024
"""Rows compared with all others at once."""


def mine_naively(embeddings: Embeddings) -> Pairs:
    """Return the pairs that ``sentence_transformers.util.paraphrase_mining`` would return with its defaults.

    Computed here, without the library: of each row its `TOP_K` nearest others, and of these the `MAX_PAIRS` most
    similar, where a pair that both rows name counts twice. The order of pairs of the same similarity may differ.
    """
    kept = min(TOP_K, len(embeddings) - 1)
    if kept < 1:
        return Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
    firsts, seconds, similarities = list[Any](), list[Any](), list[Any]()
    for start in range(0, len(embeddings), _BLOCK):
        products = embeddings[start : start + _BLOCK] @ embeddings.T
        rows = np.arange(len(products))
        products[rows, start + rows] = -np.inf
        nearest = np.argpartition(products, -kept, axis=1)[:, -kept:]
        firsts.append(np.repeat(start + rows, kept))
        seconds.append(nearest.ravel())
        similarities.append(np.take_along_axis(products, nearest, axis=1).ravel())
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    similarity = np.concatenate(similarities).astype(np.float64)
    order = np.argsort(-similarity, kind="stable")[:MAX_PAIRS]
    low, high = np.minimum(first, second)[order], np.maximum(first, second)[order]
    _, once = np.unique(low * len(embeddings) + high, return_index=True)
    once.sort()
    return Pairs(low[once], high[once], similarity[order][once])


def connect(pairs: Pairs, count: int, threshold: float = THRESHOLD) -> list[list[int]]:
    """Return the connected components of the pairs at or above a threshold, rows without a pair by themselves.

    Args:
        pairs: Of rows.
        count: How many rows there are.
        threshold: Lowest similarity.
    """
    if not count:
        return []
    # Half a second's import, which the command line's help should not pay for.
    from scipy.sparse import coo_array, csgraph  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    reach = pairs.similarity >= threshold
    edges = (np.ones(int(reach.sum())), (pairs.first[reach], pairs.second[reach]))
    graph = cast("Any", coo_array)(edges, shape=(count, count))
    labels = np.asarray(cast("Any", csgraph).connected_components(graph, directed=False)[1])
    order = np.argsort(labels, kind="stable")
    return [rows.tolist() for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)]


def naive_precision(pairs: Pairs, entries: Sequence[str | None]) -> float | None:
    """Return the average precision of pairs, the most similar first; those that were dropped are never found.

    Args:
        pairs: The closest first.
        entries: The entry of each row, None out of scope.

    Returns:
        None where no two rows have the same entry.
    """
    same = np.array(
        [entries[a] is not None and entries[a] == entries[b] for a, b in zip(pairs.first, pairs.second, strict=True)],
        dtype=np.int64,
    )
    counts = np.unique(np.array([entry for entry in entries if entry is not None], dtype=str), return_counts=True)[1]
    return precision_of(same, 1 - same, int((counts * (counts - 1) // 2).sum()))

"""How close the nearest neighbours of each embedding are, and embeddings drawn towards their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings

    OnRows = Callable[[int], None]
    """Called with the number of rows done."""

_BLOCK = 256
"""Rows compared with all others at once: 51 MiB of similarities at 50,000 rows, and as much again to sort them."""
_POWER = 3
"""Of a neighbour's similarity, as its weight; the value of Radenović, Tolias and Chum, "Fine-tuning CNN Image Retrieval
with No Human Annotation", 2018, section 3.4."""
_SHORTEST = 1e-9
"""Rows have a weight of 1 and opposite ones none, so that no sum is zero; rounding shall not make one so either."""


def measure_density(embeddings: Embeddings, neighbours: int, on_rows: OnRows | None = None) -> NDArray[np.float32]:
    """Return each row's mean similarity to the rows nearest to it, itself left out; shape ``(n,)``.

    Args:
        embeddings: Two rows or more.
        neighbours: How many count; fewer where there are not as many.
        on_rows: Called now and then.
    """
    densities = [similarities.mean(axis=1) for _, similarities in _nearest(embeddings, neighbours, on_rows)]
    return np.concatenate(densities)


def smooth(embeddings: Embeddings, neighbours: int, on_rows: OnRows | None = None) -> Embeddings:
    """Return each row's weighted mean with the rows nearest to it, as embeddings.

    Expanded by the nearest neighbours (Chum, Philbin, Sivic, Isard and Zisserman, "Total Recall", 2007), weighted
    by a power of their similarity (Radenović et al. 2018): what many questions of a subject share stays, and what only
    one of them says fades.

    Args:
        embeddings: Two rows or more.
        neighbours: How many count beside the row itself; fewer where there are not as many.
        on_rows: Called now and then.
    """
    smoothed = np.empty_like(embeddings)
    start = 0
    for nearest, similarities in _nearest(embeddings, neighbours, on_rows):
        part = slice(start, start + len(nearest))
        weights = np.maximum(similarities, 0) ** _POWER
        sums = embeddings[part] + np.einsum("nk,nkd->nd", weights, embeddings[nearest])
        smoothed[part] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), _SHORTEST)
        start = part.stop
    return smoothed


def _nearest(
    embeddings: Embeddings, neighbours: int, on_rows: OnRows | None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Yield the numbers of the rows nearest to those of one block each, and their similarities, in no order."""
    kept = min(neighbours, len(embeddings) - 1)
    for start in range(0, len(embeddings), _BLOCK):
        similarities = embeddings[start : start + _BLOCK] @ embeddings.T
        rows = np.arange(len(similarities))
        similarities[rows, start + rows] = -np.inf
        nearest = np.argpartition(similarities, -kept, axis=1)[:, -kept:]
        yield nearest, np.take_along_axis(similarities, nearest, axis=1)
        if on_rows:
            on_rows(start + len(rows))

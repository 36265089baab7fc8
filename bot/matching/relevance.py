"""How relevant each entry is to a query: cosine, linear head and spelling, weighed against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .head import Head, fit_head
from .lexicon import likeness
from .search import ExactSearch
from .threads import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings, Terms
    from .search import Search
    from .sparse import SparseRows

# Chosen among some 250 random combinations on draws of one to ten phrasings an entry from three public sets (curekart,
# banking, clinc), each time on two of them with a look at the third. The optimum is flat.
WEIGHT_COSINE = 0.35
WEIGHT_CENTROID = 0.15
WEIGHT_HEAD = 0.5
WEIGHT_SPELLING = 0.2
WEIGHT_RERANK = 0.3
"""For what a reranking model says of the first hits, where there is one."""
WEIGHTS = {
    "cosine": WEIGHT_COSINE,
    "centroid": WEIGHT_CENTROID,
    "head": WEIGHT_HEAD,
    "spelling": WEIGHT_SPELLING,
    "rerank": WEIGHT_RERANK,
}
WEIGHT_MARGIN = 0.6
"""What the distance to the second best entry adds to the confidence."""
_BLOCK = 1024
_BLOCK_CELLS = 8_000_000
"""Queries, and queries times rows, compared at once: so many queries need no more memory than a few, 32 MB a term."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each entry, shape ``(queries, entries)`` each.

    Attributes:
        cosine: Similarity of the closest phrasing.
        centroid: Similarity of the mean of the phrasings.
        head: Probability by the linear head, 0 where there is none.
        spelling: Likeness of spelling of the phrasing that is most alike.
    """

    cosine: NDArray[np.float32]
    centroid: NDArray[np.float32]
    head: NDArray[np.float32]
    spelling: NDArray[np.float32]

    @property
    def relevance(self) -> NDArray[np.float32]:
        """The weighted sum."""
        terms = {"cosine": self.cosine, "centroid": self.centroid, "head": self.head, "spelling": self.spelling}
        weighed = [np.float32(WEIGHTS[name]) * term for name, term in terms.items()]
        return np.asarray(np.sum(weighed, axis=0), dtype=np.float32)


class Relevance:
    """The fitted matrices of an FAQ.

    Args:
        embeddings: Rows to compare with, grouped by entry.
        labels: Number of the entry of each row, from 0, rising, none left out.
        spellings: Weights of the rows' character n-grams.
        with_head: False leaves the head out, as for an FAQ with one row an entry.
        head: The head that was fitted to the same rows before; None fits one.
        search: Finds the closest of the rows; None compares with all of them.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        labels: NDArray[np.intp],
        spellings: SparseRows,
        *,
        with_head: bool = True,
        head: Head | None = None,
        search: Search | None = None,
    ) -> None:
        self._embeddings = embeddings
        self._by_ngram = spellings.transpose()
        self._starts = first_rows(labels)
        self._search = search or ExactSearch(embeddings, self._starts)
        sums = np.add.reduceat(embeddings, self._starts, axis=0)
        self._centroids = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        learnable = 1 < len(self._starts) < len(labels)
        self.head: Head | None = (head or fit_head(embeddings, labels)) if with_head and learnable else None

    def weigh(self, queries: Embeddings, spellings: SparseRows) -> Evidence:
        """Return what speaks for each entry, for each query."""
        with one_thread():
            cosine = self._search.closest_of_each(queries)
            centroid = queries @ self._centroids.T
            head = self.head.probabilities(queries) if self.head else np.zeros_like(centroid)
        return Evidence(
            cosine=cosine,
            centroid=centroid,
            head=head,
            spelling=np.maximum.reduceat(likeness(spellings, self._by_ngram), self._starts, axis=1),
        )

    def nearest_row(self, query: Embeddings, entry: int) -> int:
        """Return the number of an entry's row that is closest to one query, the first of equals."""
        start = self._starts[entry]
        stop = self._starts[entry + 1] if entry + 1 < len(self._starts) else len(self._embeddings)
        return int(start + (self._embeddings[start:stop] @ query).argmax())

    def relevance(self, queries: Embeddings, spellings: SparseRows) -> NDArray[np.float32]:
        """Return the relevance of each entry to each of many queries, shape ``(queries, entries)``."""
        size = max(1, min(_BLOCK, _BLOCK_CELLS // len(self._embeddings)))
        blocks = range(0, len(queries), size)
        parts = [self.weigh(queries[at : at + size], spellings[at : at + size]).relevance for at in blocks]
        return np.concatenate(parts) if parts else np.zeros((0, len(self._starts)), dtype=np.float32)


def first_rows(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the first row of each entry; for `labels` see `Relevance`."""
    return np.flatnonzero(np.diff(labels, prepend=-1))


def confidence(relevance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much speaks for the best entry of each query: its relevance and its lead, shape ``(queries,)``.

    An FAQ of one entry has no second; the lead is then none.
    """
    best = relevance.max(axis=1)
    if relevance.shape[1] == 1:
        return best
    second = np.partition(relevance, -2, axis=1)[:, -2]
    return best + WEIGHT_MARGIN * (best - second)


def weigh_terms(terms: Terms) -> list[tuple[str, float]]:
    """Return the terms that took part, by name, as `WEIGHTS` names them."""
    named = [(name, getattr(terms, name)) for name in WEIGHTS]
    return [(name, value) for name, value in named if value is not None]

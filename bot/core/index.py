"""Exact search over an FAQ's embedded phrasings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .types import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .types import Embeddings, Entry


class Index:
    """An immutable matrix of embedded phrasings, searched exactly: every phrasing is compared with every query.

    Args:
        entries: The entries, each with at least one phrasing.
        embeddings: One row a phrasing, in the order of the entries and, within each, of its phrasings.

    Raises:
        ValueError: The number of rows is not the number of phrasings, or a value is not finite.
    """

    def __init__(self, entries: Sequence[Entry], embeddings: Embeddings) -> None:
        self._entries = tuple(entries)
        sizes = np.array([len(entry.phrasings) for entry in self._entries], dtype=np.intp)
        if len(embeddings) != sizes.sum():
            raise ValueError(f"{len(embeddings)} embeddings for {sizes.sum()} phrasings")
        if not np.isfinite(embeddings).all():
            raise ValueError("an embedding holds a value that is not finite")
        self._embeddings = np.array(embeddings, dtype=np.float32, order="C")
        self._embeddings.setflags(write=False)
        self._starts = np.concatenate(([0], sizes.cumsum()[:-1])).astype(np.intp) if len(sizes) else sizes

    def __len__(self) -> int:
        return len(self._embeddings)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, in the order of the FAQ."""
        return self._entries

    def search(self, query: Embeddings, k: int) -> tuple[Hit, ...]:
        """Return the k entries closest to a query, closest first.

        An entry counts once, with its closest phrasing; entries that are equally close keep the FAQ's order.

        Args:
            query: One embedding, shape ``(dim,)``.
            k: How many entries at most, at least 1.
        """
        if not self._entries:
            return ()
        similarities = np.clip(self._embeddings @ query, -1.0, 1.0)
        best = np.maximum.reduceat(similarities, self._starts)
        return tuple(self._hit(int(position), similarities) for position in _top(best, k))

    def _hit(self, position: int, similarities: Embeddings) -> Hit:
        entry, start = self._entries[position], int(self._starts[position])
        nearest = int(similarities[start : start + len(entry.phrasings)].argmax())
        return Hit(entry, entry.phrasings[nearest], float(similarities[start + nearest]))


def _top(values: Embeddings, k: int) -> Sequence[np.intp]:
    """Return the positions of the k largest values, largest first, ties in order of position."""
    # Everything tied with the k-th value stays a candidate, so that the stable sort below breaks the tie.
    smallest = np.partition(values, -k)[-k] if k < len(values) else values.min()
    candidates = np.flatnonzero(values >= smallest)
    order = np.argsort(-values[candidates], kind="stable")
    return list(candidates[order[:k]])

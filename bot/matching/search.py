"""Which rows of an FAQ lie closest to a query: all of them are looked at, or, of very many, the likely ones."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .threads import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .outline import Outline

    Nearest = tuple[NDArray[np.intp], NDArray[np.float32]]
    """Rows and their similarities, shape ``(queries, k)`` each, the closest first, equals in order of their rows; -1
    stands for a row that was not found."""

LARGEST_EXACT = 100_000
"""Rows up to which all are looked at: at 384 dimensions 154 MB, read in some hundredths of a second."""
_BLOCK_CELLS = 4_000_000
"""Queries times rows whose similarities are in memory at once: 16 MB."""
_STRIP = 64
"""Values of which at first only the largest counts."""
FEWEST_OUTLINED = 20_000
"""Rows from which on an outline counts: fewer are read in less than three milliseconds."""
_COORDINATES = 96
"""Numbers a row in it: with 64, four times as many rows pass; with 128, reading them takes a third longer."""
_GUESSED = 8
"""Rows that are compared first, for each that is asked for: the k-th closest of them is hardly ever far off."""
_SOME = 8
"""Where more than one row in so many may be among the closest, looking at all of them is quicker than picking them."""
_log = logging.getLogger(__name__)


class Search(Protocol):
    """Finds the rows closest to queries."""

    def nearest(self, queries: Embeddings, k: int) -> Nearest:
        """Return the k closest rows of each query, or all if there are fewer.

        Args:
            queries: Shape ``(queries, dim)``.
            k: How many, at least 1.
        """
        ...

    def closest_of_each(self, queries: Embeddings) -> NDArray[np.float32]:
        """Return the similarity of the closest row of each group, shape ``(queries, groups)``, -1 to 1.

        Args:
            queries: Shape ``(queries, dim)``.
        """
        ...


class ExactSearch:
    """Compares a query with every row.

    Args:
        rows: Shape ``(n, dim)``, at least one, of length 1; may be a memory map.
        starts: Where each group of rows begins, rising from 0.
    """

    def __init__(self, rows: Embeddings, starts: NDArray[np.intp]) -> None:
        self._rows = rows
        self._starts = starts

    def nearest(self, queries: Embeddings, k: int) -> Nearest:
        """See Search.

        The first single query to very many rows takes some tenths of a second: it makes the outline of them by which
        the next ones are quick, in a quarter of the rows' own memory.
        """
        if len(queries) == 1 and len(self._rows) >= FEWEST_OUTLINED and self._rows.shape[1] > 2 * _COORDINATES:
            likely = self._find_likely(queries, min(k, len(self._rows)))
            if likely is not None:
                return self._choose(queries, likely, k)
        size = max(1, _BLOCK_CELLS // len(self._rows))
        # Once at least, so that no queries have a result of the right shape.
        parts = [self._nearest(queries[at : at + size], k) for at in range(0, max(1, len(queries)), size)]
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([found for _, found in parts])

    def _nearest(self, queries: Embeddings, k: int) -> Nearest:
        similarities = self._compare(queries)
        k = min(k, len(self._rows))
        rows = np.empty((len(queries), k), dtype=np.intp)
        for own, found in zip(similarities, rows, strict=True):
            found[:] = _largest(own, k)
        return rows, np.take_along_axis(similarities, rows, axis=1)

    @cached_property
    def _outline(self) -> Outline | None:
        # What few need is not imported at every start.
        from .outline import Outline  # noqa: PLC0415

        try:
            return Outline(self._rows, _COORDINATES)
        except ValueError:
            return None

    def _find_likely(self, query: Embeddings, k: int) -> NDArray[np.intp] | None:
        """Return the rows among which the k closest are, rising; None if they are many, or nothing tells which."""
        if self._outline is None:
            return None
        with one_thread():
            try:
                bounds, excess = self._outline.bound(query)
            except ValueError:
                return None
            guessed = self._rows[_largest(bounds, _GUESSED * k)]
            least = np.partition(np.vecdot(guessed, query[0]), -k)[-k] - excess
        likely = np.flatnonzero(bounds >= np.float32(least))
        return likely if len(likely) <= len(self._rows) // _SOME else None

    def _choose(self, query: Embeddings, likely: NDArray[np.intp], k: int) -> Nearest:
        """Return what `nearest` does, of some rows."""
        with one_thread():
            similarities = np.clip(np.vecdot(self._rows[likely], query[0]), -1, 1)
        chosen = _largest(similarities, k)
        return likely[chosen][None], similarities[chosen][None]

    def closest_of_each(self, queries: Embeddings) -> NDArray[np.float32]:
        """See Search."""
        return np.maximum.reduceat(self._compare(queries), self._starts, axis=1)

    def _compare(self, queries: Embeddings) -> NDArray[np.float32]:
        with one_thread():
            # Of many rows and one query a product of matrices takes more than twice as long as reading them does.
            one = len(queries) == 1
            similarities = np.vecdot(self._rows, queries[0])[None] if one else queries @ self._rows.T
        return np.clip(similarities, -1, 1, out=similarities)


def _largest(values: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the places of the k largest of some values, the largest first, equals in order of their places."""
    whole = len(values) // _STRIP * _STRIP
    strips = values[:whole].reshape(-1, _STRIP).max(axis=1)
    places = np.arange(len(values))
    if k <= len(strips):
        # As many strips hold a value that is as large: what is smaller is none of the k largest.
        places = np.flatnonzero(values >= np.partition(strips, -k)[-k])
    return places[np.argsort(-values[places], kind="stable")[:k]]


def choose_search(rows: Embeddings, starts: NDArray[np.intp]) -> Search:
    """Return what searches so many rows quickly enough, and finds at least 99 of 100 of the closest.

    Args:
        rows: Shape ``(n, dim)``, of length 1; may be a memory map.
        starts: Where each group of rows begins, rising from 0.
    """
    if len(rows) <= LARGEST_EXACT:
        return ExactSearch(rows, starts)
    # A library that few need is not imported, nor asked for, where it is not needed.
    from .inverted import build_inverted_search  # noqa: PLC0415

    try:
        return build_inverted_search(rows, starts)
    except ModuleNotFoundError:
        _log.warning(
            "The FAQ has %s phrasings, and every question is compared with each of them. "
            "pip install 'faqtotum[large]' brings FAISS, which is quicker",
            f"{len(rows):,}",
        )
        return ExactSearch(rows, starts)

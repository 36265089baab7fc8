"""Searching more rows than can be looked at for each query: cells of similar rows, of which the likely are opened."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .search import ExactSearch
from .threads import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .search import Nearest

LOWEST_RECALL = 0.99
"""Share of the truly closest rows that have to be found."""
CLOSEST = 5
"""How many closest rows that is measured with."""
FOUND = 256
"""Rows that are compared with a query by themselves; entries of which none is among them, by their mean."""
_MEASURED = 256
"""Rows whose closest others are looked for to measure the recall."""
_FIRST_OPENED = 8
"""Cells opened for a query at first; doubled until enough is found."""
_LEARNT_FROM = 50
"""Rows a cell from which the cells are learnt: FAISS asks for 39 at least, and takes five times as long by default."""
_ITERATIONS = 10
"""Of k-means: with FAISS's own 25 no fewer cells have to be opened."""
_SEED = 7
_BLOCK = 65_536
"""Rows added at once."""
_ROUNDING = 1e-5
"""Difference between two similarities of the same two rows, summed in another order."""
_log = logging.getLogger(__name__)


class InvertedSearch:
    """An inverted index of FAISS (Douze et al., "The Faiss library", 2024).

    Args:
        rows: See `ExactSearch`.
        starts: See there.
        index: The index, filled with the rows.
        recall: Share of the closest rows that it finds.

    Attributes:
        recall: See above.
    """

    def __init__(self, rows: Embeddings, starts: NDArray[np.intp], index: Any, recall: float) -> None:  # noqa: ANN401 - FAISS has no types
        self.recall = recall
        self._index = index
        self._sizes = np.diff(starts, append=len(rows))
        self._groups = np.repeat(np.arange(len(starts)), self._sizes)
        self._means = np.add.reduceat(rows, starts, axis=0) / self._sizes[:, None].astype(np.float32)

    def nearest(self, queries: Embeddings, k: int) -> Nearest:
        """See Search."""
        found, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, len(self._groups)))
        return rows.astype(np.intp), np.clip(np.where(rows < 0, -1, found), -1, 1).astype(np.float32)

    def closest_of_each(self, queries: Embeddings) -> NDArray[np.float32]:
        """See Search: of a group none of whose rows is among the `FOUND` closest, what the mean of its rows has.

        No closest row is farther away than the mean of all.
        """
        with one_thread():
            closest = np.clip(queries @ self._means.T, -1, 1, dtype=np.float32)
        rows, similarities = self.nearest(queries, FOUND)
        for query, (own, found) in enumerate(zip(rows, similarities, strict=True)):
            there = own >= 0
            np.maximum.at(closest[query], self._groups[own[there]], found[there])
        return closest


def build_inverted_search(rows: Embeddings, starts: NDArray[np.intp]) -> InvertedSearch:
    """Return an inverted index of rows that finds at least `LOWEST_RECALL` of the closest; a minute's work per million.

    Args:
        rows: See `ExactSearch`.
        starts: See there.

    Raises:
        ModuleNotFoundError: FAISS is not installed.
    """
    import faiss  # noqa: PLC0415 - an extra  # pyright: ignore[reportMissingTypeStubs]

    library: Any = cast("Any", faiss)
    threads = library.omp_get_max_threads()
    # More than one wait for each other as soon as a core is busy with something else.
    library.omp_set_num_threads(1)
    try:
        index = _fill(library, rows)
        recall = _open_enough(index, rows)
    finally:
        library.omp_set_num_threads(threads)
    _log.info(
        "Of %s phrasings %d of %d cells are searched: recall@%d %.3f",
        f"{len(rows):,}",
        index.nprobe,
        index.nlist,
        CLOSEST,
        recall,
    )
    return InvertedSearch(rows, starts, index, recall)


def _fill(library: Any, rows: Embeddings) -> Any:  # noqa: ANN401
    dim = rows.shape[1]
    cells = math.isqrt(len(rows))
    index = library.IndexIVFFlat(library.IndexFlatIP(dim), dim, cells, library.METRIC_INNER_PRODUCT)
    index.cp.niter, index.cp.seed = _ITERATIONS, _SEED
    sample = np.random.default_rng(_SEED).choice(len(rows), min(len(rows), _LEARNT_FROM * cells), replace=False)
    index.train(np.ascontiguousarray(rows[np.sort(sample)]))
    for at in range(0, len(rows), _BLOCK):
        index.add(np.ascontiguousarray(rows[at : at + _BLOCK]))
    return index


def _open_enough(index: Any, rows: Embeddings) -> float:  # noqa: ANN401
    """Let as many cells be opened as it takes, and return the recall; all cells find everything."""
    asked = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MEASURED)).astype(np.intp)]
    # Each row finds itself, which says nothing: of one more than `CLOSEST` the first is not counted.
    _, wanted = ExactSearch(rows, np.zeros(1, dtype=np.intp)).nearest(asked, CLOSEST + 1)
    index.nprobe = _FIRST_OPENED
    while True:
        found, _ = index.search(asked, CLOSEST + 1)
        # By similarity: which of several rows that say the same is found makes no difference.
        reached = found[:, 1:] >= wanted[:, -1:] - _ROUNDING
        recall = float(reached.mean())
        if recall >= LOWEST_RECALL or index.nprobe >= index.nlist:
            return recall
        index.nprobe = min(2 * index.nprobe, index.nlist)

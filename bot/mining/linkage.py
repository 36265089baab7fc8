"""Average linkage of embeddings, up to a distance; whole where a matrix of all distances is small, else in parts.

The distance of two rows is 1 - their similarity + an offset of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings

DIRECT = 5000
"""Rows linked by a matrix of all their distances: 300 MiB with what scipy adds, two seconds."""
_DECIMALS = 6
"""Beyond them a product in single precision depends on its neighbours, which must not decide anything."""
_ITERATIONS = 50
_SHORTEST = 1e-12
"""Rows that are nearly the same have no direction in which they differ."""


def link(
    embeddings: Embeddings,
    offsets: NDArray[np.float32],
    cut: float,
    *,
    direct: int = DIRECT,
    on_rows: Callable[[int], None] | None = None,
) -> NDArray[np.intp]:
    """Return the number of the cluster of each row, from 0 without gaps; shape ``(n,)``.

    More than `direct` rows are split in halves until none is larger, each part is linked by itself, and then the
    clusters that came of that are linked. The mean distance of two clusters follows from their means, so that this goes
    on exactly where the parts stopped: lost is only what was linked with the second best because the best was in
    another part.

    Args:
        embeddings: At least one row, in an order that depends on nothing but the rows.
        offsets: Added to the distances of each row, from 0; shape ``(n,)``.
        cut: Largest mean distance of two clusters that become one.
        direct: Rows that are linked at once.
        on_rows: Called with the number of rows done.
    """
    labels = np.empty(len(embeddings), dtype=np.intp)
    clusters = done = 0
    for part in _split(embeddings, np.arange(len(embeddings)), direct):
        own = _link_directly(embeddings[part], offsets[part], cut)
        labels[part] = own + clusters
        clusters += int(own.max()) + 1
        done += len(part)
        if on_rows:
            on_rows(done)
    return labels if len(embeddings) <= direct else _Clusters(embeddings, offsets, labels).link(cut)[labels]


def _split(embeddings: Embeddings, rows: NDArray[np.intp], most: int) -> Iterator[NDArray[np.intp]]:
    """Yield parts of rows, none larger than some number, split where they differ most.

    Each time by the median along the first principal component (Boley, "Principal Direction Divisive Partitioning",
    1998, who splits at the mean, which may leave one part nearly as large as it was).
    """
    if len(rows) <= most:
        yield rows
        return
    along = embeddings[rows] @ _find_direction(embeddings[rows])
    order = np.argsort(along, kind="stable")
    yield from _split(embeddings, np.sort(rows[order[: len(rows) // 2]]), most)
    yield from _split(embeddings, np.sort(rows[order[len(rows) // 2 :]]), most)


def _find_direction(rows: Embeddings) -> NDArray[np.float32]:
    """Return about the first principal component of rows, by power iteration: any direction will do, this one best."""
    mean = rows.mean(axis=0)
    covariance = rows.T @ rows / np.float32(len(rows)) - np.outer(mean, mean)
    direction = covariance[int(covariance.diagonal().argmax())]
    for _ in range(_ITERATIONS):
        direction = covariance @ (direction / max(float(np.linalg.norm(direction)), _SHORTEST))
    return direction


def _link_directly(embeddings: Embeddings, offsets: NDArray[np.float32], cut: float) -> NDArray[np.intp]:
    count = len(embeddings)
    if count == 1:
        return np.zeros(1, dtype=np.intp)
    # Half a second's import, which the command line's help should not pay for.
    from scipy.cluster import hierarchy  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    similarities = embeddings @ embeddings.T
    distances = np.empty(count * (count - 1) // 2)
    start = 0
    for row in range(count - 1):  # scipy wants what is right of the diagonal, row by row
        end = start + count - 1 - row
        distances[start:end] = 1 - similarities[row, row + 1 :] + (offsets[row] + offsets[row + 1 :])
        start = end
    del similarities
    np.maximum(distances.round(_DECIMALS, out=distances), 0, out=distances)
    untyped = cast("Any", hierarchy)
    numbers = untyped.fcluster(untyped.linkage(distances, "average"), cut, "distance")
    return np.asarray(numbers, dtype=np.intp) - 1


class _Clusters:
    """Clusters that are linked on by their means, without a matrix of their distances.

    By chains of nearest neighbours, which for average linkage end up with what merging the closest two again and again
    would give (Murtagh, "A Survey of Recent Advances in Hierarchical Clustering Algorithms", 1983; Müllner, "Modern
    hierarchical, agglomerative clustering algorithms", 2011).

    Args:
        embeddings: The rows.
        offsets: Added to the distances of each.
        labels: Their clusters.
    """

    def __init__(self, embeddings: Embeddings, offsets: NDArray[np.float32], labels: NDArray[np.intp]) -> None:
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(int(labels.max()) + 1))
        self._sizes = np.bincount(labels).astype(np.float32)
        self._means = np.add.reduceat(embeddings[order], starts, axis=0) / self._sizes[:, None]
        # Infinite once a cluster is part of another, or further from all others than the cut.
        self._offsets = np.add.reduceat(offsets[order], starts) / self._sizes
        self._numbers = np.arange(len(starts))
        self._root = np.arange(len(starts))

    def link(self, cut: float) -> NDArray[np.intp]:
        """Return the number of the cluster into which each of the clusters went, from 0 without gaps."""
        chain = list[int]()
        while True:
            if not chain:
                self._drop_done()
                if not len(self._sizes):
                    return np.unique(self._find_roots(), return_inverse=True)[1]
                chain.append(int(np.argmax(np.isfinite(self._offsets))))
            tip = chain[-1]
            distances = (1 - self._means @ self._means[tip] + self._offsets + self._offsets[tip]).round(_DECIMALS)
            distances[tip] = np.inf
            nearest = int(distances.argmin())
            if not distances[nearest] <= cut:
                self._offsets[tip] = np.inf
                chain.clear()
            # Rounding could make a chain go in circles; its last link then is as short as any.
            elif len(chain) > 1 and (distances[chain[-2]] <= distances[nearest] or nearest in chain):
                self._merge(chain.pop(), chain.pop())
            else:
                chain.append(nearest)

    def _merge(self, one: int, other: int) -> None:
        """Make two clusters one, in the place of the second."""
        sizes = self._sizes[[one, other]]
        self._means[other] = sizes @ self._means[[one, other]] / sizes.sum()
        self._offsets[other] = sizes @ self._offsets[[one, other]] / sizes.sum()
        self._sizes[other] = sizes.sum()
        self._offsets[one] = np.inf
        self._root[self._numbers[one]] = self._numbers[other]

    def _drop_done(self) -> None:
        """Forget the clusters that are done once they are half of all; what is compared gets shorter and shorter."""
        open_ = np.isfinite(self._offsets)
        if 2 * np.count_nonzero(open_) <= len(open_):
            self._sizes, self._means, self._offsets = self._sizes[open_], self._means[open_], self._offsets[open_]
            self._numbers = self._numbers[open_]

    def _find_roots(self) -> NDArray[np.intp]:
        root = self._root
        while not np.array_equal(root, root[root]):
            root = root[root]
        return root

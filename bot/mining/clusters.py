"""Which questions belong together: clusters that a person would agree with.

Average linkage on the similarity less what is usual where the two questions lie. Some subjects are crowded, so that
unlike questions are close; in others people word the same thing so differently that like ones are far apart. Therefore
no one similarity tells one question from two, and of each of the two the *density* (its mean similarity to its nearest
neighbours) is taken off in part: a weaker form of cross-domain similarity local scaling (Conneau, Lample, Ranzato,
Denoyer and Jégou, "Word Translation Without Parallel Data", 2018, section 2.3). Where means decide, no path from
question to question can chain unlike ones, as it does in connected components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .density import measure_density, smooth
from .linkage import DIRECT, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..core.types import Embeddings

NEIGHBOURS = 5
"""Of which the similarity makes the density; 10 does as well, but more than a subject has questions does not."""
STRENGTH = 0.75
"""Share of the densities that is taken off. With 1, as in the paper, one-off remarks end up together."""
THINNEST = 0.6
"""Lowest density that counts: where a question has no like, nothing is close because everything else is further off."""
MIN_SIZE = 3
MIN_COHESION = 0.6
"""What is worth showing; see `worth_showing`."""


@dataclass(frozen=True, slots=True)
class Grain:
    """How fine the clusters are.

    Attributes:
        cut: Largest mean distance within which two clusters become one; 1 - similarity + `STRENGTH` times the mean of
            the densities.
        smoothing: Neighbours towards which each embedding is drawn first, 0 for none.
    """

    cut: float
    smoothing: int = 0


TIGHT = Grain(cut=0.9)
"""The same question in other words."""
TOPICS = Grain(cut=0.975, smoothing=10)
"""What one entry of an FAQ could answer; every question has a place."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that belong together.

    Attributes:
        rows: Their rows, in ascending order.
        medoid: The row that is most similar to all the others on average, each as often as it was asked; of rows with
            the same embedding the one that was asked most often, and of these the first.
        size: How often they were asked, all together.
        cohesion: The medoid's mean similarity to the others, its own copies included; 1 where there are no others.
    """

    rows: tuple[int, ...]
    medoid: int
    size: int
    cohesion: float


def find_clusters(
    embeddings: Embeddings,
    *,
    counts: Sequence[int] | NDArray[np.integer] | None = None,
    grain: Grain = TIGHT,
    direct: int = DIRECT,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Cluster]:
    """Divide questions into clusters; deterministic, whatever the order of the rows.

    Rows with the same embedding are one to the clustering, however often they were asked: a question that comes again
    and again is not to draw others to it. Which of them speaks for them depends on their order alone where they were
    asked equally often: nothing else here tells one from the other.

    Args:
        embeddings: Of distinct texts.
        counts: How often each was asked, shape ``(n,)``; once by default.
        grain: How fine the clusters are.
        direct: Rows up to which all distances are looked at; beyond, see `linkage.link`.
        on_progress: Called with steps done and steps in all; what it raises ends the search.

    Returns:
        Each row in one cluster, the largest first, of these the most cohesive; a question like no other is alone.

    Raises:
        ValueError: The embeddings are not float32 of two dimensions, or the counts do not fit them.
    """
    weights = _check(embeddings, counts)
    if not len(embeddings):
        return []
    # The order of their bytes: no other order of the rows may make a difference, not even to rounding.
    packed = np.ascontiguousarray(embeddings).view(np.dtype((np.void, embeddings.itemsize * embeddings.shape[1])))
    _, first, place = np.unique(packed.ravel(), return_index=True, return_inverse=True)
    distinct = embeddings[first]
    labels = _label(distinct, grain, direct, on_progress)
    return _describe_all(distinct, labels, place.ravel(), weights)


def worth_showing(
    clusters: Iterable[Cluster], *, min_size: int = MIN_SIZE, min_cohesion: float = MIN_COHESION
) -> list[Cluster]:
    """Return the clusters that people should see, in the same order.

    Args:
        clusters: As `find_clusters` returned them, `TIGHT`.
        min_size: Questions that a cluster has to have, repetitions included.
        min_cohesion: Cohesion that it has to have.
    """
    return [cluster for cluster in clusters if cluster.size >= min_size and cluster.cohesion >= min_cohesion]


def _check(embeddings: Embeddings, counts: Sequence[int] | NDArray[np.integer] | None) -> NDArray[np.int64]:
    if embeddings.ndim != 2 or embeddings.dtype != np.float32:  # noqa: PLR2004 - rows and dimensions
        raise ValueError(f"embeddings are float32 of two dimensions, not {embeddings.dtype} of {embeddings.ndim}")
    weights = np.ones(len(embeddings), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    if weights.shape != (len(embeddings),) or (weights < 1).any():
        raise ValueError("counts are whole numbers from 1 on, one a row")
    return weights


def _label(
    distinct: Embeddings, grain: Grain, direct: int, on_progress: Callable[[int, int], None] | None
) -> NDArray[np.intp]:
    """Return the number of the cluster of each of distinct rows."""
    count = len(distinct)
    if count == 1:
        return np.zeros(1, dtype=np.intp)
    steps = 3 if grain.smoothing else 2

    def tell(step: int) -> Callable[[int], None]:
        before = (step - 1) * count
        return lambda done: on_progress(before + done, steps * count) if on_progress else None

    if grain.smoothing:
        distinct = smooth(distinct, grain.smoothing, tell(1))
    densities = np.maximum(measure_density(distinct, NEIGHBOURS, tell(steps - 1)), np.float32(THINNEST))
    return link(distinct, np.float32(STRENGTH / 2) * densities, grain.cut, direct=direct, on_rows=tell(steps))


def _describe_all(
    distinct: Embeddings, labels: NDArray[np.intp], place: NDArray[np.intp], counts: NDArray[np.int64]
) -> list[Cluster]:
    """Return the clusters of the rows from those of the distinct rows."""
    weights = np.bincount(place, weights=counts, minlength=len(distinct)).astype(np.float64)
    by_label = np.argsort(labels, kind="stable")
    by_place = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[by_place], np.arange(len(distinct) + 1))
    members = np.split(by_label, np.flatnonzero(np.diff(labels[by_label])) + 1)
    described: list[tuple[tuple[int, float, int], Cluster]] = []
    for own in members:
        best, cohesion = _find_medoid(distinct[own].astype(np.float64), weights[own])
        rows = np.concatenate([by_place[bounds[one] : bounds[one + 1]] for one in own.tolist()])
        copies = by_place[bounds[own[best]] : bounds[own[best] + 1]]
        cluster = Cluster(
            rows=tuple(np.sort(rows).tolist()),
            medoid=int(copies[counts[copies].argmax()]),
            size=int(weights[own].sum()),
            cohesion=cohesion,
        )
        described.append(((-cluster.size, -cohesion, int(own[best])), cluster))
    return [cluster for _, cluster in sorted(described, key=lambda one: one[0])]


def _find_medoid(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[int, float]:
    """Return the place of the medoid, and its cohesion."""
    others = weights.sum() - 1
    if not others:
        return 0, 1.0
    # The sum of the similarities to all rows is the similarity to their sum; the one with itself does not count.
    means = ((rows @ (weights @ rows) - 1) / others).round(_DECIMALS)
    best = int(means.argmax())
    return best, float(means[best])


_DECIMALS = 6
"""Of a cohesion; embeddings are no longer than rounding to float32 makes them."""

"""Which entries of an FAQ could be confused: by how close they lie, and by what happens to phrasings held out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .threads import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Entry
    from .matcher import Matcher
    from .samples import Taken

CLOSE = 0.75
"""Similarity of phrasings of different entries from which on these lie close.

Measured on 27 draws of three, five and eight phrasings an entry from three public sets of real questions (curekart,
banking, clinc). Of the questions about two entries whose closest phrasings reach it, 5.3 % went to the other of the
two: 35 times as many as for two entries at random. Three quarters of these pairs were confused at least once. With 0.7
it would be 4.0 %, of twice as many pairs; with 0.8 it would be 6.5 %, of a third of them.
"""
LIKELY = 0.01
"""Risk from which on a pair that does not lie close is worth a look because held-out phrasings went astray.

On the same draws 62 % of such pairs were confused at least once, with 4.8 % of the questions about them; of those below
it 18 %, with 0.9 %. Most of the latter come from a phrasing that is like no other of its entry.
"""
# Logistic regression of the share of questions about either of two entries that goes to the other, on the same draws.
# Fitted on two of the sets, the ten pairs of the third that it puts first hold more confusions than the ten first by
# any one of its terms. What it says is within a quarter of what happened, but above 0.1 too high.
_RISK_CLOSEST = 3.4
_RISK_CENTROID = 5.2
_RISK_ASTRAY = 2.6
"""For the square root of the share of held-out phrasings that go to the other: the first one tells the most."""
_RISK_OFFSET = -9.8
_DECIMALS = 6
"""Beyond them the arithmetic depends on the order of the entries, which must not decide anything."""
_OPTIMAL_UP_TO = 1000
"""Entries: ordering the leaves of as many takes a second and a half, and of twice as many 15."""
_BLOCK = 1024
"""Phrasings compared with all others at once, so that a big FAQ needs no more memory than a small one."""


@dataclass(frozen=True)
class Closeness:
    """How close entries lie to each other: similarities, shape ``(entries, entries)``, symmetric, 1 on the diagonal.

    Attributes:
        questions: Of their questions.
        phrasings: Of their closest phrasings; ids in words do not count.
        centroids: Of the means of what the matcher compares them by.
    """

    questions: NDArray[np.float32]
    phrasings: NDArray[np.float32]
    centroids: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two entries that could be confused.

    Attributes:
        entry: The entry.
        phrasing: Its phrasing that is closest to the other entry.
        astray: Its phrasings that went to the other entry at least once when they were held out.
        asked: How many of its phrasings were held out and asked.
    """

    entry: Entry
    phrasing: str
    astray: tuple[str, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Confusable:
    """Two entries that could be confused.

    Attributes:
        a: The one whose id comes first in the alphabet.
        b: The other.
        similarity: Of their closest phrasings.
        risk: Share of the questions about either that can be expected to go to the other, 0 to 1; good for an order
            more than as a figure.
    """

    a: Side
    b: Side
    similarity: float
    risk: float

    @property
    def is_close(self) -> bool:
        """Whether the closest phrasings alone are reason enough."""
        return self.similarity >= CLOSE


def measure_closeness(matcher: Matcher) -> Closeness:
    """Return how close the entries of an FAQ lie to each other, in its order."""
    corpus, embeddings = matcher.corpus, matcher.embeddings
    if not corpus.entries:
        nothing = np.zeros((0, 0), dtype=np.float32)
        return Closeness(nothing, nothing, nothing)
    starts = np.searchsorted(corpus.labels, np.arange(len(corpus.entries)))
    questions = embeddings[starts]
    sums = np.add.reduceat(embeddings, starts, axis=0)
    centroids = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    with one_thread():
        return Closeness(
            questions=_tidy(questions @ questions.T),
            phrasings=_tidy(_closest(matcher)),
            centroids=_tidy(centroids @ centroids.T),
        )


def cluster_order(similarities: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the order in which entries that are alike stand together; deterministic.

    Average linkage on 1 - similarity, with the leaves ordered so that neighbours are as alike as can be (Bar-Joseph,
    Gifford and Jaakkola, "Fast optimal leaf ordering for hierarchical clustering", 2001).

    Args:
        similarities: Symmetric, shape ``(entries, entries)``.

    Returns:
        The numbers of the entries, shape ``(entries,)``.
    """
    count = len(similarities)
    if count <= 2:  # noqa: PLR2004 - there is nothing to order
        return np.arange(count)
    # Half a second's import, which the command line's help should not pay for.
    from scipy.cluster import hierarchy  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    above = np.triu_indices(count, 1)
    distances = np.maximum(1 - similarities[above].astype(np.float64), 0)
    untyped = cast("Any", hierarchy)
    tree = untyped.linkage(distances, "average", optimal_ordering=count <= _OPTIMAL_UP_TO)
    return np.asarray(untyped.leaves_list(tree), dtype=np.intp)


def find_confusable(matcher: Matcher, closeness: Closeness, taken: Taken) -> tuple[Confusable, ...]:
    """Return the pairs of entries that lie close, or of which phrasings went astray; the likeliest confusion first.

    Args:
        matcher: The FAQ.
        closeness: Of its entries.
        taken: What held-out phrasings of it were taken for.
    """
    trials = _Trials(matcher, taken)
    lies_close = np.triu(closeness.phrasings >= CLOSE, 1)
    described = [
        _describe(matcher, closeness, trials, a, b) for a, b in np.argwhere(lies_close | trials.confused).tolist()
    ]
    pairs = [pair for pair in described if pair.is_close or pair.risk >= LIKELY]
    return tuple(sorted(pairs, key=lambda pair: (-round(pair.risk, _DECIMALS), pair.a.entry.id, pair.b.entry.id)))


class _Trials:
    """How often held-out phrasings went where.

    Attributes:
        asked: Trials of each entry, shape ``(entries,)``.
        went: Trials of an entry that went to another, shape ``(entries, entries)``.
        confused: Whether one of two entries lost a phrasing to the other, above the diagonal.
    """

    def __init__(self, matcher: Matcher, taken: Taken) -> None:
        labels, entries = matcher.corpus.labels, len(matcher.corpus.entries)
        self._labels = labels
        self._taken = taken
        self.asked = np.bincount(labels[taken.rows], minlength=entries)
        self.went = np.zeros((entries, entries), dtype=np.intp)
        np.add.at(self.went, (labels[taken.rows], taken.entries), 1)
        self.confused = np.triu(self.went + self.went.T > 0, 1)

    def share_astray(self, a: int, b: int) -> float:
        """Return the share of the trials of two entries that went to the other of them."""
        return float(self.went[a, b] + self.went[b, a]) / max(1.0, float(self.asked[a] + self.asked[b]))

    def rows_asked(self, entry: int) -> list[int]:
        """Return the rows of an entry that were asked."""
        return np.unique(self._taken.rows[self._labels[self._taken.rows] == entry]).tolist()

    def rows_astray(self, entry: int, other: int) -> list[int]:
        """Return the rows of an entry that went to another at least once."""
        rows = self._taken.rows[self._taken.entries == other]
        return np.unique(rows[self._labels[rows] == entry]).tolist()


def _describe(matcher: Matcher, closeness: Closeness, trials: _Trials, a: int, b: int) -> Confusable:
    corpus = matcher.corpus
    a, b = sorted((a, b), key=lambda number: corpus.entries[number].id)
    rows_a, rows_b = (np.flatnonzero((corpus.labels == number) & ~corpus.titles) for number in (a, b))
    similarities = (matcher.embeddings[rows_a] @ matcher.embeddings[rows_b].T).round(_DECIMALS)
    at_a, at_b = np.unravel_index(similarities.argmax(), similarities.shape)

    def side(number: int, row: int, other: int) -> Side:
        return Side(
            entry=corpus.entries[number],
            phrasing=corpus.texts[row],
            astray=tuple(corpus.texts[row] for row in trials.rows_astray(number, other)),
            asked=len(trials.rows_asked(number)),
        )

    closest = float(closeness.phrasings[a, b])
    weighed = (
        _RISK_CLOSEST * closest
        + _RISK_CENTROID * float(closeness.centroids[a, b])
        + _RISK_ASTRAY * math.sqrt(trials.share_astray(a, b))
        + _RISK_OFFSET
    )
    return Confusable(
        a=side(a, int(rows_a[at_a]), b),
        b=side(b, int(rows_b[at_b]), a),
        similarity=closest,
        risk=1 / (1 + math.exp(-weighed)),
    )


def _closest(matcher: Matcher) -> NDArray[np.float32]:
    """Return the highest similarity of any two phrasings of each two entries."""
    rows = np.flatnonzero(~matcher.corpus.titles)
    embeddings, labels = matcher.embeddings[rows], matcher.corpus.labels[rows]
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    closest = np.full((len(starts), len(starts)), -1, dtype=np.float32)
    for at in range(0, len(rows), _BLOCK):
        similarities = embeddings[at : at + _BLOCK] @ embeddings.T
        np.maximum.at(closest, labels[at : at + _BLOCK], np.maximum.reduceat(similarities, starts, axis=1))
    return np.maximum(closest, closest.T)


def _tidy(similarities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return similarities without what the arithmetic added: within -1 to 1, and 1 of an entry with itself."""
    tidy = np.clip(similarities.round(_DECIMALS), -1, 1)
    np.fill_diagonal(tidy, 1)
    return tidy

"""How well questions with the same entry are found to be the same, measured on questions of which the entry is known.

A question out of scope has the entry None. No pair with one is right: what questions without an entry have in common,
nobody said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ..core.types import Embeddings

SMALLEST = 3
"""Questions from which on a cluster counts, and an entry counts as asked again and again."""
_LEVELS = 20_001
"""Of similarities, -1 to 1 to four decimals; pairs of the same level count as found at once."""
_BLOCK = 1024
"""Rows compared with all others at once."""


@dataclass(frozen=True, slots=True)
class Partition:
    """How good a division of all questions into clusters is; every entry should be one cluster.

    Attributes:
        ari: Adjusted Rand index: agreement on which pairs belong together, 0 for what chance alone would give, 1 for
            all (Hubert and Arabie, "Comparing partitions", 1985).
        v_measure: Harmonic mean of homogeneity and completeness, 0 to 1 (Rosenberg and Hirschberg, "V-Measure", 2007).
        purity: Share of the questions whose entry is the most frequent one of their cluster.
        coverage: Share of the questions that are in a cluster of `SMALLEST` or more.
        clusters: How many of these there are.
    """

    ari: float
    v_measure: float
    purity: float
    coverage: float
    clusters: int


@dataclass(frozen=True, slots=True)
class Showing:
    """How good the clusters are that are shown.

    Attributes:
        clusters: How many they are.
        questions: How many questions are in them.
        right: Share of the pairs within them that have the same entry; None where there are no pairs.
        right_in_scope: The same of the pairs in which at least one question has an entry.
        covered: Share of the questions whose entry was asked `SMALLEST` times or more that are in a cluster of which
            their entry is the most frequent one; None where no entry was.
    """

    clusters: int
    questions: int
    right: float | None
    right_in_scope: float | None
    covered: float | None


def average_precision(embeddings: Embeddings, entries: Sequence[str | None]) -> float | None:
    """Return the average precision of all pairs, the most similar first; None where no two have the same entry.

    Args:
        embeddings: One row a question.
        entries: The entry of each.
    """
    labels = _to_labels(entries)
    right, wrong = np.zeros(_LEVELS, dtype=np.int64), np.zeros(_LEVELS, dtype=np.int64)
    for start in range(0, len(embeddings), _BLOCK):
        rows = embeddings[start : start + _BLOCK]
        levels = np.rint((np.clip(rows @ embeddings[start:].T, -1, 1) + 1) * ((_LEVELS - 1) / 2)).astype(np.int32)
        above = np.triu(np.ones(levels.shape, dtype=bool), 1)
        same = (labels[start : start + _BLOCK, None] == labels[None, start:]) & (labels[None, start:] >= 0)
        right += np.bincount(levels[above & same], minlength=_LEVELS)
        wrong += np.bincount(levels[above & ~same], minlength=_LEVELS)
    return precision_of(right[::-1], wrong[::-1], int(right.sum()))


def precision_of(right: NDArray[np.int64], wrong: NDArray[np.int64], possible: int) -> float | None:
    """Return the average precision of what is found step by step: the mean over all that could be found rightly.

    Args:
        right: What each step finds rightly.
        wrong: What it finds wrongly.
        possible: What could be found rightly; None is returned where that is nothing.
    """
    if not possible:
        return None
    found = right.cumsum()
    return float((right * (found / np.maximum(found + wrong.cumsum(), 1))).sum() / possible)


def judge_partition(clusters: Iterable[Sequence[int]], entries: Sequence[str | None]) -> Partition:
    """Return how good a division into clusters is.

    Args:
        clusters: The rows of each; every row is in one.
        entries: The entry of each row; at least one row. Those out of scope count as one entry.
    """
    # Half a second's import, which the command line's help should not pay for.
    from sklearn import metrics  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    untyped = cast("Any", metrics)
    labels, found = _to_labels(entries), np.empty(len(entries), dtype=np.intp)
    members = [list(rows) for rows in clusters]
    for number, rows in enumerate(members):
        found[rows] = number
    large = [len(rows) for rows in members if len(rows) >= SMALLEST]
    return Partition(
        ari=float(untyped.adjusted_rand_score(labels, found)),
        v_measure=float(untyped.v_measure_score(labels, found)),
        purity=sum(int(np.bincount(labels[rows] + 1).max()) for rows in members) / len(entries),
        coverage=sum(large) / len(entries),
        clusters=len(large),
    )


def judge_showing(clusters: Iterable[Sequence[int]], entries: Sequence[str | None]) -> Showing:
    """Return how good the clusters are that are shown.

    Args:
        clusters: The rows of each.
        entries: The entry of each row, None out of scope.
    """
    members = [list(rows) for rows in clusters]
    repeated = {entry for entry, count in Counter(entries).items() if entry is not None and count >= SMALLEST}
    right = pairs = outside = covered = 0
    for rows in members:
        counts = Counter(entries[row] for row in rows)
        outside += _count_pairs(counts.pop(None, 0))
        pairs += _count_pairs(len(rows))
        right += sum(map(_count_pairs, counts.values()))
        # Of equally frequent ones the first in the alphabet: it must not depend on the order of the rows.
        most = min(counts, key=lambda entry: (-counts[entry], str(entry)), default=None)
        covered += counts[most] if most in repeated else 0
    asked = sum(entry in repeated for entry in entries)
    return Showing(
        clusters=len(members),
        questions=len(list(chain.from_iterable(members))),
        right=right / pairs if pairs else None,
        right_in_scope=right / (pairs - outside) if pairs > outside else None,
        covered=covered / asked if asked else None,
    )


def _count_pairs(count: int) -> int:
    return count * (count - 1) // 2


def _to_labels(entries: Sequence[str | None]) -> NDArray[np.intp]:
    """Return a number for each entry, -1 out of scope."""
    numbers = {entry: number for number, entry in enumerate(sorted({entry for entry in entries if entry is not None}))}
    return np.array([-1 if entry is None else numbers[entry] for entry in entries], dtype=np.intp)

"""From which similarity on two questions are taken for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..core.types import Embeddings

DEFAULT_THRESHOLD = 0.7
"""Where no FAQ says better.

Of the pairs of questions with an entry that reach it in three public sets (curekart, banking, clinc), 95, 73 and 91 %
have the same entry; with 0.6 it would be 82, 46 and 78 %. They are 3, 30 and 25 % of all pairs that do.
"""
MIN_SAME = 20
"""Pairs of phrasings of one entry from which a threshold can be derived; fewer would make it a matter of chance."""
_BINS = 200
"""Of similarities from -1 to 1: a threshold to two decimals is as exact as it is certain."""
_BLOCK = 1024
"""Phrasings compared with all others at once."""


def derive_threshold(embeddings: Embeddings, entries: Sequence[str]) -> float:
    """Return the similarity that tells phrasings of one entry best from those of different ones.

    The one with the highest F1, the harmonic mean of precision and recall, when pairs of phrasings that reach it are
    taken for the same. With two to ten phrasings an entry of banking and clinc, the thresholds so found lie within 0.09
    of the one that is best for their users' questions.

    Args:
        embeddings: Of the FAQ's phrasings.
        entries: The entry of each.

    Returns:
        0 to 1, to two decimals; `DEFAULT_THRESHOLD` where the FAQ has fewer than `MIN_SAME` pairs of phrasings of one
        entry, or only one entry.
    """
    labels = np.unique(np.asarray(entries, dtype=object).astype(str), return_inverse=True)[1]
    same, different = _count(embeddings, labels)
    if same.sum() < MIN_SAME or not different.any():
        return DEFAULT_THRESHOLD
    # From high to low: how many pairs each threshold would take for the same, rightly and wrongly.
    right, wrong = same[::-1].cumsum(), different[::-1].cumsum()
    f1 = 2 * right / (right + wrong + same.sum())
    lowest = (_BINS - 1 - int(f1.argmax())) * 2 / _BINS - 1
    return round(max(0.0, lowest), 2)


def _count(embeddings: Embeddings, labels: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many pairs of one label and of two there are at which similarity, shape ``(_BINS,)`` each."""
    same, different = np.zeros(_BINS, dtype=np.int64), np.zeros(_BINS, dtype=np.int64)
    for start in range(0, len(embeddings), _BLOCK):
        stop = min(start + _BLOCK, len(embeddings))
        similarities = embeddings[start:stop] @ embeddings[start:].T
        bins = np.clip((similarities + 1) * (_BINS / 2), 0, _BINS - 1).astype(np.int16)
        is_same = labels[start:stop, None] == labels[None, start:]
        above = np.triu(np.ones(bins.shape, dtype=bool), 1)
        same += np.bincount(bins[above & is_same], minlength=_BINS)
        different += np.bincount(bins[above & ~is_same], minlength=_BINS)
    return same, different

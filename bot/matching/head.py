"""The linear head: which entry an embedding belongs to, learnt from all phrasings at once."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .threads import one_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings

STRENGTH = 30.0
"""scikit-learn's C, the inverse of the regularisation. Measured between 3 and 100: flat from 10 to 50."""
_ITERATIONS = 500


@dataclass(frozen=True, slots=True)
class Head:
    """Multinomial logistic regression on centred embeddings.

    Centring takes away what all phrasings of an FAQ have in common, its subject, and leaves what tells them apart.

    Attributes:
        centre: Mean of the phrasings' embeddings, shape ``(dim,)``.
        weights: One row an entry, shape ``(entries, dim)``.
        bias: Shape ``(entries,)``.
    """

    centre: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, embeddings: Embeddings) -> NDArray[np.float32]:
        """Return how probable each entry is if one of them is right; rows sum to 1, shape ``(n, entries)``."""
        logits = centred(embeddings, self.centre) @ self.weights.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        return odds / odds.sum(axis=1, keepdims=True)


def fit_head(embeddings: Embeddings, labels: NDArray[np.intp]) -> Head:
    """Fit a head.

    Each entry weighs as the square root of its number of phrasings: one with hundreds should be expected more often,
    but not drown the others.

    Args:
        embeddings: The phrasings.
        labels: The number of the entry of each, from 0, none left out and at least two in all.
    """
    # Half a second's import, which the command line's help should not pay for.
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    centre = embeddings.mean(axis=0)
    sizes = np.bincount(labels)
    shares = 1 / np.sqrt(sizes[labels])
    model = cast("Any", LogisticRegression)(C=STRENGTH, max_iter=_ITERATIONS)
    with warnings.catch_warnings(), one_thread():
        # A head that is still improving in the fourth digit is as good.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Two phrasings an entry are many entries for few rows, which scikit-learn takes for a mistake.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%", UserWarning)
        model.fit(centred(embeddings, centre), labels, sample_weight=shares / shares.mean())
    weights, bias = model.coef_, model.intercept_
    if len(sizes) == 2:  # noqa: PLR2004 - scikit-learn keeps one row for two classes: the second's odds over the first
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.concatenate([np.zeros_like(bias), bias])
    return Head(centre, weights.astype(np.float32), bias.astype(np.float32))


def centred(embeddings: Embeddings, centre: NDArray[np.float32]) -> Embeddings:
    """Return embeddings moved so that `centre` is the origin, and brought back to length 1."""
    moved = embeddings - centre
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)

"""The linear head: which entry an embedding belongs to, learnt from all phrasings at once."""

from __future__ import annotations

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
_LINE_SEARCH = 50
_TOLERANCE = 1e-4
"""When L-BFGS stops: scikit-learn's defaults."""


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
    """Fit a head, as scikit-learn's LogisticRegression does with its default solver, but without its import.

    Each entry weighs as the square root of its number of phrasings: one with hundreds should be expected more often,
    but not drown the others.

    Args:
        embeddings: The phrasings.
        labels: The number of the entry of each, from 0, none left out and at least two in all.
    """
    # A quarter of a second's import, for which an FAQ that did not change need not wait.
    from scipy import optimize  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    centre = embeddings.mean(axis=0)
    sizes = np.bincount(labels)
    shares = 1 / np.sqrt(sizes[labels])
    loss = _Loss(centred(embeddings, centre), labels, shares / shares.sum(), 1 / (STRENGTH * len(labels)))
    # A head that is still improving in the fourth digit is as good.
    options = {"maxiter": _ITERATIONS, "maxls": _LINE_SEARCH, "gtol": _TOLERANCE, "ftol": 64 * np.finfo(float).eps}
    with one_thread():
        found = cast("Any", optimize).minimize(loss, loss.start, method="L-BFGS-B", jac=True, options=options)
    weights, bias = loss.split(found.x)
    return Head(centre, weights.astype(np.float32), bias.astype(np.float32))


class _Loss:
    """The regularised cross entropy of a multinomial logistic regression, and its gradient."""

    def __init__(
        self, rows: Embeddings, labels: NDArray[np.intp], shares: NDArray[np.float64], strength: float
    ) -> None:
        self._rows = rows
        self._shares = shares[:, None].astype(np.float32)
        self._strength = strength
        self._right = np.arange(len(labels)), labels
        self._entries = int(labels.max()) + 1

    @property
    def start(self) -> NDArray[np.float64]:
        return np.zeros(self._entries * (int(self._rows.shape[1]) + 1), dtype=np.float64)

    def split(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights and bias."""
        table = parameters.reshape(self._entries, self._rows.shape[1] + 1)
        return np.asarray(table[:, :-1]), np.asarray(table[:, -1])

    def __call__(self, parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = self.split(parameters)
        # In single precision, as the embeddings are: twice as fast, and the sum over the rows is what needs digits.
        logits = self._rows @ weights.T.astype(np.float32) + bias.astype(np.float32)
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        surprise = np.log(total) - logits[self._right][:, None]
        errors = odds / total
        errors[self._right] -= 1
        errors *= self._shares
        gradient = np.empty((self._entries, self._rows.shape[1] + 1))
        gradient[:, :-1] = errors.T @ self._rows + self._strength * weights
        gradient[:, -1] = errors.sum(axis=0)
        loss = float((self._shares * surprise).sum(dtype=np.float64) + 0.5 * self._strength * (weights**2).sum())
        return loss, gradient.ravel()


def centred(embeddings: Embeddings, centre: NDArray[np.float32]) -> Embeddings:
    """Return embeddings moved so that `centre` is the origin, and brought back to length 1."""
    moved = embeddings - centre
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)

"""From confidence to probability: a logistic curve over one number, fitted to samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RIDGE = 1e-4
"""Of the slope, against losses over hundreds of samples: next to nothing, so that even samples that a threshold divides
cleanly have a steepest sensible curve."""
_STEPS = 100
_SHORTEST_STEP = 1e-10
_ENOUGH = 1e-9
"""Of the gradient, per sample: the probabilities are settled to more digits than anybody reads."""
_MOST = 500.0
"""Beyond it the exponential of a double overflows; the curve is flat long before."""


class LogisticCurve:
    """A probability that rises with a number.

    Args:
        slope: By how much the log-odds rise with the number, at least 0.
        offset: The log-odds at 0.
    """

    def __init__(self, slope: float, offset: float) -> None:
        self._slope = slope
        self._offset = offset

    @property
    def is_flat(self) -> bool:
        """Whether the number says nothing."""
        return self._slope == 0

    def of(self, value: float) -> float:
        """Return the probability at a number."""
        return float(sigmoid(np.array(self._slope * value + self._offset)))


def fit_platt(values: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]) -> LogisticCurve:
    """Fit a curve to samples by Newton's method with step halving.

    The source is Platt, "Probabilistic outputs for support vector machines" (1999), in the numerically sound form of
    Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector machines" (2007). More of the number
    never means less probability: where the samples say so, the curve is flat.

    Args:
        values: The numbers, shape ``(n,)``.
        right: Whether each sample is one of those whose probability is wanted.
        weights: How much each counts; they add up to 1.
    """
    if not right.any():
        return LogisticCurve(0.0, -np.inf)
    share = float(np.clip(weights[right].sum() / weights.sum(), 1e-6, 1 - 1e-6))
    flat = np.array([0.0, np.log(share / (1 - share))])
    slope, offset = _descend(np.stack([values, np.ones_like(values)]), right, weights * len(values), flat)
    return LogisticCurve(slope, offset) if slope > 0 else LogisticCurve(*map(float, flat))


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-np.clip(values, -_MOST, _MOST)))


def _descend(
    rows: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64], start: NDArray[np.float64]
) -> tuple[float, float]:
    """Return slope and offset of the least loss, going down from `start`."""
    signs = np.where(right, -1.0, 1.0)
    ridge = np.array([_RIDGE, 0.0])

    def loss(at: NDArray[np.float64]) -> float:
        return float(weights @ np.logaddexp(0.0, signs * (at @ rows)) + 0.5 * (ridge * at) @ at)

    at, least = start, loss(start)
    for _ in range(_STEPS):
        chance = sigmoid(at @ rows)
        gradient = rows @ (weights * (chance - right)) + ridge * at
        if np.abs(gradient).max() < _ENOUGH * weights.sum():
            break
        curvature = (rows * (weights * chance * (1 - chance))) @ rows.T + np.diag(ridge + 1e-12)
        direction = np.linalg.solve(curvature, -gradient)
        step = 1.0
        while (there := loss(at + step * direction)) > least + 1e-4 * step * float(gradient @ direction):
            step /= 2
            if step < _SHORTEST_STEP:
                return float(at[0]), float(at[1])
        at, least = at + step * direction, there
    return float(at[0]), float(at[1])

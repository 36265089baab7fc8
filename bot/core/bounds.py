"""Few numbers that stand for a row, so that their products bound the rows' own from above.

With x = (x₁, x₂) in any orthogonal coordinates, x·y <= x₁·y₁ + ‖x₂‖ ‖y₂‖ (Cauchy and Schwarz), so that the first
principal components and the length of what is left bound the similarity. They are found in single precision; what its
rounding may change is bounded, too: a sum of n products, in whatever order, errs by at most γₙ = n u / (1 - n u) times
the sum of their magnitudes, with the unit roundoff u (Higham, "Accuracy and Stability of Numerical Algorithms", 2002,
section 3.1).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .types import Embeddings

    Numbers = NDArray[np.floating[Any]]

REST = 2
"""Numbers that the length of what is left is spread over: alone it would be the largest of a row, by which all of them
are rounded where they are rounded."""
UNIT_ROUNDOFF = {np.dtype(np.float32): 2.0**-24, np.dtype(np.float64): 2.0**-53}
"""Of each type, rounding to the nearest."""
SINGLE = 1e-10, 1e10
"""Lengths between which nothing of a row overflows or vanishes in single precision, the squares least of all."""
SMALLEST = 1e-37
"""What a magnitude is taken for at least by which others are divided: of rows of zeros there is none."""


class Axes:
    """Turns rows into their coordinates along axes, and the length of what is left.

    Args:
        axes: Shape ``(dim, k)``: axes as columns, orthogonal and of length 1 but for rounding.
    """

    def __init__(self, axes: NDArray[np.float64]) -> None:
        self._held: dict[np.dtype[Any], tuple[Numbers, float]] = {}
        for dtype in UNIT_ROUNDOFF:
            held = np.ascontiguousarray(axes, dtype=dtype)
            self._held[dtype] = held, _defect(held)

    def turn(self, rows: Numbers, squares: Numbers) -> tuple[Numbers, float]:
        """Return coordinates of rows that bound, and how far the first of them may be from exact ones.

        Let Q be the orthogonal axes nearest to ours, A, which their defect bounds the distance of: â, the computed
        product of a row x with A, is within (γₙ ‖A‖ + ‖A - Q‖) ‖x‖ of a = Qᵀx, where ‖A‖ is Frobenius's norm. What is
        left has the squared length ‖x‖² - ‖a‖², of which ‖x‖² - ‖â‖² as computed may fall short by the sum below.

        Args:
            rows: Shape ``(n, dim)``, in single or double precision.
            squares: Their squared lengths, likewise.

        Returns:
            Shape ``(n, k + REST)``: the coordinates, then what the length of what is left is spread over; and a length
            that no row's difference from exact ones exceeds.
        """
        axes, defect = self._held[rows.dtype]
        dim, count = axes.shape
        roundoff = UNIT_ROUNDOFF[rows.dtype]
        astray = gamma(dim, roundoff) * math.sqrt(count) * (1 + defect) + defect
        # Four times, for what is of higher order and for the rounding of the sum and the root themselves.
        short = 4 * (gamma(dim, roundoff) + gamma(count, roundoff) + 2 * astray + 2 * roundoff)
        turned = np.empty((len(rows), count + REST), rows.dtype)
        along = turned[:, :count]
        np.matmul(rows, axes, out=along)
        rest = np.maximum(squares - np.vecdot(along, along), 0) + rows.dtype.type(short) * squares
        turned[:, count:] = np.sqrt(rest / REST)[:, None]
        return turned, astray * length_limit(squares, dim)


def principal_axes(sample: Embeddings) -> NDArray[np.float64]:
    """Return the principal axes of rows as columns, the first ones first.

    Args:
        sample: The rows.
    """
    # Scaled, as single precision ends early; more is not needed, for any axes will do.
    rows = sample / max(float(np.abs(sample).max(initial=0.0)), SMALLEST)
    # Not centred: what is bounded are products, not differences.
    _, vectors = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    return vectors[:, ::-1]


def squared_lengths(rows: Embeddings) -> tuple[Numbers, bool]:
    """Return the rows' squared lengths, and whether it took double precision.

    Args:
        rows: Shape ``(n, dim)``.

    Raises:
        ValueError: A number is not finite.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        squares = np.vecdot(rows, rows)
    # Neither is true of what is not a number.
    if squares.min(initial=1.0) >= SINGLE[0] ** 2 and squares.max(initial=1.0) <= SINGLE[1] ** 2:
        return squares, False
    exact = rows.astype(np.float64)
    squares = np.vecdot(exact, exact)
    if not np.isfinite(squares).all():
        raise ValueError("an embedding holds a number that is not finite")
    return squares, True


def longest_row(rows: Embeddings, block: int = 1024) -> float:
    """Return a length that no row exceeds, larger than the longest one's by no more than rounding.

    Args:
        rows: The rows; may be a memory map.
        block: How many are looked at at once.

    Raises:
        ValueError: A number is not finite.
    """
    parts = (rows[start : start + block] for start in range(0, len(rows), block))
    return max((length_limit(squared_lengths(part)[0], rows.shape[1]) for part in parts), default=0.0)


def float_cutoff(threshold: float, dim: int, lengths: float) -> np.float32:
    """Return what a product in single precision has to reach for the pair to be a candidate.

    Args:
        threshold: The threshold.
        dim: Numbers a row.
        lengths: Product of the lengths of the longest rows of each side.
    """
    error = gamma(dim, UNIT_ROUNDOFF[np.dtype(np.float32)]) * lengths
    # Down once more, as rounding to float32 may have gone up.
    return np.nextafter(np.float32(threshold - error), np.float32(-np.inf))


def length_limit(squares: Numbers, terms: int) -> float:
    """Return what no length exceeds whose square was summed from so many terms."""
    largest = float(squares.max(initial=0.0))
    return math.sqrt(largest * (1 + 2 * gamma(terms + 1, UNIT_ROUNDOFF[squares.dtype])))


def gamma(terms: int, roundoff: float) -> float:
    """Return by what part of the sum of magnitudes a sum of so many products errs at most."""
    return terms * roundoff / (1 - terms * roundoff)


def _defect(axes: Numbers) -> float:
    """Return how far axes are at most from orthogonal ones of length 1, by the spectral norm.

    With singular values s, the nearest ones are max |s - 1| away (polar decomposition), which is at most max |s² - 1|,
    the spectral norm of AᵀA - I, which Frobenius's exceeds.
    """
    exact = axes.astype(np.float64)
    dim, count = exact.shape
    found = float(np.linalg.norm(exact.T @ exact - np.eye(count)))
    return found + 2 * count * gamma(dim, UNIT_ROUNDOFF[np.dtype(np.float64)])

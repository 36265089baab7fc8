"""Rows as whole numbers of 8 bits, whose products bound the rows' own from above.

With x = (x₁, x₂) in any orthogonal coordinates, x·y <= x₁·y₁ + ‖x₂‖ ‖y₂‖ (Cauchy and Schwarz), so that the first
principal components and the length of what is left bound the similarity. They are found in single precision: what its
rounding may change is bounded and counts like what rounding to 8 bits changes: a sum of n products, in whatever order,
errs by at most γₙ = n u / (1 - n u) times the sum of their magnitudes, with the unit roundoff u (Higham, "Accuracy and
Stability of Numerical Algorithms", 2002, section 3.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .products import LARGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings

    Numbers = NDArray[np.floating[Any]]

REST = 2
"""Numbers that the length of what is left is spread over: alone it would be the largest of a row, by which all of them
are rounded."""
UNIT_ROUNDOFF = {np.dtype(np.float32): 2.0**-24, np.dtype(np.float64): 2.0**-53}
"""Of each type, rounding to the nearest."""
SINGLE = 1e-10, 1e10
"""Lengths between which nothing of a row overflows or vanishes in single precision, the squares least of all."""
_SMALLEST = 1e-37
"""Rows of zeros have a unit too."""
_SLACK = 1e-9
"""Of the product of the lengths: the similarity's own rounding in double precision, and that of the bound (1e-13)."""
_SEED = 11


@dataclass(frozen=True, slots=True)
class Codes:
    """Rows as whole numbers of 8 bits.

    The numbers, times their unit, stand for coordinates of the row, whose products are never below the row's own.

    Attributes:
        numbers: Shape ``(n, k)``, see `Basis.encode` for how large they are.
        unit: What 1 stands for.
        longest: No row of coordinates is longer, nor is a row itself.
        farthest: No difference between a row of coordinates and what stands for it is longer.
    """

    numbers: NDArray[np.int8]
    unit: float
    longest: float
    farthest: float

    def __len__(self) -> int:
        return len(self.numbers)


class Basis:
    """Turns rows into codes.

    Args:
        axes: Shape ``(dim, k)``: axes as columns, orthogonal and of length 1 but for rounding; the codes are the
            coordinates along them and the length of what is left. None takes the rows as they are.
    """

    def __init__(self, axes: NDArray[np.float64] | None = None) -> None:
        self._axes: dict[np.dtype[Any], tuple[Numbers, float]] = {}
        if axes is not None:
            for dtype in UNIT_ROUNDOFF:
                held = np.ascontiguousarray(axes, dtype=dtype)
                self._axes[dtype] = held, _defect(held)

    def encode(self, rows: Embeddings, largest: int = LARGEST) -> Codes:
        """Return the codes of rows.

        Args:
            rows: Shape ``(n, dim)``.
            largest: Magnitude that no number shall exceed, at most `LARGEST`.

        Raises:
            ValueError: A number is not finite.
        """
        squares, exact = squared_lengths(rows)
        dtype = np.dtype(np.float64 if exact else np.float32)
        numbers: Numbers = rows.astype(dtype, copy=False)
        return _to_codes(*(self._turn(numbers, squares) if self._axes else (numbers, 0.0)), largest)

    def _turn(self, rows: Numbers, squares: Numbers) -> tuple[Numbers, float]:
        """Return coordinates that bound, and how far the first of them may be from exact ones.

        Let Q be the orthogonal axes nearest to ours, A, which their defect bounds the distance of: â, the computed
        product of a row x with A, is within (γₙ ‖A‖ + ‖A - Q‖) ‖x‖ of a = Qᵀx, where ‖A‖ is Frobenius's norm. What is
        left has the squared length ‖x‖² - ‖a‖², of which ‖x‖² - ‖â‖² as computed may fall short by the sum below.
        """
        axes, defect = self._axes[rows.dtype]
        dim, count = axes.shape
        roundoff = UNIT_ROUNDOFF[rows.dtype]
        astray = _gamma(dim, roundoff) * math.sqrt(count) * (1 + defect) + defect
        # Four times, for what is of higher order and for the rounding of the sum and the root themselves.
        short = 4 * (_gamma(dim, roundoff) + _gamma(count, roundoff) + 2 * astray + 2 * roundoff)
        turned = np.empty((len(rows), count + REST), rows.dtype)
        along = turned[:, :count]
        np.matmul(rows, axes, out=along)
        rest = np.maximum(squares - np.vecdot(along, along), 0) + rows.dtype.type(short) * squares
        turned[:, count:] = np.sqrt(rest / REST)[:, None]
        return turned, astray * _length(squares, dim)


def principal_axes(sample: Embeddings) -> NDArray[np.float64]:
    """Return the principal axes of rows as columns, the first ones first.

    Args:
        sample: The rows.
    """
    # Scaled, as single precision ends early; more is not needed, for any axes will do.
    rows = sample / max(float(np.abs(sample).max(initial=0.0)), _SMALLEST)
    # Not centred: what is bounded are products, not differences.
    _, vectors = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    return vectors[:, ::-1]


def turn_axes(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return axes that span what some axes do, turned within it at random.

    What a row has along the first principal axis may be many times the rest; turned, its coordinates are of one size,
    so that the largest, by which all are rounded, is smaller.

    Args:
        axes: Orthogonal ones, of length 1, as columns.
    """
    turn, _ = np.linalg.qr(np.random.default_rng(_SEED).normal(size=(axes.shape[1],) * 2))
    return axes @ turn


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
    return max((_length(squared_lengths(part)[0], rows.shape[1]) for part in parts), default=0.0)


def integer_cutoff(threshold: float, older: Codes, newer: Codes) -> int:
    """Return what a product of whole numbers has to reach for the pair to be a candidate.

    With x = x' + e and y = y' + f, where x' and y' are what the bytes stand for, x·y - x'·y' = x'·f + e·y, which is at
    most ‖x'‖ ‖f‖ + ‖e‖ ‖y‖.
    """
    error = (older.longest + older.farthest) * newer.farthest + older.farthest * newer.longest
    slack = _SLACK * older.longest * newer.longest
    least = (threshold - error - slack) / (older.unit * newer.unit)
    # No product lies beyond 32 bits; rounded down, which lets more pass.
    return int(max(min(math.floor(least), 2**31 - 1), -(2**31)))


def float_cutoff(threshold: float, dim: int, lengths: float) -> np.float32:
    """Return what a product in single precision has to reach for the pair to be a candidate.

    Args:
        threshold: The threshold.
        dim: Numbers a row.
        lengths: Product of the lengths of the longest rows of each side.
    """
    error = _gamma(dim, UNIT_ROUNDOFF[np.dtype(np.float32)]) * lengths
    # Down once more, as rounding to float32 may have gone up.
    return np.nextafter(np.float32(threshold - error), np.float32(-np.inf))


def _to_codes(coordinates: Numbers, astray: float, levels: int) -> Codes:
    """Return codes, of so many levels on each side, of coordinates that may be `astray` from exact ones."""
    count = coordinates.shape[1]
    roundoff = UNIT_ROUNDOFF[coordinates.dtype]
    largest = max(abs(float(coordinates.max(initial=0.0))), abs(float(coordinates.min(initial=0.0))), _SMALLEST)
    # As a number of that type, for it is what they are multiplied by below.
    unit = coordinates.dtype.type(largest / levels)
    numbers = np.divide(coordinates, unit)
    np.rint(numbers, out=numbers)
    whole = numbers.astype(np.int8)
    longest = _length(np.vecdot(coordinates, coordinates), count)
    np.subtract(coordinates, np.multiply(numbers, unit, out=numbers), out=numbers)
    # The products with the unit and the differences were rounded too, each by that part of the coordinate at most.
    off = _length(np.vecdot(numbers, numbers), count) + 4 * roundoff * longest
    return Codes(whole, float(unit), longest + astray, off + astray)


def _length(squares: Numbers, terms: int) -> float:
    """Return what no length exceeds whose square was summed from so many terms."""
    longest = float(squares.max(initial=0.0))
    return math.sqrt(longest * (1 + 2 * _gamma(terms + 1, UNIT_ROUNDOFF[squares.dtype])))


def _gamma(terms: int, roundoff: float) -> float:
    return terms * roundoff / (1 - terms * roundoff)


def _defect(axes: Numbers) -> float:
    """Return how far axes are at most from orthogonal ones of length 1, by the spectral norm.

    With singular values s, the nearest ones are max |s - 1| away (polar decomposition), which is at most max |s² - 1|,
    the spectral norm of AᵀA - I, which Frobenius's exceeds.
    """
    exact = axes.astype(np.float64)
    dim, count = exact.shape
    found = float(np.linalg.norm(exact.T @ exact - np.eye(count)))
    return found + 2 * count * _gamma(dim, UNIT_ROUNDOFF[np.dtype(np.float64)])

"""Rows as whole numbers of 8 bits, whose products bound the rows' own from above.

They are the coordinates of `core.bounds`, or the row itself. What single precision may have changed of these counts
like what rounding to 8 bits changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.bounds import SMALLEST, UNIT_ROUNDOFF, Axes, length_limit, squared_lengths
from .products import LARGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.bounds import Numbers
    from ..core.types import Embeddings

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
        self._axes = None if axes is None else Axes(axes)

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
        return _to_codes(*(self._axes.turn(numbers, squares) if self._axes else (numbers, 0.0)), largest)


def turn_axes(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return axes that span what some axes do, turned within it at random.

    What a row has along the first principal axis may be many times the rest; turned, its coordinates are of one size,
    so that the largest, by which all are rounded, is smaller.

    Args:
        axes: Orthogonal ones, of length 1, as columns.
    """
    turn, _ = np.linalg.qr(np.random.default_rng(_SEED).normal(size=(axes.shape[1],) * 2))
    return axes @ turn


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


def _to_codes(coordinates: Numbers, astray: float, levels: int) -> Codes:
    """Return codes, of so many levels on each side, of coordinates that may be `astray` from exact ones."""
    count = coordinates.shape[1]
    roundoff = UNIT_ROUNDOFF[coordinates.dtype]
    largest = max(abs(float(coordinates.max(initial=0.0))), abs(float(coordinates.min(initial=0.0))), SMALLEST)
    # As a number of that type, for it is what they are multiplied by below.
    unit = coordinates.dtype.type(largest / levels)
    numbers = np.divide(coordinates, unit)
    np.rint(numbers, out=numbers)
    whole = numbers.astype(np.int8)
    length = length_limit(np.vecdot(coordinates, coordinates), count)
    np.subtract(coordinates, np.multiply(numbers, unit, out=numbers), out=numbers)
    # The products with the unit and the differences were rounded too, each by that part of the coordinate at most.
    off = length_limit(np.vecdot(numbers, numbers), count) + 4 * roundoff * length
    return Codes(whole, float(unit), length + astray, off + astray)

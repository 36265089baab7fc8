"""Rows in few numbers each, which tell quickly which of many rows cannot be among the closest to a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.bounds import REST, UNIT_ROUNDOFF, Axes, gamma, length_limit, principal_axes, squared_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.types import Embeddings

_SAMPLE = 4096
"""Rows from which the axes are found."""
_BLOCK = 8192
"""Rows that are turned at once."""
_SINGLE = np.dtype(np.float32)


class Outline:
    """Rows along the axes in which they differ most, in single precision.

    Args:
        rows: Shape ``(n, dim)``; may be a memory map, and is read once.
        coordinates: Numbers a row, more than `REST` and less than `dim`.

    Raises:
        ValueError: There are rows of zeros, or otherwise so short or so long that single precision does not do.
    """

    def __init__(self, rows: Embeddings, coordinates: int) -> None:
        dim = rows.shape[1]
        sample = np.ascontiguousarray(rows[:: max(1, len(rows) // _SAMPLE)][:_SAMPLE])
        self._axes = Axes(principal_axes(sample)[:, : coordinates - REST])
        self._turned = np.empty((len(rows), coordinates), np.float32)
        self._longest = self._astray = 0.0
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            self._turned[part], astray, longest = self._turn(rows[part])
            self._astray, self._longest = max(self._astray, astray), max(self._longest, longest)
        # A sum of the coordinates' products, and one of the rows' own.
        self._rounding = gamma(coordinates, UNIT_ROUNDOFF[_SINGLE]) + gamma(dim, UNIT_ROUNDOFF[_SINGLE])

    def bound(self, query: Embeddings) -> tuple[NDArray[np.float32], float]:
        """Return numbers which the similarities of the rows with a query exceed by no more than another.

        Args:
            query: Shape ``(1, dim)``.

        Returns:
            Shape ``(n,)``; and by how much they may be exceeded by similarities in single precision.

        Raises:
            ValueError: As for the rows.
        """
        turned, astray, longest = self._turn(query)
        # See `mining.codes.integer_cutoff`. Twice, as coordinates are longer than rows by what was added for rounding.
        off = (self._longest + self._astray) * astray + self._astray * longest
        return np.vecdot(self._turned, turned[0]), 2 * (off + self._rounding * self._longest * longest)

    def _turn(self, rows: Embeddings) -> tuple[NDArray[np.float32], float, float]:
        """Return coordinates, how far they may be from exact ones, and what no row's length exceeds."""
        squares, exact = squared_lengths(rows)
        if exact:
            raise ValueError("embeddings to be searched are of length 1")
        turned, astray = self._axes.turn(rows, squares)
        return turned.astype(np.float32, copy=False), astray, length_limit(squares, rows.shape[1])

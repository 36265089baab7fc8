"""Which pairs of rows may be similar enough: quick tests that let no such pair slip, and few others pass.

What passes is decided by `pairs` on the similarity itself. `FloatSieve` multiplies in single precision. `IntegerSieve`
multiplies whole numbers of 8 bits, four times as many in the same time, and only some of a row's where that is enough:
with x = (x₁, x₂) in any orthogonal coordinates, x·y <= x₁·y₁ + ‖x₂‖ ‖y₂‖ (Cauchy and Schwarz), so that the first
principal components and the length of what is left bound the similarity from above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .products import LARGEST, ZERO, integer_product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .products import Multiply

    Candidates = tuple[NDArray[np.intp], NDArray[np.intp]]
    """Rows of the older block and of the newer one, by their places in them."""
    Coordinates = Callable[[Embeddings], NDArray[np.float64]]
    """Makes of rows others whose product is never below theirs."""

STEP = 64
"""Numbers a row of which a bound is made are a multiple of it, as many as a processor multiplies at once."""
DECIDING = 40_000
"""Numbers of 8 bits that are multiplied in the time in which one pair is decided (0.2 µs at 200 an ns)."""
WORTHWHILE = 30_000_000
"""Pairs from which on finding coordinates is made up for; so many take single precision a third of a second."""
FEWEST_ROWS = 1000
"""Newer rows from which on it pays to turn each older row into bytes."""
_SAMPLE = 2048
"""Rows from which the principal components are found, and on which it is tried how many pairs pass."""
_TRIED = 1024
"""Rows of the sample that are compared with all of it: two million pairs, as thousands of them decide nothing."""
_SMALLEST = 1e-37
"""Rows of zeros have a unit too."""
_SLACK = 1e-9
"""Of the product of the lengths, for double precision's own rounding in some hundred additions (about 1e-13)."""
_REST_SLACK = 1e-12
"""Of the squared length, added to the square of what is left: the difference of two sums may come out too small."""
_UNIT_ROUNDOFF = 2.0**-24
"""Of float32, rounding to the nearest."""


class Sieve(Protocol):
    """Finds candidates between blocks."""

    def sift(self, older: Embeddings, first: int, *, own: bool = False) -> Iterator[tuple[int, Candidates]]:
        """Yield, for each block of newer rows from the one of row `first` on, where it begins and its candidates.

        Args:
            older: Rows to compare with the newer ones.
            first: See above.
            own: The older rows are the newer ones from `first` on, and all in one block of them.
        """
        ...


class FloatSieve:
    """Multiplies in single precision, with a margin that no rounding can exceed.

    Args:
        newer: The rows with which each older block is compared.
        threshold: Lowest similarity.
        block: How many newer rows are compared at once.
        longest: Length of the longest newer row.
    """

    def __init__(self, newer: Embeddings, threshold: float, block: int, longest: float) -> None:
        self._newer = newer
        self._threshold = threshold
        self._block = block
        self._longest = longest

    def sift(self, older: Embeddings, first: int, *, own: bool = False) -> Iterator[tuple[int, Candidates]]:  # noqa: ARG002
        """See Sieve."""
        cutoff = _cutoff(self._threshold, older.shape[1], self._longest * longest_row(older))
        for start in range(first // self._block * self._block, len(self._newer), self._block):
            newer = self._newer[start : start + self._block]
            yield start, _places(older @ newer.T >= cutoff)


@dataclass(frozen=True)
class _Bytes:
    """Rows as whole numbers of 8 bits.

    Attributes:
        numbers: Shape ``(n, k)``, -127 to 127.
        unit: What 1 stands for.
        longest: Length of the longest row.
        farthest: Length of the longest difference between a row and what stands for it.
    """

    numbers: NDArray[np.int8]
    unit: float
    longest: float
    farthest: float


class IntegerSieve:
    """Multiplies whole numbers of 8 bits, with a margin for what rounding to them may have changed.

    Args:
        newer: As for `FloatSieve`.
        threshold: Lowest similarity.
        block: How many newer rows are compared at once.
        coordinates: See `Coordinates`.
        multiply: See `integer_product`.
    """

    def __init__(
        self,
        newer: Embeddings,
        threshold: float,
        block: int,
        coordinates: Coordinates,
        multiply: Multiply,
    ) -> None:
        self._threshold = threshold
        self._block = block
        self._coordinates = coordinates
        self._multiply = multiply
        self._newer: list[tuple[NDArray[np.int8], _Bytes]] = []
        for start in range(0, len(newer), block):
            packed = _to_bytes(coordinates(newer[start : start + block]))
            self._newer.append((np.ascontiguousarray(packed.numbers.T), packed))

    def sift(self, older: Embeddings, first: int, *, own: bool = False) -> Iterator[tuple[int, Candidates]]:
        """See Sieve."""
        at, begin = divmod(first, self._block)
        if own:
            packed = self._newer[at][1]
            signed = packed.numbers[begin : begin + len(older)]
        else:
            packed = _to_bytes(self._coordinates(older))
            signed = packed.numbers
        numbers = (signed.astype(np.int16) + ZERO).astype(np.uint8)
        passes = np.empty((len(older), self._block), np.bool_)
        for place in range(at, len(self._newer)):
            columns, newer = self._newer[place]
            products = self._multiply(numbers, columns)
            cutoff = _integer_cutoff(self._threshold, packed, newer)
            # Into the same memory each time: asking the system for more costs as much as comparing.
            yield place * self._block, _places(np.greater_equal(products, cutoff, out=passes[:, : products.shape[1]]))


def choose_sieve(newer: Embeddings, threshold: float, block: int, pairs: int, longest: float) -> Sieve:
    """Return the quickest sieve for so many pairs.

    Args:
        newer: As for `FloatSieve`.
        threshold: Lowest similarity.
        block: How many newer rows are compared at once.
        pairs: How many are to be compared.
        longest: Length of the longest newer row.
    """
    multiply = integer_product() if pairs >= WORTHWHILE and len(newer) >= FEWEST_ROWS else None
    if multiply is None:
        return FloatSieve(newer, threshold, block, longest)
    sample = np.ascontiguousarray(newer[:: max(1, len(newer) // _SAMPLE)][:_SAMPLE])
    return IntegerSieve(newer, threshold, block, _choose_coordinates(sample, threshold, multiply), multiply)


def principal_axes(sample: Embeddings) -> NDArray[np.float64]:
    """Return the principal axes of rows as columns, the first ones first.

    Args:
        sample: The rows.
    """
    rows = sample.astype(np.float64)
    # Not centred: what is bounded are products, not differences.
    _, vectors = np.linalg.eigh(rows.T @ rows)
    return vectors[:, ::-1]


def bounding_coordinates(axes: NDArray[np.float64]) -> Coordinates:
    """Return what makes of rows their coordinates along some axes and an upper bound of the length of the rest.

    Args:
        axes: Orthogonal ones, of length 1, as columns; fewer than dimensions.
    """
    axes = np.ascontiguousarray(axes)
    count = axes.shape[1]

    def turn(rows: Embeddings) -> NDArray[np.float64]:
        exact = rows.astype(np.float64)
        turned = np.empty((len(rows), count + 1))
        np.matmul(exact, axes, out=turned[:, :count])
        squares = np.einsum("ij,ij->i", exact, exact)
        rest = squares - np.einsum("ij,ij->i", turned[:, :count], turned[:, :count])
        turned[:, count] = np.sqrt(np.maximum(rest, 0) + _REST_SLACK * squares)
        return turned

    return turn


def _choose_coordinates(sample: Embeddings, threshold: float, multiply: Multiply) -> Coordinates:
    """Return what makes the fewest numbers of a row for which the pairs that pass cost less than the numbers spared."""
    cheapest, chosen = float(sample.shape[1]), _as_they_are
    axes = principal_axes(sample) if sample.shape[1] > STEP else None
    tried = sample[:_TRIED]
    for numbers in range(STEP, sample.shape[1], STEP):
        if axes is None or numbers >= cheapest:
            break
        coordinates = bounding_coordinates(axes[:, : numbers - 1])
        trial = IntegerSieve(sample, threshold, len(sample), coordinates, multiply)
        passing = sum(len(older) for _, (older, _) in trial.sift(tried, 0))
        # Each row passes with itself.
        cost = numbers + DECIDING * (passing - len(tried)) / (len(tried) * len(sample))
        if cost < cheapest:
            cheapest, chosen = cost, coordinates
    return chosen


def longest_row(rows: Embeddings, block: int = 1024) -> float:
    """Return the length of the longest row.

    Args:
        rows: The rows; may be a memory map.
        block: How many are looked at at once.

    Raises:
        ValueError: A number is not finite.
    """
    longest = 0.0
    for start in range(0, len(rows), block):
        lengths = np.sqrt(np.square(rows[start : start + block], dtype=np.float64).sum(axis=1))
        longest = max(longest, float(lengths.max()))
        if not math.isfinite(longest) or np.isnan(lengths).any():
            raise ValueError("an embedding holds a number that is not finite")
    return longest


def may_reach(a: Embeddings, b: Embeddings, threshold: float, lengths: float) -> NDArray[np.bool_]:
    """Return whether the similarity of each row with the row beside it may reach a threshold, by single precision.

    Args:
        a: Shape ``(n, dim)``.
        b: Shape ``(n, dim)``.
        threshold: The threshold.
        lengths: Product of the lengths of the longest rows of each side.
    """
    return np.einsum("ij,ij->i", a, b) >= _cutoff(threshold, a.shape[1], lengths)


def _places(passes: NDArray[np.bool_]) -> Candidates:
    at_older, at_newer = np.divmod(np.flatnonzero(passes), max(1, passes.shape[1]))
    return at_older, at_newer


def _as_they_are(rows: Embeddings) -> NDArray[np.float64]:
    return rows.astype(np.float64)


def _to_bytes(rows: NDArray[np.float64]) -> _Bytes:
    unit = max(float(np.abs(rows).max(initial=0.0)), _SMALLEST) / LARGEST
    numbers = np.rint(rows / unit)
    off = rows - unit * numbers
    return _Bytes(numbers.astype(np.int8), unit, _longest_of(rows), _longest_of(off))


def _longest_of(rows: NDArray[np.float64]) -> float:
    return math.sqrt(float(np.einsum("ij,ij->i", rows, rows).max(initial=0.0)))


def _integer_cutoff(threshold: float, older: _Bytes, newer: _Bytes) -> int:
    """Return what a product of whole numbers has to reach for the pair to be a candidate.

    With x = x' + e and y = y' + f, where x' and y' are what the bytes stand for, x·y - x'·y' = x'·f + e·y, which is at
    most ‖x'‖ ‖f‖ + ‖e‖ ‖y‖.
    """
    error = (older.longest + older.farthest) * newer.farthest + older.farthest * newer.longest
    slack = _SLACK * older.longest * newer.longest
    least = (threshold - error - slack) / (older.unit * newer.unit)
    # No product lies beyond 32 bits; rounded down, which lets more pass.
    return int(max(min(math.floor(least), 2**31 - 1), -(2**31)))


def _cutoff(threshold: float, dim: int, lengths: float) -> np.float32:
    """Return what a product in single precision has to reach for the pair to be a candidate.

    Whatever the order in which a dot product is summed, its error is at most n u / (1 - n u) times the product of the
    lengths, with n the dimension and u the unit roundoff (Higham, "Accuracy and Stability of Numerical Algorithms",
    2002, section 3.1); at 384 dimensions that is 0.00002.
    """
    error = dim * _UNIT_ROUNDOFF / (1 - dim * _UNIT_ROUNDOFF) * lengths
    # Down once more, as rounding to float32 may have gone up.
    return np.nextafter(np.float32(threshold - error), np.float32(-np.inf))

"""Which pairs of rows may be similar enough: quick tests that let no such pair slip, and few others pass.

What passes is decided by `pairs` on the similarity itself. `FloatSieve` multiplies in single precision. `IntegerSieve`
multiplies whole numbers of 8 bits, four times as many in the same time, and only 128 of them a row where that is
enough: with x = (x₁, x₂) in any orthogonal coordinates, x·y <= x₁·y₁ + ‖x₂‖ ‖y₂‖ (Cauchy and Schwarz), so that the
first principal components and the length of what is left bound the similarity from above.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings

    Candidates = tuple[NDArray[np.intp], NDArray[np.intp]]
    """Rows of the older block and of the newer one, by their places in them."""
    Coordinates = Callable[[Embeddings], NDArray[np.float64]]
    """Makes of rows others whose product is never below theirs."""

_log = logging.getLogger(__name__)

COMPONENTS = 127
"""With the length of the rest 128 numbers: a multiple of what a processor multiplies at once."""
MOST_PASSING = 0.002
"""Share of pairs that may pass the bound: above it, deciding them costs more than the numbers that it saves."""
WORTHWHILE = 30_000_000
"""Pairs from which on finding coordinates is made up for; so many take single precision a third of a second."""
FEWEST_ROWS = 1000
"""Newer rows from which on it pays to turn each older row into bytes."""
_SAMPLE = 2048
"""Rows from which the principal components are found, and on which it is tried how many pairs pass."""
_LARGEST = 127
"""Of a signed byte, symmetric."""
_SMALLEST = 1e-37
"""Rows of zeros have a unit too."""
_ZERO = 128
"""What stands for 0 in an unsigned byte."""
_SLACK = 1e-9
"""Of the product of the lengths, for double precision's own rounding in some hundred additions (about 1e-13)."""
_REST_SLACK = 1e-12
"""Of the squared length, added to the square of what is left: the difference of two sums may come out too small."""
_UNIT_ROUNDOFF = 2.0**-24
"""Of float32, rounding to the nearest."""


class Sieve(Protocol):
    """Finds candidates between blocks."""

    def sift(self, older: Embeddings, first: int) -> Iterator[tuple[int, Candidates]]:
        """Yield, for each block of newer rows from the one of row `first` on, where it begins and its candidates."""
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

    def sift(self, older: Embeddings, first: int) -> Iterator[tuple[int, Candidates]]:
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
        multiply: Callable[[NDArray[np.uint8], NDArray[np.int8]], NDArray[np.int32]],
    ) -> None:
        self._threshold = threshold
        self._block = block
        self._coordinates = coordinates
        self._multiply = multiply
        self._newer: list[tuple[NDArray[np.int8], _Bytes]] = []
        for start in range(0, len(newer), block):
            packed = _to_bytes(coordinates(newer[start : start + block]))
            self._newer.append((np.ascontiguousarray(packed.numbers.T), packed))

    def sift(self, older: Embeddings, first: int) -> Iterator[tuple[int, Candidates]]:
        """See Sieve."""
        packed = _to_bytes(self._coordinates(older))
        numbers = (packed.numbers.astype(np.int16) + _ZERO).astype(np.uint8)
        for place in range(first // self._block, len(self._newer)):
            columns, newer = self._newer[place]
            products = self._multiply(numbers, columns)
            yield place * self._block, _places(products >= _integer_cutoff(self._threshold, packed, newer))


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
    if newer.shape[1] > COMPONENTS + 1:
        coordinates = principal_coordinates(sample)
        trial = IntegerSieve(sample, threshold, block, coordinates, multiply)
        passing = sum(len(older) for _, (older, _) in trial.sift(sample, 0))
        # Each row passes with itself.
        if passing - len(sample) <= MOST_PASSING * len(sample) ** 2:
            return IntegerSieve(newer, threshold, block, coordinates, multiply)
    return IntegerSieve(newer, threshold, block, _as_they_are, multiply)


def principal_coordinates(sample: Embeddings) -> Coordinates:
    """Return what makes of rows their first principal components and an upper bound of the length of the rest.

    Args:
        sample: Rows from which the components are found; more than `COMPONENTS` dimensions.
    """
    rows = sample.astype(np.float64)
    # Not centred: what is bounded are products, not differences.
    _, vectors = np.linalg.eigh(rows.T @ rows)
    axes = np.ascontiguousarray(vectors[:, -COMPONENTS:])

    def turn(rows: Embeddings) -> NDArray[np.float64]:
        exact = rows.astype(np.float64)
        turned = np.empty((len(rows), COMPONENTS + 1))
        np.matmul(exact, axes, out=turned[:, :COMPONENTS])
        squares = np.einsum("ij,ij->i", exact, exact)
        rest = squares - np.einsum("ij,ij->i", turned[:, :COMPONENTS], turned[:, :COMPONENTS])
        turned[:, COMPONENTS] = np.sqrt(np.maximum(rest, 0) + _REST_SLACK * squares)
        return turned

    return turn


@cache
def integer_product() -> Callable[[NDArray[np.uint8], NDArray[np.int8]], NDArray[np.int32]] | None:
    """Return what multiplies two matrices of bytes, None where that cannot be trusted.

    The first holds unsigned bytes, in which 128 stands for 0; the second signed ones, one column a row of the other
    side. On processors that have no instruction for it the library adds pairs of products in 16 bits, which overflow:
    there single precision has to do.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - needed for large histories only  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        return None
    options = cast("Any", onnxruntime).SessionOptions()
    # Whoever wants more cores starts more threads, each with a part of the work of its own.
    options.intra_op_num_threads = 1
    model = resources.files(__package__ or "").joinpath("product.onnx").read_bytes()
    session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def multiply(rows: NDArray[np.uint8], columns: NDArray[np.int8]) -> NDArray[np.int32]:
        return session.run(None, {"rows": rows, "columns": columns})[0]

    if _is_exact(multiply):
        return multiply
    _log.info("this processor multiplies bytes inexactly; questions are compared in single precision")
    return None


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
    unit = max(float(np.abs(rows).max(initial=0.0)), _SMALLEST) / _LARGEST
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


def _is_exact(multiply: Callable[[NDArray[np.uint8], NDArray[np.int8]], NDArray[np.int32]]) -> bool:
    """Return whether products come out right, the largest before all."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, size=(8, 384)).astype(np.uint8)
    columns = rng.integers(-_LARGEST, _LARGEST + 1, size=(384, 32)).astype(np.int8)
    rows[0], rows[1] = 255, 1
    columns[:, 0], columns[:, 1] = _LARGEST, -_LARGEST
    right = (rows.astype(np.int64) - _ZERO) @ columns.astype(np.int64)
    return bool((multiply(rows, columns) == right).all())

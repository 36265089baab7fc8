"""Which pairs of rows may be similar enough: quick tests that let no such pair slip, and few others pass.

What passes is decided by `pairs` on the similarity itself. `FloatSieve` multiplies in single precision. `IntegerSieve`
multiplies whole numbers of 8 bits, four times as many in the same time, and fewer of them where that is enough (see
`codes`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.bounds import REST, float_cutoff, longest_row, principal_axes
from .codes import Basis, integer_cutoff, turn_axes
from .products import ZERO, integer_product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .codes import Codes
    from .products import IntegerProduct

    Candidates = tuple[NDArray[np.intp], NDArray[np.intp]]
    """Rows of the older block and of the newer one, by their places in them."""

STEP = 64
"""Numbers a row of which a bound is made are a multiple of it, as many as a processor multiplies at once."""
DECIDING = 60_000
"""Numbers of 8 bits that are multiplied in the time in which one pair is decided (0.3 µs at 200 an ns)."""
WORTHWHILE = 30_000_000
"""Pairs from which on finding coordinates is made up for; so many take single precision a third of a second."""
FEWEST_ROWS = 1000
"""Newer rows from which on it pays to turn each older row into bytes."""
_SAMPLE = 4096
"""Rows from which the principal components are found, and on which it is tried how many pairs pass."""
_TRIED = 1024
"""Rows of the sample that are compared with all of it: four million pairs, as thousands of them decide nothing."""
_WORD = 8
"""Flags that are looked at at once."""
_MANY = 16
"""Where one flag in so many may be set, looking at them by words takes longer."""


class Sieve(Protocol):
    """Finds candidates between blocks.

    Attributes:
        longest: No newer row is longer.
    """

    longest: float

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
    """

    def __init__(self, newer: Embeddings, threshold: float, block: int) -> None:
        self._newer = newer
        self._threshold = threshold
        self._block = block
        self.longest = longest_row(newer)

    def sift(self, older: Embeddings, first: int, *, own: bool = False) -> Iterator[tuple[int, Candidates]]:  # noqa: ARG002
        """See Sieve."""
        cutoff = float_cutoff(self._threshold, older.shape[1], self.longest * longest_row(older))
        for start in range(first // self._block * self._block, len(self._newer), self._block):
            newer = self._newer[start : start + self._block]
            passes = older @ newer.T >= cutoff
            yield start, np.divmod(np.flatnonzero(passes), max(1, passes.shape[1]))


class IntegerSieve:
    """Multiplies whole numbers of 8 bits, with a margin for what rounding to them may have changed.

    Args:
        newer: As for `FloatSieve`.
        threshold: Lowest similarity.
        block: How many newer rows are compared at once.
        basis: Makes the codes.
        product: Multiplies the codes.
        workers: Threads that make the codes.
    """

    def __init__(
        self,
        newer: Embeddings,
        threshold: float,
        block: int,
        basis: Basis,
        product: IntegerProduct,
        workers: int = 1,
    ) -> None:
        self._threshold = threshold
        self._block = block
        self._basis = basis
        self._multiply = product.multiply
        encode = partial(basis.encode, largest=product.largest)
        parts = (newer[start : start + block] for start in range(0, len(newer), block))
        with ThreadPoolExecutor(workers, "mining") as pool:
            # A single worker needs no thread of its own.
            encoded = pool.map(encode, parts) if workers > 1 else map(encode, parts)
            self._newer = [(np.ascontiguousarray(codes.numbers.T), codes) for codes in encoded]
        self.longest = max((codes.longest for _, codes in self._newer), default=0.0)

    def sift(self, older: Embeddings, first: int, *, own: bool = False) -> Iterator[tuple[int, Candidates]]:
        """See Sieve."""
        if not own:
            yield from self.sift_codes(self._basis.encode(older), first)
            return
        at, begin = divmod(first, self._block)
        codes = self._newer[at][1]
        yield from self.sift_codes(replace(codes, numbers=codes.numbers[begin : begin + len(older)]), first)

    def sift_codes(self, older: Codes, first: int = 0) -> Iterator[tuple[int, Candidates]]:
        """Do what `sift` does with rows of which codes were made by the same basis."""
        numbers = older.numbers.view(np.uint8) ^ np.uint8(ZERO)
        flags = np.zeros(-(-len(older) * self._block // _WORD) * _WORD, np.bool_)
        for place in range(first // self._block, len(self._newer)):
            columns, newer = self._newer[place]
            products = self._multiply(numbers, columns)
            cutoff = integer_cutoff(self._threshold, older, newer)
            # Into the same memory each time: asking the system for more costs as much as comparing.
            np.greater_equal(products, cutoff, out=flags[: products.size].reshape(products.shape))
            flags[products.size :] = False
            yield place * self._block, np.divmod(_find_set(flags), max(1, products.shape[1]))


def choose_sieve(newer: Embeddings, threshold: float, block: int, pairs: int, workers: int = 1) -> Sieve:
    """Return the quickest sieve for so many pairs.

    Args:
        newer: As for `FloatSieve`.
        threshold: Lowest similarity.
        block: How many newer rows are compared at once.
        pairs: How many are to be compared.
        workers: As for `IntegerSieve`.

    Raises:
        ValueError: A number is not finite.
    """
    product = integer_product() if pairs >= WORTHWHILE and len(newer) >= FEWEST_ROWS else None
    if product is None:
        return FloatSieve(newer, threshold, block)
    basis = _choose_basis(spread_sample(newer), threshold, product)
    return IntegerSieve(newer, threshold, block, basis, product, workers)


def spread_sample(rows: Embeddings) -> Embeddings:
    """Return some of the rows, from all over them."""
    return np.ascontiguousarray(rows[:: max(1, len(rows) // _SAMPLE)][:_SAMPLE])


def _choose_basis(sample: Embeddings, threshold: float, product: IntegerProduct) -> Basis:
    """Return what makes the fewest numbers of a row for which the pairs that pass cost less than the numbers spared."""
    cheapest, chosen = float(sample.shape[1]), Basis()
    longest_row(sample)  # numbers that are not finite have no axes
    axes = principal_axes(sample) if sample.shape[1] > STEP else None
    tried = sample[:: max(1, len(sample) // _TRIED)][:_TRIED]
    for numbers in range(STEP, sample.shape[1], STEP):
        if axes is None or numbers >= cheapest:
            break
        basis = Basis(turn_axes(axes[:, : numbers - REST]))
        trial = IntegerSieve(sample, threshold, len(sample), basis, product)
        passing = sum(len(older) for _, (older, _) in trial.sift(tried, 0))
        # Each row passes with itself.
        cost = numbers + DECIDING * (passing - len(tried)) / (len(tried) * len(sample))
        if cost < cheapest:
            cheapest, chosen = cost, basis
    return chosen


def may_reach(a: Embeddings, b: Embeddings, threshold: float, lengths: float) -> NDArray[np.bool_]:
    """Return whether the similarity of each row with the row beside it may reach a threshold, by single precision.

    Args:
        a: Shape ``(n, dim)``.
        b: Shape ``(n, dim)``.
        threshold: The threshold.
        lengths: Product of the lengths of the longest rows of each side.
    """
    return np.vecdot(a, b) >= float_cutoff(threshold, a.shape[1], lengths)


def _find_set(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the places of a few flags among many, whose number is a multiple of 8: whole words of none are skipped."""
    words = np.flatnonzero(flags.view(np.uint64) != 0)
    if len(words) * _WORD > len(flags) // _MANY:
        return np.flatnonzero(flags)
    found = np.flatnonzero(flags.reshape(-1, _WORD)[words])
    return words[found // _WORD] * _WORD + found % _WORD

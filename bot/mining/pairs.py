"""Which questions mean the same: every pair whose similarity reaches a threshold, and no other.

*Every* is meant literally, unlike where each row keeps its k nearest only. A product in single precision finds the
candidates, with a margin that no rounding can exceed; what decides is the similarity of the pair alone, in double
precision: the products of float32 numbers are exact there, and they are summed in an order that depends on nothing but
the dimension. So the same two rows have the same similarity, to the last bit, whatever they are mined with, in
whichever order or part, with however many threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings

OLDER_BLOCK = 1024
NEWER_BLOCK = 4096
"""Rows compared at once: 16 MiB of similarities, 8 MiB of embeddings of 384 dimensions.

An upper bound of the similarity from 127 principal components and the length of the rest (Cauchy and Schwarz) leaves a
third of the numbers to multiply. It was tried and dropped: rescoring what it cannot rule out takes what it saves.
"""
RESCORED = 4096
"""Candidates that are decided at once: 12 MiB at 384 dimensions, however many a block has."""
_IN_CACHE = 128
"""Rows whose products are summed while the processor's cache still holds them."""
_UNIT_ROUNDOFF = 2.0**-24
"""Of float32, rounding to the nearest."""


_TRIMMED = 500_000
"""Pairs that `closest_each` holds before it drops any: 12 MB, and three times as much while it sorts them."""


class Rows(Protocol):
    """Embeddings that are read a block at a time: an array's part of being one, for rows that are somewhere else."""

    @property
    def ndim(self) -> int:
        """Two."""
        ...

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """The type of the numbers."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimensions."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> Embeddings: ...


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, one element a pair.

    Attributes:
        first: The row with the smaller number, shape ``(pairs,)``.
        second: The other, shape ``(pairs,)``.
        similarity: Their dot product in double precision, shape ``(pairs,)``.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)


def mine_pairs(
    embeddings: Embeddings,
    threshold: float,
    *,
    stored: Embeddings | Rows | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Pairs]:
    """Find the pairs of rows whose similarity is at or above a threshold; in blocks, so that memory stays bounded.

    With `stored` rows, those are taken for mined already: what is found are the pairs of a new row and a stored one,
    and of two new ones. Rows are numbered as if the new ones stood below the stored ones, so that mining night by night
    finds the very pairs that mining everything at once does.

    Args:
        embeddings: The new rows; may be a memory map.
        threshold: Lowest similarity, -1 to 1.
        stored: Rows mined earlier, in the order of their numbers; may be elsewhere (see `Rows`), and is read once.
        on_progress: Called with rows done and rows in all, stored ones included. What it raises ends the mining; so
            does closing the generator.

    Yields:
        The pairs of one block each, never none; in no particular order.

    Raises:
        ValueError: The embeddings are no two-dimensional float32 arrays of one width, or a number in them is not
            finite; or the threshold is not between -1 and 1.
    """
    _check(embeddings, threshold, stored)
    return _mine(embeddings, threshold, stored, on_progress)


def collect_pairs(blocks: Iterable[Pairs]) -> Pairs:
    """Return the pairs of all blocks in one, ordered by their first and then their second row.

    Args:
        blocks: As `mine_pairs` yields them. A pair takes 24 bytes.
    """
    found = [Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float64)), *blocks]
    first, second = (np.concatenate([getattr(pairs, name) for pairs in found]) for name in ("first", "second"))
    order = np.lexsort((second, first))
    similarity = np.concatenate([pairs.similarity for pairs in found])
    return Pairs(first[order], second[order], similarity[order])


def closest_pairs(blocks: Iterable[Pairs], most: int) -> tuple[Pairs, int]:
    """Return the most similar pairs, closest first, and how many there are in all; in memory for `2 * most` pairs.

    Args:
        blocks: As `mine_pairs` yields them.
        most: How many to return at most.
    """
    held, count, total = list[Pairs](), 0, 0
    for pairs in blocks:
        held.append(pairs)
        count += len(pairs)
        total += len(pairs)
        if count >= 2 * most:
            held = [_closest(held, most)]
            count = len(held[0])
    return _closest(held, most), total


def closest_each(blocks: Iterable[Pairs], most: int) -> Iterator[Pairs]:
    """Yield the pairs of each second row with the first rows that are most similar to it, at most so many.

    What is asked again and again has a pair with every time that it was asked before: all of them together grow with
    the square of the questions, these with their number. Which of them are left does not depend on how the rows were
    divided into nights, as the first row of a pair is the older one.

    Args:
        blocks: As `mine_pairs` yields them; all are read before the first is yielded.
        most: Pairs of a row; of equally similar ones those with the smaller first row.

    Yields:
        Blocks in ascending order of the first row, none empty.
    """
    held, count, limit = list[Pairs](), 0, _TRIMMED
    for pairs in blocks:
        held.append(pairs)
        count += len(pairs)
        if count >= limit:
            held = [_closest_each(held, most)]
            count = len(held[0])
            limit = max(_TRIMMED, 2 * count)
    left = collect_pairs([_closest_each(held, most)])
    for start in range(0, len(left), RESCORED):
        part = slice(start, start + RESCORED)
        yield Pairs(left.first[part], left.second[part], left.similarity[part])


def _closest_each(held: list[Pairs], most: int) -> Pairs:
    pairs = collect_pairs(held)
    order = np.lexsort((pairs.first, -pairs.similarity, pairs.second))
    second = pairs.second[order]
    # How many of the same second row stand before each.
    before = np.arange(len(second)) - np.searchsorted(second, second)
    kept = order[before < most]
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.similarity[kept])


def _closest(held: list[Pairs], most: int) -> Pairs:
    pairs = collect_pairs(held)
    # Stable: of equals those come first that stand first.
    order = np.argsort(-pairs.similarity, kind="stable")[:most]
    return Pairs(pairs.first[order], pairs.second[order], pairs.similarity[order])


def similarity(a: Embeddings, b: Embeddings) -> NDArray[np.float64]:
    """Return the similarity of each row with the row beside it, as it is compared with the threshold.

    Args:
        a: Shape ``(n, dim)``.
        b: Shape ``(n, dim)``.

    Returns:
        Shape ``(n,)``; the same for ``(b, a)``, and for two rows wherever they stand.
    """
    similarities = np.empty(len(a))
    for start in range(0, len(a), _IN_CACHE):
        part = slice(start, start + _IN_CACHE)
        # Neither `einsum` nor BLAS, which sum in an order of their own choice.
        similarities[part] = np.multiply(a[part], b[part], dtype=np.float64).sum(axis=1)
    return similarities


def _check(embeddings: Embeddings, threshold: float, stored: Embeddings | Rows | None) -> None:
    for rows in (embeddings, stored):
        if rows is not None and (rows.ndim != 2 or rows.dtype != np.float32):  # noqa: PLR2004 - rows and dimensions
            raise ValueError(f"embeddings are float32 of two dimensions, not {rows.dtype} of {rows.ndim}")
    if stored is not None and stored.shape[1] != embeddings.shape[1]:
        raise ValueError(f"new rows have {embeddings.shape[1]} dimensions and stored ones {stored.shape[1]}")
    if not -1 <= threshold <= 1:  # nor is NaN
        raise ValueError(f"a threshold is between -1 and 1, not {threshold}")


def _mine(
    new: Embeddings, threshold: float, stored: Embeddings | Rows | None, on_progress: Callable[[int, int], None] | None
) -> Iterator[Pairs]:
    offset = 0 if stored is None else len(stored)
    total = offset + len(new)
    longest = _longest(new)
    buffer = np.empty(OLDER_BLOCK * min(NEWER_BLOCK, len(new)), dtype=np.float32)
    done = 0
    for older in _older_blocks(stored, new):
        cutoff = _cutoff(threshold, new.shape[1], longest * _longest(older))
        for start in range(max(0, done - offset), len(new), NEWER_BLOCK):
            newer = new[start : start + NEWER_BLOCK]
            products = buffer[: len(older) * len(newer)].reshape(len(older), len(newer))
            np.matmul(older, newer.T, out=products)
            at_older, at_newer = np.divmod(np.flatnonzero(products >= cutoff), max(1, len(newer)))
            # A row is compared neither with itself nor with those above it, with which it was compared already.
            below = at_newer + (offset + start) > at_older + done
            yield from _decide(
                older, newer, (at_older[below], at_newer[below]), threshold, places=(done, offset + start)
            )
        done += len(older)
        if on_progress:
            on_progress(done, total)


def _older_blocks(stored: Embeddings | Rows | None, new: Embeddings) -> Iterator[Embeddings]:
    for rows in (new,) if stored is None else (stored, new):
        for start in range(0, len(rows), OLDER_BLOCK):
            # Copied, so that a memory map is read once and not once a block of new rows.
            yield np.array(rows[start : start + OLDER_BLOCK])


def _decide(
    older: Embeddings,
    newer: Embeddings,
    candidates: tuple[NDArray[np.intp], NDArray[np.intp]],
    threshold: float,
    *,
    places: tuple[int, int],
) -> Iterator[Pairs]:
    """Yield those of a block's candidates that reach the threshold; in parts, for in some blocks every pair does."""
    at_older, at_newer = candidates
    for at in range(0, len(at_older), RESCORED):
        first, second = at_older[at : at + RESCORED], at_newer[at : at + RESCORED]
        similarities = similarity(older[first], newer[second])
        kept = similarities >= threshold
        if kept.any():
            yield Pairs(first[kept] + places[0], second[kept] + places[1], similarities[kept])


def _longest(rows: Embeddings) -> float:
    """Return the length of the longest row.

    Raises:
        ValueError: A number is not finite.
    """
    longest = 0.0
    for start in range(0, len(rows), OLDER_BLOCK):
        lengths = np.sqrt(np.square(rows[start : start + OLDER_BLOCK], dtype=np.float64).sum(axis=1))
        longest = max(longest, float(lengths.max()))
        if not math.isfinite(longest) or np.isnan(lengths).any():
            raise ValueError("an embedding holds a number that is not finite")
    return longest


def _cutoff(threshold: float, dim: int, lengths: float) -> np.float32:
    """Return what a product in single precision has to reach for the pair to be a candidate.

    Whatever the order in which a dot product is summed, its error is at most n u / (1 - n u) times the product of the
    lengths, with n the dimension and u the unit roundoff (Higham, "Accuracy and Stability of Numerical Algorithms",
    2002, section 3.1); at 384 dimensions that is 0.00002.
    """
    error = dim * _UNIT_ROUNDOFF / (1 - dim * _UNIT_ROUNDOFF) * lengths
    # Down once more, as rounding to float32 may have gone up.
    return np.nextafter(np.float32(threshold - error), np.float32(-np.inf))

"""Which questions mean the same: every pair whose similarity reaches a threshold, and no other.

*Every* is meant literally, unlike where each row keeps its k nearest only. A product in single precision finds the
candidates, with a margin that no rounding can exceed; what decides is the similarity of the pair alone, in double
precision: the products of float32 numbers are exact there, and they are summed in an order that depends on nothing but
the dimension. So the same two rows have the same similarity, to the last bit, whatever they are mined with, in
whichever order or part, with however many threads.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .sieves import choose_sieve, longest_row, may_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from ..core.types import Embeddings

OLDER_BLOCK = 1024
NEWER_BLOCK = 1024
"""Rows compared at once: 4 MiB of products, which stay in the processor's cache until they were looked through.

The second is a multiple of the first.
"""
RESCORED = 512
"""Candidates that are decided at once, however many a block has: at 384 dimensions 1.5 MiB, which stay in the cache."""
_IN_CACHE = 128
"""Rows whose products are summed while the processor's cache still holds them."""


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
    workers: int = 1,
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
        workers: Threads that compare blocks at the same time, each on one core.
        on_progress: Called with rows done and rows in all, stored ones included. What it raises ends the mining; so
            does closing the generator.

    Yields:
        The pairs of one block each, never none; in no particular order.

    Raises:
        ValueError: The embeddings are no two-dimensional float32 arrays of one width, or a number in them is not
            finite; or the threshold is not between -1 and 1.
    """
    _check(embeddings, threshold, stored)
    return _mine(embeddings, threshold, stored, workers, on_progress)


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
    new: Embeddings,
    threshold: float,
    stored: Embeddings | Rows | None,
    workers: int,
    on_progress: Callable[[int, int], None] | None,
) -> Iterator[Pairs]:
    offset = 0 if stored is None else len(stored)
    total = offset + len(new)
    pairs = len(new) * offset + len(new) ** 2 // 2
    longest = longest_row(new)
    sieve = choose_sieve(new, threshold, NEWER_BLOCK, pairs, longest)

    def compare(block: tuple[int, Embeddings]) -> Iterator[Pairs]:
        place, older = block
        lengths = longest * longest_row(older)
        scratch = np.empty((2, RESCORED, new.shape[1]), np.float32)
        for start, (at_older, at_newer) in sieve.sift(older, max(0, place - offset), own=place >= offset):
            # A row is compared neither with itself nor with those above it, with which it was compared already.
            below = at_newer + (offset + start) > at_older + place
            sides = older, new[start : start + NEWER_BLOCK]
            candidates = at_older[below], at_newer[below]
            for at_both, similarities in _decide(sides, candidates, threshold, lengths, scratch):
                yield Pairs(at_both[0] + place, at_both[1] + (offset + start), similarities)

    blocks = _older_blocks(stored, new)
    for done, found in _spread(compare, blocks, workers):
        yield from found
        if on_progress:
            on_progress(done, total)


def _spread(
    compare: Callable[[tuple[int, Embeddings]], Iterator[Pairs]],
    blocks: Iterator[tuple[int, Embeddings]],
    workers: int,
) -> Iterator[tuple[int, Iterable[Pairs]]]:
    """Yield, block after block, how many rows are done with it and its pairs, and work on several at a time."""
    if workers == 1:
        for place, older in blocks:
            yield place + len(older), compare((place, older))
        return
    waiting: deque[tuple[int, Future[list[Pairs]]]] = deque()

    def work(block: tuple[int, Embeddings]) -> list[Pairs]:
        return list(compare(block))

    with ThreadPoolExecutor(workers, "mining") as pool:
        try:
            for place, older in blocks:
                waiting.append((place + len(older), pool.submit(work, (place, older))))
                if len(waiting) > workers:
                    done, found = waiting.popleft()
                    yield done, found.result()
            while waiting:
                done, found = waiting.popleft()
                yield done, found.result()
        finally:
            # Who closes the generator is not to wait for blocks that nobody has begun.
            for _, future in waiting:
                future.cancel()


def _older_blocks(stored: Embeddings | Rows | None, new: Embeddings) -> Iterator[tuple[int, Embeddings]]:
    """Yield the rows in blocks, each with the number of its first row."""
    place = 0
    for rows in (new,) if stored is None else (stored, new):
        for start in range(0, len(rows), OLDER_BLOCK):
            # Copied, so that a memory map is read once and not once a block of new rows.
            block = np.array(rows[start : start + OLDER_BLOCK])
            yield place, block
            place += len(block)


def _decide(
    sides: tuple[Embeddings, Embeddings],
    candidates: tuple[NDArray[np.intp], NDArray[np.intp]],
    threshold: float,
    lengths: float,
    scratch: NDArray[np.float32],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield those of the candidates that reach the threshold, by their places on each side, and their similarities.

    In parts, for in some blocks every pair does; `scratch` holds the rows of a part, shape ``(2, RESCORED, dim)``.
    """
    places = np.stack(candidates)
    for at in range(0, places.shape[1], RESCORED):
        part = places[:, at : at + RESCORED]
        a, b = scratch[:, : part.shape[1]]
        for rows, chosen, taken in zip(sides, part, (a, b), strict=True):
            # Any other mode would gather them elsewhere first.
            np.take(rows, chosen, axis=0, out=taken, mode="clip")
        # Where a sieve let many pass, most of them are dropped before double precision has to decide.
        likely = np.flatnonzero(may_reach(a, b, threshold, lengths))
        similarities = similarity(a[likely], b[likely])
        kept = similarities >= threshold
        if kept.any():
            yield part[:, likely[kept]], similarities[kept]

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
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from ..core.bounds import longest_row
from .sieves import choose_sieve, may_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sized
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .sieves import Candidates, Sieve

OLDER_BLOCK = 1024
NEWER_BLOCK = 1024
"""Rows compared at once: 4 MiB of products, which stay in the processor's cache until they were looked through.

The second is a multiple of the first.
"""
RESCORED = 1024
"""Candidates that are decided at once, at 384 dimensions 3 MiB. With fewer, several workers would wait for each other:
each step of numpy's ends with taking the interpreter's lock, and each wait with waking a thread."""
HELD = 4096
"""Candidates whose pairs are yielded together; a thousand rows have some hundred with a thousand others."""
_IN_CACHE = 256
"""Rows whose products are summed while the processor's cache still holds them."""


_Block = TypeVar("_Block", bound="Sized")
_Found = TypeVar("_Found")


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
    check(embeddings, threshold, stored)
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


def check(embeddings: Embeddings, threshold: float, stored: Embeddings | Rows | None) -> None:
    """Raise the ValueError that `mine_pairs` raises at once."""
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
    pairs = len(new) * offset + len(new) ** 2 // 2
    sieve = choose_sieve(new, threshold, NEWER_BLOCK, pairs, workers)
    yield from compare_all(new, threshold, stored, sieve, workers, on_progress)


def compare_all(
    new: Embeddings,
    threshold: float,
    stored: Embeddings | Rows | None,
    sieve: Sieve,
    workers: int,
    on_progress: Callable[[int, int], None] | None,
) -> Iterator[Pairs]:
    """Do what `mine_pairs` does, with a sieve of the new rows, whose block is NEWER_BLOCK."""
    offset = 0 if stored is None else len(stored)

    def compare(block: tuple[int, Embeddings]) -> Iterator[Pairs]:
        place, older = block
        lengths = sieve.longest * longest_row(older)
        scratch = np.empty((2, RESCORED, new.shape[1]), np.float32)
        first = max(0, place - offset)
        for candidates in in_parts(_below(sieve.sift(older, first, own=place >= offset), place - offset), HELD):
            yield from decide((older, new), candidates, (place, offset), threshold, lengths, scratch)

    for done, found in spread(compare, _older_blocks(stored, new), workers):
        yield from found
        if on_progress:
            on_progress(done, offset + len(new))


def _below(found: Iterable[tuple[int, Candidates]], place: int) -> Iterator[Candidates]:
    """Yield candidates by their places among all newer rows, without those that are compared the other way round.

    Args:
        found: What a sieve finds for a block of older rows.
        place: Where its first row stands among the newer ones, less than 0 if they are others.
    """
    for start, (at_older, at_newer) in found:
        newer = at_newer + start
        if start > place + OLDER_BLOCK:
            yield at_older, newer
        else:
            # A row is compared neither with itself nor with those above it, with which it was compared already.
            below = newer > at_older + place
            yield at_older[below], newer[below]


def in_parts(found: Iterable[Candidates], size: int) -> Iterator[Candidates]:
    """Yield candidates together that come in small numbers, and those in parts that come in large ones.

    Args:
        found: The candidates, in any division.
        size: How many come at once, at most, and at least but for the last ones of what is given at once.
    """
    held: list[Candidates] = []
    count = 0
    for candidates in found:
        held.append(candidates)
        count += len(candidates[0])
        if count >= size:
            yield from _cut(held, size)
            held, count = [], 0
    yield from _cut(held, size)


def _cut(held: list[Candidates], size: int) -> Iterator[Candidates]:
    if held:
        older, newer = (np.concatenate(side) for side in zip(*held, strict=True))
        for at in range(0, len(older), size):
            yield older[at : at + size], newer[at : at + size]


def spread(
    compare: Callable[[tuple[int, _Block]], Iterator[_Found]],
    blocks: Iterator[tuple[int, _Block]],
    workers: int,
    ahead: int = 1,
) -> Iterator[tuple[int, Iterable[_Found]]]:
    """Yield, block after block, how many rows are done with it and what was found, and work on several at a time.

    Args:
        compare: Finds something in a block.
        blocks: Each with the number of its first row.
        workers: How many are worked on at a time.
        ahead: How many more are begun while somebody looks at what is found, the block that it was found in included.
    """
    if workers == 1:
        for place, older in blocks:
            yield place + len(older), compare((place, older))
        return
    waiting: deque[tuple[int, Future[list[_Found]]]] = deque()

    def work(block: tuple[int, _Block]) -> list[_Found]:
        return list(compare(block))

    with ThreadPoolExecutor(workers, "mining") as pool:
        try:
            for place, older in blocks:
                waiting.append((place + len(older), pool.submit(work, (place, older))))
                if len(waiting) >= workers + ahead:
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


def decide(
    sides: tuple[Embeddings, Embeddings],
    candidates: Candidates,
    offsets: tuple[int, int],
    threshold: float,
    lengths: float,
    scratch: NDArray[np.float32],
) -> Iterator[Pairs]:
    """Yield those of the candidates that reach the threshold as one block of pairs, or nothing if none does.

    Args:
        sides: The rows of either side.
        candidates: Places in them.
        offsets: What is added to these in the pairs.
        threshold: The threshold.
        lengths: Product of the lengths of the longest rows of each side.
        scratch: Holds the rows that are decided at once, shape ``(2, RESCORED, dim)``.
    """
    places = np.stack(candidates)
    found: list[tuple[NDArray[np.intp], NDArray[np.float64]]] = []
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
            found.append((part[:, likely[kept]], similarities[kept]))
    if found:
        first, second = np.concatenate([at_both for at_both, _ in found], axis=1)
        yield Pairs(first + offsets[0], second + offsets[1], np.concatenate([near for _, near in found]))

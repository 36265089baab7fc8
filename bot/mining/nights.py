"""Mining night by night, with codes of the earlier rows that are kept from one night to the next.

Who has them reads of the earlier rows only those that may be similar to a new one: of 100,000 some thousand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.bounds import REST, longest_row, principal_axes
from .codes import Basis, turn_axes
from .pairs import NEWER_BLOCK, OLDER_BLOCK, RESCORED, Pairs, check, compare_all, decide, in_parts, spread
from .products import integer_product
from .sieves import IntegerSieve, spread_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .codes import Codes
    from .sieves import Candidates

NUMBERS = 128
"""Numbers a row: twice as many as where all rows are at hand, for half as many candidates have to be read then."""
ASKED_FOR = 4096
"""Candidates of which the rows are asked for at once: at most so many rows, 6 MiB at 384 dimensions."""
BLOCKS_AHEAD = 16
"""Blocks that are compared while the candidates of earlier ones are decided, some thousand at once."""
GROWN = 2
"""How many times as many rows as at the beginning need axes of their own; likewise of blocks."""
SMALL_BLOCKS = 100
"""Blocks, beside those that the rows would fill, that take as long to compare as another ten thousand rows."""


class Chosen(Protocol):
    """Embeddings of which single rows are asked for; an array is one."""

    def __getitem__(self, places: NDArray[np.intp], /) -> Embeddings:
        """Return rows by their places, which are ascending; one that is gone meanwhile is all zeros."""
        ...


class KeptCodes:
    """Codes of rows, in the order in which these came: 128 bytes a row.

    Args:
        sample: Rows by whose principal axes the codes are made. However much others differ from them no pair is missed:
            more candidates have to be looked at.
        rows: How many there are to begin with.
        numbers: Numbers a row; where rows have no more than so many, they are taken as they are.

    Raises:
        ValueError: A number is not finite.
    """

    def __init__(self, sample: Embeddings, rows: int, numbers: int = NUMBERS) -> None:
        self.dim = sample.shape[1]
        longest_row(sample)  # numbers that are not finite have no axes
        axes = principal_axes(spread_sample(sample))[:, : numbers - REST] if self.dim > numbers else None
        self.basis = Basis(None if axes is None else turn_axes(axes))
        self.blocks: list[Codes] = []
        self._begun_with = rows

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    @property
    def is_worn(self) -> bool:
        """Whether it pays to begin anew: most rows came after the sample, or many blocks are small."""
        count = len(self)
        return count > GROWN * self._begun_with or len(self.blocks) > GROWN * count // OLDER_BLOCK + SMALL_BLOCKS

    def append(self, rows: Embeddings) -> None:
        """Add rows below the others.

        Raises:
            ValueError: A number is not finite.
        """
        for start in range(0, len(rows), OLDER_BLOCK):
            self.blocks.append(self.basis.encode(rows[start : start + OLDER_BLOCK]))

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget all rows but some; the others move up.

        Args:
            kept: One element a row.
        """
        ends = np.cumsum([len(codes) for codes in self.blocks])[:-1]
        chosen = zip(self.blocks, np.split(kept, ends) if self.blocks else (), strict=True)
        self.blocks = [replace(codes, numbers=codes.numbers[some]) for codes, some in chosen if some.any()]


def can_keep_codes() -> bool:
    """Return whether this processor multiplies codes, without which they are no use."""
    return integer_product() is not None


def mine_night(
    new: Embeddings,
    threshold: float,
    kept: KeptCodes,
    stored: Chosen,
    *,
    workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Pairs]:
    """Find what `mine_pairs` finds with stored rows, of which the codes were kept.

    Args:
        new: As for `mine_pairs`, like all that is not named here.
        threshold: See there.
        kept: The codes of all stored rows.
        stored: Those rows; asked for are only those that may be similar to a new one.
        workers: See there.
        on_progress: See there.

    Yields:
        Pairs, likewise.

    Raises:
        ValueError: As there; or codes cannot be multiplied here.
    """
    check(new, threshold, None)
    product = integer_product()
    if product is None:
        raise ValueError("this processor multiplies no codes")
    if kept.dim != new.shape[1]:
        raise ValueError(f"new rows have {new.shape[1]} dimensions and stored ones {kept.dim}")
    sieve = IntegerSieve(new, threshold, NEWER_BLOCK, kept.basis, product, workers)
    return _mine(sieve, new, threshold, kept, stored, workers, on_progress or _tell_nobody)


def _mine(
    sieve: IntegerSieve,
    new: Embeddings,
    threshold: float,
    kept: KeptCodes,
    stored: Chosen,
    workers: int,
    tell: Callable[[int, int], None],
) -> Iterator[Pairs]:
    offset = len(kept)
    lengths = sieve.longest * max((codes.longest for codes in kept.blocks), default=0.0)
    scratch = np.empty((2, RESCORED, new.shape[1]), np.float32)

    def sift(block: tuple[int, Codes]) -> Iterator[Candidates]:
        place, codes = block
        for start, (at_stored, at_new) in sieve.sift_codes(codes):
            yield at_stored + place, at_new + start

    def sift_all() -> Iterator[Candidates]:
        for done, found in spread(sift, _placed(kept.blocks), workers, BLOCKS_AHEAD):
            yield from found
            tell(done, offset + len(new))

    for at_stored, at_new in in_parts(sift_all(), ASKED_FOR):
        places, which = np.unique(at_stored, return_inverse=True)
        for pairs in decide((stored[places], new), (which, at_new), (0, offset), threshold, lengths, scratch):
            yield Pairs(places[pairs.first], pairs.second, pairs.similarity)
    among_new = compare_all(new, threshold, None, sieve, 1, lambda done, rows: tell(offset + done, offset + rows))
    for pairs in among_new:
        yield Pairs(pairs.first + offset, pairs.second + offset, pairs.similarity)


def _tell_nobody(done: int, rows: int) -> None: ...


def _placed(blocks: list[Codes]) -> Iterator[tuple[int, Codes]]:
    """Yield each block with the place of its first row."""
    place = 0
    for codes in blocks:
        yield place, codes
        place += len(codes)

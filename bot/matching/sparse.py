"""Matrices that are mostly zeros, with the little of linear algebra that spelling needs.

scipy has all of it and more, but its import takes a tenth of a second and 15 MB, at every start and for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SparseRows:
    """A matrix in compressed sparse row format (CSR); immutable.

    Attributes:
        weights: The values that are not zero, row by row, shape ``(values,)``.
        columns: The column of each, rising within a row.
        ends: Where in them each row begins and, at the end, where the last one ends, shape ``(rows + 1,)``.
        width: The number of columns.
    """

    weights: NDArray[np.float32]
    columns: NDArray[np.int32]
    ends: NDArray[np.int64]
    width: int

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, which: slice | NDArray[np.intp]) -> Self:
        """Return some of the rows.

        Args:
            which: A slice, or the numbers of the rows.
        """
        chosen = np.arange(len(self))[which]
        sizes = np.diff(self.ends)[chosen]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        # For each value the number of the first of its row, and how far behind that it comes.
        firsts: Any = np.repeat(self.ends[:-1][chosen] - ends[:-1], sizes)
        places = cast("NDArray[np.int64]", firsts + np.arange(ends[-1]))
        return type(self)(self.weights[places], self.columns[places], ends, self.width)

    def transpose(self) -> Self:
        """Return the matrix with rows for columns."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.ends))
        ends = np.concatenate([[0], np.cumsum(np.bincount(self.columns, minlength=self.width))])
        return type(self)(self.weights[order], rows[order], ends, len(self))

    def to_dense(self) -> NDArray[np.float32]:
        """Return it with its zeros, shape ``(rows, width)``."""
        dense = np.zeros((len(self), self.width), dtype=np.float32)
        dense[np.repeat(np.arange(len(self)), np.diff(self.ends)), self.columns] = self.weights
        return dense


def multiply(left: SparseRows, right: SparseRows) -> NDArray[np.float32]:
    """Return the product of two matrices with all its zeros, shape ``(rows of left, width of right)``.

    Args:
        left: The first; for each of its values one row of the second is looked at.
        right: The second, with as many rows as the first is wide.
    """
    product = np.zeros((len(left), right.width), dtype=np.float32)
    starts, sizes = right.ends[:-1], np.diff(right.ends)
    for row, (start, end) in enumerate(zip(left.ends, left.ends[1:], strict=False)):
        if start == end:
            continue
        own = left.columns[start:end]
        firsts, counts = starts[own].tolist(), sizes[own]
        parts = [slice(first, first + count) for first, count in zip(firsts, counts.tolist(), strict=True)]
        columns = np.concatenate([right.columns[part] for part in parts])
        weights = np.concatenate([right.weights[part] for part in parts])
        weights *= np.repeat(left.weights[start:end], counts)
        # Added up in double precision: as exact as can be, whatever the order.
        product[row] = np.bincount(columns, weights, minlength=right.width)
    return product

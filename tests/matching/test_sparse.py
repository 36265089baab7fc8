from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from bot.matching.sparse import SparseRows, multiply

if TYPE_CHECKING:
    from numpy.typing import NDArray

values = st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.0, 0.25])


def dense(rows: int, width: int) -> st.SearchStrategy[NDArray[np.float32]]:
    return arrays.arrays(np.float32, (rows, width), elements=values)


def sparse(table: NDArray[np.float32]) -> SparseRows:
    reference: Any = csr_matrix(table)
    return SparseRows(reference.data, reference.indices, reference.indptr.astype(np.int64), table.shape[1])


sizes = st.integers(0, 5)
pairs = st.tuples(sizes, sizes, sizes).flatmap(lambda size: st.tuples(dense(size[0], size[1]), dense(size[1], size[2])))


@given(pairs)
def test_products_are_those_of_dense_matrices(pair: tuple[NDArray[np.float32], NDArray[np.float32]]) -> None:
    left, right = pair
    product = multiply(sparse(left), sparse(right))
    assert product.dtype == np.float32
    assert product.shape == (len(left), right.shape[1])
    assert product == pytest.approx(left @ right, abs=1e-6)


@given(st.tuples(sizes, sizes).flatmap(lambda size: dense(*size)))
def test_a_transposed_matrix_has_rows_for_columns(table: NDArray[np.float32]) -> None:
    transposed = sparse(table).transpose()
    assert transposed.to_dense().tolist() == table.T.tolist()
    assert transposed.transpose().to_dense().tolist() == table.tolist()


@given(dense(4, 3), st.lists(st.integers(0, 3)), st.slices(4))
def test_rows_are_chosen_as_numpy_chooses_them(table: NDArray[np.float32], numbers: list[int], part: slice) -> None:
    rows, chosen = sparse(table), np.array(numbers, dtype=np.intp)
    assert rows[chosen].to_dense().tolist() == table[chosen].tolist()
    assert rows[part].to_dense().tolist() == table[part].tolist()
    assert len(rows[part]) == len(table[part])


def test_small_weights_do_not_get_lost_among_large_ones() -> None:
    ones = SparseRows(np.ones(3, dtype=np.float32), np.arange(3, dtype=np.int32), np.array([0, 3]), 3)
    column = np.array([[1e8], [1.0], [-1e8]], dtype=np.float32)
    assert multiply(ones, sparse(column)).tolist() == [[1.0]]

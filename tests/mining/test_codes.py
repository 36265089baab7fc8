"""What codes say of their rows holds, however single precision rounds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mining.codes import REST, Basis, longest_row, principal_axes, squared_lengths, turn_axes
from tests.mining.made import random_rows
from tests.mining.test_sieves import KINDS, make_rows


def hadamard(dim: int) -> np.ndarray:
    """Return axes that are orthogonal without any rounding; the number of dimensions is a power of 4."""
    axes = np.ones((1, 1))
    while len(axes) < dim:
        axes = np.block([[axes, axes], [axes, -axes]])
    return axes / np.sqrt(dim)


def exact(rows: np.ndarray) -> Any:  # noqa: ANN401
    """Return rows as numbers whose products and sums err a thousand times less than in double precision."""
    return rows.astype(np.longdouble)


@settings(deadline=None, max_examples=100)
@given(
    count=st.integers(1, 20),
    dim=st.sampled_from([4, 16, 256]),
    seed=st.integers(0, 2**16),
    kind=st.sampled_from(KINDS),
    axes=st.integers(1, 4),
)
def test_no_coordinate_is_farther_off_than_said(count: int, dim: int, seed: int, kind: str, axes: int) -> None:
    rows = make_rows(count, dim, seed, kind)
    chosen = hadamard(dim)[:, :axes]
    along = exact(rows) @ chosen
    lengths = (exact(rows) ** 2).sum(axis=1)
    left = np.maximum(lengths - (along**2).sum(axis=1), 0)
    basis = Basis(chosen)
    squares, is_double = squared_lengths(rows)
    turned, astray = basis._turn(rows.astype(np.float64 if is_double else np.float32), squares)
    longest = np.sqrt(lengths.max())
    rounding = 1e-18 * longest
    assert (np.sqrt(((turned[:, :axes] - along) ** 2).sum(axis=1)) <= astray + rounding).all()
    assert astray <= 0.001 * longest
    # What stands for what is left, once for all the numbers that it is spread over.
    held = exact(turned[:, axes:]) ** 2
    assert turned.shape[1] == axes + REST
    assert (held.sum(axis=1) >= left - rounding * longest).all()
    assert (held.sum(axis=1) <= left + 0.01 * lengths).all()
    codes = basis.encode(rows)
    stands_for = exact(codes.numbers) * codes.unit
    coordinates = np.concatenate([along, exact(turned[:, axes:])], axis=1)
    off = np.sqrt(((coordinates - stands_for) ** 2).sum(axis=1))
    assert (off <= codes.farthest + rounding).all()
    assert (np.sqrt((coordinates**2).sum(axis=1)) <= codes.longest + rounding).all()
    assert longest <= codes.longest + rounding
    # Rounding to the nearest: half a unit a number, and what single precision adds.
    assert codes.farthest <= codes.unit / 2 * np.sqrt(axes + REST) * 1.01 + 2 * astray + 1e-6 * longest
    assert abs(codes.numbers.astype(int)).max() <= 127
    assert abs(codes.numbers.astype(int)).max() == 127 or not rows.any()


def test_numbers_that_single_precision_drops_are_allowed_for() -> None:
    # Beside the 1, a sum of float32 loses each of the others.
    dim = 4096
    rows = np.full((3, dim), 2.0**-13, dtype=np.float32)
    rows[:, 0] = 1
    chosen = hadamard(dim)[:, :1]
    turned, astray = Basis(chosen)._turn(rows, squared_lengths(rows)[0])
    true = float((rows.astype(np.float64) @ chosen)[0, 0])
    assert abs(float(turned[0, 0]) - true) <= astray < 0.001


def test_axes_that_are_not_quite_orthogonal_are_allowed_for() -> None:
    rows = random_rows(200, 64)
    askew = hadamard(64)[:, :8].copy()
    askew[:, 1] += 0.05 * askew[:, 0]
    codes = Basis(askew).encode(rows)
    bound = (codes.numbers.astype(int) @ codes.numbers.astype(int).T) * codes.unit**2
    error = (2 * codes.longest + codes.farthest) * codes.farthest
    assert (bound + error >= rows.astype(np.float64) @ rows.astype(np.float64).T - 1e-9).all()
    assert Basis(askew)._axes[np.dtype(np.float32)][1] >= 0.05
    assert Basis(hadamard(64)[:, :8])._axes[np.dtype(np.float32)][1] < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_longer_than_the_longest(kind: str) -> None:
    rows = make_rows(3000, 20, 1, kind)
    longest = float(np.sqrt((exact(rows) ** 2).sum(axis=1).max()))
    assert longest <= longest_row(rows) <= longest * (1 + 1e-5)
    assert longest_row(rows[:0]) == 0


def test_turned_axes_span_what_they_did_and_hold_smaller_numbers() -> None:
    rows = random_rows(500, 100)
    rows[:, 0] += 2
    axes = principal_axes(rows)[:, :20]
    turned = turn_axes(axes)
    assert turned @ turned.T == pytest.approx(axes @ axes.T, abs=1e-9)
    assert turned.T @ turned == pytest.approx(np.eye(20), abs=1e-9)
    assert abs(rows @ turned).max() < 0.7 * abs(rows @ axes).max()
    # The first axes are those along which the rows are longest.
    along = np.linalg.norm(rows @ principal_axes(rows), axis=0)
    assert (np.diff(along) <= 1e-3 * along[0]).all()


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_finite_has_no_codes(number: float) -> None:
    rows = random_rows(5, 8)
    rows[3, 2] = number
    with pytest.raises(ValueError, match="not finite"):
        Basis().encode(rows)

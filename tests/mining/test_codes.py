"""What codes say of their rows holds, however single precision rounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.bounds import REST, Axes, principal_axes, squared_lengths
from bot.mining.codes import Basis, turn_axes
from tests.core.test_bounds import exact, hadamard
from tests.mining.made import random_rows
from tests.mining.test_sieves import KINDS, make_rows


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
    turned, astray = Axes(chosen).turn(rows.astype(np.float64 if is_double else np.float32), squares)
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


def test_axes_that_are_not_quite_orthogonal_are_allowed_for() -> None:
    rows = random_rows(200, 64)
    askew = hadamard(64)[:, :8].copy()
    askew[:, 1] += 0.05 * askew[:, 0]
    codes = Basis(askew).encode(rows)
    bound = (codes.numbers.astype(int) @ codes.numbers.astype(int).T) * codes.unit**2
    error = (2 * codes.longest + codes.farthest) * codes.farthest
    assert (bound + error >= rows.astype(np.float64) @ rows.astype(np.float64).T - 1e-9).all()


def test_turned_axes_span_what_they_did_and_hold_smaller_numbers() -> None:
    rows = random_rows(500, 100)
    rows[:, 0] += 2
    axes = principal_axes(rows)[:, :20]
    turned = turn_axes(axes)
    assert turned @ turned.T == pytest.approx(axes @ axes.T, abs=1e-9)
    assert turned.T @ turned == pytest.approx(np.eye(20), abs=1e-9)
    assert abs(rows @ turned).max() < 0.7 * abs(rows @ axes).max()


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_finite_has_no_codes(number: float) -> None:
    rows = random_rows(5, 8)
    rows[3, 2] = number
    with pytest.raises(ValueError, match="not finite"):
        Basis().encode(rows)

"""Coordinates are as far from exact ones as said at most, however single precision rounds."""

from typing import Any

import numpy as np
import pytest

from bot.core.bounds import Axes, longest_row, principal_axes, squared_lengths
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


def test_numbers_that_single_precision_drops_are_allowed_for() -> None:
    # Beside the 1, a sum of float32 loses each of the others.
    dim = 4096
    rows = np.full((3, dim), 2.0**-13, dtype=np.float32)
    rows[:, 0] = 1
    chosen = hadamard(dim)[:, :1]
    turned, astray = Axes(chosen).turn(rows, squared_lengths(rows)[0])
    true = float((rows.astype(np.float64) @ chosen)[0, 0])
    assert abs(float(turned[0, 0]) - true) <= astray < 0.001


def test_axes_that_are_askew_are_known_to_be() -> None:
    rows = random_rows(10, 64)
    squares, _ = squared_lengths(rows)
    askew = hadamard(64)[:, :8].copy()
    askew[:, 1] += 0.05 * askew[:, 0]
    assert Axes(askew).turn(rows, squares)[1] >= 0.05
    assert Axes(hadamard(64)[:, :8]).turn(rows, squares)[1] < 1e-4


def test_the_first_axes_are_those_along_which_the_rows_are_longest() -> None:
    rows = random_rows(500, 100)
    rows[:, 0] += 2
    along = np.linalg.norm(rows @ principal_axes(rows), axis=0)
    assert (np.diff(along) <= 1e-3 * along[0]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_is_longer_than_the_longest(kind: str) -> None:
    rows = make_rows(3000, 20, 1, kind)
    longest = float(np.sqrt((exact(rows) ** 2).sum(axis=1).max()))
    assert longest <= longest_row(rows) <= longest * (1 + 1e-5)
    assert longest_row(rows[:0]) == 0

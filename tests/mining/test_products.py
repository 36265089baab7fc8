"""Bytes are multiplied exactly, or not at all."""

import sys

import numpy as np
import pytest

from bot.mining import sieves
from bot.mining.products import LARGEST, LARGEST_PAIRED, Multiply, integer_product
from tests.mining.made import random_rows
from tests.mining.processors import exact, on, paired, useless


@pytest.mark.parametrize(
    ("multiply", "largest"), [(None, {LARGEST, LARGEST_PAIRED}), (exact, {LARGEST}), (paired, {LARGEST_PAIRED})]
)
def test_bytes_are_multiplied_exactly(multiply: Multiply | None, largest: set[int]) -> None:
    with on(multiply):
        product = integer_product()
    assert product is not None
    assert product.largest in largest
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 256, size=(7, 130)).astype(np.uint8)
    columns = rng.integers(-product.largest, product.largest + 1, size=(130, 5)).astype(np.int8)
    rows[0], columns[:, 0] = 255, product.largest
    rows[1], columns[:, 1] = 0, -product.largest
    assert product.multiply(rows, columns).tolist() == ((rows.astype(int) - 128) @ columns.astype(int)).tolist()


def test_a_processor_that_adds_in_fewer_bits_is_found_out(caplog: pytest.LogCaptureFixture) -> None:
    with on(useless), caplog.at_level("INFO"):
        assert integer_product() is None
        rows = random_rows(sieves.FEWEST_ROWS, 8)
        assert isinstance(sieves.choose_sieve(rows, 0.5, 2048, 10**9), sieves.FloatSieve)
    assert "multiplies bytes inexactly" in caplog.text


def test_without_the_library_single_precision_does(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is None there cannot be imported.
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # pyright: ignore[reportArgumentType]
    with on(None):
        assert integer_product() is None

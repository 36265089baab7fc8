"""Bytes are multiplied exactly, or not at all."""

import builtins
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnxruntime
import pytest

from bot.mining import products, sieves
from bot.mining.products import integer_product
from tests.mining.made import random_rows


@pytest.fixture(autouse=True)
def looked_at_anew() -> Iterator[None]:
    integer_product.cache_clear()
    yield
    integer_product.cache_clear()


def test_bytes_are_multiplied_exactly() -> None:
    multiply = integer_product()
    assert multiply is not None
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 256, size=(7, 130)).astype(np.uint8)
    columns = rng.integers(-127, 128, size=(130, 5)).astype(np.int8)
    assert multiply(rows, columns).tolist() == ((rows.astype(int) - 128) @ columns.astype(int)).tolist()


def test_a_processor_that_adds_in_16_bits_is_found_out(caplog: pytest.LogCaptureFixture) -> None:
    def saturating(rows: Any, columns: Any) -> Any:  # noqa: ANN401
        """Add products in pairs, as the instruction pmaddubsw does."""
        products = rows.astype(np.int64)[:, :, None] * columns.astype(np.int64)[None]
        sums = np.clip(products[:, ::2] + products[:, 1::2], -(2**15), 2**15 - 1)
        return sums.sum(axis=1) - 128 * columns.astype(np.int64).sum(axis=0)

    assert not products._is_exact(saturating)

    class Session:
        def __init__(self, *_: object, **__: object) -> None: ...

        def run(self, _: object, given: dict[str, Any]) -> list[Any]:
            return [saturating(given["rows"], given["columns"])]

    with pytest.MonkeyPatch.context() as patch, caplog.at_level("INFO"):
        patch.setattr(onnxruntime, "InferenceSession", Session)
        assert integer_product() is None
        rows = random_rows(sieves.FEWEST_ROWS, 8)
        assert isinstance(sieves.choose_sieve(rows, 0.5, 2048, 10**9), sieves.FloatSieve)
    assert "multiplies bytes inexactly" in caplog.text


def test_without_the_library_single_precision_does(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:  # noqa: ANN401
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    assert integer_product() is None

"""Processors that multiply bytes in different ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnxruntime
import pytest

from bot.mining.products import ZERO, Multiply, integer_product

Bytes = np.ndarray[Any, np.dtype[Any]]


def exact(rows: Bytes, columns: Bytes) -> Bytes:
    """Multiply as processors with an instruction for it do."""
    # Doubles hold all of these numbers, and are multiplied quickly.
    return ((rows.astype(np.float64) - ZERO) @ columns.astype(np.float64)).astype(np.int32)


def _in_pairs(rows: Bytes, columns: Bytes, bits: int) -> Bytes:
    """Add products in pairs that are cut where they do not fit, as the instruction pmaddubsw does in 16 bits."""
    left, right = rows.astype(np.int32), columns.astype(np.int32)
    sums = np.zeros((len(rows), columns.shape[1]), np.int32)
    for at in range(0, len(columns), 2):
        sums += np.clip(left[:, at : at + 2] @ right[at : at + 2], -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return sums - ZERO * right.sum(axis=0, dtype=np.int32)


def paired(rows: Bytes, columns: Bytes) -> Bytes:
    """Multiply as processors without it do."""
    return _in_pairs(rows, columns, 16)


def useless(rows: Bytes, columns: Bytes) -> Bytes:
    """Multiply as no processor does, it is hoped."""
    return _in_pairs(rows, columns, 12)


PROCESSORS: dict[str, Multiply | None] = {"this one": None, "exact": exact, "paired": paired}


@contextmanager
def on(multiply: Multiply | None) -> Iterator[None]:
    """Multiply as some processor does; as this one does where it is None."""

    class Session:
        def __init__(self, *_: object, **__: object) -> None: ...

        def run(self, _: object, given: dict[str, Any]) -> list[Any]:
            assert multiply is not None
            return [multiply(given["rows"], given["columns"])]

    with pytest.MonkeyPatch.context() as patch:
        integer_product.cache_clear()
        if multiply:
            patch.setattr(onnxruntime, "InferenceSession", Session)
        yield
    integer_product.cache_clear()

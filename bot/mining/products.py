"""Products of whole numbers of 8 bits, which numpy has no quick way to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.onnx import import_onnxruntime

Multiply = Callable[[NDArray[np.uint8], NDArray[np.int8]], NDArray[np.int32]]
"""Multiplies rows of bytes with columns of them, see `IntegerProduct`."""

_log = logging.getLogger(__name__)

LARGEST = 127
"""Of a signed byte, symmetric."""
LARGEST_PAIRED = 64
"""Of a signed byte where two products are added in 16 bits: 2 * 255 * 64 is the most that fits."""
ZERO = 128
"""What stands for 0 in an unsigned byte."""


@dataclass(frozen=True, slots=True)
class IntegerProduct:
    """A quick way to multiply two matrices of bytes.

    Attributes:
        multiply: Takes unsigned bytes, in which 128 stands for 0, and signed ones, one column a row of the other side.
        largest: The largest magnitude of a signed one with which the products are exact.
    """

    multiply: Multiply
    largest: int


@cache
def integer_product() -> IntegerProduct | None:
    """Return what multiplies two matrices of bytes, None where that cannot be trusted.

    On processors that have no instruction for it the library adds pairs of products in 16 bits, which overflow where
    the numbers are large; with smaller ones it is still quicker than single precision.
    """
    try:
        # Needed for large histories only.
        onnxruntime = import_onnxruntime()
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    # Whoever wants more cores starts more threads, each with a part of the work of its own.
    options.intra_op_num_threads = 1
    model = Path(__file__).with_name("product.onnx").read_bytes()
    session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def multiply(rows: NDArray[np.uint8], columns: NDArray[np.int8]) -> NDArray[np.int32]:
        return session.run(None, {"rows": rows, "columns": columns})[0]

    for largest in (LARGEST, LARGEST_PAIRED):
        if _is_exact(multiply, largest):
            return IntegerProduct(multiply, largest)
    _log.info("this processor multiplies bytes inexactly; questions are compared in single precision")
    return None


def _is_exact(multiply: Multiply, largest: int) -> bool:
    """Return whether products come out right, those of the largest before all."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, size=(8, 384)).astype(np.uint8)
    columns = rng.integers(-largest, largest + 1, size=(384, 32)).astype(np.int8)
    rows[0], rows[1] = 255, 1
    columns[:, 0], columns[:, 1] = largest, -largest
    right = (rows.astype(np.int64) - ZERO) @ columns.astype(np.int64)
    return bool((multiply(rows, columns) == right).all())

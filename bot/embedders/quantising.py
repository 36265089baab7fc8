"""A compiled model's weights in eight bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .graphs import CONTRIB
from .tokens import BIG_TABLE

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from .graphs import Graph

SCHEME = "int8: weights per column in seven bits, activations per token, GELU by tanh"
"""Part of the `model_id` of a model in eight bits; changed whenever the embeddings would change."""

_LEVELS = 127
"""Steps from 0 to the largest magnitude: int8 without -128, so that zero lies in the middle."""

_ZERO = 128
"""What stands for 0 among unsigned bytes; the kernels multiply unsigned activations by signed weights."""

_MOST = 64
"""Largest weight of a matrix, seven bits. Processors without VNNI (Intel's until 2019, AMD's until 2022) add products
in pairs, in sixteen bits, and cut what does not fit; 2 * 255 * 64 does. So a model embeds alike everywhere, wherever it
was compiled. Measured on all-MiniLM-L6-v2, the mean cosine is 0.9930, with eight exact bits 0.9948. Eight that are cut
come to 0.9930 there, too, and spoil other models."""

_SHARES = np.linspace(1, 0.5, 26)
"""Of a column's largest magnitude, what becomes `_MOST`: to cut few large weights may leave the others more room."""


def quantise(graph: Graph, flat: Collection[str] = ()) -> None:
    """Bring the matrices and the vocabulary of a graph to eight bits, in place.

    Each column of a matrix and each row of the vocabulary has a scale of its own. So has each token's activation, found
    while the model runs; onnxruntime's own dynamic quantisation has one scale for a whole batch, with which a text's
    embedding would depend on the texts that happen to be embedded with it, and lie further from the original.

    Args:
        graph: In single precision, of opset 18 or later.
        flat: Values of two dimensions, which takes fewer steps.
    """
    _Quantising(graph, flat).rewrite()


class _Quantising:
    def __init__(self, graph: Graph, flat: Collection[str]) -> None:
        self._graph = graph
        self._flat = flat
        self._node = graph.make
        self._scales = dict[str, str]()
        self._zeros = ""

    def rewrite(self) -> None:
        """Rewrite the graph."""
        graph = self._graph
        self._one = graph.add("quantised.one", np.float32(1))
        self._step = graph.add("quantised.step", np.float32(1 / _LEVELS))
        self._zero = graph.add("quantised.zero", np.uint8(_ZERO))
        self._tiny = graph.add("quantised.tiny", np.float32(np.finfo(np.float32).tiny))
        self._last_axis = graph.add("quantised.axis", np.array([-1], dtype=np.int64))
        nodes = list[Any]()
        for node in graph.nodes:
            if node.op_type == "MatMul" and graph.is_matrix(node.input[1]):
                nodes += self._multiply(node)
            elif node.op_type == "Gather" and graph.is_matrix(node.input[0], rows=BIG_TABLE):
                nodes += self._look_up(node)
            elif node.op_type == "BiasGelu":
                # With tanh it is off by 0.0005 at most (Hendrycks and Gimpel, arXiv 1606.08415), less than rounding.
                nodes.append(self._node("FastGelu", node.input, node.output[0], domain=CONTRIB))
            else:
                nodes.append(node)
        graph.write(nodes)

    def _multiply(self, node: Any) -> list[Any]:  # noqa: ANN401 - onnx's messages have no usable types
        """Return the nodes that multiply a node's first input by its second one, a matrix, in eight bits."""
        [activation, matrix], [product] = node.input, node.output
        flat = activation in self._flat
        nodes = list[Any]()
        if activation not in self._scales:
            nodes = self._quantise_flat(activation) if flat else self._quantise_deep(activation)
        if self._graph.shape(f"{matrix}.int8") is None:
            scale, levels = _to_weights(self._graph.constant(matrix))
            self._graph.add(f"{matrix}.int8", levels)
            self._graph.add(f"{matrix}.scale", scale.ravel())
            self._graph.add(f"{matrix}.zero", np.zeros_like(levels[0]))
        step = self._one if flat else self._step
        factors = [f"{activation}.int8", f"{matrix}.int8", step, f"{matrix}.scale", self._zero, f"{matrix}.zero"]
        nodes.append(self._node("MatMulIntegerToFloat", factors, f"{product}.unscaled", domain=CONTRIB))
        nodes.append(self._node("Mul", [f"{product}.unscaled", self._scales[activation]], product))
        return nodes

    def _look_up(self, node: Any) -> list[Any]:  # noqa: ANN401 - likewise
        """Return the nodes that look rows up in a node's first input, a table, in eight bits."""
        from onnx import TensorProto  # noqa: PLC0415 - slow to import

        [table, rows], [found] = node.input, node.output
        scale, levels = _to_rows(self._graph.constant(table))
        self._graph.add(f"{table}.int8", levels)
        self._graph.add(f"{table}.scale", scale)
        return [
            self._node("Gather", [f"{table}.int8", rows], f"{found}.levels"),
            self._node("Gather", [f"{table}.scale", rows], f"{found}.scale"),
            self._node("Cast", [f"{found}.levels"], f"{found}.unscaled", to=TensorProto.FLOAT),
            self._node("Mul", [f"{found}.unscaled", f"{found}.scale"], found),
        ]

    def _quantise_deep(self, name: str) -> list[Any]:
        """Return the nodes that bring each token's activation to [-1, 1] and that to bytes."""
        inner = {part: f"{name}.{part}" for part in ("sizes", "maximum", "largest", "unit", "int8")}
        self._scales[name] = inner["largest"]
        return [
            self._node("Abs", [name], inner["sizes"]),
            self._node("ReduceMax", [inner["sizes"], self._last_axis], inner["maximum"], keepdims=1),
            self._node("Max", [inner["maximum"], self._tiny], inner["largest"]),
            self._node("Div", [name, inner["largest"]], inner["unit"]),
            self._node("QuantizeLinear", [inner["unit"], self._step, self._zero], inner["int8"]),
        ]

    def _quantise_flat(self, name: str) -> list[Any]:
        """Return the nodes that bring each row to bytes, in steps of its own.

        A row of zeros has steps of length 0, of which any number is zero.
        """
        inner = {part: f"{name}.{part}" for part in ("sizes", "largest", "step", "steps", "count", "int8")}
        self._scales[name] = inner["step"]
        rows = self._graph.add("quantised.rows", np.array([-1], dtype=np.int64))
        nodes = [
            self._node("Abs", [name], inner["sizes"]),
            self._node("ReduceMax", [inner["sizes"], self._last_axis], inner["largest"], keepdims=1),
            self._node("Mul", [inner["largest"], self._step], inner["step"]),
            self._node("Reshape", [inner["step"], rows], inner["steps"]),
        ]
        if not self._zeros:
            self._zeros = "quantised.zeros"
            nodes.append(self._node("Shape", [inner["steps"]], inner["count"]))
            nodes.append(self._node("Expand", [self._zero, inner["count"]], self._zeros))
        nodes.append(self._node("QuantizeLinear", [name, inner["steps"], self._zeros], inner["int8"], axis=0))
        return nodes


def _to_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the scale of each row, shape ``(rows, 1)``, and the table in steps of them."""
    scale = _to_scale(table, axis=1, levels=_LEVELS)
    return scale, np.round(table / scale).astype(np.int8)


def _to_weights(matrix: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the scale of each column with which the least is lost, shape ``(1, columns)``, and the matrix in steps."""
    full = _to_scale(matrix, axis=0, levels=_MOST)
    best, least = full, np.full(full.shape, np.inf)
    for share in _SHARES:
        scale = (full * share).astype(np.float32)
        lost = ((_round(matrix, scale) * scale - matrix) ** 2).sum(axis=0, keepdims=True)
        best, least = np.where(lost < least, scale, best), np.minimum(lost, least)
    return best, _round(matrix, best).astype(np.int8)


def _round(matrix: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(np.round(matrix / scale), -_MOST, _MOST)


def _to_scale(matrix: NDArray[np.float32], axis: int, levels: int) -> NDArray[np.float32]:
    """Return the step with which the largest magnitude along an axis, kept with length 1, becomes `levels`."""
    scale = np.abs(matrix).max(axis=axis, keepdims=True) / np.float32(levels)
    return np.where(scale == 0, np.float32(1), scale)

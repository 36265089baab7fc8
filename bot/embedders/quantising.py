"""A compiled model's weights in eight bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEME = "int8: weights per column, activations per token"
"""Part of the `model_id` of a model in eight bits; changed whenever the embeddings would change."""

_CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators, see its ContribOperators.md."""

_LEVELS = 127
"""Steps from 0 to the largest magnitude: int8 without -128, so that zero lies in the middle."""

_ZERO = 128
"""What stands for 0 among unsigned bytes; the kernels multiply unsigned activations by signed weights."""

_BIG_TABLE = 1024
"""Rows from which an embedding table is worth shrinking: vocabularies have thousands, positions hundreds."""


def quantise(model: Any) -> None:  # noqa: ANN401 - onnx's messages have no usable types
    """Bring the matrices and the vocabulary of an ONNX model to eight bits, in place.

    Each column of a matrix and each row of the vocabulary has a scale of its own. So has each token's activation, found
    while the model runs; onnxruntime's own dynamic quantisation has one scale for a whole batch, with which a text's
    embedding would depend on the texts that happen to be embedded with it, and lie further from the original.

    Args:
        model: An ``onnx.ModelProto`` in single precision, of opset 18 or later.
    """
    graph = _Graph(model)
    nodes = list[Any]()
    for node in model.graph.node:
        if node.op_type == "MatMul" and graph.is_matrix(node.input[1]):
            nodes += graph.multiply(node)
        elif node.op_type == "Gather" and graph.is_matrix(node.input[0], rows=_BIG_TABLE):
            nodes += graph.look_up(node)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    graph.drop_unused()


class _Graph:
    def __init__(self, model: Any) -> None:  # noqa: ANN401 - see above
        from onnx import helper  # noqa: PLC0415 - slow to import

        self._graph = model.graph
        self._node = helper.make_node
        self._initializers = {one.name: one for one in model.graph.initializer}
        self._quantised: set[str] = set()
        if _CONTRIB not in {opset.domain for opset in model.opset_import}:
            model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
        self._step = self._add("quantised.step", np.float32(1 / _LEVELS))
        self._zero = self._add("quantised.zero", np.uint8(_ZERO))
        self._tiny = self._add("quantised.tiny", np.float32(np.finfo(np.float32).tiny))
        self._last_axis = self._add("quantised.axis", np.array([-1], dtype=np.int64))

    def is_matrix(self, name: str, rows: int = 1) -> bool:
        """Return whether a name is that of a constant matrix with so many rows or more."""
        found = self._initializers.get(name)
        return found is not None and len(found.dims) == 2 and found.dims[0] >= rows  # noqa: PLR2004 - rows, columns

    def multiply(self, node: Any) -> list[Any]:  # noqa: ANN401 - see above
        """Return the nodes that multiply a node's first input by its second one, a matrix, in eight bits."""
        [activation, matrix], [product] = node.input, node.output
        nodes = [] if activation in self._quantised else self._quantise_activation(activation)
        largest, whole = f"{activation}.largest", f"{activation}.int8"
        if f"{matrix}.int8" not in self._initializers:
            scale, levels = _to_levels(self._read(matrix), axis=0)
            self._add(f"{matrix}.int8", levels)
            self._add(f"{matrix}.scale", scale.ravel())
            self._add(f"{matrix}.zero", np.zeros_like(levels[0]))
        factors = [whole, f"{matrix}.int8", self._step, f"{matrix}.scale", self._zero, f"{matrix}.zero"]
        nodes.append(self._node("MatMulIntegerToFloat", factors, [f"{product}.unscaled"], domain=_CONTRIB))
        nodes.append(self._node("Mul", [f"{product}.unscaled", largest], [product]))
        return nodes

    def look_up(self, node: Any) -> list[Any]:  # noqa: ANN401 - see above
        """Return the nodes that look rows up in a node's first input, a table, in eight bits."""
        from onnx import TensorProto  # noqa: PLC0415 - slow to import

        [table, rows], [found] = node.input, node.output
        scale, levels = _to_levels(self._read(table), axis=1)
        self._add(f"{table}.int8", levels)
        self._add(f"{table}.scale", scale)
        return [
            self._node("Gather", [f"{table}.int8", rows], [f"{found}.levels"]),
            self._node("Gather", [f"{table}.scale", rows], [f"{found}.scale"]),
            self._node("Cast", [f"{found}.levels"], [f"{found}.unscaled"], to=TensorProto.FLOAT),
            self._node("Mul", [f"{found}.unscaled", f"{found}.scale"], [found]),
        ]

    def drop_unused(self) -> None:
        """Remove the constants that no node reads any more."""
        read = {name for node in self._graph.node for name in node.input}
        for one in list(self._graph.initializer):
            if one.name not in read:
                self._graph.initializer.remove(one)

    def _quantise_activation(self, name: str) -> list[Any]:
        """Return the nodes that bring each token's activation to [-1, 1] and that to bytes."""
        inner = {part: f"{name}.{part}" for part in ("sizes", "maximum", "largest", "unit", "int8")}
        self._quantised.add(name)
        return [
            self._node("Abs", [name], [inner["sizes"]]),
            self._node("ReduceMax", [inner["sizes"], self._last_axis], [inner["maximum"]], keepdims=1),
            self._node("Max", [inner["maximum"], self._tiny], [inner["largest"]]),
            self._node("Div", [name, inner["largest"]], [inner["unit"]]),
            self._node("QuantizeLinear", [inner["unit"], self._step, self._zero], [inner["int8"]]),
        ]

    def _read(self, name: str) -> NDArray[np.float32]:
        from onnx import numpy_helper  # noqa: PLC0415 - slow to import

        return numpy_helper.to_array(self._initializers[name])

    def _add(self, name: str, value: NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - slow to import

        if name not in self._initializers:
            made = numpy_helper.from_array(np.asarray(value), name)
            self._graph.initializer.append(made)
            self._initializers[name] = made
        return name


def _to_levels(matrix: NDArray[np.float32], axis: int) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the scales along an axis, which is kept with length 1, and the matrix in steps of them."""
    scale = cast("NDArray[np.float32]", np.abs(matrix).max(axis=axis, keepdims=True) / _LEVELS)
    scale[scale == 0] = 1
    return scale.astype(np.float32), np.round(matrix / scale).astype(np.int8)

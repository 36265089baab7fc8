"""An ONNX graph that is rewritten, with what a rewriter asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

CONTRIB = "com.microsoft"
"""The domain of onnxruntime's own operators, see its ContribOperators.md."""


class Graph:
    """The graph of an ONNX model: its nodes in an order in which they can run, and its constants by name.

    Args:
        model: An ``onnx.ModelProto``, which `write` changes; constants are added at once.

    Attributes:
        nodes: As they were when the graph was read or last written.
        makers: The node that makes each value.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - onnx's messages have no usable types
        from onnx import helper  # noqa: PLC0415 - slow to import

        self._model = model
        self._helper = helper
        self._constants = {one.name: one for one in model.graph.initializer}
        self._read()

    def make(self, operator: str, inputs: Iterable[str], output: str, **attributes: Any) -> Any:  # noqa: ANN401 - see above
        """Return a new node with one output."""
        return self._helper.make_node(operator, [*inputs], [output], **attributes)

    def write(self, nodes: Iterable[Any]) -> None:
        """Replace the nodes by others, without those among them and those constants of which nothing comes."""
        wanted = {output.name for output in self._model.graph.output}
        kept = list[Any]()
        for node in reversed([*nodes]):
            if wanted.intersection(node.output):
                wanted.update(_reads(node))
                kept.append(node)
        del self._model.graph.node[:]
        self._model.graph.node.extend(reversed(kept))
        for one in list(self._model.graph.initializer):
            if one.name not in wanted:
                self._model.graph.initializer.remove(one)
                del self._constants[one.name]
        if CONTRIB not in {opset.domain for opset in self._model.opset_import}:
            self._model.opset_import.append(self._helper.make_opsetid(CONTRIB, 1))
        self._read()

    def add(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """Add a constant unless there is one of that name, and return its name."""
        from onnx import numpy_helper  # noqa: PLC0415 - slow to import

        if name not in self._constants:
            made = numpy_helper.from_array(np.asarray(value), name)
            self._model.graph.initializer.append(made)
            self._constants[name] = made
        return name

    def add_input(self, name: str, dtype: np.dtype[Any], shape: tuple[int | str, ...]) -> None:
        """Add an input; a size that is a name may be any."""
        kind = self._helper.np_dtype_to_tensor_dtype(dtype)
        self._model.graph.input.append(self._helper.make_tensor_value_info(name, kind, shape))

    def constant(self, name: str) -> NDArray[Any]:
        """Return a constant.

        Raises:
            KeyError: There is none of that name.
        """
        from onnx import numpy_helper  # noqa: PLC0415 - slow to import

        return numpy_helper.to_array(self._constants[name])

    def shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape of a constant, None if there is none of that name."""
        found = self._constants.get(name)
        return None if found is None else tuple(found.dims)

    def is_matrix(self, name: str, rows: int = 1) -> bool:
        """Return whether a name is that of a constant matrix with so many rows or more."""
        shape = self.shape(name)
        return shape is not None and len(shape) == 2 and shape[0] >= rows  # noqa: PLR2004 - rows, columns

    def only_reader(self, name: str) -> Any:  # noqa: ANN401 - see above
        """Return the node that reads a value if it is the only one, else None."""
        readers = self._readers.get(name, [])
        return readers[0] if len(readers) == 1 else None

    def attribute(self, node: Any, name: str) -> Any:  # noqa: ANN401 - see above
        """Return an attribute of a node, None if it has none of that name."""
        return next((self._helper.get_attribute_value(one) for one in node.attribute if one.name == name), None)

    def _read(self) -> None:
        self.nodes = list(self._model.graph.node)
        self.makers = {output: node for node in self.nodes for output in node.output}
        self._readers: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in _reads(node):
                self._readers.setdefault(name, []).append(node)


def has_branches(node: Any) -> bool:  # noqa: ANN401 - see above
    """Return whether a node, such as ``If``, has graphs of its own, which read this one's values without saying so."""
    return any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)


def _reads(node: Any) -> Iterator[str]:  # noqa: ANN401 - see above
    """Yield the names of all that a node reads, in its own graphs too."""
    yield from node.input
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            yield from (output.name for output in graph.output)
            for inner in graph.node:
                yield from _reads(inner)

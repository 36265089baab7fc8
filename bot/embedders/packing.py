"""Texts of different lengths side by side without padding, wherever a model treats each token by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .graphs import CONTRIB, has_branches
from .rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .graphs import Graph

_TO_HEADS, _TO_HEADS_TRANSPOSED = [0, 2, 1, 3], [0, 2, 3, 1]
"""How attention turns (texts, tokens, heads, width) around before it multiplies; the second is a way for keys."""

_UPRIGHT = [0, 1, 3, 2]
"""What makes the second of the first."""

_FROM_HEADS = [0, 2, 1, 3]
"""How it turns (texts, heads, tokens, width) around afterwards."""

_TOKENWISE = frozenset(
    {
        *("Add", "Sub", "Mul", "Div", "Erf", "Tanh", "Sigmoid", "Relu", "Gelu", "BiasGelu", "QuickGelu"),
        *("LayerNormalization", "MatMul"),
    }
)
"""Operators that treat each token by itself if all else that they read are vectors, for ``MatMul`` a matrix."""

_TURNS = ("transA", "transB", "transBatchA", "transBatchB")
"""Attributes of ``FusedMatMul`` that say how it turns around what it multiplies."""


class NotPackableError(Exception):
    """A graph is not that of a transformer as they are usually written; says what it lacks."""


class _Heads(NamedTuple):
    """Where attention cuts tokens into heads: of what, how many, how wide, and whether width comes before tokens."""

    source: str
    heads: int
    width: int
    transposed: bool


def pack(graph: Graph, mask: str) -> frozenset[str]:
    """Drop padding between attentions: shape (texts, tokens, dim) becomes (tokens of all texts, dim).

    Within attention a text's tokens meet, so there the texts are padded again. That costs nothing: attention turns its
    values around before and after, which copies them in any case, and the copies take other rows instead.

    Args:
        graph: A transformer's, whose attention is written out in single operators.
        mask: The input that tells tokens, 1, from padding, 0; int64 of shape (texts, tokens), padded on the right.

    Returns:
        The values that have two dimensions from now on.

    Raises:
        NotPackableError: There is no such attention in it.
    """
    if any(has_branches(node) for node in graph.nodes):
        raise NotPackableError("it has branches")
    heads = {node.output[0]: one for node in graph.nodes if (one := _find_heads(graph, node))}
    joints = {node.output[0] for node in graph.nodes if _is_joint(graph, node)}
    if not heads or not joints or len({one.width for one in heads.values()}) > 1:
        raise NotPackableError("no attention was found in it")
    return _Packing(graph, mask, heads, joints).rewrite()


def _find_heads(graph: Graph, turn: Any) -> _Heads | None:  # noqa: ANN401 - onnx's messages have no usable types
    """Return what a node turns around if that are products cut into heads, else None."""
    way = graph.attribute(turn, "perm") if turn.op_type == "Transpose" else None
    if way not in (_TO_HEADS, _TO_HEADS_TRANSPOSED):
        return None
    reshape = graph.makers.get(turn.input[0])
    product = None if reshape is None else _find_product(graph, reshape.input[0])
    if reshape is None or reshape.op_type != "Reshape" or product is None:
        return None
    width, columns = _last_size(graph, reshape.input[1]), graph.constant(product.input[1]).shape[1]
    if width < 1 or columns % width:
        return None
    return _Heads(reshape.input[0], columns // width, width, transposed=way == _TO_HEADS_TRANSPOSED)


def _find_product(graph: Graph, name: str) -> Any:  # noqa: ANN401 - likewise
    """Return the node whose product with a matrix a value is, with something added to it or not, None if it is none."""
    maker = graph.makers.get(name)
    if maker is not None and maker.op_type == "Add":
        maker = next((graph.makers[one] for one in maker.input if one in graph.makers), None)
    found = maker is not None and maker.op_type == "MatMul" and graph.is_matrix(maker.input[1])
    return maker if found else None


def _is_joint(graph: Graph, reshape: Any) -> bool:  # noqa: ANN401 - likewise
    """Return whether a node puts heads together that were turned around, to multiply them by a matrix."""
    if reshape.op_type != "Reshape":
        return False
    turn, product = graph.makers.get(reshape.input[0]), graph.only_reader(reshape.output[0])
    if turn is None or turn.op_type != "Transpose" or graph.attribute(turn, "perm") != _FROM_HEADS:
        return False
    return product is not None and product.op_type == "MatMul" and graph.is_matrix(product.input[1])


def _last_size(graph: Graph, shape: str) -> int:
    """Return the last size in a shape, 0 if it is not constant."""
    maker = graph.makers.get(shape)
    name = maker.input[-1] if maker is not None and maker.op_type == "Concat" else shape
    return 0 if graph.shape(name) is None else int(graph.constant(name).ravel()[-1])


class _Packing:
    """A graph that is rewritten, node by node: the nodes so far, and what they call the values of the old graph.

    A value that has lost its padding keeps its name; where it is wanted with padding, it is padded again.
    """

    def __init__(self, graph: Graph, mask: str, heads: Mapping[str, _Heads], joints: frozenset[str] | set[str]) -> None:
        self._graph = graph
        self._heads = heads
        self._joints = joints
        self._rows = Rows(graph, mask)
        self._nodes = list[Any]()
        self._packed = dict[str, str]()
        self._padded = dict[str, str]()
        self._upright = dict[str, str]()
        self._cut = dict[str, str]()

    def rewrite(self) -> frozenset[str]:
        """Rewrite the graph and return its values without padding.

        What is replaced stays among the nodes, until it goes because nobody reads it any more.
        """
        product = _find_product(self._graph, next(iter(self._heads.values())).source)
        first, dim = product.input[0], self._graph.constant(product.input[1]).shape[0]
        if first not in self._graph.makers:
            raise NotPackableError("its attention reads what is given to it")
        for node in self._graph.nodes:
            name = node.output[0]
            heads = self._heads.get(name)
            if heads is not None and heads.source in self._packed:
                self._into_heads(name, heads)
            elif name in self._joints:
                self._out_of_heads(node)
            elif self._is_tokenwise(node):
                self._keep(node, self._packed)
                self._packed |= {one: one for one in node.output}
            else:
                self._keep_padded(node)
            if name == first:
                self._padded[first] = first
                rows = self._reshape(first, f"{first}.rows", dim)
                self._packed[first] = self._gather(rows, self._rows.places, f"{first}.packed")
        self._graph.write([*self._rows.nodes, *self._nodes])
        return frozenset(self._packed.values())

    def _is_tokenwise(self, node: Any) -> bool:  # noqa: ANN401 - onnx's messages have no usable types
        others = [name for name in node.input if name not in self._packed]
        if node.op_type not in _TOKENWISE or len(others) == len(node.input):
            return False
        if node.op_type == "MatMul":
            return others == [node.input[1]] and self._graph.is_matrix(others[0])
        shapes = [self._graph.shape(name) for name in others]
        # Another axis than the last, or a constant of more dimensions, would count on there being three.
        by_itself = self._graph.attribute(node, "axis") in (None, -1)
        return by_itself and all(shape is not None and len(shape) <= 1 for shape in shapes)

    def _keep(self, node: Any, names: Mapping[str, str]) -> None:  # noqa: ANN401 - likewise
        """Take a node over, with other names for some of what it reads."""
        kept = type(node)()
        kept.CopyFrom(node)
        del kept.input[:]
        kept.input.extend(names.get(name, name) for name in node.input)
        self._nodes.append(kept)

    def _keep_padded(self, node: Any) -> None:  # noqa: ANN401 - likewise
        names = {name: self._pad(name) for name in node.input if name in self._packed}
        turns = any(self._graph.attribute(node, one) for one in _TURNS)
        if node.op_type not in {"MatMul", "FusedMatMul"} or node.input[1] not in self._upright or turns:
            self._keep(node, names)
            return
        # It can turn the keys around itself.
        factors = [node.input[0], self._upright[node.input[1]]]
        alpha = self._graph.attribute(node, "alpha")
        options = {"alpha": 1.0 if alpha is None else alpha, "transB": 1}
        self._nodes.append(self._graph.make("FusedMatMul", factors, node.output[0], domain=CONTRIB, **options))

    def _pad(self, name: str) -> str:
        if name not in self._padded:
            self._padded[name] = self._gather(self._packed[name], self._rows.tokens, f"{name}.padded")
        return self._padded[name]

    def _into_heads(self, name: str, heads: _Heads) -> None:
        """Make (texts, heads, tokens, width) of rows."""
        source = heads.source
        if source not in self._cut:
            self._cut[source] = self._reshape(self._packed[source], f"{source}.heads", heads.width)
        index = self._rows.into_heads(heads.heads)
        if heads.transposed:
            self._upright[name] = self._gather(self._cut[source], index, f"{name}.upright")
            self._nodes.append(self._graph.make("Transpose", [self._upright[name]], name, perm=_UPRIGHT))
        else:
            self._gather(self._cut[source], index, name)

    def _out_of_heads(self, reshape: Any) -> None:  # noqa: ANN401 - likewise
        """Make rows of (texts, heads, tokens, width)."""
        name, turn = reshape.output[0], self._graph.makers[reshape.input[0]]
        width = next(iter(self._heads.values())).width
        columns = self._graph.constant(self._graph.only_reader(name).input[1]).shape[0]
        rows = self._reshape(turn.input[0], f"{name}.heads", width)
        apart = self._gather(rows, self._rows.out_of_heads(columns // width), f"{name}.apart")
        self._packed[name] = self._reshape(apart, name, columns)

    def _reshape(self, value: str, name: str, columns: int) -> str:
        self._nodes.append(self._graph.make("Reshape", [value, self._rows.of(columns)], name))
        return name

    def _gather(self, rows: str, index: str, name: str) -> str:
        self._nodes.append(self._graph.make("Gather", [rows, index], name, axis=0))
        return name

"""Where tokens lie, with padding and without: nodes of a graph that tell it from the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .graphs import Graph

_ALL = -1
"""As many rows as there are, for ``Reshape``."""


class Rows:
    """Indices for ``Gather``, by which values lose their padding and get it again.

    Args:
        graph: Where constants are added.
        mask: The input that tells tokens, 1, from padding, 0; int64 of shape (texts, tokens), padded on the right.

    Attributes:
        nodes: What makes them, in order; it depends on the mask alone.
        places: For each token that is no padding its place among all, shape (packed,).
        tokens: For each place its token's row among those without padding, shape (texts, tokens). In place of padding
            stands some row: what comes of it is masked.
    """

    def __init__(self, graph: Graph, mask: str) -> None:
        self.nodes = list[Any]()
        self._graph = graph
        self._made = dict[str, str]()
        one, all_rows = self._number(1), self._number([_ALL])
        flat = self._make("Reshape", "flat", mask, all_rows)
        self.places = self._make("Reshape", "places", self._make("NonZero", "found", flat), all_rows)
        # How many tokens came before; padding has the row of the token before it, or of the first if there is none.
        before = self._make("Sub", "before", self._make("CumSum", "counted", flat, self._number(0)), one)
        shape = self._make("Shape", "shape", mask)
        self.tokens = self._make("Reshape", "tokens", self._make("Max", "rows", before, self._number(0)), shape)
        self._length = self._make("Gather", "length", shape, one)

    def of(self, columns: int) -> str:
        """Return the shape, for ``Reshape``, of rows of so many numbers."""
        return self._number([_ALL, columns])

    def into_heads(self, count: int) -> str:
        """Return the rows of so many heads, shape (texts, heads, tokens), in values (packed * heads, width)."""
        name = f"into.{count}"
        if name not in self._made:
            apart = self._make("Unsqueeze", f"{name}.apart", self.tokens, self._number([1]))
            first = self._make("Mul", f"{name}.first", apart, self._number(count))
            self._made[name] = self._make("Add", name, first, self._number(np.arange(count)[:, np.newaxis]))
        return self._made[name]

    def out_of_heads(self, count: int) -> str:
        """Return the rows of each token's heads, shape (packed, heads), in values (texts * heads * tokens, width)."""
        name = f"out.{count}"
        if name not in self._made:
            text = self._make("Div", f"{name}.text", self.places, self._length)
            others = self._make("Mul", f"{name}.others", text, self._number(count - 1))
            skipped = self._make("Mul", f"{name}.skipped", others, self._length)
            first = self._make("Add", f"{name}.first", self.places, skipped)
            apart = self._make("Unsqueeze", f"{name}.apart", first, self._number([1]))
            heads = self._make("Mul", f"{name}.heads", self._number(np.arange(count)), self._length)
            self._made[name] = self._make("Add", name, apart, heads)
        return self._made[name]

    def _number(self, value: object) -> str:
        number = np.array(value, dtype=np.int64)
        digits = "x".join(map(str, number.shape)) + ":" + ",".join(map(str, number.ravel()))
        return self._graph.add(f"rows.number.{digits}", number)

    def _make(self, operator: str, name: str, *inputs: str) -> str:
        self.nodes.append(self._graph.make(operator, inputs, f"rows.{name}"))
        return f"rows.{name}"

"""What a model knows of single tokens, apart from its graph: of the vocabulary only what is asked is in memory.

Inside the graph it would be mapped from its file, of which a few hundred different words bring every page into memory.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .graphs import Graph

TOKENS_FILE = "tokens.npy"
"""One record a token, with a field for each table."""
ROWS = "token_rows"
"""Input of a graph: for each place the row of its token in the tables that it is given, int64 of (texts, tokens)."""
BIG_TABLE = 1024
"""Rows from which a table is one of tokens: vocabularies have thousands, positions hundreds."""


class TokenTables:
    """The tables of a model, on the disk.

    Args:
        file: Where `set_apart` wrote them.

    Raises:
        OSError: It cannot be read.
        ValueError: It is something else.
    """

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            if np.lib.format.read_magic(opened) != (1, 0):
                raise ValueError(f"{file} was written by another program")
            _, _, self._record = np.lib.format.read_array_header_1_0(opened)
            self._start = opened.tell()
        self._descriptor = os.open(file, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def look_up(self, ids: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return what the graph is given beside the tokens: what the tables say of those, and which says it of which.

        Args:
            ids: Numbers of tokens, shape ``(texts, tokens)``.
        """
        different, rows = np.unique(ids, return_inverse=True)
        size = self._record.itemsize
        read = [os.pread(self._descriptor, size, self._start + size * number) for number in different.tolist()]
        records = np.frombuffer(b"".join(read), self._record)
        tables = {name: np.ascontiguousarray(records[name]) for name in self._record.names or ()}
        return tables | {ROWS: rows.reshape(ids.shape).astype(np.int64, copy=False)}


def set_apart(graph: Graph, ids: str, folder: Path) -> None:
    """Have a graph be given what its tables say of tokens, and write those into a folder; without any, nothing is done.

    Args:
        graph: The graph, whose tables are constants.
        ids: The input with the numbers of tokens, int64 of shape (texts, tokens).
        folder: Where `TOKENS_FILE` is written.

    Raises:
        OSError: The folder cannot be written to, or is full.
    """
    tables: dict[str, NDArray[Any]] = {}
    nodes = list[Any]()
    for node in graph.nodes:
        if node.op_type == "Gather" and _is_table(graph, node, ids):
            name = f"tokens.{len(tables)}"
            tables[name] = graph.constant(node.input[0])
            nodes.append(graph.make("Gather", [name, ROWS], node.output[0]))
        else:
            nodes.append(node)
    if len({len(table) for table in tables.values()}) != 1:
        return
    graph.add_input(ROWS, np.dtype(np.int64), ("texts", "tokens"))
    for name, table in tables.items():
        graph.add_input(name, table.dtype, ("token_rows", table.shape[1]))
    graph.write(nodes)
    fields = np.dtype([(name, table.dtype, table.shape[1:]) for name, table in tables.items()])
    records = np.empty(len(next(iter(tables.values()))), fields)
    for name, table in tables.items():
        records[name] = table
    np.save(folder / TOKENS_FILE, records)


def _is_table(graph: Graph, node: Any, ids: str) -> bool:  # noqa: ANN401 - onnx's messages have no usable types
    table, looked_up = node.input
    return looked_up == ids and graph.is_matrix(table, rows=BIG_TABLE) and not graph.attribute(node, "axis")

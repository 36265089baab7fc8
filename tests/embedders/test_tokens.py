"""Tables of tokens beside a graph say what they said in it."""

import gc
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from bot.embedders.graphs import Graph
from bot.embedders.quantising import quantise
from bot.embedders.tokens import BIG_TABLE, ROWS, TOKENS_FILE, TokenTables, set_apart

WIDTH = 6
TABLE = np.random.default_rng(1).standard_normal((BIG_TABLE, WIDTH)).astype(np.float32)
OTHER = np.random.default_rng(2).standard_normal((BIG_TABLE + 1, WIDTH)).astype(np.float32)


def look_up(table: str, ids: str, output: str, axis: int = 0) -> Any:  # noqa: ANN401 - the library has no types
    return helper.make_node("Gather", [table, ids], [output], axis=axis)


def make_model(*nodes: Any, **tables: np.ndarray) -> Any:  # noqa: ANN401 - likewise
    graph = helper.make_graph(
        [*nodes],
        "test",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None) for node in nodes],
        [numpy_helper.from_array(table, name) for name, table in tables.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(model: Any, inputs: dict[str, Any]) -> list[Any]:  # noqa: ANN401 - likewise
    session: Any = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> TokenTables:
    folder = tmp_path_factory.mktemp("tables")
    set_apart(Graph(make_model(look_up("table", "ids", "found"), table=TABLE)), "ids", folder)
    return TokenTables(folder / TOKENS_FILE)


@given(ids=st.lists(st.lists(st.integers(0, BIG_TABLE - 1), min_size=3, max_size=3), min_size=1, max_size=4))
def test_each_place_finds_its_tokens_row(tables: TokenTables, ids: list[list[int]]) -> None:
    asked = np.array(ids, dtype=np.int64)
    found = tables.look_up(asked)
    assert found[ROWS].dtype == np.int64
    assert (found["tokens.0"][found[ROWS]] == TABLE[asked]).all()
    # Each token is read once.
    assert len(found["tokens.0"]) == len({*asked.ravel().tolist()})


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_graph_makes_the_same_of_them(tmp_path: Path, precision: str) -> None:
    model = make_model(look_up("table", "ids", "found"), table=TABLE)
    ids = np.array([[3, 7, 7], [BIG_TABLE - 1, 0, 3]], dtype=np.int64)
    if precision == "int8":
        quantise(Graph(model))
    expected = run(model, {"ids": ids})
    set_apart(Graph(model), "ids", tmp_path)
    assert not [one for one in model.graph.initializer if len(one.dims) == 2]
    found = TokenTables(tmp_path / TOKENS_FILE).look_up(ids)
    assert len(found) == (3 if precision == "int8" else 2)
    # What of the tokens' numbers something else is made, as in most models their shape, is left out here.
    model.graph.input.remove(model.graph.input[0])
    assert (run(model, found)[0] == expected[0]).all()


@pytest.mark.parametrize(
    "nodes",
    [
        pytest.param([look_up("small", "ids", "found")], id="a small table"),
        pytest.param([look_up("table", "ids", "found", axis=1)], id="looked up by columns"),
        pytest.param([look_up("table", "ids", "a"), look_up("other", "ids", "b")], id="tables of different lengths"),
    ],
)
def test_what_is_no_table_of_tokens_stays(tmp_path: Path, nodes: list[Any]) -> None:
    model = make_model(*nodes, small=TABLE[1:], table=TABLE, other=OTHER)
    before = model.SerializeToString()
    set_apart(Graph(model), "ids", tmp_path)
    assert model.SerializeToString() == before
    assert not list(tmp_path.iterdir())


def test_another_kind_of_file_is_refused_and_the_file_is_closed_with_the_tables(tmp_path: Path) -> None:
    other = tmp_path / "other.npy"
    with other.open("wb") as opened:
        np.lib.format.write_array(opened, TABLE, version=(2, 0))
    with pytest.raises(ValueError, match=r"other\.npy was written by another program"):
        TokenTables(other)
    other.write_bytes(b"something else")
    with pytest.raises(ValueError, match="magic"):
        TokenTables(other)
    set_apart(Graph(make_model(look_up("table", "ids", "found"), table=TABLE)), "ids", tmp_path)
    tables = TokenTables(tmp_path / TOKENS_FILE)
    descriptor = tables._descriptor
    assert os.fstat(descriptor).st_size == (tmp_path / TOKENS_FILE).stat().st_size
    del tables
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)

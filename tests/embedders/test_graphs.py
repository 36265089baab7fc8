from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from bot.embedders.graphs import CONTRIB, Graph, has_branches


def make_model(nodes: list[Any], outputs: list[str]) -> Any:  # noqa: ANN401 - the library has no types
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "whether", *outputs)]
    constants = {"matrix": np.ones((3, 2), dtype=np.float32), "vector": np.ones(2, dtype=np.float32)}
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return helper.make_model(helper.make_graph(nodes, "test", values[:2], values[2:], initializers))


@pytest.fixture
def model() -> Any:  # noqa: ANN401 - likewise
    nodes = [
        helper.make_node("MatMul", ["x", "matrix"], ["product"]),
        helper.make_node("Add", ["product", "vector"], ["sum"]),
        helper.make_node("Transpose", ["sum"], ["turned"], perm=[1, 0]),
    ]
    return make_model(nodes, ["turned"])


def test_it_knows_constants_and_who_makes_and_reads_values(model: Any) -> None:  # noqa: ANN401 - likewise
    graph = Graph(model)
    assert (graph.shape("matrix"), graph.shape("product")) == ((3, 2), None)
    np.testing.assert_array_equal(graph.constant("vector"), [1, 1])
    assert [graph.is_matrix("matrix", rows) for rows in (3, 4)] == [True, False]
    assert not graph.is_matrix("vector")
    assert not graph.is_matrix("product")
    assert graph.makers["sum"].op_type == "Add"
    assert graph.only_reader("product").op_type == "Add"
    assert graph.only_reader("turned") is None
    assert graph.attribute(graph.makers["turned"], "perm") == [1, 0]
    assert graph.attribute(graph.makers["turned"], "axis") is None


def test_a_value_that_two_nodes_read_has_no_only_reader(model: Any) -> None:  # noqa: ANN401 - likewise
    model.graph.node.append(helper.make_node("Neg", ["product"], ["less"]))
    assert Graph(model).only_reader("product") is None


def test_what_leads_nowhere_is_not_written(model: Any) -> None:  # noqa: ANN401 - likewise
    graph = Graph(model)
    number = graph.add("two", np.float32(2))
    dead = graph.make("Mul", ["product", "vector"], "dead")
    [product, _, turned] = graph.nodes
    graph.write([product, graph.make("Mul", ["product", number], "sum"), turned, dead])
    assert [node.op_type for node in model.graph.node] == ["MatMul", "Mul", "Transpose"]
    assert [one.name for one in model.graph.initializer] == ["matrix", "two"]
    assert graph.shape("vector") is None
    assert graph.makers["sum"].op_type == "Mul"
    assert CONTRIB in {opset.domain for opset in model.opset_import}


def test_a_constant_is_added_once(model: Any) -> None:  # noqa: ANN401 - likewise
    graph = Graph(model)
    assert graph.add("matrix", np.float32(5)) == "matrix"
    assert graph.shape("matrix") == (3, 2)


def test_what_branches_read_stays(model: Any) -> None:  # noqa: ANN401 - likewise
    inner = helper.make_node("Mul", ["product", "vector"], ["inner"])
    scaled = helper.make_graph([inner], "scaled", [], [helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)])
    plain = helper.make_graph([], "plain", [], [helper.make_tensor_value_info("sum", TensorProto.FLOAT, None)])
    choice = helper.make_node("If", ["whether"], ["chosen"], then_branch=scaled, else_branch=plain)
    nodes = [*model.graph.node[:2], choice]
    branching = make_model(nodes, ["chosen"])
    assert [has_branches(node) for node in nodes] == [False, False, True]
    Graph(branching).write(nodes)
    assert [node.op_type for node in branching.graph.node] == ["MatMul", "Add", "If"]
    assert {one.name for one in branching.graph.initializer} == {"matrix", "vector"}

"""Attention without padding around it, beside the same with padding."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from bot.embedders.graphs import Graph
from bot.embedders.packing import NotPackableError, pack

WORDS, DIM, HEADS, INNER = 11, 12, 3, 20
WIDTH = DIM // HEADS
OPSET = 20
NOTHING = -1e9
TOLERANCE = 1e-4

LENGTHS = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def make_attention(read: str, keys: list[int], *, biased: bool) -> list[Any]:
    """Return the nodes that turn a value into "attended", with keys turned around in one of two ways."""
    nodes = list[Any]()
    for part, turn in (("query", [0, 2, 1, 3]), ("key", keys), ("value", [0, 2, 1, 3])):
        whole = f"{part}.product"
        nodes.append(helper.make_node("MatMul", [read, part], [whole]))
        if biased:
            nodes.append(helper.make_node("Add", [f"{part}.bias", whole], [f"{part}.sum"]))
            whole = f"{part}.sum"
        nodes.append(helper.make_node("Reshape", [whole, "into"], [f"{part}.cut"]))
        nodes.append(helper.make_node("Transpose", [f"{part}.cut"], [f"{part}.turned"], perm=turn))
    key = "key.turned"
    if keys == [0, 2, 1, 3]:
        key = "key.across"
        nodes.append(helper.make_node("Transpose", ["key.turned"], [key], perm=[0, 1, 3, 2]))
    return [
        *nodes,
        helper.make_node(
            "FusedMatMul", ["query.turned", key], ["similar"], domain="com.microsoft", alpha=1 / np.sqrt(WIDTH)
        ),
        helper.make_node("Add", ["similar", "hidden"], ["seen"]),
        helper.make_node("Softmax", ["seen"], ["shares"], axis=-1),
        helper.make_node("MatMul", ["shares", "value.turned"], ["context"]),
        helper.make_node("Transpose", ["context"], ["context.turned"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["context.turned", "out"], ["context.joined"]),
        helper.make_node("MatMul", ["context.joined", "output"], ["attended"]),
    ]


def make_model(
    *, keys: list[int] | None = None, biased: bool = True, axis: int = -1, deep: bool = False, read: str = "embedded"
) -> Any:  # noqa: ANN401 - the library has no types
    """Return a transformer of one layer, which also says how it came by its result.

    Args:
        keys: How keys are turned around.
        biased: Whether queries, keys and values have a vector added.
        axis: Of the normalisation.
        deep: Whether what is added after it has three dimensions.
        read: What attention reads.
    """
    rng = np.random.default_rng(1)
    shapes = {
        "table": (WORDS, DIM),
        **dict.fromkeys(("query", "key", "value", "output"), (DIM, DIM)),
        **{f"{part}.bias": (DIM,) for part in ("query", "key", "value")},
        "gamma": (DIM,),
        "shift": (1, 1, DIM) if deep else (DIM,),
        "widen": (DIM, INNER),
        "narrow": (INNER, DIM),
    }
    constants = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    constants |= {"into": np.array([0, 0, HEADS, WIDTH]), "out": np.array([0, 0, DIM]), "middle": np.array([1, 2])}
    constants |= {"second": np.array([1]), "one": np.float32(1), "nothing": np.float32(NOTHING)}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["embedded"]),
        helper.make_node("Cast", ["mask"], ["kept"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["one", "kept"], ["dropped"]),
        helper.make_node("Mul", ["dropped", "nothing"], ["flat.hidden"]),
        helper.make_node("Unsqueeze", ["flat.hidden", "middle"], ["hidden"]),
        *make_attention(read, keys or [0, 2, 3, 1], biased=biased),
        helper.make_node("Add", ["attended", read], ["residual"]),
        helper.make_node("LayerNormalization", ["residual", "gamma"], ["normal"], axis=axis),
        helper.make_node("Add", ["normal", "shift"], ["shifted"]),
        helper.make_node("MatMul", ["shifted", "widen"], ["wide"]),
        helper.make_node("Relu", ["wide"], ["bent"]),
        helper.make_node("MatMul", ["bent", "narrow"], ["narrowed"]),
        helper.make_node("Unsqueeze", ["kept", "last"], ["counted"]),
        helper.make_node("Mul", ["narrowed", "counted"], ["pooled"]),
        helper.make_node("ReduceSum", ["pooled", "second"], ["embedding"], keepdims=0),
    ]
    constants["last"] = np.array([-1])
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "mask")]
    inputs += [helper.make_tensor_value_info("given", TensorProto.FLOAT, None)] if read == "given" else []
    graph = helper.make_graph(
        nodes,
        "test",
        inputs,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("embedding", "embedded")],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def start(model: Any) -> Any:  # noqa: ANN401 - likewise
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def feed(lengths: list[int]) -> dict[str, Any]:
    """Return texts of such lengths; what stands in place of padding must not matter."""
    mask = (np.arange(max(lengths)) < np.array(lengths)[:, np.newaxis]).astype(np.int64)
    return {"ids": np.random.default_rng(2).integers(0, WORDS, mask.shape), "mask": mask}


VARIANTS: dict[str, dict[str, Any]] = {
    "as usual": {},
    "keys turned in two steps": {"keys": [0, 2, 1, 3]},
    "no biases": {"biased": False},
    "an axis counted from the front": {"axis": 2},
    "a constant of three dimensions": {"deep": True},
}


@pytest.fixture(scope="module", params=VARIANTS.values(), ids=[*VARIANTS])
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A model with padding, and the same without."""
    model = make_model(**request.param)
    before = start(model)
    pack(Graph(model), "mask")
    return before, start(model)


@given(LENGTHS)
def test_nothing_comes_out_differently(pair: tuple[Any, Any], lengths: list[int]) -> None:
    padded, packed = (session.run(None, feed(lengths)) for session in pair)
    np.testing.assert_allclose(packed[0], padded[0], rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_array_equal(packed[1], padded[1])


@pytest.mark.parametrize("keys", [[0, 2, 3, 1], [0, 2, 1, 3]])
def test_only_tokens_are_multiplied_and_what_is_turned_around_is_copied_once(keys: list[int]) -> None:
    model = make_model(keys=keys)
    flat = pack(Graph(model), "mask")
    products = {node.input[0] for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in PRODUCTS}
    assert products <= flat
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in sorted(products))
    _, _, *multiplied = start(model).run(None, feed([5, 1, 3]))
    assert {rows.shape for rows in multiplied} == {(9, DIM), (9, INNER)}
    # Keys that take two steps to be turned around keep the second.
    turns = [node for node in model.graph.node if node.op_type == "Transpose"]
    assert len(turns) == (keys == [0, 2, 1, 3])


PRODUCTS = frozenset({"query", "key", "value", "output", "widen", "narrow"})


def test_a_text_without_tokens_leaves_the_others_alone() -> None:
    model = make_model()
    given = feed([4, 2])
    given["mask"][1] = 0
    [expected, _] = start(model).run(None, given)
    pack(Graph(model), "mask")
    [found, _] = start(model).run(None, given)
    np.testing.assert_allclose(found[0], expected[0], rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_array_equal(found[1], 0)


def test_what_is_no_attention_is_not_packed() -> None:
    model = make_model()
    kept = [node for node in model.graph.node if node.op_type != "Transpose"]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    before = model.SerializeToString()
    with pytest.raises(NotPackableError, match="no attention"):
        pack(Graph(model), "mask")
    assert model.SerializeToString() == before


def test_attention_needs_something_before_it() -> None:
    with pytest.raises(NotPackableError, match="given to it"):
        pack(Graph(make_model(read="given")), "mask")


def test_branches_are_not_looked_into() -> None:
    model = make_model()
    same = helper.make_graph([], "same", [], [helper.make_tensor_value_info("normal", TensorProto.FLOAT, None)])
    model.graph.node.insert(
        0, helper.make_node("If", ["whether"], ["either"], then_branch=same, else_branch=same, name="if")
    )
    with pytest.raises(NotPackableError, match="branches"):
        pack(Graph(model), "mask")

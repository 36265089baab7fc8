"""Arithmetic in eight bits, beside exact arithmetic."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.embedders import quantising
from bot.embedders.graphs import Graph
from bot.embedders.quantising import quantise

WORDS, WIDTH, OUT = 2000, 64, 48
OPSET = 20
ROUNDING = 1 / 127
"""Of a value that is brought to 127 levels, half of one at most."""

COARSE = 1 / 64
"""Of a weight likewise; where some are cut, less is lost in all. Of a product of the two about as much of each."""

TANH_IS_OFF = 0.0005

RNG = np.random.default_rng(1)
TABLE = RNG.standard_normal((WORDS, WIDTH)).astype(np.float32)
MATRIX = (RNG.standard_normal((WIDTH, OUT)) * RNG.uniform(0.01, 10, OUT)).astype(np.float32)


@pytest.fixture(scope="module", params=[(), ("found",)], ids=["deep", "flat"])
def session(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - the library has no types
    """Looks words up and multiplies what it finds twice by the same matrix."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["found"]),
        helper.make_node("MatMul", ["found", "matrix"], ["product"]),
        helper.make_node("MatMul", ["found", "matrix"], ["again"]),
    ]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("found", "product", "again")],
        [numpy_helper.from_array(TABLE, "table"), numpy_helper.from_array(MATRIX, "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    quantise(Graph(model), request.param)
    assert not {"table", "matrix"} & {one.name for one in model.graph.initializer}
    assert len(model.SerializeToString()) < (TABLE.nbytes + MATRIX.nbytes) / 3
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def run(session: Any, ids: list[int]) -> list[NDArray[np.float32]]:  # noqa: ANN401 - see above
    return session.run(None, {"ids": np.array(ids)})


def test_words_are_off_by_half_a_level_of_their_own_at_most(session: Any) -> None:  # noqa: ANN401 - see above
    found, _, _ = run(session, [*range(WORDS)])
    half_a_level = np.abs(TABLE).max(axis=1, keepdims=True) * ROUNDING / 2
    assert (np.abs(found - TABLE) <= half_a_level * 1.001).all()


def test_products_are_off_by_what_rounding_makes_of_them(session: Any) -> None:  # noqa: ANN401 - see above
    found, product, again = run(session, [*range(WORDS)])
    exact = found.astype(np.float64) @ MATRIX
    np.testing.assert_array_equal(product, again)
    # The errors of a sum's terms cancel out like a random walk; columns are of very different sizes.
    scale = np.abs(found).max(axis=1, keepdims=True) * np.abs(MATRIX).max(axis=0)
    assert (np.abs(product - exact) <= COARSE * scale * np.sqrt(WIDTH)).all()
    factors = (product * exact).sum(axis=0) / (exact * exact).sum(axis=0)
    np.testing.assert_allclose(factors, 1, atol=COARSE / 2)


@pytest.mark.parametrize("flat", [(), ("x",)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_largest_products_fit_on_every_processor(flat: tuple[str, ...], sign: int) -> None:
    session = load([helper.make_node("MatMul", ["x", "matrix"], ["y"])], {"matrix": np.full_like(MATRIX, sign)}, flat)
    [found] = session.run(None, {"x": np.ones((3, WIDTH), dtype=np.float32)})
    np.testing.assert_allclose(found, sign * WIDTH, rtol=1e-6)


def test_one_large_weight_leaves_room_for_the_others() -> None:
    matrix = np.random.default_rng(4).normal(size=(20_000, 2)).astype(np.float32)
    matrix[0] = 6
    scale, levels = quantising._to_weights(matrix)
    assert np.abs(levels).max() == 1 / COARSE
    lost = ((levels * scale - matrix) ** 2).sum(axis=0)
    step = matrix[0] * COARSE
    uncut = ((np.round(matrix / step) * step - matrix) ** 2).sum(axis=0)
    assert (lost < 0.8 * uncut).all()


def test_a_token_does_not_depend_on_the_others_of_its_batch(session: Any) -> None:  # noqa: ANN401 - see above
    _, together, _ = run(session, [3, 7, 1999])
    alone = [run(session, [word])[1] for word in (3, 7, 1999)]
    np.testing.assert_array_equal(together, np.concatenate(alone))


@pytest.mark.parametrize("flat", [(), ("x",)])
@pytest.mark.parametrize("matrix", [MATRIX, np.zeros_like(MATRIX)])
def test_nothing_comes_of_nothing(flat: tuple[str, ...], matrix: NDArray[np.float32]) -> None:
    session = load([helper.make_node("MatMul", ["x", "matrix"], ["y"])], {"matrix": matrix}, flat)
    x = np.zeros((3, WIDTH), dtype=np.float32)
    x[1] = matrix.any() == 0
    np.testing.assert_array_equal(session.run(None, {"x": x})[0], np.zeros((3, OUT)))


def test_gelu_is_as_good_by_tanh() -> None:
    node = helper.make_node("BiasGelu", ["x", "bias"], ["y"], domain="com.microsoft")
    bias = {"bias": np.zeros(WIDTH, dtype=np.float32)}
    exact, found = (load([node], bias, quantised=quantised) for quantised in (False, True))
    x = np.linspace(-8, 8, 4 * WIDTH, dtype=np.float32).reshape(4, WIDTH)
    [wanted], [approximate] = exact.run(None, {"x": x}), found.run(None, {"x": x})
    assert 0 < np.abs(approximate - wanted).max() < TANH_IS_OFF


def load(
    nodes: list[Any], constants: dict[str, NDArray[np.float32]], flat: tuple[str, ...] = (), *, quantised: bool = True
) -> Any:  # noqa: ANN401 - see above
    """Return a session that makes y of x."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy")
    graph = helper.make_graph(
        nodes, "test", [x], [y], [numpy_helper.from_array(value, name) for name, value in constants.items()]
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    if quantised:
        quantise(Graph(model), flat)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])

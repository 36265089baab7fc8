"""Arithmetic in eight bits, beside exact arithmetic."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.embedders.quantising import quantise

WORDS, WIDTH, OUT = 2000, 64, 48
OPSET = 20
ROUNDING = 1 / 127
"""Of a value that is brought to 127 levels, half of one at most; of a product of two such about as much of each."""

RNG = np.random.default_rng(1)
TABLE = RNG.standard_normal((WORDS, WIDTH)).astype(np.float32)
MATRIX = (RNG.standard_normal((WIDTH, OUT)) * RNG.uniform(0.01, 10, OUT)).astype(np.float32)


@pytest.fixture(scope="module")
def session() -> Any:  # noqa: ANN401 - the library has no types
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
    quantise(model)
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
    assert (np.abs(product - exact) <= ROUNDING * scale * np.sqrt(WIDTH)).all()
    factors = (product * exact).sum(axis=0) / (exact * exact).sum(axis=0)
    np.testing.assert_allclose(factors, 1, atol=ROUNDING / 2)


def test_a_token_does_not_depend_on_the_others_of_its_batch(session: Any) -> None:  # noqa: ANN401 - see above
    _, together, _ = run(session, [3, 7, 1999])
    alone = [run(session, [word])[1] for word in (3, 7, 1999)]
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_nothing_comes_of_nothing(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "matrix"], ["product"])],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", WIDTH])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.zeros_like(MATRIX), "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    quantise(model)
    onnx.save(model, str(tmp_path / "model.onnx"))
    session: Any = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    for x in (np.zeros((2, WIDTH), dtype=np.float32), np.ones((2, WIDTH), dtype=np.float32)):
        np.testing.assert_array_equal(session.run(None, {"x": x})[0], np.zeros((2, OUT)))

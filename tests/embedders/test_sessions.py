"""How models are opened."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bot.embedders.sessions import open_session


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph that multiplies with a matrix of ones."""
    made = helper.make_graph(
        [helper.make_node("MatMul", ["given", "ones"], ["made"])],
        "sums",
        [helper.make_tensor_value_info("given", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("made", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor("ones", TensorProto.FLOAT, [4, 4], np.ones(16))],
    )
    path = tmp_path_factory.mktemp("sessions") / "model.onnx"
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), path)
    return path


def test_however_a_model_is_opened_it_comes_to_the_same(graph: Path) -> None:
    given = np.arange(8, dtype=np.float32).reshape(2, 4)
    for brief in (False, True):
        session = open_session(graph, brief=brief)
        options = session.get_session_options()
        assert (options.intra_op_num_threads, options.enable_mem_reuse) == (1, not brief)
        [made] = session.run(None, {"given": given})
        np.testing.assert_array_equal(made, np.repeat(given.sum(axis=1, keepdims=True), 4, axis=1))

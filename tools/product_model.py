"""Write bot/mining/product.onnx: the product of two matrices of bytes, as a model of one node for onnxruntime.

python tools/product_model.py
"""

import sys
from pathlib import Path

from onnx import TensorProto, checker, helper

TARGET = Path(__file__).parent.parent / "bot" / "mining" / "product.onnx"


def main() -> None:
    """Write the file."""
    node = helper.make_node("MatMulInteger", ["rows", "columns", "zero"], ["products"])
    inputs = [
        helper.make_tensor_value_info("rows", TensorProto.UINT8, ["older", "numbers"]),
        helper.make_tensor_value_info("columns", TensorProto.INT8, ["numbers", "newer"]),
    ]
    outputs = [helper.make_tensor_value_info("products", TensorProto.INT32, ["older", "newer"])]
    # In an unsigned byte 128 stands for 0.
    zero = helper.make_tensor("zero", TensorProto.UINT8, [], [128])
    graph = helper.make_graph([node], "product", inputs, outputs, initializer=[zero])
    # The oldest versions that have the operator: every onnxruntime reads them.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)], ir_version=5, producer_name="")
    checker.check_model(model)
    TARGET.write_bytes(model.SerializeToString())
    sys.stdout.write(f"{TARGET}: {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()

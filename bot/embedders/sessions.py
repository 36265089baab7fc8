"""Models that onnxruntime has loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.onnx import import_onnxruntime

if TYPE_CHECKING:
    from pathlib import Path

_ERRORS_ONLY = 3
"""Of onnxruntime's levels of severity; its warnings are for who writes graphs."""


def open_session(graph: Path, optimised: Path | None = None, *, brief: bool = False) -> Any:  # noqa: ANN401 - no types
    """Return an ``onnxruntime.InferenceSession`` for processors; it works in the thread of whoever calls it.

    Several that shared a question would have to wait for each other some hundred times: asleep, which takes as long as
    what is waited for, or spinning, which takes longer wherever two are on the same core.

    Args:
        graph: The graph's file; beside it lie its weights.
        optimised: Where to write the graph after onnxruntime has optimised it; None for a graph that is optimised.
        brief: True for few texts: it opens in a third of the time, and runs half as fast.

    Raises:
        Exception: Whatever onnxruntime raises about files that it cannot use.
    """
    # It takes a tenth of a second to import.
    onnxruntime = import_onnxruntime()
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    if brief:
        # Else it is found out which values may share memory, which in eight bits takes longer than all other opening.
        options.enable_mem_reuse = False
        # Else the weights are copied into the order in which they are multiplied.
        options.add_session_config_entry("session.disable_prepacking", "1")
    options.log_severity_level = _ERRORS_ONLY
    options.graph_optimization_level = levels.ORT_DISABLE_ALL
    if optimised is not None:
        # The level above would tie the graph to the very processor that it is compiled on.
        options.graph_optimization_level = levels.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(optimised)
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

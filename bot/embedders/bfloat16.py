"""Compiled models in bfloat16, which OpenVINO runs where it is installed and the processor multiplies in it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..core.types import Embeddings

LIBRARY = "openvino"
"""Its name on PyPI and to import; an extra, because it takes 180 MB."""

SCHEME = "bfloat16, OpenVINO"
"""Part of the `model_id` of a model in bfloat16 on a processor; a graphics card's embeddings are others."""

_CAPABILITY = "BF16"
"""What OpenVINO says of processors that multiply in bfloat16 (AVX512_BF16, AMX, SVE); on others it would be slow."""


def find_obstacle() -> str | None:
    """Return why no model can be run in bfloat16 here, None if one can."""
    if find_spec(LIBRARY) is None:
        return 'bfloat16 needs OpenVINO, which is not installed (pip install "faqtotum[openvino]")'
    openvino: Any = import_module(LIBRARY)
    if _CAPABILITY not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return "this processor does not multiply in bfloat16"
    return None


class Bfloat16Session:
    """A loaded graph, with the face of an ``onnxruntime.InferenceSession`` so far as it is used.

    Args:
        graph: The graph's file, in single precision; beside it lie its weights.
        threads: How many cores it may use, None for all.

    Raises:
        Exception: Whatever OpenVINO raises about files that it cannot use.
    """

    def __init__(self, graph: Path, threads: int | None) -> None:
        openvino: Any = import_module(LIBRARY)  # it takes a fifth of a second to import
        options = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": threads or 0, "NUM_STREAMS": 1}
        core = openvino.Core()
        self._request = core.compile_model(core.read_model(str(graph)), "CPU", options).create_infer_request()

    def run(self, outputs: list[str], inputs: Mapping[str, Any]) -> list[Embeddings]:
        """Return the embeddings of tokens, in single precision and brought to length 1 again."""
        found = self._request.infer(inputs, share_inputs=True)
        return [_renormalise(np.array(found[name], dtype=np.float32)) for name in outputs]


def _renormalise(embeddings: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings / np.maximum(lengths, np.finfo(np.float32).tiny)

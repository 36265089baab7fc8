"""A graphics card: whether there is one, and models on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .library import quiet_loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..core.types import Embeddings
    from .model import Encoder

_NODES = (Path("/dev/nvidiactl"), Path("/dev/kfd"))
"""What the drivers of NVIDIA (CUDA) and AMD (ROCm) make on Linux; without one of them torch is not asked."""

GPU_BATCH = 512
"""Texts that a graphics card takes at once; with fewer most of it idles."""

GPU_PIECE_BYTES = 1 << 17
"""As `PIECE_BYTES` of `planning`; about 2,000 questions."""

SCHEME = "bfloat16"
"""Part of the `model_id`: embeddings differ in the third digit from those in single precision."""


def has_gpu(nodes: Iterable[Path] = _NODES, torch_sees_one: Callable[[], bool] | None = None) -> bool:
    """Return whether there is a graphics card that torch can use; without a driver torch is not imported.

    Args:
        nodes: Files of which the drivers make one.
        torch_sees_one: Whether torch can use it; torch itself by default.
    """
    return any(node.exists() for node in nodes) and (torch_sees_one or _ask_torch)()


def _ask_torch() -> bool:
    import torch  # noqa: PLC0415 - slow to import

    return torch.cuda.is_available()


def load_on_gpu(folder: Path, device: str = "cuda") -> Encoder:
    """Load a model in bfloat16, without the network.

    Args:
        folder: As `find_weights` found it.
        device: Torch's name for where to.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - slow to import

    with quiet_loading():
        model = SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": "bfloat16"},
        )
    return GpuEncoder(cast("Encoder", model))


class GpuEncoder:
    """A model on a graphics card, with the face that `Model` expects.

    Args:
        model: The library's model, in half precision.
    """

    scheme = SCHEME
    piece_bytes = GPU_PIECE_BYTES

    def __init__(self, model: Encoder) -> None:
        self._model = model
        self.prompts: Mapping[str, str] = model.prompts
        self.max_seq_length = model.max_seq_length
        self.tokenizer: Any = model.tokenizer
        self.truncate_dim: int | None = getattr(model, "truncate_dim", None)
        self.modules: Callable[[], Iterable[object]] = getattr(model, "modules", list)

    def encode_query(self, inputs: list[str], **options: Any) -> Embeddings:  # noqa: ANN401 - the library's
        """Return the embeddings of queries, in single precision and of length 1."""
        return _renormalise(self._model.encode_query(inputs, **options | {"batch_size": GPU_BATCH}))

    def encode_document(self, inputs: list[str], **options: Any) -> Embeddings:  # noqa: ANN401 - the library's
        """Return the embeddings of texts to be found, in single precision and of length 1."""
        return _renormalise(self._model.encode_document(inputs, **options | {"batch_size": GPU_BATCH}))


def _renormalise(returned: Any) -> Embeddings:  # noqa: ANN401 - what the library returns
    """Undo what half precision did to the lengths."""
    embeddings = np.asarray(returned, dtype=np.float32)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings / np.maximum(lengths, np.finfo(np.float32).tiny)

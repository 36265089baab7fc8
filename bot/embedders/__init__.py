"""Turning texts into embeddings on this machine.

Importing this package loads no model's library: torch and sentence-transformers take seconds, onnxruntime a tenth of
one, and each is loaded when it is first needed.
"""

from typing import TYPE_CHECKING

from ..core.lazily import lazily

if TYPE_CHECKING:
    from .carried import carry, find_carried, is_carried, true_name
    from .engines import EngineLoader, UnusableError
    from .local import LocalEmbedder
    from .reranker import LocalReranker
    from .weights import DEFAULT_MODEL, find_weights

__all__ = [
    "DEFAULT_MODEL",
    "EngineLoader",
    "LocalEmbedder",
    "LocalReranker",
    "UnusableError",
    "carry",
    "find_carried",
    "find_weights",
    "is_carried",
    "true_name",
]

__getattr__ = lazily(
    __name__,
    {
        "carried": ("carry", "find_carried", "is_carried", "true_name"),
        "engines": (
            "EngineLoader",
            "UnusableError",
        ),
        "local": ("LocalEmbedder",),
        "reranker": ("LocalReranker",),
        "weights": (
            "DEFAULT_MODEL",
            "find_weights",
        ),
    },
)

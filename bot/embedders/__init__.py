"""Turning texts into embeddings on this machine.

Importing this package loads neither torch nor the model's library; that takes seconds and happens at the first use.
"""

from .local import LocalEmbedder
from .reranker import LocalReranker
from .weights import DEFAULT_MODEL, find_weights

__all__ = ["DEFAULT_MODEL", "LocalEmbedder", "LocalReranker", "find_weights"]

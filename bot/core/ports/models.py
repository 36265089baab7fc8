"""Models that read texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ..types import Embeddings
    from ..vocabulary import Vocabulary


class Embedder(Protocol):
    """Turns texts into embeddings.

    Queries and the FAQ's phrasings are embedded by two methods because asymmetric models prefix them differently.
    """

    @property
    def model_id(self) -> str:
        """Names weights, prompts and settings: embeddings are comparable exactly when their model ids are equal."""
        ...

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        ...

    @property
    def is_symmetric(self) -> bool:
        """Whether `embed_queries` and `embed_corpus` make the same of a text."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Words that the model knows whole, in lower case; empty where it cannot tell."""
        ...

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of questions, one row a text, in order.

        Raises:
            EmbedderUnavailableError: The model failed, or returned something that is no embedding.
        """
        ...

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """Return the embeddings of the FAQ's phrasings, one row a text, in order.

        Raises:
            EmbedderUnavailableError: As for `embed_queries`.
        """
        ...


class Reranker(Protocol):
    """Reads question and phrasing together and says how relevant one is to the other: slower, and often more exact."""

    @property
    def model_id(self) -> str:
        """Names weights and settings, as for `Embedder`."""
        ...

    async def rerank_pairs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return how relevant the second text of each pair is to the first, 0 to 1, shape ``(pairs,)``.

        Raises:
            EmbedderUnavailableError: The model failed, or returned something that is no relevance.
        """
        ...

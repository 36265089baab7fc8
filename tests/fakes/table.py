"""An embedder that knows how close two texts are because a test said so."""

from collections.abc import Sequence

import numpy as np

from bot.core.types import Embeddings
from bot.core.vocabulary import NO_WORDS, Vocabulary


class TableEmbedder:
    """Places every text on a circle, at the angle that a test gave it: equal angles are similarity 1, 90° apart 0.

    A text that is not in the table is placed opposite to everything (similarity -1 to angle 0). Texts are placed in the
    form in which they are embedded, as questions.
    """

    model_id = "table"
    dim = 2
    is_symmetric: bool = True
    vocabulary: Vocabulary = NO_WORDS

    def __init__(self, **degrees: float) -> None:
        self.degrees: dict[str, float] = dict(degrees)
        self.queries: list[str] = []
        self.corpus: list[str] = []
        self.error: Exception | None = None

    def place(self, text: str, similarity: float) -> None:
        """Place a text so that it has this similarity to a text at angle 0."""
        self.degrees[text] = float(np.degrees(np.arccos(similarity)))

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        self.queries += texts
        return self._embed(texts)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        self.corpus += texts
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        if self.error:
            raise self.error
        angles = np.radians([self.degrees.get(text, 180.0) for text in texts])
        return np.column_stack((np.cos(angles), np.sin(angles))).astype(np.float32)

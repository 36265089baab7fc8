"""An embedder for which texts that share letters are close, without a model."""

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot.core.types import Embeddings
from bot.core.vocabulary import NO_WORDS, Vocabulary

if TYPE_CHECKING:
    import asyncio

NGRAM = 3


class HashEmbedder:
    """Counts three-letter sequences in 64 buckets: deterministic, quick, and close where the spelling is close.

    Attributes:
        queries: The texts of every call of `embed_queries`.
        corpus: The texts of every call of `embed_corpus`.
        error: Raised by every call while a test sets it.
        gate: Every call waits for it while a test sets one.
    """

    model_id = "hash-64"
    dim = 64
    is_symmetric: bool = True
    vocabulary: Vocabulary = NO_WORDS

    def __init__(self) -> None:
        self.queries: list[list[str]] = []
        self.corpus: list[list[str]] = []
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        self.queries.append(list(texts))
        return await self._embed(texts)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        self.corpus.append(list(texts))
        return await self._embed(texts)

    async def _embed(self, texts: Sequence[str]) -> Embeddings:
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error
        counts = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            # The margin gives every text at least one sequence, and words their beginning and end.
            padded = f"  {text.casefold()} "
            for start in range(len(padded) - NGRAM + 1):
                row[zlib.crc32(padded[start : start + NGRAM].encode()) % self.dim] += 1
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

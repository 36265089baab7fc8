"""Embedding the texts of an FAQ: only those whose embeddings no earlier start has kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.text import content_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..core.ports import Embedder, Store
    from ..core.types import Embeddings

_CHUNK = 32
"""Texts embedded as questions at once while an FAQ is read."""


@dataclass(frozen=True)
class Embedded:
    """Texts in question form with their embeddings, as the model takes questions and as it takes the FAQ.

    Those that are fresh were not in the cache; they come by the keys that they would have there.
    """

    corpus: Mapping[str, Embeddings]
    queries: Mapping[str, Embeddings]
    fresh: Mapping[str, Embeddings]


class CachedEmbedder:
    """Embeds the texts that the cache does not hold.

    Args:
        embedder: Embeds them.
        cache: Keeps embeddings between starts; None embeds everything anew.
    """

    def __init__(self, embedder: Embedder, cache: Store | None) -> None:
        self._embedder = embedder
        self._cache = cache

    async def embed(self, phrasings: Sequence[str], questions: Sequence[str]) -> Embedded:
        """Return the embeddings of texts, each kind as the model takes it; nothing is kept yet.

        Args:
            phrasings: Texts in question form, to embed as the FAQ's.
            questions: Likewise, to embed as questions.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The cache could not be read.
        """
        if self._embedder.is_symmetric:
            embeddings, fresh = await self._embed_kind([*phrasings, *questions], as_queries=False)
            return Embedded(embeddings, embeddings, fresh)
        corpus, fresh = await self._embed_kind(phrasings, as_queries=False)
        queries, more = await self._embed_kind(questions, as_queries=True)
        return Embedded(corpus, queries, fresh | more)

    async def _embed_kind(
        self, texts: Iterable[str], *, as_queries: bool
    ) -> tuple[dict[str, Embeddings], dict[str, Embeddings]]:
        """Return the embeddings by text, and by their key those that the cache did not hold."""
        wanted = hash_texts(texts, as_queries=as_queries)
        by_hash = await self._read_cached(wanted)
        missing = [key for key in wanted if key not in by_hash]
        fresh: dict[str, Embeddings] = {}
        if missing:
            texts = [wanted[key] for key in missing]
            rows = await (self._embed_queries(texts) if as_queries else self._embedder.embed_corpus(texts))
            fresh = dict(zip(missing, rows, strict=True))
        by_hash |= fresh
        return {text: by_hash[key] for key, text in wanted.items()}, fresh

    async def _embed_queries(self, texts: Sequence[str]) -> Embeddings:
        # In parts, between which people's questions have their turn.
        parts = [await self._embedder.embed_queries(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)]
        return np.concatenate(parts)

    async def _read_cached(self, hashes: Iterable[str]) -> dict[str, Embeddings]:
        return await self._cache.read_cached_embeddings(self._embedder.model_id, hashes) if self._cache else {}

    async def keep(self, fresh: Mapping[str, Embeddings]) -> None:
        """Keep embeddings for the next start, by their keys.

        Raises:
            StoreUnavailableError: The cache could not be written.
        """
        if self._cache and fresh:
            await self._cache.cache_embeddings(self._embedder.model_id, fresh)


def hash_texts(texts: Iterable[str], *, as_queries: bool) -> dict[str, str]:
    """Return texts by the key under which their embeddings are cached."""
    # A cleaned text has no line breaks, so the two kinds cannot be taken for each other.
    return {content_hash(f"query\n{text}" if as_queries else text): text for text in texts}

"""FAQs made up for a test: words that mean nothing, embeddings that lie where the test wants them."""

import asyncio
import random
import string
from collections.abc import Sequence

import numpy as np

from bot.core.types import Embeddings, Entry
from bot.core.vocabulary import NO_WORDS, Vocabulary
from bot.matching import Matcher, build_corpus
from tests.fakes.embedder import HashEmbedder


def unit(rows: Embeddings) -> Embeddings:
    """Bring rows to length 1."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def random_rows(rows: int, dim: int, seed: int) -> Embeddings:
    """Random unit vectors."""
    return unit(np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32))


def coarse_rows(rows: int, seed: int) -> Embeddings:
    """Unit vectors of four halves, of which many are the same: their products are exact in any order of adding."""
    signs = np.random.default_rng(seed).choice([-1, 1], (rows, 4))
    return (signs / 2).astype(np.float32)


def clustered_rows(sizes: Sequence[int], dim: int, spread: float, seed: int) -> Embeddings:
    """Unit vectors grouped by entry; each group lies about a random direction of its own."""
    centres = np.repeat(random_rows(len(sizes), dim, seed), sizes, axis=0)
    noise = np.random.default_rng(seed + 1).standard_normal(centres.shape) * spread / np.sqrt(dim)
    return unit((centres + noise).astype(np.float32))


def entries_of(sizes: Sequence[int]) -> list[Entry]:
    """Entries with so many phrasings, of which each has a random word to itself; ids that say nothing."""
    return [
        Entry(f"q{number}", f"ask {_word(number, 0)}", "a", tuple(f"ask {_word(number, at)}" for at in range(1, size)))
        for number, size in enumerate(sizes)
    ]


def matcher_of(
    entries: Sequence[Entry], embeddings: Embeddings | None = None, vocabulary: Vocabulary = NO_WORDS
) -> Matcher:
    """Fit entries, with hashed letter trigrams where no embeddings are given."""
    corpus = build_corpus(entries)
    return Matcher(corpus, hashed(corpus.to_embed) if embeddings is None else embeddings, vocabulary)


def hashed(texts: Sequence[str]) -> Embeddings:
    """Embed texts by their letter trigrams."""
    return asyncio.run(HashEmbedder().embed_corpus(texts)).astype(np.float32)


def _word(number: int, at: int) -> str:
    rng = random.Random(f"{number} {at}")  # noqa: S311 - words that are the same in every run
    return "".join(rng.choice(string.ascii_lowercase) for _ in range(8))

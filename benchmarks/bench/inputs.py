"""Embeddings for search and mining: as many as are wanted, spread and repeated as real questions are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.app import build_embedder
from bot.config import Config
from bot.core.text import as_question
from bot.faqfiles import FaqFiles
from bot.resources import read_chatter

if TYPE_CHECKING:
    from bot.core.types import Embeddings

FAQS = Path(__file__).parents[2] / "faq_data"
SEED = 7
# Chosen so that of 28,000 made rows about as many pairs are close as of 28,000 real questions of three public sets: of
# 100,000 pairs 24 reach 0.85 and 95 reach 0.7, there 23 and 127.
TOPICS = 0.6
"""Rows for which there is one topic, as a power of their number: topics grow with the questions, but more slowly."""
FALL = 0.6
"""How much rarer each next topic is, as a power of its rank."""
NEARNESS = (1.0, 1.0)
"""The beta distribution of the square of how much of a row is its topic."""


async def embed_shipped() -> Embeddings:
    """Return the embeddings of the shipped FAQs' phrasings and of the shipped chatter."""
    entries = (await FaqFiles({None: [str(FAQS / "*.yaml")]}, Path()).read())[None]
    said = dict.fromkeys([as_question(text) for entry in entries for text in entry.phrasings] + [*read_chatter()])
    async with build_embedder(Config()) as embedder:
        return await embedder.embed_corpus([*said])


def make_rows(count: int, shipped: Embeddings | None = None) -> Embeddings:
    """Return made embeddings, spread over the dimensions as those of the shipped texts are.

    Args:
        count: How many.
        shipped: What `embed_shipped` returned; None embeds them.
    """
    shipped = asyncio.run(embed_shipped()) if shipped is None else shipped
    rng = np.random.default_rng(SEED)
    centre = shipped.mean(axis=0)
    spread = np.linalg.cholesky(np.cov(shipped.T) + 1e-6 * np.eye(shipped.shape[1])).astype(np.float32)

    def draw(number: int) -> Embeddings:
        rows = rng.normal(size=(number, shipped.shape[1])).astype(np.float32) @ spread.T
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    topics = draw(max(1, int(count**TOPICS)))
    # A few topics come up often, most of them hardly ever (Zipf's law).
    shares = 1 / np.arange(1, len(topics) + 1) ** FALL
    chosen = rng.choice(len(topics), size=count, p=shares / shares.sum())
    near = np.sqrt(rng.beta(*NEARNESS, size=(count, 1))).astype(np.float32)
    rows = np.empty((count, shipped.shape[1]), dtype=np.float32)
    for at in range(0, count, 50_000):
        part = slice(at, min(at + 50_000, count))
        made = near[part] * topics[chosen[part]] + np.sqrt(1 - near[part] ** 2) * draw(part.stop - at) + centre
        rows[part] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return rows

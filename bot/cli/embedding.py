"""Questions out of a file: which of them are different, and their embeddings."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..app import build_embedder
from ..core.text import as_question, clean, content_hash, phrasing_key
from ..stores import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..config import Config
    from ..core.ports import Embedder, Store
    from ..core.types import Embeddings

CHUNK = 256
"""Texts embedded between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that people would call the same text: but for case, spaces and final marks.

    Attributes:
        text: Their most frequent spelling, cleaned.
        count: How many they are.
    """

    text: str
    count: int


def count_texts(questions: Iterable[str]) -> list[Asked]:
    """Return the different ones of questions, in the order in which they first came; unreadable ones are left out."""
    spellings: dict[str, Counter[str]] = {}
    for question in questions:
        if text := clean(question):
            spellings.setdefault(phrasing_key(text), Counter())[text] += 1
    return [
        # Which of several comes first shall not depend on the order of the file.
        Asked(min(found, key=lambda text: (-found[text], text)), found.total())
        for found in spellings.values()
    ]


async def embed_questions(
    config: Config, texts: Sequence[str], show: Callable[[str, int, int], None]
) -> tuple[Embeddings, str]:
    """Return the embeddings of cleaned questions, one row a text, and the id of the model that made them.

    What the bot or an earlier call embedded is not embedded again; where the bot never ran, nothing is left behind.

    Args:
        config: Names the model and the database.
        texts: The questions; at least one.
        show: Called with what is being done, texts done and texts to do.

    Raises:
        EmbedderUnavailableError: The model is missing, altered or failed.
        StoreUnavailableError: The database cannot be used.
    """
    async with AsyncExitStack() as stack:
        has_cache = config.store.path.exists()
        cache = await stack.enter_async_context(open_sqlite(config.store.path)) if has_cache else None
        embedder = await stack.enter_async_context(build_embedder(config))
        forms = [as_question(text) for text in texts]
        # The keys of the fitter: as queries only where that makes a difference.
        prefix = "" if embedder.is_symmetric else "query\n"
        keys = {form: content_hash(prefix + form) for form in forms}
        known = await cache.read_cached_embeddings(embedder.model_id, keys.values()) if cache else {}
        # Texts of about the same length need little padding.
        missing = sorted((form for form, key in keys.items() if key not in known), key=len)
        known |= await _embed(embedder, cache, {form: keys[form] for form in missing}, show)
        return np.stack([known[keys[form]] for form in forms]), embedder.model_id


async def _embed(
    embedder: Embedder, cache: Store | None, keys: dict[str, str], show: Callable[[str, int, int], None]
) -> dict[str, Embeddings]:
    """Return the embeddings of texts by their keys; kept part by part, so that what is interrupted is not lost."""
    forms = list(keys)
    fresh: dict[str, Embeddings] = {}
    for start in range(0, len(forms), CHUNK):
        part = forms[start : start + CHUNK]
        embedded = dict(zip((keys[form] for form in part), await embedder.embed_queries(part), strict=True))
        if cache:
            await cache.cache_embeddings(embedder.model_id, embedded)
        fresh |= embedded
        show("Embedding the questions", len(fresh), len(forms))
    return fresh

"""Questions out of a file: which of them are different, and their embeddings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..app import build_embedder
from ..core.text import as_question, clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..config import Config
    from ..core.types import Embeddings
    from ..faqfiles import ListedQuestion

CHUNK = 256
"""Texts embedded between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that people would call the same text: but for case, spaces and final marks.

    Attributes:
        text: Their most frequent spelling, cleaned.
        count: How many they are.
        askers: Who asked them: the name in the list, or the place of a question of which it does not say who asked.
    """

    text: str
    count: int
    askers: frozenset[str | int] = field(default=frozenset(), compare=False)


def count_texts(questions: Iterable[ListedQuestion]) -> list[Asked]:
    """Return the different ones of questions, in the order in which they first came; unreadable ones are left out.

    Whoever is not named counts as somebody else each time.
    """
    spellings: dict[str, Counter[str]] = {}
    askers: dict[str, set[str | int]] = {}
    for place, question in enumerate(questions):
        if text := clean(question.text):
            key = phrasing_key(text)
            spellings.setdefault(key, Counter())[text] += 1
            askers.setdefault(key, set()).add(place if question.asker is None else question.asker)
    return [
        # Which of several comes first shall not depend on the order of the file.
        Asked(min(found, key=lambda text: (-found[text], text)), found.total(), frozenset(askers[key]))
        for key, found in spellings.items()
    ]


async def embed_questions(
    config: Config, texts: Sequence[str], show: Callable[[str, int, int], None]
) -> tuple[Embeddings, str]:
    """Return the embeddings of cleaned questions, one row a text, and the id of the model that made them.

    Nothing is kept: whose questions they are, and for how long they may be kept, nobody knows here.

    Args:
        config: Names the model.
        texts: The questions; at least one.
        show: Called with what is being done, texts done and texts to do.

    Raises:
        EmbedderUnavailableError: The model is missing, altered or failed.
    """
    async with build_embedder(config) as embedder:
        # Texts of about the same length need little padding.
        forms = sorted({as_question(text) for text in texts}, key=len)
        embedded: dict[str, Embeddings] = {}
        for start in range(0, len(forms), CHUNK):
            part = forms[start : start + CHUNK]
            embedded |= zip(part, await embedder.embed_queries(part), strict=True)
            show("Embedding the questions", len(embedded), len(forms))
        return np.stack([embedded[as_question(text)] for text in texts]), embedder.model_id

"""Samples as bytes, so that an FAQ that did not change need not be measured again."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, resources
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from .samples import Samples, Taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..core.types import Embeddings
    from .matcher import Matcher

_FIELDS = ("held_out", "right", "found", "near", "near_weights", "chatter")


def name_samples(matcher: Matcher, queries: Embeddings, chatter: Sequence[str], reranker_id: str | None) -> str:
    """Return a name that differs wherever anything that samples depend on differs: FAQ, models, chatter, program.

    Args:
        matcher: The FAQ.
        queries: Its texts embedded as questions.
        chatter: What people write all day, in the form in which it is embedded.
        reranker_id: The reranking model, if one takes part.
    """
    corpus = matcher.corpus
    digest = hashlib.sha256(_program().encode())
    for part in (*corpus.texts, "", *chatter, "", *(entry.id for entry in corpus.entries), "", reranker_id or ""):
        digest.update(part.encode() + b"\0")
    for array in (corpus.labels, corpus.titles, matcher.embeddings, queries):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@cache
def _program() -> str:
    """Return a digest of everything that makes samples: nobody has to remember to raise a number."""
    digest = hashlib.sha256(f"{np.__version__} {metadata.version('scikit-learn')}".encode())
    sources = [file for file in resources.files(__package__ or "").iterdir() if file.name.endswith(".py")]
    for file in sorted(sources, key=lambda file: file.name):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def pack_samples(samples: Samples) -> bytes:
    """Return samples as bytes."""
    file = BytesIO()
    arrays = {name: getattr(samples, name) for name in _FIELDS}
    np.savez(file, taken_rows=samples.taken.rows, taken_entries=samples.taken.entries, **arrays)
    return file.getvalue()


def unpack_samples(content: bytes) -> Samples | None:
    """Return the samples that `pack_samples` was given, None if the bytes are damaged."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            return Samples(
                **{name: file[name] for name in _FIELDS}, taken=Taken(file["taken_rows"], file["taken_entries"])
            )
    except (BadZipFile, EOFError, KeyError, OSError, ValueError):
        return None

"""Questions, their texts and embeddings as the database keeps them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.text import clean, phrasing_key
from ..core.types import QuestionRecord, VerdictName
from .failures import DAMAGED_ADVICE, unusable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from ..core.reports import Asked
    from ..core.types import Embeddings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STORED = np.dtype("<f4")
"""float32, little-endian, whatever the machine: a database may move."""

STEP = 1_000
"""Rows a statement where there may be many: what is to be logged meanwhile waits for some tens of milliseconds, but
where pairs are deleted with them, of which a text may have thousands."""

KEY_BYTES = 16
"""Of a text's key (BLAKE2b, RFC 7693): the chance that any two of a million texts share one is below 10 ** -26."""


def to_micros(time: datetime) -> int:
    """Return an aware time as whole microseconds since 1970 UTC.

    Integers are exact and sort as they should; ISO text does so only while everybody writes one format and one zone.

    Raises:
        TypeError: The time is naive.
    """
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the time, aware, UTC, that `to_micros` was given."""
    return _EPOCH + micros * _MICROSECOND


def to_bytes(embedding: Embeddings) -> bytes:
    """Return one embedding as the database keeps it.

    Raises:
        ValueError: It is not one embedding, shape ``(dim,)`` with at least one dimension.
    """
    if embedding.ndim != 1 or not embedding.size:
        raise ValueError(f"expected one embedding of shape (dim,), got {embedding.shape}")
    return embedding.astype(_STORED, copy=False).tobytes()


def from_bytes(data: bytes) -> Embeddings:
    """Return an embedding, shape ``(dim,)``, float32, C-contiguous, read-only.

    Raises:
        ValueError: The data is damaged: empty, or no whole number of float32.
    """
    if not data or len(data) % _STORED.itemsize:
        raise ValueError(f"{len(data)} bytes are no embedding of float32")
    embedding = np.frombuffer(data, _STORED).astype(np.float32, copy=False)
    embedding.setflags(write=False)
    return embedding


def text_key(text: str) -> bytes:
    """Return what questions that say the same have in common, hashed: `KEY_BYTES` bytes.

    Whoever guesses a text can check his guess against it, so that it has to go with the last of its questions.
    """
    return hashlib.blake2b((phrasing_key(text) or clean(text)).encode(), digest_size=KEY_BYTES).digest()


def from_question(question: QuestionRecord) -> dict[str, Any]:
    """Return the values of a row of the table ``questions`` by column."""
    return {
        "asked_at": to_micros(question.asked_at),
        "guild_id": question.guild_id,
        "channel_id": question.channel_id,
        "message_id": question.message_id,
        "reply_id": question.reply_id,
        "author_hash": question.author_hash,
        "text": question.text,
        "embedding": to_bytes(question.embedding),
        "model_id": question.model_id,
        "addressed": question.addressed,
        "replied": question.replied,
        "verdict": question.verdict.value,
        "entry_id": question.entry_id,
        # A numpy scalar would be kept as the bytes that it is made of.
        "similarity": None if question.similarity is None else float(question.similarity),
        "latency": float(question.latency),
    }


def to_questions(rows: Iterable[sqlite3.Row], path: str) -> list[QuestionRecord]:
    """Return the questions of rows of the table ``questions``.

    Args:
        rows: The rows.
        path: The database, as people know it.

    Raises:
        StoreUnavailableError: A row is damaged.
    """
    try:
        return [to_question(row) for row in rows]
    except ValueError as error:
        raise unusable(path, f"{DAMAGED_ADVICE} ({error})") from error


def to_question(row: sqlite3.Row) -> QuestionRecord:
    """Return the question of a row of the table ``questions``.

    Raises:
        ValueError: The row is damaged.
    """
    try:
        embedding = from_bytes(row["embedding"])
    except ValueError as error:
        raise ValueError(f"question {row['id']}: {error}") from error
    return QuestionRecord(
        asked_at=from_micros(row["asked_at"]),
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        reply_id=row["reply_id"],
        author_hash=row["author_hash"],
        text=row["text"],
        embedding=embedding,
        model_id=row["model_id"],
        addressed=bool(row["addressed"]),
        replied=bool(row["replied"]),
        verdict=VerdictName(row["verdict"]),
        entry_id=row["entry_id"],
        similarity=row["similarity"],
        latency=row["latency"],
    )


def to_asked(row: sqlite3.Row) -> Asked:
    """Return what reports read of a row of the table ``questions`` that has a text."""
    from ..core.reports import Asked  # noqa: PLC0415 - only reports need what they are made of

    return Asked(
        id=row["id"],
        text_id=row["text_id"],
        text=row["text"],
        asked_at=from_micros(row["asked_at"]),
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        author_hash=row["author_hash"],
        addressed=bool(row["addressed"]),
        replied=bool(row["replied"]),
        verdict=VerdictName(row["verdict"]),
        entry_id=row["entry_id"],
    )

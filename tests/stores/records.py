"""Questions to store."""

import sqlite3
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bot.core.types import Embeddings, QuestionRecord, VerdictName

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def row(*values: float) -> Embeddings:
    return np.array(values, dtype=np.float32)


def make_question(text: str = "Who?", *, minutes: int = 0, guild_id: int | None = 10) -> QuestionRecord:
    return QuestionRecord(
        asked_at=START + timedelta(minutes=minutes),
        guild_id=guild_id,
        channel_id=20,
        message_id=30,
        reply_id=None,
        author_hash=b"a" * 32,
        text=text,
        embedding=row(0.6, 0.8),
        model_id="model",
        addressed=True,
        replied=False,
        verdict=VerdictName.NO_MATCH,
        entry_id="entry",
        similarity=0.25,
        latency=0.5,
    )


def values(question: QuestionRecord) -> dict[str, object]:
    """Return what a question holds, in a form that `==` can compare."""
    held = {field.name: getattr(question, field.name) for field in fields(question)}
    return held | {"embedding": question.embedding.tolist()}


def run_sql(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Run statements as another program would, return the last one's rows."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        rows: list[tuple[object, ...]] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows
    finally:
        connection.close()

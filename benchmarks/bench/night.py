"""A night as the bot has it: from the questions in the database to the pairs in the database."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from bot.core.reports import Mining
from bot.services import Miner
from bot.stores import open_sqlite
from bot.stores.rows import text_key, to_micros

from .figures import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.core.types import Embeddings

THRESHOLD = 0.85
GUILD = 10
_TOP_K = 100
"""Of the naive way, as for nights without a database."""
_ADD_TEXT = "INSERT INTO texts (id, guild_id, model_id, key, mined) VALUES (?, ?, ?, ?, ?)"
_ADD_QUESTION = """
    INSERT INTO questions (
        asked_at, guild_id, channel_id, author_hash, model_id, text_id, addressed, replied, verdict, latency, text,
        embedding
    ) VALUES (?, ?, 1, x'00', ?, ?, 0, 0, 'no_match', 0.1, ?, ?)
"""


class Model:
    """An embedder that embeds nothing: everything is embedded already."""

    model_id = "made-up"
    is_symmetric = True
    vocabulary: Sequence[str] = ()

    def __init__(self, dim: int) -> None:
        self.dim = dim

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        raise NotImplementedError(texts)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        raise NotImplementedError(texts)


def measure_night(folder: Path, rows: Embeddings, new: int, turns: int) -> list[Figure]:
    """Return what the first night after a start takes in a database, and every further one.

    Naive: read all embeddings from the same database, and util.semantic_search of the new ones; no pair is kept.

    Args:
        folder: Where the database is made.
        rows: The embeddings; the last ones are new, and are added and taken away again each night.
        new: How many.
        turns: How many nights there are beside the first.
    """
    return asyncio.run(_measure(folder / "night.sqlite3", rows, new, turns))


async def _measure(path: Path, rows: Embeddings, new: int, turns: int) -> list[Figure]:
    stored = len(rows) - new
    async with open_sqlite(path) as store:
        await store.reports.restart_mining(GUILD, Mining(Model.model_id, THRESHOLD))
        _add(path, rows, 0, stored, mined=True)
        naive, ours = list[float](), list[float]()
        miner = Miner(store.reports, Model(rows.shape[1]))
        for turn in range(turns + 1):
            # Another night's questions each time: the same rows, said differently.
            _add(path, rows, stored, stored + new, mined=False, said=turn)
            naive.append(_search(path, new))
            started = time.perf_counter()
            await miner.mine(GUILD, THRESHOLD)
            ours.append(time.perf_counter() - started)
            _take_away(path, stored)
    name = f"a night in the database: {new:,} new × {stored:,}"  # noqa: RUF001 - times
    note = "with reading, and ours with keeping the pairs, on one core"
    return [
        Figure(name, "first night", "s", naive[:1], ours[:1], None, note),
        Figure(name, "further nights", "s", naive[1:], ours[1:], None, note),
    ]


def _add(path: Path, rows: Embeddings, start: int, end: int, *, mined: bool, said: int = 0) -> None:
    at = to_micros(datetime(2026, 5, 4, tzinfo=UTC))
    with closing(sqlite3.connect(path)) as database, database:
        [(last,)] = database.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'texts'")
        for number, row in enumerate(range(start, end), last + 1):
            text = f"question {row} of turn {said}"
            database.execute(_ADD_TEXT, (number, GUILD, Model.model_id, text_key(text), mined))
            database.execute(_ADD_QUESTION, (at + row, GUILD, Model.model_id, number, text, rows[row].tobytes()))


def _take_away(path: Path, stored: int) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute(
            "DELETE FROM questions WHERE id NOT IN (SELECT id FROM questions ORDER BY id LIMIT ?)", (stored,)
        )


def _search(path: Path, new: int) -> float:
    import torch  # noqa: PLC0415 - only where it is measured
    from sentence_transformers import util  # noqa: PLC0415

    started = time.perf_counter()
    with closing(sqlite3.connect(path)) as database:
        read = database.execute("SELECT embedding FROM questions WHERE guild_id = ? ORDER BY id", (GUILD,)).fetchall()
    every = torch.from_numpy(
        np.frombuffer(bytearray().join(blob for (blob,) in read), np.float32).reshape(len(read), -1)
    )
    util.semantic_search(every[-new:], every, top_k=_TOP_K)
    return time.perf_counter() - started

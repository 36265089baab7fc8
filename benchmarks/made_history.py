"""Make up a long history of questions, for `history.py`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.core.reports import Mining
from bot.services.reporting import THRESHOLDS
from bot.stores import open_sqlite
from bot.stores.rows import text_key, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.core.types import Embeddings

GUILD = 10**17
CHANNEL = 2 * 10**17
DAYS = 90
UNTIL = datetime(2026, 5, 11, 7, tzinfo=UTC)
ASKERS = 20_000
SUBJECTS, MOST_POPULAR = 1_000, 10
"""The first is as popular as 1 / (1 + 10), the second as 1 / (2 + 10) and so on."""
ABOUT_ANYTHING = 0.5
REPEATED = 0.3
CLOSE = 0.8
"""Similarity of two wordings of one subject."""
DIM = 384
SEED = 7
_ROWS = 10_000
"""Questions that are made at once."""

_ADD_TEXT = "INSERT INTO texts (id, guild_id, model_id, key, mined) VALUES (?, ?, ?, ?, ?)"
_ADD_QUESTION = """
    INSERT INTO questions (
        asked_at, guild_id, channel_id, message_id, author_hash, model_id, text_id, addressed, replied, verdict,
        entry_id, similarity, latency, text, embedding
    ) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 'no_match', NULL, 0.4, 0.1, ?, ?)
"""


class MadeUp:
    """An embedder for made-up texts: the wordings of a subject lie around it, everything else lies anywhere."""

    model_id = "made-up"
    dim = DIM
    is_symmetric = True
    vocabulary: Sequence[str] = ()

    def __init__(self) -> None:
        self._subjects = _unit(np.random.default_rng(SEED).normal(size=(SUBJECTS, DIM)))

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        return np.stack([self.place(text) for text in texts]) if texts else np.zeros((0, DIM), dtype=np.float32)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        return await self.embed_queries(texts)

    def place(self, text: str) -> Embeddings:
        """Return the embedding of a text; what it says is the seed."""
        words = text.rstrip("?").split()
        seed = np.frombuffer(text_key(text)[:8], dtype=np.uint64)[0]
        noise = _unit(np.random.Generator(np.random.PCG64(int(seed))).standard_normal(DIM, dtype=np.float32))
        if "subject" not in words:
            return noise
        centre = self._subjects[int(words[-1])]
        return _unit(np.sqrt(np.float32(CLOSE)) * centre + np.sqrt(np.float32(1 - CLOSE)) * noise)


def _unit(rows: np.ndarray) -> Embeddings:
    return np.ascontiguousarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Kept:
    """A history.

    Attributes:
        path: The database.
        questions: How many there are.
        new: How many of them are of the last night.
        texts: How many distinct texts they have.
    """

    path: Path
    questions: int
    new: int
    texts: int


def fill(path: Path, questions: int, *, mined: bool) -> Kept:
    """Fill a database, or take the one that is there.

    Args:
        path: The file.
        questions: How many, over all days.
        mined: Whether all but the last night's are mined already.
    """
    new = questions // DAYS if mined else questions
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        asyncio.run(_open(part, mined=mined))
        with closing(sqlite3.connect(part)) as database:
            database.execute("PRAGMA synchronous = OFF")
            _write(database, questions, questions - new)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        part.rename(path)
    with closing(sqlite3.connect(path)) as database:
        [(texts,)] = database.execute("SELECT count(DISTINCT text) FROM questions")
    return Kept(path, questions, new, texts)


async def _open(path: Path, *, mined: bool) -> None:
    async with open_sqlite(path) as store:
        if mined:
            # As low as any FAQ's, so that none has everything mined anew.
            await store.reports.restart_mining(GUILD, Mining(MadeUp.model_id, THRESHOLDS[0]))


def _write(database: sqlite3.Connection, questions: int, old: int) -> None:
    embedder, known = MadeUp(), dict[str, int]()
    step = timedelta(days=DAYS) / questions
    begin = to_micros(UNTIL - timedelta(days=DAYS))
    micros = step / timedelta(microseconds=1)
    rng = np.random.default_rng(SEED)
    askers = [bytes(row) for row in rng.integers(0, 256, (ASKERS, 32), dtype=np.uint8)]
    number = 0
    for texts in _make_texts(questions, rng):
        added, rows = [], []
        for text in texts:
            text_id = None
            if number < old:
                if text not in known:
                    known[text] = len(known) + 1
                    added.append((known[text], GUILD, MadeUp.model_id, text_key(text), 1))
                text_id = known[text]
            asker = askers[int(rng.integers(ASKERS))]
            place = begin + int(number * micros), GUILD, CHANNEL, CHANNEL + number, asker, MadeUp.model_id, text_id
            rows.append((*place, text, embedder.place(text).tobytes()))
            number += 1
        with database:
            database.executemany(_ADD_TEXT, added)
            database.executemany(_ADD_QUESTION, rows)


def _make_texts(questions: int, rng: np.random.Generator) -> Iterator[list[str]]:
    weights = 1 / (np.arange(1, SUBJECTS + 1) + MOST_POPULAR)
    own: dict[int, list[str]] = {}
    made = 0
    while made < questions:
        count = min(_ROWS, questions - made)
        anything, repeated = rng.random(count) < ABOUT_ANYTHING, rng.random(count) < REPEATED
        subjects = rng.choice(SUBJECTS, count, p=weights / weights.sum())
        texts: list[str] = []
        for at in range(count):
            # What is about anything has its own repetitions too.
            subject = -1 if anything[at] else int(subjects[at])
            earlier = own.setdefault(subject, [])
            if repeated[at] and earlier:
                texts.append(earlier[int(len(earlier) * rng.random() ** 2)])
                continue
            about = "anything at all" if anything[at] else f"of subject {subject}"
            texts.append(f"wording {made + at} {about}")
            earlier.append(texts[-1])
        made += count
        yield texts

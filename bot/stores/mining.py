"""Texts that questions share, and which of them are similar, in an SQLite database."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..core.reports import Asked, Mining, TextRows
from .failures import DAMAGED_ADVICE, unusable
from .rows import STEP, from_bytes, text_key, to_asked, to_bytes, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import aiosqlite
    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .database import Database

_ASSIGNED = 250
"""Questions that get their texts in one transaction: each writes to half a dozen places all over a large file."""
_IDS = 20_000
"""Texts whose ids are read at once: some ten milliseconds, for which whatever is to be logged meanwhile waits."""
# One array instead of one parameter a row: SQLite takes at most 32,766 parameters a statement.
_THESE = "(SELECT value FROM json_each(?))"
_NONE = "[]"
_READ_WITHOUT_TEXT = """
    SELECT id, text FROM questions
    WHERE guild_id = ? AND model_id = ? AND text_id IS NULL AND id > ? ORDER BY id LIMIT ?
"""
# The question may be gone by now, and a text without a question would stay for ever.
_ADD_TEXT = """
    INSERT INTO texts (guild_id, model_id, key)
    SELECT guild_id, model_id, :key FROM questions WHERE id = :id AND model_id = :model_id
    ON CONFLICT DO NOTHING
"""
_ASSIGN_TEXT = """
    UPDATE questions SET text_id = (
        SELECT id FROM texts WHERE guild_id = questions.guild_id AND key = :key AND model_id = :model_id
    )
    WHERE id = :id AND model_id = :model_id AND text_id IS NULL
"""
_READ_TEXTS = """
    SELECT texts.id, questions.embedding
    FROM texts JOIN questions ON questions.id = (SELECT min(id) FROM questions WHERE text_id = texts.id)
    WHERE texts.guild_id = ? AND texts.model_id = ? AND texts.mined = ? AND texts.id > ?
    ORDER BY texts.id LIMIT ?
"""
# As one text: a row for each of a hundred thousand takes four times as long.
_READ_MINED = """
    SELECT group_concat(text_id) AS texts, group_concat(question_id) AS questions, max(text_id) AS last FROM (
        SELECT id AS text_id, (SELECT min(id) FROM questions WHERE text_id = texts.id) AS question_id FROM texts
        WHERE guild_id = ? AND model_id = ? AND mined = 1 AND id > ? ORDER BY id LIMIT ?
    )
"""
_FIND_TEXTS = f"""
    SELECT texts.id, questions.embedding
    FROM texts JOIN questions ON questions.id = (SELECT min(id) FROM questions WHERE text_id = texts.id)
    WHERE texts.id IN {_THESE} ORDER BY texts.id
"""  # noqa: S608 - a constant
_KEEP_PAIR = """
    INSERT INTO pairs (first, second, similarity)
    SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM texts WHERE id = ?1) AND EXISTS (SELECT 1 FROM texts WHERE id = ?2)
    ON CONFLICT DO UPDATE SET similarity = excluded.similarity
"""
_NOTE_MINED = f"UPDATE texts SET mined = 1 WHERE id IN {_THESE}"  # noqa: S608 - a constant
_READ_PAIRS = f"SELECT first, second, similarity FROM pairs WHERE first IN {_THESE} ORDER BY first, second"  # noqa: S608 - a constant
# Of the row that an index has led to, which does not hold it: looked up only where everything else is as wanted.
_SIMILARITY = "(SELECT similarity FROM pairs AS pair WHERE pair.first = pairs.first AND pair.second = pairs.second)"
# Which of the texts ?1 have a pair with one of ?2: from one to the next, each until its first such pair is found. The
# plus keeps SQLite from looking for each of ?2 in turn.
_FIND_NEAR = f"""
    SELECT one.value AS id FROM json_each(?1) AS one
    WHERE EXISTS (
        SELECT 1 FROM pairs
        WHERE first = one.value AND +second IN (SELECT value FROM json_each(?2)) AND similarity >= ?3
    ) OR EXISTS (
        SELECT 1 FROM pairs
        WHERE second = one.value AND +first IN (SELECT value FROM json_each(?2)) AND {_SIMILARITY} >= ?3
    )
"""  # noqa: S608 - a constant, here and below
# The same from the other end, for many texts ?1 and few ?2: all pairs of the few are looked through.
_FIND_NEAR_FEW = f"""
    SELECT first AS id FROM pairs
    WHERE second IN (SELECT value FROM json_each(?2)) AND +first IN (SELECT value FROM json_each(?1))
        AND {_SIMILARITY} >= ?3
    UNION
    SELECT second FROM pairs
    WHERE first IN (SELECT value FROM json_each(?2)) AND +second IN (SELECT value FROM json_each(?1))
        AND similarity >= ?3
"""  # noqa: S608
_READ_MINING = "SELECT * FROM mining WHERE guild_id = ? AND ready"
# Who comes while somebody else does the same, or more, helps: if each began anew, neither would ever be done.
_BEGIN_MINING = """
    INSERT INTO mining (guild_id, model_id, threshold, ready) VALUES (?, ?, ?, 0)
    ON CONFLICT DO UPDATE SET
        model_id = excluded.model_id, threshold = excluded.threshold, generation = generation + 1, ready = 0
    WHERE (ready AND ?) OR model_id != excluded.model_id OR threshold > excluded.threshold
"""
_READ_GENERATION = "SELECT generation FROM mining WHERE guild_id = ?"
_IS_CURRENT = "SELECT 1 FROM mining WHERE guild_id = ? AND generation = ? AND ready = ?"
_END_MINING = "UPDATE mining SET ready = 1 WHERE guild_id = ?"
_NEXT_GENERATION = "UPDATE mining SET generation = generation + 1 WHERE guild_id = ?"
_READ_TEXT_IDS = "SELECT id FROM texts WHERE guild_id = ?"
_DROP_PAIRS = f"DELETE FROM pairs WHERE first IN {_THESE}"  # noqa: S608 - a constant
_NOTE_NOT_MINED = f"UPDATE texts SET mined = 0 WHERE mined AND id IN {_THESE}"  # noqa: S608 - a constant
_COUNT_UNMINED = "SELECT count(*) AS texts FROM texts WHERE guild_id = ? AND model_id = ? AND NOT mined"
# From one server to the next, so that it takes as many steps as there are servers, not questions.
_READ_GUILDS = """
    WITH RECURSIVE found (id) AS (
        SELECT min(guild_id) FROM questions WHERE guild_id IS NOT NULL
        UNION ALL
        SELECT (SELECT min(guild_id) FROM questions WHERE guild_id > found.id) FROM found WHERE found.id IS NOT NULL
    )
    SELECT id FROM found WHERE id IS NOT NULL
"""
# Two ranges of one index, in its order: whatever is not outdated costs nothing.
_READ_OUTDATED = """
    SELECT id, text, model_id FROM questions WHERE model_id < ?1
    UNION ALL
    SELECT id, text, model_id FROM questions WHERE model_id > ?1
    ORDER BY model_id, id LIMIT ?2
"""
_ADD_TEXT_OF_NEW_MODEL = """
    INSERT INTO texts (guild_id, model_id, key)
    SELECT texts.guild_id, :model_id, texts.key
    FROM questions JOIN texts ON texts.id = questions.text_id WHERE questions.id = :id
    ON CONFLICT DO NOTHING
"""
# What has no text yet gets none: its old one is not found.
_REPLACE_EMBEDDING = """
    UPDATE questions SET embedding = :embedding, model_id = :model_id, text_id = (
        SELECT new.id FROM texts AS old JOIN texts AS new ON new.guild_id = old.guild_id AND new.key = old.key
        WHERE old.id = questions.text_id AND new.model_id = :model_id
    )
    WHERE id = :id
"""
_ASKED = "id, text_id, text, asked_at, channel_id, message_id, author_hash, addressed, replied, verdict, entry_id"
_READ_ASKED = f"""
    SELECT {_ASKED} FROM questions
    WHERE guild_id = ? AND (asked_at, id) > (?, ?) AND asked_at < ? AND text_id IS NOT NULL
    ORDER BY asked_at, id LIMIT ?
"""  # noqa: S608 - a constant
_FIND_ASKED = f"""
    SELECT {_ASKED} FROM questions WHERE id IN {_THESE} AND text_id IS NOT NULL ORDER BY asked_at, id
"""  # noqa: S608 - a constant


class SqliteTexts:
    """What the port Reports says about texts, pairs and questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def assign_texts(self, guild_id: int, model_id: str) -> int:
        """See Reports."""
        assigned, last = 0, 0
        while rows := await self._database.fetch(_READ_WITHOUT_TEXT, guild_id, model_id, last, _ASSIGNED):
            # Cleaning takes as long as writing: other processes need not wait for both.
            found = [{"id": row["id"], "model_id": model_id, "key": text_key(row["text"])} for row in rows]
            async with self._database.transaction() as connection:
                await connection.executemany(_ADD_TEXT, found)
                assigned += (await connection.executemany(_ASSIGN_TEXT, found)).rowcount
            last = rows[-1]["id"]
        return assigned

    async def read_texts(self, guild_id: int, model_id: str, *, mined: bool, after: int = 0, limit: int) -> TextRows:
        """See Reports.

        Raises:
            StoreUnavailableError: Likewise where an embedding is damaged, or is not as long as the others.
        """
        rows = await self._database.fetch(_READ_TEXTS, guild_id, model_id, mined, after, limit)
        return TextRows(tuple(row["id"] for row in rows), self._stack(rows))

    async def read_mined(self, guild_id: int, model_id: str) -> NDArray[np.int64]:
        """See Reports; it reads in steps."""
        parts, last = [np.empty((0, 2), dtype=np.int64)], 0
        while (row := (await self._database.fetch(_READ_MINED, guild_id, model_id, last, _IDS))[0])["last"]:
            columns = [np.fromstring(row[name], dtype=np.int64, sep=",") for name in ("texts", "questions")]
            parts.append(np.stack(columns, axis=1))
            last = row["last"]
        return np.concatenate(parts)

    async def find_texts(self, text_ids: Iterable[int]) -> TextRows:
        """See Reports.

        Raises:
            StoreUnavailableError: As for `read_texts`.
        """
        ids: list[int] = []
        embeddings: list[Embeddings] = []
        for some in _in_steps(sorted({int(text_id) for text_id in text_ids})):
            if rows := await self._database.fetch(_FIND_TEXTS, json.dumps(some)):
                ids += (row["id"] for row in rows)
                embeddings.append(self._stack(rows))
        return TextRows(tuple(ids), self._join(embeddings))

    def _stack(self, rows: Sequence[sqlite3.Row]) -> Embeddings:
        if not rows:
            return np.empty((0, 0), dtype=np.float32)
        try:
            embeddings = np.stack([from_bytes(row["embedding"]) for row in rows])
        except ValueError as error:
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (embeddings: {error})") from error
        if not np.isfinite(embeddings).all():
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (embeddings: one holds what is no number)")
        return embeddings

    def _join(self, parts: Sequence[Embeddings]) -> Embeddings:
        if not parts:
            return np.empty((0, 0), dtype=np.float32)
        try:
            return np.concatenate(parts)
        except ValueError as error:
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (embeddings: {error})") from error

    async def keep_pairs(
        self, guild_id: int, generation: int, pairs: Iterable[tuple[int, int, float]], mined: Iterable[int]
    ) -> int | None:
        """See Reports; the ids of a pair may come in either order, and what is kept of it already is replaced."""
        # The plain numbers that SQLite takes, also of numpy's.
        rows = [(int(min(one, other)), int(max(one, other)), float(similarity)) for one, other, similarity in pairs]
        text_ids = _to_json(mined)
        async with self._database.transaction() as connection:
            if not await _is_current(connection, guild_id, generation, ready=True):
                return None
            await connection.executemany(_KEEP_PAIR, rows)
            if text_ids == _NONE:
                return generation
            await connection.execute(_NOTE_MINED, (text_ids,))
            await connection.execute(_NEXT_GENERATION, (guild_id,))
        return generation + 1

    async def read_pairs(self, text_ids: Iterable[int]) -> list[tuple[int, int, float]]:
        """See Reports."""
        wanted = {int(text_id) for text_id in text_ids}
        found: list[tuple[int, int, float]] = []
        for some in _in_steps(sorted(wanted)):
            # SQLite would look up each with each where it is asked for both.
            rows = await self._database.fetch(_READ_PAIRS, json.dumps(some))
            found += ((first, second, similarity) for first, second, similarity in rows if second in wanted)
        return found

    async def find_near(self, text_ids: Iterable[int], among: Iterable[int], *, at_least: float = -1) -> set[int]:
        """See Reports; it looks in steps."""
        near, wanted = {int(text_id) for text_id in text_ids}, {int(text_id) for text_id in among}
        statement, each, where = _FIND_NEAR, wanted, _to_json(near)
        if len(near) < len(wanted):
            statement, each, where = _FIND_NEAR_FEW, near, _to_json(wanted)
        found = set[int]()
        for some in _in_steps(each):
            ids = (json.dumps(some), where) if each is wanted else (where, json.dumps(some))
            found |= {row["id"] for row in await self._database.fetch(statement, *ids, float(at_least))}
        return found

    async def read_mining(self, guild_id: int) -> Mining | None:
        """See Reports."""
        rows = await self._database.fetch(_READ_MINING, guild_id)
        return Mining(rows[0]["model_id"], rows[0]["threshold"], rows[0]["generation"]) if rows else None

    async def restart_mining(self, guild_id: int, mining: Mining, *, anew: bool = True) -> None:
        """See Reports."""
        async with self._database.transaction() as connection:
            await connection.execute(_BEGIN_MINING, (guild_id, mining.model_id, float(mining.threshold), anew))
            [begun] = await connection.execute_fetchall(_READ_GENERATION, (guild_id,))
        generation = int(begun["generation"])
        # Whatever gets its text from now on is not mined: nothing can be before the end.
        text_ids = [row["id"] for row in await self._database.fetch(_READ_TEXT_IDS, guild_id)]
        for some in _in_steps(text_ids):
            async with self._database.transaction() as connection:
                if not await _is_current(connection, guild_id, generation, ready=False):
                    return
                await connection.execute(_DROP_PAIRS, (json.dumps(some),))
                await connection.execute(_NOTE_NOT_MINED, (json.dumps(some),))
        async with self._database.transaction() as connection:
            if await _is_current(connection, guild_id, generation, ready=False):
                await connection.execute(_END_MINING, (guild_id,))

    async def count_unmined(self, guild_id: int, model_id: str) -> int:
        """See Reports."""
        return int((await self._database.fetch(_COUNT_UNMINED, guild_id, model_id))[0]["texts"])

    async def read_guilds(self) -> list[int]:
        """See Reports."""
        return [row["id"] for row in await self._database.fetch(_READ_GUILDS)]

    async def read_outdated(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        """See Reports."""
        return [(row["id"], row["text"]) for row in await self._database.fetch(_READ_OUTDATED, model_id, limit)]

    async def replace_embeddings(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        """See Reports; all are replaced, or none if it fails."""
        rows = [
            {"id": int(question_id), "model_id": model_id, "embedding": to_bytes(embedding)}
            for question_id, embedding in embeddings.items()
        ]
        async with self._database.transaction() as connection:
            await connection.executemany(_ADD_TEXT_OF_NEW_MODEL, rows)
            return (await connection.executemany(_REPLACE_EMBEDDING, rows)).rowcount

    async def read_asked(self, guild_id: int, since: datetime, until: datetime) -> list[Asked]:
        """See Reports; it reads in steps, so that whatever is to be logged meanwhile need not wait for all of it."""
        asked: list[Asked] = []
        last, end = (to_micros(since), 0), to_micros(until)
        while rows := await self._database.fetch(_READ_ASKED, guild_id, *last, end, STEP):
            asked += map(to_asked, rows)
            last = rows[-1]["asked_at"], rows[-1]["id"]
        return asked

    async def find_asked(self, question_ids: Iterable[int]) -> list[Asked]:
        """See Reports; in steps, likewise."""
        asked: list[Asked] = []
        for some in _in_steps(sorted({int(question_id) for question_id in question_ids})):
            asked += map(to_asked, await self._database.fetch(_FIND_ASKED, json.dumps(some)))
        return sorted(asked, key=lambda one: (one.asked_at, one.id))


async def _is_current(connection: aiosqlite.Connection, guild_id: int, generation: int, *, ready: bool) -> bool:
    """Return whether a server's mining is of this generation, and as far as it should be."""
    return bool(await connection.execute_fetchall(_IS_CURRENT, (guild_id, generation, ready)))


def _to_json(numbers: Iterable[int]) -> str:
    return json.dumps([int(number) for number in numbers])


def _in_steps(numbers: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(numbers)
    while some := list(islice(remaining, STEP)):
        yield some

"""The store in an SQLite database."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite

from .connecting import connect
from .database import Database
from .failures import translating
from .ledger import SqliteLedger
from .matrices import MatrixFolder
from .rows import from_bytes, from_question, to_bytes, to_micros, to_questions
from .schema import read_migrations

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Iterable, Mapping
    from datetime import datetime

    from ..core.types import Embeddings, QuestionRecord
    from .members import SqliteMembers
    from .reports import SqliteReports
    from .stale import SqliteStaleReports

_log = logging.getLogger(__name__)

MOST_KEPT = 64
"""Things kept under a name: some tens of kilobytes each, one for each server with an FAQ of its own, and its past."""
_FETCH_ROWS = 64
"""Rows a trip to the connection's thread; aiosqlite's own default. Only iteration uses it, which we do not."""

_IN_MEMORY = ":memory:"
_BEGINNING = -(2**63)
"""Before every time that a column can hold."""

_ADD_QUESTION = """
    INSERT INTO questions (
        asked_at, guild_id, channel_id, message_id, reply_id, author_hash, text, embedding, model_id,
        addressed, replied, verdict, entry_id, similarity, latency
    )
    SELECT
        :asked_at, :guild_id, :channel_id, :message_id, :reply_id, :author_hash, :text, :embedding, :model_id,
        :addressed, :replied, :verdict, :entry_id, :similarity, :latency
    WHERE NOT EXISTS (SELECT 1 FROM opt_outs WHERE author_hash = :author_hash)
        AND NOT EXISTS (SELECT 1 FROM forgotten WHERE author_hash = :author_hash AND until >= :asked_at)
        AND NOT (:once AND EXISTS (SELECT 1 FROM questions WHERE message_id = :message_id))
    RETURNING id
"""
_READ_QUESTIONS = "SELECT * FROM questions WHERE asked_at >= ? ORDER BY asked_at DESC, id DESC LIMIT ?"
_READ_QUESTIONS_OF_GUILD = (
    "SELECT * FROM questions WHERE asked_at >= ? AND guild_id = ? ORDER BY asked_at DESC, id DESC LIMIT ?"
)
_READ_REPLIED_QUESTION = "SELECT * FROM questions WHERE reply_id = ? ORDER BY id DESC LIMIT 1"
# One array instead of one parameter a message: SQLite takes at most 32,766 parameters a statement.
_FIND_LOGGED = "SELECT DISTINCT message_id FROM questions WHERE message_id IN (SELECT value FROM json_each(?))"
_NOTE_REPLY = """
    UPDATE questions SET reply_id = ?2, replied = 1
    WHERE message_id = ?1 AND NOT replied AND NOT EXISTS (SELECT 1 FROM questions WHERE reply_id = ?2)
"""
_ALL = -1
"""SQLite: a negative limit is none."""
# One array instead of one parameter a hash: SQLite takes at most 32,766 parameters a statement.
_READ_EMBEDDINGS = """
    SELECT content_hash, embedding FROM embeddings
    WHERE model_id = ? AND content_hash IN (SELECT value FROM json_each(?))
"""
_WRITE_EMBEDDING = """
    INSERT INTO embeddings (model_id, content_hash, embedding) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET embedding = excluded.embedding
"""
_NOTE_USED = """
    DELETE FROM unused_embeddings WHERE model_id = ? AND content_hash IN (SELECT value FROM json_each(?))
"""
_NOTE_UNUSED = """
    INSERT INTO unused_embeddings (model_id, content_hash, since)
    SELECT model_id, content_hash, ?3 FROM embeddings
    WHERE NOT (model_id = ?1 AND content_hash IN (SELECT value FROM json_each(?2)))
    ON CONFLICT DO NOTHING
"""
_DROP_UNUSED = """
    DELETE FROM embeddings
    WHERE (model_id, content_hash) IN (SELECT model_id, content_hash FROM unused_embeddings WHERE since < ?)
"""
_FORGET_UNUSED = "DELETE FROM unused_embeddings WHERE since < ?"
_READ_KEPT = "SELECT content FROM kept WHERE name = ?"
_KEEP = "INSERT OR REPLACE INTO kept (name, content) VALUES (?, ?)"
_FORGET = "DELETE FROM kept WHERE id <= (SELECT max(id) FROM kept) - ?"
_READ_NOTE = "SELECT value FROM notes WHERE key = ?"
_WRITE_NOTE = "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"


@asynccontextmanager
async def open_sqlite(path: str | Path) -> AsyncGenerator[SqliteStore]:
    """Open a database, made and brought to the newest schema if need be, and close it on leaving.

    Args:
        path: The file; its folder is made. ``:memory:`` for a database that nobody keeps.

    Raises:
        StoreUnavailableError: It cannot be opened, is damaged, or was written by a newer program.
    """
    place = str(path)
    with translating(place):
        # Opening happens before aiosqlite starts its thread, so that a failure leaves no thread behind.
        opened = await asyncio.to_thread(lambda: connect(place, read_migrations()))
    connection = await aiosqlite.Connection(lambda: opened, _FETCH_ROWS)
    matrices = MatrixFolder(None if place == _IN_MEMORY else Path(place).with_suffix(".faq"))
    store = SqliteStore(Database(connection, place), matrices)
    try:
        yield store
    finally:
        await store.close()


def has_database(path: Path) -> bool:
    """Return whether there is a database: whoever only wants to read it makes none.

    Raises:
        StoreUnavailableError: That cannot be told, as with a folder that the user may not enter.
    """
    with translating(str(path)):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True


class SqliteStore:
    """A Store in an SQLite database; made by `open_sqlite`.

    Several processes may have the same file open. Embeddings come back read-only.

    Attributes:
        ledger: What was changed from within Discord, in the same database.
    """

    def __init__(self, database: Database, matrices: MatrixFolder) -> None:
        self._database = database
        self._matrices = matrices
        self.ledger = SqliteLedger(database)

    # What the following need is imported for those who use them, which a question in a terminal does not.

    @cached_property
    def members(self) -> SqliteMembers:
        """What members decide about their own questions, in the same database."""
        from .members import SqliteMembers  # noqa: PLC0415

        return SqliteMembers(self._database)

    @cached_property
    def reports(self) -> SqliteReports:
        """What the nightly reports need and come to, likewise."""
        from .reports import SqliteReports  # noqa: PLC0415

        return SqliteReports(self._database)

    @cached_property
    def stale(self) -> SqliteStaleReports:
        """Which of them have to be shown anew, likewise."""
        from .stale import SqliteStaleReports  # noqa: PLC0415

        return SqliteStaleReports(self._database)

    async def close(self) -> None:
        """Close the database once what is queued is done; every method fails from now on."""
        await self._database.close()

    async def add_question(self, question: QuestionRecord, *, once: bool = False) -> int | None:
        """See Store."""
        values = from_question(question) | {"once": once}
        async with self._database.transaction() as connection:
            rows = list(await connection.execute_fetchall(_ADD_QUESTION, values))
        return int(rows[0][0]) if rows else None

    async def read_questions(
        self, *, guild_id: int | None = None, since: datetime | None = None, newest: int | None = None
    ) -> list[QuestionRecord]:
        """See Store; questions asked at the same moment come in the order in which they were logged."""
        start, limit = _BEGINNING if since is None else to_micros(since), _ALL if newest is None else newest
        if guild_id is None:
            rows = await self._database.fetch(_READ_QUESTIONS, start, limit)
        else:
            rows = await self._database.fetch(_READ_QUESTIONS_OF_GUILD, start, guild_id, limit)
        return self._to_questions(reversed(rows))

    async def find_question(self, reply_id: int) -> QuestionRecord | None:
        """See Store."""
        found = self._to_questions(await self._database.fetch(_READ_REPLIED_QUESTION, reply_id))
        return found[0] if found else None

    async def find_logged(self, message_ids: Iterable[int]) -> set[int]:
        """See Store."""
        rows = await self._database.fetch(_FIND_LOGGED, json.dumps(list(message_ids)))
        return {row["message_id"] for row in rows}

    async def note_replies(self, replies: Mapping[int, int]) -> int:
        """See Store; all are noted, or none if it fails."""
        async with self._database.transaction() as connection:
            return (await connection.executemany(_NOTE_REPLY, list(replies.items()))).rowcount

    def _to_questions(self, rows: Iterable[sqlite3.Row]) -> list[QuestionRecord]:
        return to_questions(rows, self._database.path)

    async def read_cached_embeddings(self, model_id: str, hashes: Iterable[str]) -> dict[str, Embeddings]:
        """See Store; what is damaged is left out too, as it will be embedded again and replaced."""
        found: dict[str, Embeddings] = {}
        for content_hash, data in await self._database.fetch(_READ_EMBEDDINGS, model_id, json.dumps(list(hashes))):
            try:
                found[content_hash] = from_bytes(data)
            except ValueError as error:
                _log.warning("Ignored the cached embedding %s of %s: %s", content_hash, model_id, error)
        return found

    async def cache_embeddings(self, model_id: str, embeddings: Mapping[str, Embeddings]) -> None:
        """See Store; all are kept, or none if it fails."""
        rows = [(model_id, content_hash, to_bytes(embedding)) for content_hash, embedding in embeddings.items()]
        async with self._database.transaction() as connection:
            await connection.executemany(_WRITE_EMBEDDING, rows)

    async def prune_embeddings(self, model_id: str, used: Iterable[str], now: datetime, unused_since: datetime) -> int:
        """See Store."""
        hashes = json.dumps(list(used))
        async with self._database.transaction() as connection:
            await connection.execute(_NOTE_USED, (model_id, hashes))
            await connection.execute(_NOTE_UNUSED, (model_id, hashes, to_micros(now)))
            dropped = (await connection.execute(_DROP_UNUSED, (to_micros(unused_since),))).rowcount
            await connection.execute(_FORGET_UNUSED, (to_micros(unused_since),))
        if dropped:
            # Earlier versions cached what was only previewed, and may have been a member's question.
            await self._database.empty_log()
        return dropped

    async def read_kept(self, name: str) -> bytes | None:
        """See Store."""
        rows = await self._database.fetch(_READ_KEPT, name)
        return rows[0]["content"] if rows else None

    async def keep(self, name: str, content: bytes) -> None:
        """See Store; the newest `MOST_KEPT` stay."""
        async with self._database.transaction() as connection:
            await connection.execute(_KEEP, (name, content))
            await connection.execute(_FORGET, (MOST_KEPT,))

    async def read_matrix(self, name: str) -> Embeddings | None:
        """See Store; mapped from a file beside the database."""
        return await asyncio.to_thread(self._matrices.read, name)

    async def keep_matrix(self, name: str, embeddings: Embeddings) -> Embeddings:
        """See Store; what nobody asked for for `KEPT_DAYS` goes."""
        return await asyncio.to_thread(self._matrices.keep, name, embeddings)

    async def read_note(self, key: str) -> str | None:
        """See Store."""
        rows = await self._database.fetch(_READ_NOTE, key)
        return rows[0]["value"] if rows else None

    async def write_note(self, key: str, value: str) -> None:
        """See Store."""
        async with self._database.transaction() as connection:
            await connection.execute(_WRITE_NOTE, (key, value))

    async def find_damage(self) -> list[str]:
        """See Store; it reads the whole file."""
        complaints = [str(row[0]) for row in await self._database.fetch("PRAGMA integrity_check")]
        damage = [complaint for complaint in complaints if complaint != "ok"]
        orphans = await self._database.fetch("PRAGMA foreign_key_check")
        return damage + [f"row {row['rowid']} of {row['table']} refers to a lost {row['parent']}" for row in orphans]

"""What members decide about their own questions, in an SQLite database."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from ..core.members import Count, Holding, Retracted
from ..core.types import VerdictName
from .ledger import to_draft
from .rows import STEP, from_micros, text_key, to_micros, to_questions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    import aiosqlite

    from ..core.types import QuestionRecord
    from .database import Database

_READ_HOLDING = """
    SELECT
        count(*) AS questions, min(asked_at) AS oldest,
        EXISTS (SELECT 1 FROM opt_outs WHERE author_hash = ?1) AS opted_out
    FROM questions WHERE author_hash = ?1
"""
_READ_OWN = "SELECT * FROM questions WHERE author_hash = ? ORDER BY asked_at, id"
_OPT_OUT = "INSERT INTO opt_outs (author_hash, opted_out_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
_OPT_IN = "DELETE FROM opt_outs WHERE author_hash = ?"
_HAS_DECISIONS = "SELECT EXISTS (SELECT 1 FROM opt_outs) OR EXISTS (SELECT 1 FROM forgotten) AS decisions"
_NOTE_FORGOTTEN = """
    INSERT INTO forgotten (author_hash, until) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET until = max(until, excluded.until)
"""
_DROP_FORGOTTEN = "DELETE FROM forgotten WHERE until < ?"
# One array instead of one parameter a message: SQLite takes at most 32,766 parameters a statement.
_BY_MESSAGE = "message_id IN (SELECT value FROM json_each(?))"
_READ_REPLIES = f"SELECT DISTINCT channel_id, reply_id FROM questions WHERE {_BY_MESSAGE} AND reply_id IS NOT NULL"  # noqa: S608 - a constant
_BY_AUTHOR = "author_hash = ?"
_BY_TIME = "questions.id IN (SELECT id FROM questions WHERE asked_at < ? ORDER BY asked_at, id LIMIT {limit})"
_COUNT = """
    INSERT INTO counts (guild_id, day, verdict, replied, questions)
    SELECT coalesce(guild_id, 0), date(asked_at / 1000000, 'unixepoch'), verdict, replied, count(*)
    FROM questions WHERE {condition} GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET questions = questions + excluded.questions
"""
_DELETE = "DELETE FROM questions WHERE {condition}"
_NAMED = "SELECT report_id FROM report_questions WHERE question_id IN (SELECT id FROM questions WHERE {condition})"
# What the deletion itself makes stale anew is due at once; before it, because it takes along what says which it is.
_HURRY = f"UPDATE stale_reports SET due_at = 0 WHERE report_id IN ({_NAMED})"  # noqa: S608 - a constant
_LEAVE_TIME = """
    INSERT INTO stale_reports (report_id, due_at)
    SELECT DISTINCT report_id, ? FROM report_questions
    WHERE question_id IN (SELECT id FROM questions WHERE {condition})
    ON CONFLICT DO NOTHING
"""
# Only where there may be something to find; the plus keeps SQLite from reading all questions of those servers. What has
# no text yet has no key in the database.
_READ_KEYS = """
    SELECT DISTINCT questions.guild_id, texts.key, iif(texts.key IS NULL, questions.text, NULL) AS text
    FROM questions LEFT JOIN texts ON texts.id = questions.text_id
    WHERE {condition} AND +questions.guild_id IN (SELECT guild_id FROM ignored)
"""
_READ_IGNORED = """
    SELECT id, guild_id, key FROM ignored
    WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.guild_id = ignored.guild_id AND texts.key = ignored.key)
"""
_READ_WITHOUT_TEXT = "SELECT text FROM questions WHERE guild_id = ? AND text_id IS NULL"
# For drafts, which are few and mostly gone in a minute, the texts themselves are looked for.
_READ_TEXTS = """
    SELECT DISTINCT guild_id, text FROM questions WHERE {condition} AND +guild_id IN (SELECT guild_id FROM drafts)
"""
_READ_DRAFTS = "SELECT * FROM drafts WHERE guild_id = ?"
_DROP_DRAFT = "DELETE FROM drafts WHERE id = ?"
_HAS_TEXT = "SELECT 1 FROM texts WHERE guild_id = ? AND key = ?"
_DROP_IGNORED = "DELETE FROM ignored WHERE id = ?"
_READ_COUNTS = "SELECT * FROM counts WHERE guild_id = ? ORDER BY day, verdict, replied"


class SqliteMembers:
    """The port Members in an SQLite database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_holding(self, author_hash: bytes) -> Holding:
        """See Members."""
        row = (await self._database.fetch(_READ_HOLDING, author_hash))[0]
        oldest = None if row["oldest"] is None else from_micros(row["oldest"])
        return Holding(row["questions"], oldest, bool(row["opted_out"]))

    async def read_own_questions(self, author_hash: bytes) -> list[QuestionRecord]:
        """See Members."""
        return to_questions(await self._database.fetch(_READ_OWN, author_hash), self._database.path)

    async def forget_author(self, author_hash: bytes, at: datetime) -> int:
        """See Members."""
        async with self._database.transaction() as connection:
            await connection.execute(_NOTE_FORGOTTEN, (author_hash, to_micros(at)))
            deleted = await _forget_for_good(connection, _BY_AUTHOR, author_hash)
        await self._wipe(deleted)
        return deleted

    async def opt_out(self, author_hash: bytes, at: datetime) -> int:
        """See Members."""
        async with self._database.transaction() as connection:
            await connection.execute(_OPT_OUT, (author_hash, to_micros(at)))
            await connection.execute(_NOTE_FORGOTTEN, (author_hash, to_micros(at)))
            deleted = await _forget_for_good(connection, _BY_AUTHOR, author_hash)
        await self._wipe(deleted)
        return deleted

    async def opt_in(self, author_hash: bytes, at: datetime) -> bool:
        """See Members."""
        async with self._database.transaction() as connection:
            if not (await connection.execute(_OPT_IN, (author_hash,))).rowcount:
                return False
            await connection.execute(_NOTE_FORGOTTEN, (author_hash, to_micros(at)))
        return True

    async def has_decisions(self) -> bool:
        """See Members."""
        return bool((await self._database.fetch(_HAS_DECISIONS))[0]["decisions"])

    async def forget_messages(self, message_ids: Iterable[int]) -> list[Retracted]:
        """See Members."""
        wanted = json.dumps(list(message_ids))
        async with self._database.transaction() as connection:
            rows = await connection.execute_fetchall(_READ_REPLIES, (wanted,))
            deleted = await _forget_for_good(connection, _BY_MESSAGE, wanted)
        await self._wipe(deleted)
        return [Retracted(row["channel_id"], row["reply_id"]) for row in rows]

    async def forget_before(self, time: datetime, reports_until: datetime | None = None) -> int:
        """See Members; what an admin wants ignored for good stays."""
        condition = _BY_TIME.format(limit=STEP)
        deleted, last = 0, STEP
        while last == STEP:
            async with self._database.transaction() as connection:
                if reports_until:
                    due = to_micros(reports_until), to_micros(time)
                    await connection.execute(_LEAVE_TIME.format(condition=condition), due)
                last = await _forget(connection, condition, to_micros(time))
            deleted += last
        async with self._database.transaction() as connection:
            await connection.execute(_DROP_FORGOTTEN, (to_micros(time),))
        await self._wipe(deleted)
        return deleted

    async def read_counts(self, guild_id: int | None) -> list[Count]:
        """See Members."""
        rows = await self._database.fetch(_READ_COUNTS, guild_id or 0)
        return [
            Count(date.fromisoformat(row["day"]), VerdictName(row["verdict"]), bool(row["replied"]), row["questions"])
            for row in rows
        ]

    async def _wipe(self, deleted: int) -> None:
        # Also what another time could not, or did not come to.
        if deleted or self._database.owes:
            await self._database.empty_log()


async def _forget(connection: aiosqlite.Connection, condition: str, value: Any) -> int:  # noqa: ANN401 - what SQLite takes
    await connection.execute(_COUNT.format(condition=condition), (value,))
    return (await connection.execute(_DELETE.format(condition=condition), (value,))).rowcount


async def _forget_for_good(connection: aiosqlite.Connection, condition: str, value: Any) -> int:  # noqa: ANN401 - what SQLite takes
    """Delete questions because somebody wants it so: also what is ignored or drafted and only they had said."""
    rows = await connection.execute_fetchall(_READ_KEYS.format(condition=condition), (value,))
    said = {(row["guild_id"], row["key"] or text_key(row["text"])) for row in rows}
    asked: dict[int, set[str]] = {}
    for row in await connection.execute_fetchall(_READ_TEXTS.format(condition=condition), (value,)):
        asked.setdefault(row["guild_id"], set()).add(row["text"])
    await connection.execute(_HURRY.format(condition=condition), (value,))
    deleted = await _forget(connection, condition, value)
    if said:
        for row in await connection.execute_fetchall(_READ_IGNORED):
            place = row["guild_id"], row["key"]
            if place in said and not await _is_said(connection, *place):
                await connection.execute(_DROP_IGNORED, (row["id"],))
    for guild_id, texts in asked.items():
        await _drop_drafts(connection, guild_id, texts)
    return deleted


async def _drop_drafts(connection: aiosqlite.Connection, guild_id: int, texts: Collection[str]) -> None:
    """Drop a server's drafts that quote one of some texts, unless somebody else asked the same."""
    for row in list(await connection.execute_fetchall(_READ_DRAFTS, (guild_id,))):
        for text in to_draft(row).find_quoted(texts):
            place = guild_id, text_key(text)
            if not list(await connection.execute_fetchall(_HAS_TEXT, place)) and not await _is_said(connection, *place):
                await connection.execute(_DROP_DRAFT, (row["id"],))
                break


async def _is_said(connection: aiosqlite.Connection, guild_id: int, key: bytes) -> bool:
    """Return whether one of the questions that have no text yet would have this one."""
    rows = await connection.execute_fetchall(_READ_WITHOUT_TEXT, (guild_id,))
    return any(text_key(row["text"]) == key for row in rows)

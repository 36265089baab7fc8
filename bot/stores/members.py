"""What members decide about their own questions, in an SQLite database."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from ..core.members import Count, Holding, Retracted
from ..core.types import VerdictName
from .ledger import to_draft
from .rows import from_micros, text_key, to_micros, to_questions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable
    from datetime import datetime

    import aiosqlite

    from ..core.types import QuestionRecord
    from .database import Database

_CHOSEN = 250
"""Questions that are deleted in one transaction, at most."""
_PAIRS = 20_000
"""Pairs of texts that go with them: more than that only where a single text has more."""
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
_BY_AUTHOR = "author_hash = ?"
_BY_TIME = "asked_at < ?"
# What members had deleted before, and a bot that was killed meanwhile did not come to.
_LEFT_OVER = """
    author_hash IN (SELECT author_hash FROM forgotten) AND asked_at > ?
    AND asked_at <= (SELECT until FROM forgotten WHERE forgotten.author_hash = questions.author_hash)
"""
_BY_ID = "questions.id IN (SELECT value FROM json_each(?))"
_READ_REPLIES = f"SELECT DISTINCT channel_id, reply_id FROM questions WHERE {_BY_ID} AND reply_id IS NOT NULL"  # noqa: S608 - a constant
# With how many pairs of texts may go with each, of which SQLite deletes every one.
_CHOOSE = """
    SELECT
        id,
        (SELECT count(*) FROM pairs WHERE first = text_id)
            + (SELECT count(*) FROM pairs WHERE second = text_id) AS pairs
    FROM questions WHERE {condition} ORDER BY asked_at, id LIMIT {limit}
"""
_COUNT = f"""
    INSERT INTO counts (guild_id, day, verdict, replied, questions)
    SELECT coalesce(guild_id, 0), date(asked_at / 1000000, 'unixepoch'), verdict, replied, count(*)
    FROM questions WHERE {_BY_ID} GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET questions = questions + excluded.questions
"""  # noqa: S608 - constants, here and below
_DELETE = f"DELETE FROM questions WHERE {_BY_ID}"  # noqa: S608
_NAMED = f"SELECT report_id FROM report_questions WHERE question_id IN (SELECT id FROM questions WHERE {_BY_ID})"  # noqa: S608
# What the deletion itself makes stale anew is due at once; before it, because it takes along what says which it is.
_HURRY = f"UPDATE stale_reports SET due_at = 0 WHERE report_id IN ({_NAMED})"  # noqa: S608 - a constant
_LEAVE_TIME = f"""
    INSERT INTO stale_reports (report_id, due_at)
    SELECT DISTINCT report_id, ? FROM report_questions
    WHERE question_id IN (SELECT id FROM questions WHERE {_BY_ID})
    ON CONFLICT DO NOTHING
"""  # noqa: S608
# Only where there may be something to find; the plus keeps SQLite from reading all questions of those servers. What has
# no text yet has no key in the database.
_READ_KEYS = f"""
    SELECT DISTINCT questions.guild_id, texts.key, iif(texts.key IS NULL, questions.text, NULL) AS text
    FROM questions LEFT JOIN texts ON texts.id = questions.text_id
    WHERE {_BY_ID} AND +questions.guild_id IN (SELECT guild_id FROM ignored)
"""  # noqa: S608
_READ_IGNORED = """
    SELECT id, guild_id, key FROM ignored
    WHERE NOT EXISTS (SELECT 1 FROM texts WHERE texts.guild_id = ignored.guild_id AND texts.key = ignored.key)
"""
_READ_WITHOUT_TEXT = "SELECT text FROM questions WHERE guild_id = ? AND text_id IS NULL"
# For drafts, which are few and mostly gone in a minute, the texts themselves are looked for.
_READ_TEXTS = f"""
    SELECT DISTINCT guild_id, text FROM questions WHERE {_BY_ID} AND +guild_id IN (SELECT guild_id FROM drafts)
"""  # noqa: S608
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
        return await self._delete(_BY_AUTHOR, author_hash, _forget_for_good)

    async def opt_out(self, author_hash: bytes, at: datetime) -> int:
        """See Members."""
        async with self._database.transaction() as connection:
            await connection.execute(_OPT_OUT, (author_hash, to_micros(at)))
            await connection.execute(_NOTE_FORGOTTEN, (author_hash, to_micros(at)))
        return await self._delete(_BY_AUTHOR, author_hash, _forget_for_good)

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
        replies: dict[tuple[int, int], None] = {}

        async def forget(connection: aiosqlite.Connection, chosen: str) -> int:
            rows = await connection.execute_fetchall(_READ_REPLIES, (chosen,))
            replies.update(dict.fromkeys((row["channel_id"], row["reply_id"]) for row in rows))
            return await _forget_for_good(connection, chosen)

        await self._delete(_BY_MESSAGE, json.dumps(list(message_ids)), forget)
        return [Retracted(*reply) for reply in replies]

    async def forget_before(
        self, time: datetime, reports_until: datetime | None = None, *, decided_before: datetime | None = None
    ) -> int:
        """See Members; what an admin wants ignored for good stays."""

        async def forget(connection: aiosqlite.Connection, chosen: str) -> int:
            if reports_until:
                await connection.execute(_LEAVE_TIME, (to_micros(reports_until), chosen))
            return await _forget(connection, chosen)

        async with self._database.transaction() as connection:
            await connection.execute(_DROP_FORGOTTEN, (to_micros(decided_before or time),))
        left_over = await self._delete(_LEFT_OVER, to_micros(time), _forget_for_good)
        return left_over + await self._delete(_BY_TIME, to_micros(time), forget)

    async def read_counts(self, guild_id: int | None) -> list[Count]:
        """See Members."""
        rows = await self._database.fetch(_READ_COUNTS, guild_id or 0)
        return [
            Count(date.fromisoformat(row["day"]), VerdictName(row["verdict"]), bool(row["replied"]), row["questions"])
            for row in rows
        ]

    async def _delete(
        self, condition: str, value: str | bytes | int, forget: Callable[[aiosqlite.Connection, str], Awaitable[int]]
    ) -> int:
        """Delete questions in steps, between which others have their turn; return how many there were.

        Args:
            condition: Which.
            value: Of its parameter.
            forget: Deletes those whose numbers it is given as JSON, in a transaction; returns how many there were.
        """
        deleted = 0
        while True:
            async with self._database.transaction() as connection:
                chosen = await _choose(connection, condition, value)
                if not chosen:
                    break
                deleted += await forget(connection, json.dumps(chosen))
        # Also what another time could not, or did not come to.
        if deleted or self._database.owes:
            await self._database.empty_log()
        return deleted


async def _choose(connection: aiosqlite.Connection, condition: str, value: str | bytes | int) -> list[int]:
    """Return the next questions to delete: one at least, and no more than take some hundred milliseconds."""
    chosen: list[int] = []
    pairs = 0
    for row in await connection.execute_fetchall(_CHOOSE.format(condition=condition, limit=_CHOSEN), (value,)):
        pairs += row["pairs"]
        if chosen and pairs > _PAIRS:
            break
        chosen.append(row["id"])
    return chosen


async def _forget(connection: aiosqlite.Connection, chosen: str) -> int:
    await connection.execute(_COUNT, (chosen,))
    return (await connection.execute(_DELETE, (chosen,))).rowcount


async def _forget_for_good(connection: aiosqlite.Connection, chosen: str) -> int:
    """Delete questions because somebody wants it so: also what is ignored or drafted and only they had said."""
    rows = await connection.execute_fetchall(_READ_KEYS, (chosen,))
    said = {(row["guild_id"], row["key"] or text_key(row["text"])) for row in rows}
    asked: dict[int, set[str]] = {}
    for row in await connection.execute_fetchall(_READ_TEXTS, (chosen,)):
        asked.setdefault(row["guild_id"], set()).add(row["text"])
    await connection.execute(_HURRY, (chosen,))
    deleted = await _forget(connection, chosen)
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

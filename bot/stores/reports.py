"""The reports, what was done about them, and what none should show again, in an SQLite database."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from ..core.reports import Deed, Done, Ignored, Posting, ReportState
from .failures import DAMAGED_ADVICE, unusable
from .mining import SqliteTexts
from .reportjson import from_json, to_json
from .rows import from_bytes, from_micros, text_key, to_bytes, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from ..core.reports import Report
    from ..core.types import Embeddings

# One statement, so that of those who come at the same moment one is first.
_CLAIM = """
    INSERT INTO reports (guild_id, day, state, claimed_by, lease_until)
    VALUES (:guild_id, :day, 'claimed', :holder, :end)
    ON CONFLICT (guild_id, day) WHERE nightly
    DO UPDATE SET claimed_by = excluded.claimed_by, lease_until = excluded.lease_until
    WHERE state != 'posted' AND (claimed_by IS NULL OR claimed_by = :holder OR lease_until <= :now)
    RETURNING id
"""
_HELD = "id = :id AND claimed_by = :holder AND state != 'posted'"
_KEEP = f"UPDATE reports SET state = 'built', content = :content WHERE {_HELD}"  # noqa: S608 - a constant
_FORGET_NAMED = "DELETE FROM report_questions WHERE report_id = ?"
_NAME_QUESTION = "INSERT INTO report_questions (question_id, report_id) VALUES (?, ?)"
_FINISH = f"""
    UPDATE reports SET state = 'posted', channel_id = :channel_id, message_id = :message_id
    WHERE {_HELD} AND state = 'built'
"""  # noqa: S608 - a constant
_GIVE_UP = f"UPDATE reports SET claimed_by = NULL, lease_until = NULL WHERE {_HELD}"  # noqa: S608 - a constant
_FIND = "SELECT * FROM reports WHERE id = ?"
_FIND_LAST = """
    SELECT * FROM reports WHERE guild_id = ? AND nightly AND state = 'posted' ORDER BY day DESC LIMIT 1
"""
_ADD_EXTRA = """
    INSERT INTO reports (guild_id, day, state, content, channel_id, message_id, nightly)
    VALUES (?, ?, 'posted', ?, ?, 0, 0)
"""
_PLACE_EXTRA = "UPDATE reports SET message_id = ? WHERE id = ? AND NOT nightly"
_READ_DONE = """
    SELECT * FROM deeds WHERE report_id IN (SELECT value FROM json_each(?)) AND NOT taken_back ORDER BY number
"""
_NOTE_DONE = """
    INSERT INTO deeds (report_id, number, deed, done_by, done_at, change_id)
    SELECT id, ?, ?, ?, ?, ? FROM reports WHERE id = ?
    ON CONFLICT DO UPDATE SET
        deed = excluded.deed, done_by = excluded.done_by, done_at = excluded.done_at, change_id = excluded.change_id,
        taken_back = 0
    WHERE taken_back
"""
_IGNORE = """
    INSERT INTO ignored (guild_id, key, question, embedding, model_id, ignored_by, ignored_at)
    SELECT :guild_id, :key, :question, :embedding, :model_id, :by, :at
    WHERE EXISTS (SELECT 1 FROM texts WHERE guild_id = :guild_id AND key = :key)
    OR EXISTS (SELECT 1 FROM ignored WHERE guild_id = :guild_id AND key = :key)
    ON CONFLICT (guild_id, key) DO UPDATE SET
        question = excluded.question, embedding = excluded.embedding, model_id = excluded.model_id,
        ignored_by = excluded.ignored_by, ignored_at = excluded.ignored_at
    RETURNING id
"""
_READ_IGNORED = "SELECT * FROM ignored WHERE guild_id = ? ORDER BY ignored_at DESC, id DESC"
_STOP_IGNORING = "DELETE FROM ignored WHERE guild_id = ? AND id = ?"
_COUNT_OUTDATED = """
    SELECT
        (SELECT count(*) FROM questions WHERE model_id < ?1) + (SELECT count(*) FROM questions WHERE model_id > ?1)
        + (SELECT count(*) FROM ignored WHERE model_id != ?1) AS outdated
"""
_READ_OUTDATED_IGNORED = "SELECT id, question FROM ignored WHERE model_id != ? ORDER BY id LIMIT ?"
_REPLACE_IGNORED = "UPDATE ignored SET embedding = ?, model_id = ? WHERE id = ?"


class SqliteReports(SqliteTexts):
    """The port Reports in an SQLite database."""

    async def claim_report(
        self, guild_id: int, day: date, holder: str, now: datetime, lease: timedelta
    ) -> Posting | None:
        """See Reports."""
        claim = {
            "guild_id": guild_id,
            "day": day.isoformat(),
            "holder": holder,
            "now": to_micros(now),
            "end": to_micros(now + lease),
        }
        async with self._database.transaction() as connection:
            rows = list(await connection.execute_fetchall(_CLAIM, claim))
        return await self.find_posting(rows[0]["id"]) if rows else None

    async def keep_report(self, posting_id: int, holder: str, report: Report) -> bool:
        """See Reports."""
        named = {(question_id, posting_id) for topic in report.topics for question_id in topic.question_ids}
        values = {"id": posting_id, "holder": holder, "content": to_json(report)}
        async with self._database.transaction() as connection:
            if not (await connection.execute(_KEEP, values)).rowcount:
                return False
            await connection.execute(_FORGET_NAMED, (posting_id,))
            await connection.executemany(_NAME_QUESTION, named)
        return True

    async def add_extra_report(self, report: Report, channel_id: int) -> int:
        """See Reports."""
        named = {question_id for topic in report.topics for question_id in topic.question_ids}
        values = report.guild_id, report.day.isoformat(), to_json(report), channel_id
        async with self._database.transaction() as connection:
            row = await connection.execute_insert(_ADD_EXTRA, values)
            # An insert that did not raise has a row number; the types do not know.
            number = int(row[0]) if row else 0
            await connection.executemany(_NAME_QUESTION, [(question_id, number) for question_id in named])
        return number

    async def place_extra_report(self, posting_id: int, message_id: int) -> None:
        """See Reports."""
        async with self._database.transaction() as connection:
            await connection.execute(_PLACE_EXTRA, (message_id, posting_id))

    async def finish_report(self, posting_id: int, holder: str, channel_id: int, message_id: int) -> bool:
        """See Reports."""
        values = {"id": posting_id, "holder": holder, "channel_id": channel_id, "message_id": message_id}
        async with self._database.transaction() as connection:
            return (await connection.execute(_FINISH, values)).rowcount > 0

    async def give_up_report(self, posting_id: int, holder: str) -> None:
        """See Reports."""
        async with self._database.transaction() as connection:
            await connection.execute(_GIVE_UP, {"id": posting_id, "holder": holder})

    async def find_posting(self, posting_id: int) -> Posting | None:
        """See Reports."""
        return await self._to_posting(await self._database.fetch(_FIND, posting_id))

    async def find_last_posting(self, guild_id: int) -> Posting | None:
        """See Reports."""
        return await self._to_posting(await self._database.fetch(_FIND_LAST, guild_id))

    async def note_done(self, posting_id: int, number: int, done: Done) -> bool:
        """See Reports; False too if there is no such report, and True where what was done before was taken back."""
        values = number, done.deed.value, done.by, to_micros(done.at), done.change_id, posting_id
        async with self._database.transaction() as connection:
            return (await connection.execute(_NOTE_DONE, values)).rowcount > 0

    async def ignore(self, guild_id: int, ignored: Ignored) -> int | None:
        """See Reports."""
        values = {
            "guild_id": guild_id,
            "key": text_key(ignored.question),
            "question": ignored.question,
            "embedding": to_bytes(ignored.embedding),
            "model_id": ignored.model_id,
            "by": ignored.by,
            "at": to_micros(ignored.at),
        }
        async with self._database.transaction() as connection:
            rows = list(await connection.execute_fetchall(_IGNORE, values))
        return int(rows[0]["id"]) if rows else None

    async def read_ignored(self, guild_id: int) -> list[Ignored]:
        """See Reports."""
        return [self._to_ignored(row) for row in await self._database.fetch(_READ_IGNORED, guild_id)]

    async def stop_ignoring(self, guild_id: int, ignored_id: int) -> bool:
        """See Reports."""
        async with self._database.transaction() as connection:
            dropped = (await connection.execute(_STOP_IGNORING, (guild_id, ignored_id))).rowcount > 0
        # It may have been the last place where the question stood.
        await self._database.empty_log()
        return dropped

    async def count_outdated(self, model_id: str) -> int:
        """See Reports."""
        return int((await self._database.fetch(_COUNT_OUTDATED, model_id))[0]["outdated"])

    async def read_outdated_ignored(self, model_id: str, limit: int) -> list[tuple[int, str]]:
        """See Reports."""
        rows = await self._database.fetch(_READ_OUTDATED_IGNORED, model_id, limit)
        return [(row["id"], row["question"]) for row in rows]

    async def replace_ignored(self, model_id: str, embeddings: Mapping[int, Embeddings]) -> int:
        """See Reports; all are replaced, or none if it fails."""
        rows = [(to_bytes(embedding), model_id, int(ignored_id)) for ignored_id, embedding in embeddings.items()]
        async with self._database.transaction() as connection:
            return (await connection.executemany(_REPLACE_IGNORED, rows)).rowcount

    async def _to_posting(self, rows: Sequence[sqlite3.Row]) -> Posting | None:
        found = await self._to_postings(rows)
        return found[0] if found else None

    async def _to_postings(self, rows: Sequence[sqlite3.Row]) -> list[Posting]:
        done: dict[int, dict[int, Done]] = {row["id"]: {} for row in rows}
        for row in await self._database.fetch(_READ_DONE, json.dumps(list(done))):
            at = from_micros(row["done_at"])
            done[row["report_id"]][row["number"]] = Done(Deed(row["deed"]), row["done_by"], at, row["change_id"])
        return [
            Posting(
                id=row["id"],
                guild_id=row["guild_id"],
                day=date.fromisoformat(row["day"]),
                state=ReportState(row["state"]),
                report=self._to_report(row),
                channel_id=row["channel_id"],
                message_id=row["message_id"],
                done=done[row["id"]],
            )
            for row in rows
        ]

    def _to_report(self, row: sqlite3.Row) -> Report | None:
        if row["content"] is None:
            return None
        try:
            return from_json(row["guild_id"], date.fromisoformat(row["day"]), row["content"])
        except (KeyError, TypeError, ValueError) as error:
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (report {row['id']}: {error!r})") from error

    def _to_ignored(self, row: sqlite3.Row) -> Ignored:
        try:
            embedding = from_bytes(row["embedding"])
        except ValueError as error:
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (ignored {row['id']}: {error})") from error
        return Ignored(
            id=row["id"],
            question=row["question"],
            embedding=embedding,
            model_id=row["model_id"],
            by=row["ignored_by"],
            at=from_micros(row["ignored_at"]),
        )

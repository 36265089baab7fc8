"""The ledger in an SQLite database: changes, what they come to, and drafts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core.edits import Change, ChangeKind, Draft, Edit, Ownings, SettingEdit, Version
from ..core.entries import from_plain, to_plain
from ..core.errors import EditConflictError
from .failures import DAMAGED_ADVICE, unusable
from .rows import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    import aiosqlite

    from ..core.types import Entry
    from .database import Database

_ENTRY, _SETTING = "entry", "setting"
_ENDLESS = 2**63 - 1

# Both maxima come from an index, whatever the history's length.
_READ_VERSION = """
    SELECT
        coalesce((SELECT max(id) FROM changes), 0) AS changes,
        coalesce((SELECT max(id) FROM changes WHERE kind = 'reload'), 0) AS reloads
"""
# One statement is one moment. The version stands in the first row, and in all the others.
_READ_OWNINGS = """
    SELECT
        coalesce((SELECT max(id) FROM changes), 0) AS changes,
        coalesce((SELECT max(id) FROM changes WHERE kind = 'reload'), 0) AS reloads,
        own.guild_id, own.subject, own.name, own.value
    FROM (SELECT 1) LEFT JOIN ownings AS own ORDER BY own.rowid
"""
_READ_OWN_ENTRIES = "SELECT name, value FROM ownings WHERE guild_id = ? AND subject = ? ORDER BY rowid"
_READ_OWNING = "SELECT value FROM ownings WHERE guild_id = ? AND subject = ? AND name = ?"
_WRITE_OWNING = """
    INSERT INTO ownings (guild_id, subject, name, value, change_id) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value
"""
_DROP_OWNING = "DELETE FROM ownings WHERE guild_id = ? AND subject = ? AND name = ?"
_ADD_CHANGE = "INSERT INTO changes (guild_id, kind, changed_by, changed_at, undoes, note) VALUES (?, ?, ?, ?, ?, ?)"
_ADD_REVISION = "INSERT INTO revisions (change_id, subject, name, before, after) VALUES (?, ?, ?, ?, ?)"
_READ_CHANGE = "SELECT * FROM changes WHERE guild_id = ? AND id = ?"
_READ_CHANGES = "SELECT * FROM changes WHERE guild_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
_READ_CHANGES_OF_ENTRY = """
    SELECT * FROM changes WHERE guild_id = ? AND id < ?
    AND id IN (SELECT change_id FROM revisions WHERE subject = 'entry' AND name = ?)
    ORDER BY id DESC LIMIT ?
"""
_READ_REVISIONS = """
    SELECT * FROM revisions WHERE change_id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
# What is taken back with a change, or comes back with it: who takes an undo back makes the change again, and so on.
_TURN_DEEDS = """
    WITH RECURSIVE chain (id) AS (
        SELECT ?
        UNION
        SELECT changes.undoes FROM chain JOIN changes ON changes.id = chain.id WHERE changes.undoes IS NOT NULL
    )
    UPDATE deeds SET taken_back = NOT taken_back WHERE change_id IN (SELECT id FROM chain)
"""
_ADD_DRAFT = "INSERT INTO drafts (guild_id, drafted_by, drafted_at, content) VALUES (?, ?, ?, ?)"
_CHANGE_DRAFT = "UPDATE drafts SET drafted_at = ?, content = ? WHERE id = ?"
_READ_DRAFT = "SELECT * FROM drafts WHERE id = ?"
_DROP_DRAFT = "DELETE FROM drafts WHERE id = ?"
_DROP_DRAFTS = "DELETE FROM drafts WHERE drafted_at < ?"


class SqliteLedger:
    """A Ledger in an SQLite database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_version(self) -> Version:
        """See Ledger."""
        row = (await self._database.fetch(_READ_VERSION))[0]
        return Version(row["changes"], row["reloads"])

    async def read_ownings(self) -> Ownings:
        """See Ledger."""
        rows = await self._database.fetch(_READ_OWNINGS)
        entries: dict[int, dict[str, Entry]] = {}
        settings: dict[int, dict[str, Any]] = {}
        for row in rows:
            if row["subject"] == _ENTRY:
                entries.setdefault(row["guild_id"], {})[row["name"]] = self._to_entry(row["value"])
            elif row["subject"] == _SETTING:
                settings.setdefault(row["guild_id"], {})[row["name"]] = json.loads(row["value"])
        return Ownings(Version(rows[0]["changes"], rows[0]["reloads"]), entries, settings)

    async def add_change(self, change: Change, check: Callable[[Mapping[str, Entry]], None] | None = None) -> int:
        """See Ledger."""
        async with self._database.transaction() as connection:
            if check is not None:
                own = await connection.execute_fetchall(_READ_OWN_ENTRIES, (change.guild_id, _ENTRY))
                check({row["name"]: self._to_entry(row["value"]) for row in own})
            values = change.guild_id, change.kind.value, change.by, to_micros(change.at), change.undoes, change.note
            row = await connection.execute_insert(_ADD_CHANGE, values)
            # An insert that did not raise has a row number; the types do not know.
            number = int(row[0]) if row else 0
            for subject, name, before, after in _revisions(change):
                await _check(connection, change.guild_id, subject, name, before)
                await connection.execute(_ADD_REVISION, (number, subject, name, _to_json(before), _to_json(after)))
                place = change.guild_id, subject, name
                if after is None:
                    await connection.execute(_DROP_OWNING, place)
                else:
                    await connection.execute(_WRITE_OWNING, (*place, _to_json(after), number))
            if change.undoes is not None:
                await connection.execute(_TURN_DEEDS, (change.undoes,))
        return number

    async def read_change(self, guild_id: int, change_id: int) -> Change | None:
        """See Ledger."""
        found = await self._to_changes(await self._database.fetch(_READ_CHANGE, guild_id, change_id))
        return found[0] if found else None

    async def read_changes(
        self, guild_id: int, *, entry_id: str | None = None, before: int | None = None, limit: int
    ) -> list[Change]:
        """See Ledger."""
        end = _ENDLESS if before is None else before
        if entry_id is None:
            return await self._to_changes(await self._database.fetch(_READ_CHANGES, guild_id, end, limit))
        return await self._to_changes(
            await self._database.fetch(_READ_CHANGES_OF_ENTRY, guild_id, end, entry_id, limit)
        )

    async def keep_draft(self, draft: Draft) -> int:
        """See Ledger."""
        at, content = to_micros(draft.at), _to_json(draft.content)
        async with self._database.transaction() as connection:
            if draft.id:
                await connection.execute(_CHANGE_DRAFT, (at, content, draft.id))
                return draft.id
            row = await connection.execute_insert(_ADD_DRAFT, (draft.guild_id, draft.by, at, content))
        return int(row[0]) if row else 0

    async def read_draft(self, draft_id: int) -> Draft | None:
        """See Ledger."""
        rows = await self._database.fetch(_READ_DRAFT, draft_id)
        if not rows:
            return None
        return to_draft(rows[0])

    async def drop_drafts(self, *, draft_id: int | None = None, before: datetime | None = None) -> int:
        """See Ledger."""
        dropped = 0
        async with self._database.transaction() as connection:
            if draft_id is not None:
                dropped += (await connection.execute(_DROP_DRAFT, (draft_id,))).rowcount
            if before is not None:
                dropped += (await connection.execute(_DROP_DRAFTS, (to_micros(before),))).rowcount
        if before is not None and dropped:
            # They may quote what members asked.
            await self._database.empty_log()
        return dropped

    async def _to_changes(self, rows: Sequence[sqlite3.Row]) -> list[Change]:
        revisions: dict[int, list[sqlite3.Row]] = {row["id"]: [] for row in rows}
        for revision in await self._database.fetch(_READ_REVISIONS, json.dumps(list(revisions))):
            revisions[revision["change_id"]].append(revision)
        return [self._to_change(row, revisions[row["id"]]) for row in rows]

    def _to_change(self, row: sqlite3.Row, revisions: Sequence[sqlite3.Row]) -> Change:
        edits = [
            Edit(one["name"], self._to_entry(one["before"]), self._to_entry(one["after"]))
            for one in revisions
            if one["subject"] == _ENTRY
        ]
        settings = [
            SettingEdit(one["name"], _from_json(one["before"]), _from_json(one["after"]))
            for one in revisions
            if one["subject"] == _SETTING
        ]
        return Change(
            guild_id=row["guild_id"],
            kind=ChangeKind(row["kind"]),
            by=row["changed_by"],
            at=from_micros(row["changed_at"]),
            edits=tuple(edits),
            settings=tuple(settings),
            undoes=row["undoes"],
            note=row["note"],
            id=row["id"],
        )

    def _to_entry(self, value: str | None) -> Any:  # noqa: ANN401 - an entry for a text, None for None
        if value is None:
            return None
        try:
            return from_plain(json.loads(value))
        except (KeyError, TypeError, ValueError) as error:
            raise unusable(self._database.path, f"{DAMAGED_ADVICE} (an entry: {error!r})") from error


def to_draft(row: sqlite3.Row) -> Draft:
    """Return the draft of a row of the table ``drafts``."""
    at, content = from_micros(row["drafted_at"]), json.loads(row["content"])
    return Draft(row["guild_id"], row["drafted_by"], at, content, row["id"])


def _revisions(change: Change) -> Iterator[tuple[str, str, Any, Any]]:
    for edit in change.edits:
        before, after = edit.before and to_plain(edit.before), edit.after and to_plain(edit.after)
        yield _ENTRY, edit.entry_id, before, after
    for setting in change.settings:
        yield _SETTING, setting.name, setting.before, setting.after


async def _check(connection: aiosqlite.Connection, guild_id: int, subject: str, name: str, before: object) -> None:
    """Make sure, within the transaction that is about to change it, that something is as it is taken to be."""
    rows = list(await connection.execute_fetchall(_READ_OWNING, (guild_id, subject, name)))
    if (json.loads(rows[0]["value"]) if rows else None) != before:
        raise EditConflictError(name)


def _to_json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _from_json(value: str | None) -> Any:  # noqa: ANN401 - whatever JSON holds
    return None if value is None else json.loads(value)

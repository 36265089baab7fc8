"""Which posted reports have to be shown anew, in an SQLite database. What makes them so are triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.reports import Stale
from .rows import to_micros

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from .database import Database

# From the few that are stale, not from all that were ever posted: SQLite keeps the order of a CROSS JOIN.
_FIND_DUE = """
    SELECT reports.id, reports.guild_id FROM stale_reports CROSS JOIN reports ON reports.id = stale_reports.report_id
    WHERE reports.state = 'posted' AND due_at <= ?1 AND (stale_reports.claimed_by IS NULL OR
        stale_reports.lease_until <= ?1)
    ORDER BY stale_reports.report_id
"""
_CLAIM = """
    UPDATE stale_reports SET claimed_by = :holder, lease_until = :end
    WHERE report_id = :id AND due_at <= :now
    AND (claimed_by IS NULL OR claimed_by = :holder OR lease_until <= :now)
    RETURNING version, tries
"""
_SETTLE = "DELETE FROM stale_reports WHERE report_id = ? AND claimed_by = ? AND version = ?"
_MARK = """
    INSERT INTO stale_reports (report_id) SELECT id FROM reports WHERE id = ?
    ON CONFLICT DO UPDATE SET version = version + 1, due_at = 0
"""
_RELEASE = "UPDATE stale_reports SET claimed_by = NULL, lease_until = NULL WHERE report_id = ? AND claimed_by = ?"
_PUT_OFF = """
    UPDATE stale_reports SET claimed_by = NULL, lease_until = NULL, due_at = ?, tries = tries + 1
    WHERE report_id = ? AND claimed_by = ?
"""
_DROP = "DELETE FROM stale_reports WHERE report_id = ? AND claimed_by = ?"


class SqliteStaleReports:
    """The port StaleReports in an SQLite database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark_stale(self, posting_id: int) -> None:
        """See StaleReports."""
        async with self._database.transaction() as connection:
            await connection.execute(_MARK, (posting_id,))

    async def find_stale(self, now: datetime) -> list[tuple[int, int]]:
        """See StaleReports."""
        return [(row["id"], row["guild_id"]) for row in await self._database.fetch(_FIND_DUE, to_micros(now))]

    async def claim_stale(self, posting_id: int, holder: str, now: datetime, lease: timedelta) -> Stale | None:
        """See StaleReports."""
        claim = {"id": posting_id, "holder": holder, "now": to_micros(now), "end": to_micros(now + lease)}
        async with self._database.transaction() as connection:
            rows = list(await connection.execute_fetchall(_CLAIM, claim))
        return Stale(posting_id, rows[0]["version"], rows[0]["tries"]) if rows else None

    async def settle_stale(self, stale: Stale, holder: str) -> bool:
        """See StaleReports."""
        async with self._database.transaction() as connection:
            settled = await connection.execute(_SETTLE, (stale.posting_id, holder, stale.version))
            if settled.rowcount:
                return True
            await connection.execute(_MARK, (stale.posting_id,))
            await connection.execute(_RELEASE, (stale.posting_id, holder))
        return False

    async def put_off_stale(self, stale: Stale, holder: str, until: datetime) -> None:
        """See StaleReports."""
        async with self._database.transaction() as connection:
            await connection.execute(_PUT_OFF, (to_micros(until), stale.posting_id, holder))

    async def drop_stale(self, stale: Stale, holder: str) -> None:
        """See StaleReports."""
        async with self._database.transaction() as connection:
            await connection.execute(_DROP, (stale.posting_id, holder))

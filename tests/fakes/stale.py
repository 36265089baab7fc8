"""Which reports are stale, for as long as the test lasts."""

from datetime import datetime, timedelta

from bot.core.reports import ReportState, Stale
from tests.fakes.store import LONG_AGO, MemoryStore, StaleRow


class MemoryStaleReports:
    """The port StaleReports over the reports of a MemoryStore."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def mark_stale(self, posting_id: int) -> None:
        self._store.fail_if_told()
        if posting_id in self._store.postings:
            self._store.mark_stale(posting_id)

    async def find_stale(self, now: datetime) -> list[tuple[int, int]]:
        self._store.fail_if_told()
        return [
            (number, self._store.postings[number].guild_id)
            for number, row in sorted(self._store.stale.items())
            if self._store.postings[number].state is ReportState.POSTED and row.due <= now and row.until <= now
        ]

    async def claim_stale(self, posting_id: int, holder: str, now: datetime, lease: timedelta) -> Stale | None:
        self._store.fail_if_told()
        row = self._store.stale.get(posting_id)
        if row is None or row.due > now or (row.holder != holder and row.until > now):
            return None
        row.holder, row.until = holder, now + lease
        return Stale(posting_id, row.version, row.tries)

    async def settle_stale(self, stale: Stale, holder: str) -> bool:
        row = self._held(stale, holder)
        if row and row.version == stale.version:
            del self._store.stale[stale.posting_id]
            return True
        await self.mark_stale(stale.posting_id)
        if row:
            self._store.stale[stale.posting_id].holder = None
            self._store.stale[stale.posting_id].until = LONG_AGO
        return False

    async def put_off_stale(self, stale: Stale, holder: str, until: datetime) -> None:
        if row := self._held(stale, holder):
            row.holder, row.until, row.due, row.tries = None, LONG_AGO, until, row.tries + 1

    async def drop_stale(self, stale: Stale, holder: str) -> None:
        if self._held(stale, holder):
            del self._store.stale[stale.posting_id]

    def _held(self, stale: Stale, holder: str) -> StaleRow | None:
        self._store.fail_if_told()
        row = self._store.stale.get(stale.posting_id)
        return row if row and row.holder == holder else None

"""A connection to the database that several tasks share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from .connecting import BUSY_SECONDS
from .failures import translating, unusable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    import aiosqlite


_LOG_PATIENCE_MS = 100
"""How long to wait for who reads before the log is emptied: reading takes milliseconds, or somebody looks around."""


class Database:
    """An open SQLite database; every method raises StoreUnavailableError when it fails.

    Args:
        connection: In autocommit mode.
        path: The database, as people know it.

    Attributes:
        owes: Whether the write-ahead log may still hold what was deleted. At first it may: whoever deleted last can
            have been killed before he emptied it.
    """

    def __init__(self, connection: aiosqlite.Connection, path: str) -> None:
        self.path = path
        self._connection = connection
        self.owes = True
        self._closed = False
        # All tasks share one connection and with it one transaction: whoever writes does so alone, or one task's
        # rollback would take another's row along. Whoever reads waits too, or he would see what may be taken back.
        self._writing = asyncio.Lock()

    async def close(self) -> None:
        """Close the database once what is queued is done; every method fails from now on."""
        async with self._writing:
            if not self._closed:
                self._closed = True
                with translating(self.path):
                    await self._connection.close()

    async def fetch(self, sql: str, *parameters: Any) -> list[Any]:  # noqa: ANN401 - what SQLite takes and gives
        """Return the rows that a statement finds; not to be called within a transaction of one's own."""
        async with self._writing:
            with self._using():
                return list(await self._connection.execute_fetchall(sql, parameters))

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[aiosqlite.Connection]:
        """Make what happens inside one transaction: all of it is kept, or nothing if it fails or is cancelled."""
        async with self._writing:
            with self._using():
                try:
                    await self._connection.execute("BEGIN IMMEDIATE")
                    yield self._connection
                    await self._connection.commit()
                except BaseException:
                    # The connection's thread works in order, so this undoes even a BEGIN whose waiter was cancelled.
                    await self._connection.rollback()
                    raise

    async def empty_log(self) -> None:
        """Overwrite what was deleted in the write-ahead log too, where it would stand until it is written over.

        Where somebody else is reading for longer, `owes` stays true, and whoever deletes next tries again.
        """
        async with self._writing:
            with self._using():
                self.owes = True
                try:
                    # Everybody else in this process waits meanwhile.
                    await self._connection.execute(f"PRAGMA busy_timeout = {_LOG_PATIENCE_MS}")
                    [(busy, *_)] = await self._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                    self.owes = bool(busy)
                finally:
                    await self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    @contextmanager
    def _using(self) -> Generator[None]:
        if self._closed:
            raise unusable(self.path, "it has been closed")
        with translating(self.path):
            yield

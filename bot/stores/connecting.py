"""Opening a database file the way Faqtotum wants it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import primary_code
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .schema import Migration

MEMORY = ":memory:"
"""The path of a database that lives and ends with its connection."""

BUSY_SECONDS = 5.0
"""How long to wait for another process's write; ours take milliseconds, so whoever takes longer is stuck."""

_WAL_RETRY_SECONDS = 0.02


def connect(path: str, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """Open a database, make its folder and the file if needed, and bring it to the newest schema.

    It blocks; a thread should call it. The connection is in autocommit mode and may be handed to another thread.

    Args:
        path: The file, or `MEMORY`.
        migrations: See `migrate`.

    Raises:
        StoreUnavailableError: The database was written by a newer program.
        sqlite3.Error: It cannot be opened or brought to the newest schema.
        OSError: Its folder cannot be made.
    """
    if path != MEMORY:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        _switch_to_wal(connection)
        # With WAL, NORMAL loses at most the last commits on a power cut, never consistency:
        # https://www.sqlite.org/pragma.html#pragma_synchronous
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What people delete is overwritten with zeros: https://www.sqlite.org/pragma.html#pragma_secure_delete
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection, migrations, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Set write-ahead logging, in which readers and a writer do not wait for each other."""
    # SQLite does not wait by itself when two processes switch a new file at the same time: the switch upgrades a
    # read lock, where waiting could be a deadlock. https://www.sqlite.org/c3ref/busy_handler.html
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return

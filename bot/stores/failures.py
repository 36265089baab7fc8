"""What went wrong with the database or a file beside it, in one line that says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Generator

DAMAGED_ADVICE = "it is damaged; put a backup in its place, or move it away to begin anew"

_LOCKED_ADVICE = "another program keeps it locked; stop that program (a second bot, a database browser) and try again"
# By primary result code, see https://www.sqlite.org/rescode.html
_ADVICE = {
    sqlite3.SQLITE_BUSY: _LOCKED_ADVICE,
    sqlite3.SQLITE_LOCKED: _LOCKED_ADVICE,
    sqlite3.SQLITE_READONLY: "it is read-only; let the bot's user write the file and its folder",
    sqlite3.SQLITE_PERM: "the bot's user may not use it; let it read and write the file and its folder",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; look at the disk and its free space",
    sqlite3.SQLITE_CORRUPT: DAMAGED_ADVICE,
    sqlite3.SQLITE_NOTADB: "it is no SQLite database; name another path, or move the file away to begin anew",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; name a file in a folder that the bot's user may write",
}
_PRIMARY_CODE = 0xFF
"""The low byte of an extended result code is its primary code."""


@contextmanager
def translating(path: str) -> Generator[None]:
    """Raise StoreUnavailableError for what SQLite or the operating system raises inside.

    Args:
        path: The database, as people know it.
    """
    try:
        yield
    except sqlite3.Error as error:
        advice = _ADVICE.get(primary_code(error))
        raise unusable(path, f"{advice} ({error})" if advice else str(error)) from error
    except OSError as error:
        raise unusable(path, f"{describe(error)}; name a path that the bot's user may write") from error


def unusable(path: str, reason: str) -> StoreUnavailableError:
    """Return the error for a database that cannot be used, on one line whatever the reason holds."""
    return StoreUnavailableError(f"the database {path} cannot be used: {' '.join(reason.split())}")


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, or SQLITE_ERROR where the error is not SQLite's own."""
    # Python sets the attribute only on errors that come from the library itself.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE


def describe(error: OSError) -> str:
    """Return what the operating system says, with the file that it says it about."""
    said = error.strerror or str(error)
    return f"{said}: {error.filename}" if error.filename else said

"""Bringing a database to the schema that this program knows."""

from __future__ import annotations

import logging
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_log = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema.

    Attributes:
        number: The schema version that it leads to, from 1.
        name: Its file.
        statements: Its SQL statements.
    """

    number: int
    name: str
    statements: tuple[str, ...]


def read_migrations(folder: Path = _FOLDER) -> tuple[Migration, ...]:
    """Return the numbered migrations in order: 1, 2, 3 and so on.

    Args:
        folder: Where the ``.sql`` files are; the program's own by default.

    Raises:
        StoreUnavailableError: None is there, a number is missing or there twice, a file is misnamed or ends within a
            statement: the program was packed or installed badly.
    """
    migrations = tuple(map(_read, sorted(folder.glob("*.sql"))))
    numbers = [migration.number for migration in migrations]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        raise _broken(f"its migrations are numbered {numbers} instead of 1, 2, 3 and so on")
    return migrations


def _read(file: Path) -> Migration:
    match = _FILE_NAME.fullmatch(file.name)
    if match is None:
        raise _broken(f"the migration {file.name} is not named like 0001_initial.sql")
    try:
        statements = tuple(split_statements(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise _broken(f"the migration {file.name}: {error}") from error
    return Migration(int(match[1]), file.name, statements)


def _broken(reason: str) -> StoreUnavailableError:
    return StoreUnavailableError(f"this copy of Faqtotum is broken, install it again: {reason}")


def split_statements(script: str) -> Iterable[str]:
    """Yield the statements of an SQL script, of which each ends with its line; triggers stay whole.

    `sqlite3.Connection.executescript` would commit before it begins, so that a script could not be undone.

    Raises:
        ValueError: The script ends within a statement.
    """
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if sqlite3.complete_statement(statement := "\n".join(lines)):
            yield statement.strip()
            lines.clear()
    if any(line.strip() and not line.lstrip().startswith("--") for line in lines):
        raise ValueError(f"it ends within a statement: {' '.join(' '.join(lines).split())[:80]}")


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration], path: str) -> None:
    """Apply the migrations that a database still lacks, each in a transaction of its own.

    Several processes may do so at the same time: the one that comes second finds the work done.

    Args:
        connection: In autocommit mode (``isolation_level=None``).
        migrations: All that there are, in order.
        path: The database, as people know it.

    Raises:
        StoreUnavailableError: The database was written by a newer program.
        sqlite3.Error: A migration failed; the database is as it was before that migration.
    """
    while (version := schema_version(connection)) != len(migrations):
        if version > len(migrations):
            raise StoreUnavailableError(
                f"the database {path} was written by a newer Faqtotum (schema {version}, this one knows "
                f"{len(migrations)}); update Faqtotum, or put a backup from before in its place"
            )
        _apply(connection, migrations[version])


def schema_version(connection: sqlite3.Connection) -> int:
    """Return how many migrations a database has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    # Leaving the connection's context commits, or rolls back what a failed statement left half done.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        # Only now is it certain that no other process has been faster.
        if schema_version(connection) == migration.number - 1:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {migration.number}")
            _log.info("Applied the database migration %s", migration.name)

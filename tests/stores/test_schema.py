import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest

from bot.core.errors import StoreUnavailableError
from bot.stores.connecting import connect
from bot.stores.schema import Migration, migrate, read_migrations, schema_version, split_statements

GOOD = Migration(1, "0001_good.sql", ("CREATE TABLE good (x)",))
BROKEN = Migration(2, "0002_broken.sql", ("CREATE TABLE half (x)", "INSERT INTO good VALUES (1)", "NONSENSE"))


@pytest.fixture
def connection() -> Generator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    yield opened
    opened.close()


def tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def test_our_own_migrations_are_in_order() -> None:
    migrations = read_migrations()
    assert [migration.number for migration in migrations] == list(range(1, len(migrations) + 1))
    assert migrations[0].name == "0001_initial.sql"
    assert all(migration.statements for migration in migrations)


def test_migrations_apply_once_and_in_order(connection: sqlite3.Connection) -> None:
    later = Migration(2, "0002_later.sql", ("INSERT INTO good VALUES (1)",))
    migrate(connection, [GOOD], "x.db")
    migrate(connection, [GOOD, later], "x.db")
    migrate(connection, [GOOD, later], "x.db")
    assert schema_version(connection) == 2
    assert connection.execute("SELECT count(*) FROM good").fetchone() == (1,)


def test_a_failing_migration_leaves_nothing(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="NONSENSE"):
        migrate(connection, [GOOD, BROKEN], "x.db")
    assert tables(connection) == ["good"]
    assert connection.execute("SELECT count(*) FROM good").fetchone() == (0,)
    assert schema_version(connection) == 1
    assert not connection.in_transaction


def test_another_process_may_be_faster(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    slow = sqlite3.connect(path, isolation_level=None)
    try:

        def be_faster(statement: str) -> None:
            if statement == "BEGIN IMMEDIATE":
                slow.set_trace_callback(None)
                connect(path, [GOOD]).close()

        slow.set_trace_callback(be_faster)
        migrate(slow, [GOOD], path)
        assert schema_version(slow) == 1
    finally:
        slow.close()


def test_a_failure_to_connect_leaves_the_file_free(tmp_path: Path) -> None:
    path = str(tmp_path / "x.db")
    with pytest.raises(sqlite3.OperationalError):
        connect(path, [GOOD, BROKEN])
    mended = Migration(2, "0002_mended.sql", ("CREATE TABLE half (x)",))
    connection = connect(path, [GOOD, mended])
    assert tables(connection) == ["good", "half"]
    assert schema_version(connection) == 2
    connection.close()


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([], id="none"),
        pytest.param(["0002_b.sql"], id="starts late"),
        pytest.param(["0001_a.sql", "0003_c.sql"], id="gap"),
        pytest.param(["0001_a.sql", "0002_b.sql", "0002_c.sql"], id="twice"),
        pytest.param(["0001_a.sql", "second.sql"], id="misnamed"),
    ],
)
def test_badly_numbered_files_are_refused(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("ignored")
    for name in names:
        (tmp_path / name).write_text("SELECT 1;")
    with pytest.raises(StoreUnavailableError, match="install it again"):
        read_migrations(tmp_path)


def test_a_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1;\nCREATE TABLE half (")
    with pytest.raises(StoreUnavailableError, match=r"0001_a.sql: it ends within a statement: CREATE TABLE half"):
        read_migrations(tmp_path)


def test_statements_are_split_where_they_end() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a\nBEGIN\n    SELECT 1;\n    SELECT ';';\nEND;"
    script = f"-- a; comment\nSELECT\n    ';';\n\n{trigger}\n-- the end\n\n"
    assert list(split_statements(script)) == ["-- a; comment\nSELECT\n    ';';", trigger]

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bot.core.errors import StoreUnavailableError
from bot.stores import SqliteStore, has_database, open_sqlite
from bot.stores.schema import read_migrations
from bot.stores.sqlite import MOST_KEPT
from tests.stores.records import make_question, row, run_sql

ROOT = Path(__file__).parents[2]
PROCESSES = 3
ROUNDS = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "faqtotum.db"


def write(path: Path, text: str) -> None:
    path.write_text(text)


def spoil(path: Path) -> None:
    """Overwrite the second half of a database, where the rows are, so that it still opens."""
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + b"\xa5" * (len(content) - half))


async def fill(path: Path) -> None:
    async with open_sqlite(path) as store:
        for number in range(400):
            await store.add_question(make_question(f"question {number} " * 20))


async def expect_refusal(path: Path | str, says: str) -> None:
    with pytest.raises(StoreUnavailableError, match=says) as caught:
        async with open_sqlite(path):
            pass
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_the_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "faqtotum.db"
    async with open_sqlite(path):
        assert run_sql(path, "SELECT count(*) FROM notes") == [(0,)]


async def test_settings_of_the_connection(path: Path) -> None:
    async with open_sqlite(path) as store:
        settings = {
            name: (await store._database.fetch(f"PRAGMA {name}"))[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


async def test_the_schema_is_the_newest(path: Path) -> None:
    async with open_sqlite(path):
        pass
    assert run_sql(path, "PRAGMA user_version") == [(len(read_migrations()),)]


async def test_reopening_keeps_everything(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store.add_question(make_question("kept"))
        await store.cache_embeddings("model", {"a": row(1, 2)})
        await store.write_note("note", "kept")
    async with open_sqlite(str(path)) as store:
        assert [question.text for question in await store.read_questions()] == ["kept"]
        assert (await store.read_cached_embeddings("model", ["a"]))["a"].tolist() == [1, 2]
        assert await store.read_note("note") == "kept"


async def test_two_connections_see_each_other(path: Path) -> None:
    async with open_sqlite(path) as one, open_sqlite(path) as other:
        await one.write_note("note", "from one")
        assert await other.read_note("note") == "from one"


def test_processes_that_start_together_all_succeed(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio, sys
        from bot.stores import open_sqlite

        async def open_once(path):
            async with open_sqlite(path) as store:
                await store.write_note(path, path)

        for path in map(str.strip, sys.stdin):
            asyncio.run(open_once(path))
            print("opened", flush=True)
    """)
    processes = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", script],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        for _ in range(PROCESSES)
    ]
    try:
        for number in range(ROUNDS):
            for process in processes:
                assert process.stdin
                process.stdin.write(f"{tmp_path / f'{number}.db'}\n")
            for process in processes:
                assert process.stdout
                assert process.stdout.readline() == "opened\n"
    finally:
        for process in processes:
            process.communicate()
    assert [process.returncode for process in processes] == [0] * PROCESSES


async def test_a_database_from_the_future_is_refused_and_left_alone(path: Path) -> None:
    run_sql(path, "CREATE TABLE future (x)", "PRAGMA user_version = 999")
    await expect_refusal(path, "newer Faqtotum .schema 999")
    assert run_sql(path, "SELECT name FROM sqlite_master") == [("future",)]
    assert run_sql(path, "PRAGMA user_version") == [(999,)]


async def test_a_file_that_is_no_database(path: Path) -> None:
    write(path, "This is a shopping list.\n" * 100)
    await expect_refusal(path, "no SQLite database")


async def test_a_folder_where_the_file_should_be(path: Path) -> None:
    await expect_refusal(path.parent, "cannot be opened")


async def test_a_path_below_a_regular_file(path: Path) -> None:
    write(path, "")
    await expect_refusal(path / "faqtotum.db", "name a path")


def test_whether_there_is_a_database(path: Path) -> None:
    assert not has_database(path)
    write(path, "")
    assert has_database(path)
    assert not has_database(path / "faqtotum.db")


def test_a_database_that_cannot_be_looked_for_is_told(path: Path) -> None:
    # The tests may run as root, who may enter every folder; nobody's file systems have such names.
    path.symlink_to("x" * 300)
    with pytest.raises(StoreUnavailableError, match="File name too long"):
        has_database(path)


async def test_a_damaged_file_is_told(path: Path) -> None:
    await fill(path)
    spoil(path)
    async with open_sqlite(path) as store:
        assert await is_damaged(store)
        with pytest.raises(StoreUnavailableError, match="it is damaged; put a backup in its place"):
            await store.read_questions()


async def is_damaged(store: SqliteStore) -> bool:
    try:
        return bool(await store.find_damage())
    except StoreUnavailableError as error:
        # Where the damage is such that SQLite cannot even finish its check.
        return "it is damaged" in str(error)


async def test_a_dangling_reference_is_damage(path: Path) -> None:
    async with open_sqlite(path):
        pass
    run_sql(
        path,
        "PRAGMA foreign_keys = OFF",
        "CREATE TABLE child (parent INTEGER REFERENCES reports (id))",
        "INSERT INTO child VALUES (7)",
    )
    async with open_sqlite(path) as store:
        assert await store.find_damage() == ["row 1 of child refers to a lost reports"]


async def test_a_damaged_cache_entry_is_left_out(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_sqlite(path) as store:
        await store.cache_embeddings("model", {"sound": row(1), "damaged": row(2)})
        run_sql(
            path,
            "PRAGMA ignore_check_constraints = ON",
            "UPDATE embeddings SET embedding = x'010203' WHERE content_hash = 'damaged'",
        )
        assert [*await store.read_cached_embeddings("model", ["sound", "damaged"])] == ["sound"]
        assert await store.find_damage()
        await store.cache_embeddings("model", {"damaged": row(2)})
        assert await store.find_damage() == []
    assert "3 bytes are no embedding" in caplog.text


async def test_a_question_with_a_damaged_embedding(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store.add_question(make_question())
        run_sql(path, "PRAGMA ignore_check_constraints = ON", "UPDATE questions SET embedding = x'01'")
        with pytest.raises(StoreUnavailableError, match=r"damaged.*question 1: 1 bytes"):
            await store.read_questions()


@pytest.mark.parametrize("shape", [(0,), (1, 2)])
async def test_what_is_no_single_embedding_is_refused(shape: tuple[int, ...]) -> None:
    async with open_sqlite(":memory:") as store:
        with pytest.raises(ValueError, match="expected one embedding"):
            await store.cache_embeddings("model", {"a": row(1, 2)[: shape[-1]].reshape(shape)})


async def test_a_locked_database_is_told(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store._database.fetch("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(StoreUnavailableError, match="another program keeps it locked"):
                await store.write_note("note", "lost")
        finally:
            other.close()
        await store.write_note("note", "kept")
        assert await store.read_note("note") == "kept"


async def test_a_read_only_database_is_told(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store._database.fetch("PRAGMA query_only = ON")
        with pytest.raises(StoreUnavailableError, match="it is read-only"):
            await store.add_question(make_question())


async def test_a_full_database_is_told(path: Path) -> None:
    async with open_sqlite(path) as store:
        await store._database.fetch("PRAGMA max_page_count = 1")
        with pytest.raises(StoreUnavailableError, match="the disk is full"):
            await store.cache_embeddings("model", {f"{number}": row(*range(512)) for number in range(50)})
        assert await store.read_cached_embeddings("model", map(str, range(50))) == {}


async def test_an_error_without_advice_says_what_sqlite_says() -> None:
    async with open_sqlite(":memory:") as store:
        with pytest.raises(StoreUnavailableError, match="no such table: nowhere"):
            await store._database.fetch("SELECT * FROM nowhere")


async def test_a_closed_store_says_so(path: Path) -> None:
    async with open_sqlite(path) as store:
        pass
    with pytest.raises(StoreUnavailableError, match="has been closed"):
        await store.read_note("note")
    with pytest.raises(StoreUnavailableError, match="has been closed"):
        await store.write_note("note", "")
    await store.close()


async def test_an_error_of_the_caller_passes_unchanged(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="not ours"):
        async with open_sqlite(path):
            raise sqlite3.OperationalError("not ours")


@pytest.mark.parametrize("steps", range(8))
async def test_a_cancelled_write_is_whole_or_nothing(steps: int) -> None:
    async with open_sqlite(":memory:") as store:
        write = asyncio.create_task(store.cache_embeddings("model", {"a": row(1), "b": row(2)}))
        for _ in range(steps):
            await asyncio.sleep(0)
        write.cancel()
        await asyncio.wait([write])
        assert len(await store.read_cached_embeddings("model", ["a", "b"])) in (0, 2)
        assert not store._database._connection.in_transaction
        await store.write_note("note", "kept")
        assert await store.read_note("note") == "kept"


@pytest.mark.parametrize("fails", [False, True])
async def test_nobody_sees_what_may_still_be_taken_back(path: Path, fails: bool) -> None:  # noqa: FBT001
    async with open_sqlite(path) as store:
        await store.write_note("note", "before")
        written, may_end = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with store._database.transaction() as connection:
                await connection.execute("UPDATE notes SET value = 'after'")
                written.set()
                await may_end.wait()
                if fails:
                    raise ValueError("taken back")

        writing = asyncio.create_task(write())
        await written.wait()
        reading = asyncio.create_task(store.read_note("note"))
        # What a reader that does not wait would need, and more.
        async with open_sqlite(path) as other:
            assert await other.read_note("note") == "before"
        assert not reading.done()
        may_end.set()
        await asyncio.wait([writing])
        assert bool(writing.exception()) is fails
        assert await reading == ("before" if fails else "after")


async def test_history_cannot_be_rewritten(path: Path) -> None:
    async with open_sqlite(path):
        pass
    add = "INSERT INTO changes (guild_id, kind, changed_by, changed_at, note) VALUES (1, 'add', 2, 3, '')"
    run_sql(path, add)
    revise = "INSERT INTO revisions (change_id, subject, name, after) VALUES (1, 'entry', 'a', '{}')"
    run_sql(path, revise)
    for statement in ("UPDATE changes SET changed_by = 4", "UPDATE revisions SET after = NULL"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            run_sql(path, statement)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        run_sql(path, add.replace("'add'", "'changed'"))
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        run_sql(path, revise)


async def test_one_report_a_server_and_day(path: Path) -> None:
    async with open_sqlite(path):
        pass
    add = (
        "INSERT INTO reports (guild_id, day, state, claimed_by, lease_until)"
        " VALUES (1, '2026-05-04', 'claimed', 'host', 5)"
    )
    run_sql(path, add)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        run_sql(path, add)
    for old, new in (("2026-05-04", "yesterday"), ("'claimed'", "'built'"), ("'claimed'", "'posted'"), ("5)", "NULL)")):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            run_sql(path, add.replace("2026-05-04", "2026-05-05").replace(old.replace("04", "05"), new))


async def test_of_what_is_kept_the_oldest_goes(path: Path) -> None:
    async with open_sqlite(path) as store:
        for number in range(MOST_KEPT + 2):
            await store.keep(f"name {number}", b"content")
        assert [await store.read_kept(f"name {number}") for number in range(3)] == [None, None, b"content"]
        assert await store.read_kept(f"name {MOST_KEPT + 1}") == b"content"

"""What only the database can get wrong about reports."""

import asyncio
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from bot.core.errors import StoreUnavailableError
from bot.core.reports import Ignored, ReportState
from bot.stores import SqliteStore, ledger, members, mining, open_sqlite, reports, stale
from bot.stores.connecting import connect
from bot.stores.rows import STEP
from bot.stores.schema import read_migrations
from tests.stores.records import START, make_question, row, run_sql
from tests.stores.test_reports import DAY, GUILD, LEASE, make_report

ROOT = Path(__file__).parents[2]
PROCESSES = 3
DAYS = 12
GROWING = {"questions", "texts", "pairs", "report_questions", "reports", "deeds", "counts"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "faqtotum.db"


async def fill(store: SqliteStore, *texts: str) -> list[int]:
    """Log questions and return the ids of their texts."""
    numbers = [number for text in texts if (number := await store.add_question(make_question(text)))]
    await store.reports.assign_texts(GUILD, "model")
    return [one.text_id for one in await store.reports.find_asked(numbers)]


async def keep_pairs(store: SqliteStore, pairs: list[tuple[int, int, float]], mined: list[int]) -> None:
    if await store.reports.read_mining(GUILD) is None:
        await store.reports.restart_mining(GUILD, mining.Mining("model", 0.5))
    found = await store.reports.read_mining(GUILD)
    assert found
    assert await store.reports.keep_pairs(GUILD, found.generation, pairs, mined)


def test_questions_from_before_keep_their_numbers_and_those_are_never_used_again(path: Path) -> None:
    add = """
        INSERT INTO questions (
            id, asked_at, guild_id, author_hash, text, embedding, model_id, addressed, replied, verdict, latency
        ) VALUES (?, ?, 10, x'61', ?, x'0000803f', 'model', 1, 0, 'no_match', 0.5)
    """
    old = connect(str(path), read_migrations()[:3])
    old.executemany(add, [(2, 5, "second"), (7, 4, "seventh")])
    held = [dict(found) for found in old.execute("SELECT * FROM questions ORDER BY id")]
    old.close()
    new = connect(str(path), read_migrations())
    found = [dict(found) for found in new.execute("SELECT * FROM questions ORDER BY id")]
    assert found == [before | {"text_id": None} for before in held]
    new.execute("DELETE FROM questions WHERE id = 7")
    new.execute(add.replace("            id, asked_at", "asked_at").replace("VALUES (?, ", "VALUES ("), (6, "new"))
    assert [tuple(row) for row in new.execute("SELECT id, text FROM questions")] == [(2, "second"), (8, "new")]
    new.close()


@pytest.mark.parametrize("module", [mining, reports, members, stale, ledger])
def test_no_statement_reads_all_of_a_table_that_grows(module: ModuleType) -> None:
    connection = connect(":memory:", read_migrations())
    conditions = [members._BY_AUTHOR, members._BY_MESSAGE, members._BY_TIME]
    verbs = "SELECT", "INSERT", "UPDATE", "DELETE", "WITH"
    templates = [value for value in vars(module).values() if isinstance(value, str) and value.strip().startswith(verbs)]
    statements = {one.format(condition=condition, limit=STEP) for one in templates for condition in conditions}
    assert len(statements) > 5
    for statement in statements:
        # The plan does not depend on what is asked for.
        asking = re.sub(r"\?\d*|:\w+", ":anything", statement)
        for plan in connection.execute(f"EXPLAIN QUERY PLAN {asking}", {"anything": None}):
            steps = plan["detail"].split()
            assert steps[0] != "SCAN" or steps[1] not in GROWING, (statement, plan["detail"])
    connection.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (mining._READ_WITHOUT_TEXT, "questions_without_text (guild_id=? AND model_id=? AND rowid>?)"),
        (mining._READ_TEXTS, "texts_by_mined (guild_id=? AND model_id=? AND mined=? AND rowid>?)"),
        (members._READ_WITHOUT_TEXT, "questions_without_text (guild_id=?)"),
    ],
)
def test_statements_have_indexes_of_their_own(statement: str, index: str) -> None:
    connection = connect(":memory:", read_migrations())
    nothing = [None] * statement.count("?")
    plan = [one["detail"] for one in connection.execute(f"EXPLAIN QUERY PLAN {statement}", nothing)]
    assert plan[0].endswith(f"INDEX {index}")
    assert not any("TEMP" in step for step in plan)
    connection.close()


@pytest.mark.parametrize("condition", [members._BY_AUTHOR, members._BY_MESSAGE])
def test_what_somebody_said_is_found_without_reading_his_servers(condition: str) -> None:
    connection = connect(":memory:", read_migrations())
    choosing = members._CHOOSE.format(condition=condition, limit=STEP)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {choosing}", (None,))
    index = "questions_by_author" if condition is members._BY_AUTHOR else "questions_by_message"
    assert plan.fetchone()["detail"].startswith(f"SEARCH questions USING INDEX {index} ")
    connection.close()


async def test_many_questions_get_their_texts_in_short_steps(path: Path) -> None:
    async with open_sqlite(path) as store:
        statements: list[str] = []
        await store._database._connection.set_trace_callback(statements.append)
        for number in range(2 * STEP + 1):
            await store.add_question(make_question(f"{number % (STEP + 7)}"))
        statements.clear()
        assert await store.reports.assign_texts(GUILD, "model") == 2 * STEP + 1
        steps = -(-(2 * STEP + 1) // mining._ASSIGNED)
        assert statements.count("BEGIN IMMEDIATE") == statements.count("COMMIT") == steps > 2
        read = await store.reports.read_texts(GUILD, "model", mined=False, limit=10 * STEP)
        assert len(read.ids) == STEP + 7


async def test_two_who_assign_at_the_same_time_agree(path: Path) -> None:
    async with open_sqlite(path) as one, open_sqlite(path) as other:
        for number in range(50):
            await one.add_question(make_question(f"{number % 20}"))
        counts = await asyncio.gather(*(store.reports.assign_texts(GUILD, "model") for store in (one, other)))
        assert sum(counts) == 50
        assert len((await other.reports.read_texts(GUILD, "model", mined=False, limit=99)).ids) == 20


@pytest.mark.parametrize("meanwhile", ["DELETE FROM questions", "UPDATE questions SET model_id = 'newer'"])
async def test_a_question_that_goes_while_it_gets_its_text_leaves_none(path: Path, meanwhile: str) -> None:
    async with open_sqlite(path) as store:
        await store.add_question(make_question("who?"))
        fetch = store._database.fetch

        async def fetch_and_lose(sql: str, *parameters: object) -> list[object]:
            rows = await fetch(sql, *parameters)
            run_sql(path, meanwhile)
            return rows

        store._database.fetch = fetch_and_lose  # type: ignore[method-assign]
        assert await store.reports.assign_texts(GUILD, "model") == 0
    assert run_sql(path, "SELECT count(*) FROM texts") == [(0,)]


async def test_two_connections_that_claim_together_are_not_both_first(path: Path) -> None:
    async with open_sqlite(path) as one, open_sqlite(path) as other:
        for number in range(10):
            day = DAY + timedelta(days=number)
            claims = [(one, "one"), (other, "other"), (one, "a third")]
            found = await asyncio.gather(
                *(store.reports.claim_report(GUILD, day, holder, START, LEASE) for store, holder in claims)
            )
            assert sum(claim is not None for claim in found) == 1


def test_of_processes_that_claim_together_one_has_it(path: Path) -> None:
    script = textwrap.dedent("""
        import asyncio, sys
        from datetime import date, timedelta, datetime, UTC
        from bot.stores import open_sqlite

        async def main(path, holder):
            now = datetime(2026, 5, 4, tzinfo=UTC)
            async with open_sqlite(path) as store:
                for line in map(str.strip, sys.stdin):
                    day, lease = date.fromisoformat(line), timedelta(minutes=1)
                    found = await store.reports.claim_report(1, day, holder, now, lease)
                    print("has it" if found else "has it not", flush=True)

        asyncio.run(main(*sys.argv[1:]))
    """)
    processes = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", script, str(path), f"holder {number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        for number in range(PROCESSES)
    ]
    try:
        for number in range(DAYS):
            for process in processes:
                assert process.stdin
                process.stdin.write(f"{DAY + timedelta(days=number)}\n")
            said = [process.stdout.readline() for process in processes if process.stdout]
            assert sorted(said) == ["has it\n"] + ["has it not\n"] * (PROCESSES - 1)
    finally:
        for process in processes:
            process.communicate()
    assert [process.returncode for process in processes] == [0] * PROCESSES


async def test_reports_hold_no_text_of_a_question(path: Path) -> None:
    hidden = "where did I hide the marmalade"
    async with open_sqlite(path) as store:
        ids = await fill(store, hidden, "other")
        await keep_pairs(store, [(ids[0], ids[1], 0.5)], ids)
        claimed = await store.reports.claim_report(GUILD, DAY, "me", START, LEASE)
        assert claimed
        await store.reports.keep_report(claimed.id, "me", make_report(1, 2))
        await store.reports.finish_report(claimed.id, "me", 5, 6)
        everything = b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
        assert hidden.encode() in everything
        await store.members.forget_author(b"a" * 32, START)
        assert await store.stale.find_stale(START) == [(claimed.id, GUILD)]
        everything = b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
        assert b"marmalade" not in everything.lower()
        assert b"missed_phrasing" in everything


async def test_mining_that_was_not_begun_anew_to_the_end_was_not_done(path: Path) -> None:
    async with open_sqlite(path) as store:
        ids = await fill(store, "a", "b")
        await keep_pairs(store, [(ids[0], ids[1], 0.5)], ids)
        run_sql(path, "CREATE TRIGGER no BEFORE DELETE ON pairs BEGIN SELECT RAISE(ABORT, 'not now'); END")
        with pytest.raises(StoreUnavailableError, match="not now"):
            await store.reports.restart_mining(GUILD, mining.Mining("newer", 0.25))
        assert await store.reports.read_mining(GUILD) is None
        assert await store.reports.read_pairs(ids) == [(ids[0], ids[1], 0.5)]


async def test_pairs_are_kept_with_what_was_mined_or_not_at_all(path: Path) -> None:
    async with open_sqlite(path) as store:
        ids = await fill(store, "a", "b")
        run_sql(path, "CREATE TRIGGER no BEFORE UPDATE OF mined ON texts BEGIN SELECT RAISE(ABORT, 'not now'); END")
        with pytest.raises(StoreUnavailableError, match="not now"):
            await keep_pairs(store, [(ids[0], ids[1], 0.5)], ids)
        assert await store.reports.read_pairs(ids) == []


async def test_a_report_is_kept_with_the_questions_that_it_names_or_not_at_all(path: Path) -> None:
    async with open_sqlite(path) as store:
        claimed = await store.reports.claim_report(GUILD, DAY, "me", START, LEASE)
        assert claimed
        await store.reports.keep_report(claimed.id, "me", make_report(1))
        run_sql(path, "CREATE TRIGGER no BEFORE INSERT ON report_questions BEGIN SELECT RAISE(ABORT, 'not now'); END")
        with pytest.raises(StoreUnavailableError, match="not now"):
            await store.reports.keep_report(claimed.id, "me", make_report(2))
        found = await store.reports.find_posting(claimed.id)
        assert found
        assert found.report == make_report(1)
        assert run_sql(path, "SELECT question_id FROM report_questions") == [(1,)]


async def test_questions_are_read_in_steps_and_none_is_missed_or_doubled(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.stores.mining.STEP", 2)
    async with open_sqlite(path) as store:
        at = [START + timedelta(seconds=second) for second in (3, 1, 1, 1, 2, 1)]
        ids = [await store.add_question(replace(make_question(f"q{n}"), asked_at=one)) for n, one in enumerate(at)]
        await store.reports.assign_texts(GUILD, "model")
        in_order = [one for place in (1, 2, 3, 5, 4, 0) if (one := ids[place])]
        found = await store.reports.read_asked(GUILD, START, START + timedelta(hours=1))
        assert [one.id for one in found] == in_order
        assert await store.reports.find_asked(reversed(in_order)) == found
        assert (await store.reports.find_texts(one.text_id for one in found)).embeddings.shape == (6, 2)


async def test_a_text_and_itself_are_no_pair(path: Path) -> None:
    async with open_sqlite(path) as store:
        [one, other] = await fill(store, "a", "b")
        with pytest.raises(StoreUnavailableError, match="CHECK"):
            await keep_pairs(store, [(one, other, 0.5), (one, one, 1.0)], [one])
        assert await store.reports.read_pairs([one, other]) == []
        assert (await store.reports.read_texts(GUILD, "model", mined=True, limit=9)).ids == ()


async def test_embeddings_are_replaced_all_or_none(path: Path) -> None:
    async with open_sqlite(path) as store:
        await fill(store, "a", "b")
        with pytest.raises(ValueError, match="expected one embedding"):
            await store.reports.replace_embeddings("newer", {1: row(1, 0), 2: row()})
        assert len(await store.reports.read_outdated("newer", 9)) == 2


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
async def test_an_embedding_of_no_numbers_is_told_before_anything_is_compared(path: Path, number: float) -> None:
    async with open_sqlite(path) as store:
        await fill(store, "a")
        await store.add_question(replace(make_question("b"), embedding=row(1, number)))
        await store.reports.assign_texts(GUILD, "model")
        with pytest.raises(StoreUnavailableError, match=r"damaged.*no number"):
            await store.reports.read_texts(GUILD, "model", mined=False, limit=9)


async def test_what_is_damaged_is_told(path: Path) -> None:
    async with open_sqlite(path) as store:
        await fill(store, "a", "b")
        await store.add_question(replace(make_question("longer"), embedding=row(1, 0, 0)))
        assert await store.reports.assign_texts(GUILD, "model") == 1
        with pytest.raises(StoreUnavailableError, match=r"damaged.*shape"):
            await store.reports.read_texts(GUILD, "model", mined=False, limit=9)
        claimed = await store.reports.claim_report(GUILD, DAY, "me", START, LEASE)
        assert claimed
        await store.reports.keep_report(claimed.id, "me", make_report(1))
        run_sql(path, "UPDATE reports SET content = '{\"since\": 5}'")
        with pytest.raises(StoreUnavailableError, match=r"damaged.*report 1.*until"):
            await store.reports.find_posting(claimed.id)
        await store.reports.ignore(GUILD, Ignored(0, "a", row(1), "model", 7, START))
        run_sql(path, "PRAGMA ignore_check_constraints = ON", "UPDATE ignored SET embedding = x'01'")
        with pytest.raises(StoreUnavailableError, match=r"damaged.*ignored 1: 1 bytes"):
            await store.reports.read_ignored(GUILD)


async def test_what_is_done_names_a_change_that_is_there(path: Path) -> None:
    async with open_sqlite(path) as store:
        claimed = await store.reports.claim_report(GUILD, DAY, "me", START, LEASE)
        assert claimed
        assert claimed.state is ReportState.CLAIMED
        done = reports.Done(reports.Deed.MERGED, 7, START, 99)
        with pytest.raises(StoreUnavailableError, match="FOREIGN KEY"):
            await store.reports.note_done(claimed.id, 1, done)

"""Whenever a process is killed that makes reports, nothing of it is kept by halves."""

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from bot.core.reports import ReportState
from bot.stores import SqliteStore, open_sqlite
from tests.stores.killing import BEGIN, Working
from tests.stores.mine_forever import BATCH, GUILD, LEASE, MODEL
from tests.stores.records import START

ROUNDS = 12
STATES = list(ReportState)


@pytest.fixture(scope="module")
def working() -> Iterator[Working]:
    one = Working("tests.stores.mine_forever")
    yield one
    one.close()


def work_until_killed(path: Path, chance: random.Random, process: Working) -> list[tuple[str, int]]:
    """Let a process work, kill it at a moment that nobody can foresee, return what it had kept."""
    process.start(path, chance.randrange(1000))
    said = [*process.read_some(chance.randrange(60))]
    # A moment more or less: into the writing, or past it.
    for _ in range(chance.randrange(60_000)):
        pass
    process.kill()
    said += process.read_rest()
    told = [line.split() for line in said if line != BEGIN]
    return [(name, int(number)) for name, number in told]


async def test_whenever_a_process_is_killed_texts_pairs_and_reports_are_whole(working: Working, tmp_path: Path) -> None:
    path, chance = tmp_path / "faq.db", random.Random(1)  # noqa: S311 - nothing to keep secret
    told: list[tuple[str, int]] = []
    for _ in range(ROUNDS):
        told += work_until_killed(path, chance, working)
        async with open_sqlite(path) as store:
            assert await store.find_damage() == []
            await check_texts(store)
            await check_pairs(store, told)
            await check_reports(store, told)
    async with open_sqlite(path) as store:
        await check_claims(store)
    assert {name for name, _ in told} == {"mined", "claimed", "built", "posted", "done"}


async def check_texts(store: SqliteStore) -> None:
    """Make sure that what got its text together has it, or has it not, together, and that every text has questions."""
    rows = await store._database.fetch("SELECT text_id IS NULL FROM questions ORDER BY id")
    without = [bool(row[0]) for row in rows]
    assert without == sorted(without)
    assert await store._database.fetch("SELECT id FROM texts WHERE id NOT IN (SELECT text_id FROM questions)") == []


async def check_pairs(store: SqliteStore, told: list[tuple[str, int]]) -> None:
    mined = (await store.reports.read_texts(GUILD, MODEL, mined=True, limit=10**6)).ids
    batches = [mined[start : start + BATCH] for start in range(0, len(mined), BATCH)]
    expected = [(*pair, 0.5) for batch in batches for pair in combinations(batch, 2)]
    assert all(len(batch) == BATCH for batch in batches)
    assert await store.reports.read_pairs(range(10**4)) == sorted(expected)
    assert {number for name, number in told if name == "mined"} <= set(mined)


async def check_reports(store: SqliteStore, told: list[tuple[str, int]]) -> None:
    for [number] in await store._database.fetch("SELECT id FROM reports"):
        posting = await store.reports.find_posting(number)
        assert posting
        named = {one for topic in (posting.report.topics if posting.report else ()) for one in topic.question_ids}
        kept = await store._database.fetch("SELECT question_id FROM report_questions WHERE report_id = ?", number)
        assert {row[0] for row in kept} == named
        said = {name for name, one in told if one == number and name != "mined"}
        reached = {name for name in said if name != "done"}
        assert all(STATES.index(posting.state) >= STATES.index(ReportState(name)) for name in reached)
        assert ("done" not in said) or posting.done


async def check_claims(store: SqliteStore) -> None:
    """Make sure that nobody has what the dead held before its lease is over, and that somebody has it then."""
    taken = 0
    for [number] in await store._database.fetch("SELECT id FROM reports WHERE state != 'posted'"):
        posting = await store.reports.find_posting(number)
        assert posting
        assert await store.reports.claim_report(GUILD, posting.day, "next", START, LEASE) is None
        assert await store.reports.claim_report(GUILD, posting.day, "next", START + LEASE, LEASE) == posting
        taken += 1
    assert taken

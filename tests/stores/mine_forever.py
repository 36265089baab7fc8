"""Do in databases what reports need, each in a process of its own, until somebody kills that.

Usage: python -m tests.stores.mine_forever

What it prints once something is kept is what that was, and its number; see `killing` for the rest.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, count

from bot.core.reports import Deed, Done, Mining, Report, Topic, TopicKind
from bot.stores import SqliteStore, open_sqlite
from tests.stores.killing import BEGIN, say, work_when_told
from tests.stores.records import START, make_question

GUILD, MODEL = 10, "model"
BATCH = 20
"""Texts that are mined together; each makes a pair with each of the others."""
LEASE = timedelta(hours=1)


async def work(path: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing to keep secret
    async with open_sqlite(path) as store:
        days = count(len(await store._database.fetch("SELECT id FROM reports")))
        while True:
            for _ in range(chance.randrange(2 * BATCH)):
                await store.add_question(make_question(f"{chance.randrange(10**6)}"))
            say(BEGIN)
            await store.reports.assign_texts(GUILD, MODEL)
            await mine(store)
            await report(store, days, chance)


async def mine(store: SqliteStore) -> None:
    ids = (await store.reports.read_texts(GUILD, MODEL, mined=False, limit=BATCH)).ids
    if len(ids) == BATCH:
        say(BEGIN)
        mining = await store.reports.read_mining(GUILD)
        if mining is None:
            await store.reports.restart_mining(GUILD, Mining(MODEL, 0.5))
            mining = await store.reports.read_mining(GUILD)
        assert mining
        pairs = [(one, other, 0.5) for one, other in combinations(ids, 2)]
        assert await store.reports.keep_pairs(GUILD, mining.generation, pairs, ids)
        say(f"mined {ids[-1]}")


async def report(store: SqliteStore, days: Iterator[int], chance: random.Random) -> None:
    day, holder = START.date() + timedelta(days=next(days)), str(os.getpid())
    posting = await store.reports.claim_report(GUILD, day, holder, START, LEASE)
    assert posting
    say(f"claimed {posting.id}")
    for _ in range(3):
        ids = tuple(chance.sample(range(1, 1000), 50))
        topic = Topic(1, TopicKind.NO_ENTRY, ids, ids[0], None, None, 1, 0, 0)
        say(BEGIN)
        kept = await store.reports.keep_report(
            posting.id, holder, Report(GUILD, day, START, START, 50, 0, 1, (), (topic, replace(topic, number=2)))
        )
        assert kept
        say(f"built {posting.id}")
    assert await store.reports.finish_report(posting.id, holder, 5, 6)
    say(f"posted {posting.id}")
    assert await store.reports.note_done(posting.id, 1, Done(Deed.IGNORED, 7, START, None))
    say(f"done {posting.id}")


if __name__ == "__main__":
    work_when_told(work)

"""Whenever the processes are killed, what they said they kept is kept, and nothing is kept by halves."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.core.edits import Change, ChangeKind
from bot.core.entries import overlay
from bot.services import Proposal
from bot.stores import SqliteStore, open_sqlite
from tests.fakes.clock import FrozenClock
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, GUILD, Process, replay
from tests.stores.edit_forever import FILES, OTHER_GUILD, name_change
from tests.stores.killing import BEGIN, Working

ROUNDS = 6
"""How often the processes are killed; those that come next go on with what is there."""


@pytest.fixture(scope="module")
def editing() -> Iterator[tuple[Working, Working]]:
    pair = Working("tests.stores.edit_forever"), Working("tests.stores.edit_forever")
    yield pair
    for one in pair:
        one.close()


def edit_until_killed(path: Path, chance: random.Random, processes: Sequence[Working]) -> dict[int, str]:
    """Let processes edit, kill them at a moment that nobody can foresee, return the changes that they had kept."""
    for process in processes:
        process.start(path, chance.randrange(1000))
    kept = [line for process in processes for line in process.read_some(chance.randrange(60))]
    # A moment more or less: into the writing, or past it.
    for _ in range(chance.randrange(60_000)):
        pass
    for process in processes:
        process.kill()
    kept += [line for process in processes for line in process.read_rest()]
    told = [line.split() for line in kept if line != BEGIN]
    return {int(number): name for number, name in told}


async def read_history(store: SqliteStore, guild_id: int) -> list[Change]:
    return (await store.ledger.read_changes(guild_id, limit=100_000))[::-1]


def name_kept(change: Change) -> str:
    return name_change(
        Proposal(change.guild_id, change.kind, change.edits, change.settings, change.undoes, change.note)
    )


@pytest.mark.parametrize(("seed", "count"), [(1, 1), (2, 2), (3, 2)])
async def test_whenever_processes_are_killed_the_database_is_whole_and_has_what_they_kept(
    editing: tuple[Working, Working], tmp_path: Path, seed: int, count: int
) -> None:
    path, chance = tmp_path / "faq.db", random.Random(seed)  # noqa: S311 - nothing to keep secret
    told: dict[int, str] = {}
    for turn in range(1, ROUNDS + 1):
        told |= edit_until_killed(path, chance, editing[:count])
        async with open_sqlite(path) as store:
            assert await store.find_damage() == []
            histories = {guild_id: await read_history(store, guild_id) for guild_id in (GUILD, OTHER_GUILD)}
            changes = sorted((one for own in histories.values() for one in own), key=lambda one: one.id)
            # Numbers without gaps: what was not kept left no trace.
            assert [one.id for one in changes] == list(range(1, len(changes) + 1))
            assert {number: name_kept(changes[number - 1]) for number in told} == told
            untold = [one for one in changes if one.id not in told and one.kind is not ChangeKind.RELOAD]
            assert len(untold) <= turn * count
            await check_served(store, histories)
    assert told


async def check_served(store: SqliteStore, histories: dict[int, list[Change]]) -> None:
    """Make sure that the histories come to what the servers have, and that a process that starts now serves it."""
    ownings = await store.ledger.read_ownings()
    process = Process(ListSource(*FILES[0]), store.ledger, store, FrozenClock())
    await process.knowledge.reload()
    for guild_id, history in histories.items():
        entries, values = replay(history)
        assert ownings.entries.get(guild_id, {}) == entries
        assert ownings.settings.get(guild_id, {}) == values
        listing = overlay(FILES[0], ownings.entries.get(guild_id, {}))
        assert process.knowledge.current.listing_of(guild_id) == listing
    assert process.knowledge.current.settings == ownings.settings
    # And it goes on from there.
    await process.editor.reload(GUILD, ADMIN)
    assert await process.knowledge.follow() is None

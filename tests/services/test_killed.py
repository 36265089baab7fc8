"""A process that is killed while it edits loses nothing that it had told, and leaves nothing half done."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.core.entries import overlay, usable
from bot.services import Knowledge
from bot.stores import open_sqlite
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.services.edit_forever import FILED, GUILD

if TYPE_CHECKING:
    from bot.core.types import Entry

ROOT = Path(__file__).parents[2]


def edit_and_kill(path: Path, seed: int) -> int:
    """Let a process edit, kill it somewhere in its work, and return the last change that it told of."""
    command = [sys.executable, "-m", "tests.services.edit_forever", str(path), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        # The line says that a change is kept; what the process does while we wake up is anybody's guess.
        lines = [process.stdout.readline() for _ in range(1 + 17 * seed % 60)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        assert process.wait() == -signal.SIGKILL
    return int([line for line in lines if line.endswith("\n")][-1])


@pytest.mark.parametrize("seed", range(4))
async def test_database_and_index_agree_after_a_kill(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "edited.db"
    # Twice: the second process begins where the first was killed.
    for round_ in range(2):
        told = await asyncio.to_thread(edit_and_kill, path, 10 * seed + round_)
        async with open_sqlite(path) as store:
            assert await store.find_damage() == []
            ownings = await store.ledger.read_ownings()
            own = ownings.entries.get(GUILD, {})
            changes = await store.ledger.read_changes(GUILD, limit=10_000)
            assert changes[0].id == ownings.version.changes >= told
            replayed: dict[str, Entry] = {}
            for change in reversed(changes):
                for edit in change.edits:
                    assert replayed.get(edit.entry_id) == edit.before
                    replayed.pop(edit.entry_id, None)
                    replayed |= {edit.entry_id: edit.after} if edit.after else {}
            assert replayed == own
            knowledge = Knowledge(ListSource(*FILED), HashEmbedder(), store, FrozenClock(), ledger=store.ledger)
            await knowledge.reload()
            assert knowledge.current.faq_of(GUILD).entries == usable(overlay(FILED, own))

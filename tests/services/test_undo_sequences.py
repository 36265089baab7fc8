"""However changes are taken back and made again, the newest that is in force can be taken back, down to none."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.edits import ChangeKind, Edit
from bot.core.errors import EditRefusedError
from bot.core.types import Entry
from bot.services import Editor, Knowledge, Proposal, ReloadResult
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.ledger import MemoryLedger
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.processes import ADMIN, GUILD, replay

SERVED = ReloadResult(0, 0, 0, 0, 0, (), 0.0)
# Few, so that what was there once is soon there again.
VERSIONS = (None, Entry("a", "What is a?", "x"), Entry("a", "What is a?", "y"))
steps = st.lists(
    st.tuples(st.sampled_from(("put", "undo", "undo", "undo one", "undo one")), st.integers(0, 6)),
    min_size=4,
    max_size=30,
)


class Unserved(Knowledge):
    """Puts nothing into service, which takes the most time."""

    async def refresh(self) -> ReloadResult:
        return SERVED


async def propose(editor: Editor, ledger: MemoryLedger, step: str, number: int) -> Proposal:
    if step == "put":
        entry = VERSIONS[number % len(VERSIONS)]
        before = ledger.entries.get(GUILD, {}).get("a")
        edits = (Edit("a", before, entry),) if before != entry else ()
        return Proposal(GUILD, ChangeKind.EDIT, edits)
    chosen = max(1, len(ledger.changes) - number) if step == "undo one" else None
    return (await editor.propose_undo(GUILD, chosen))[0]


async def check(drawn: list[tuple[str, int]]) -> None:
    ledger, clock = MemoryLedger(), FrozenClock()
    knowledge = Unserved(ListSource(), HashEmbedder(), MemoryStore(), clock, ledger=ledger)
    editor = Editor(knowledge, ledger, clock)
    for step in drawn:
        try:
            proposal = await propose(editor, ledger, *step)
            await editor.save(proposal, ADMIN)
        except EditRefusedError:
            continue
    while True:
        try:
            proposal, _ = await editor.propose_undo(GUILD)
        except EditRefusedError as error:
            assert str(error) == "There is nothing to take back."  # noqa: PT017 - any other is a dead end
            break
        await editor.save(proposal, ADMIN)
    assert not ledger.entries.get(GUILD)
    assert replay(ledger.changes) == ({}, {})


@given(steps)
@settings(max_examples=300, deadline=None)
def test_undoing_everything_newest_first_leads_to_the_beginning(drawn: list[tuple[str, int]]) -> None:
    asyncio.run(check(drawn))


@pytest.mark.parametrize(
    "drawn",
    [
        [("put", 1), ("put", 2), ("undo", 0), ("undo one", 0), ("undo one", 2)],
        [("put", 1), ("undo", 0), ("undo one", 0), ("undo", 0), ("undo one", 0), ("undo one", 2), ("undo one", 4)],
    ],
)
def test_undoing_leads_to_the_beginning_after_undos_of_undos_of_undos(drawn: list[tuple[str, int]]) -> None:
    asyncio.run(check(drawn))

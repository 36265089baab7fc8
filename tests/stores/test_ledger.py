"""What every Ledger must do."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.edits import Change, ChangeKind, Draft, Edit, Ownings, SettingEdit, Version
from bot.core.entries import from_plain, to_plain
from bot.core.errors import EditConflictError, EditRefusedError, StoreUnavailableError
from bot.core.ports import Ledger
from bot.core.speech import verbatim
from bot.core.types import Entry, Link
from bot.stores import open_sqlite
from tests.fakes.ledger import MemoryLedger
from tests.stores.records import run_sql

START = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)
CARD = Entry("card", "How do I get a card?", "Like “this” 🎉", ("card?",), ("a",), (Link("x", "https://x"),), ("fee",))
FEE = Entry("fee", "Is there a fee?", "No.", enabled=False)


@pytest.fixture(params=["sqlite", "fake"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Ledger]:
    if request.param == "fake":
        yield MemoryLedger()
        return
    async with open_sqlite(tmp_path / "ledger.db") as store:
        yield store.ledger


def change(*edits: Edit, kind: ChangeKind = ChangeKind.EDIT, guild_id: int = 1) -> Change:
    return Change(guild_id, kind, by=7, at=START, edits=edits, note="a note")


async def test_an_empty_ledger_is_at_the_beginning(ledger: Ledger) -> None:
    assert await ledger.read_version() == Version(0, 0)
    assert await ledger.read_ownings() == Ownings()
    assert await ledger.read_changes(1, limit=5) == []
    assert await ledger.read_change(1, 1) is None
    assert await ledger.read_draft(1) is None


async def test_a_change_is_kept_with_what_it_leads_to(ledger: Ledger) -> None:
    first = change(Edit("card", None, CARD), Edit("fee", None, FEE), kind=ChangeKind.ADD)
    first = replace(first, settings=(SettingEdit("watch", None, [5, 6]), SettingEdit("overhear", None, after=False)))
    assert await ledger.add_change(first) == 1
    ownings = await ledger.read_ownings()
    assert ownings.version == Version(1, 0)
    assert ownings.entries == {1: {"card": CARD, "fee": FEE}}
    assert list(ownings.entries[1]) == ["card", "fee"]
    assert ownings.settings == {1: {"watch": [5, 6], "overhear": False}}
    assert await ledger.read_change(1, 1) == replace(first, id=1)
    newer = replace(CARD, answer="Otherwise")
    second = replace(change(Edit("card", CARD, newer)), settings=(SettingEdit("watch", [5, 6], None),))
    assert await ledger.add_change(second) == 2
    ownings = await ledger.read_ownings()
    # An entry keeps its place among the others.
    assert list(ownings.entries[1].values()) == [newer, FEE]
    assert ownings.settings == {1: {"overhear": False}}
    assert await ledger.read_changes(1, limit=5) == [replace(second, id=2), replace(first, id=1)]


async def test_removed_entries_are_gone_and_their_history_is_not(ledger: Ledger) -> None:
    await ledger.add_change(change(Edit("card", None, CARD)))
    await ledger.add_change(change(Edit("card", CARD, None), kind=ChangeKind.REMOVE))
    assert (await ledger.read_ownings()).entries.get(1, {}) == {}
    assert [one.edits[0].before for one in await ledger.read_changes(1, limit=9)] == [CARD, None]


@pytest.mark.parametrize("before", [None, FEE])
async def test_who_comes_second_changes_nothing(ledger: Ledger, before: Entry | None) -> None:
    await ledger.add_change(change(Edit("card", None, CARD)))
    late = change(Edit("fee", None, FEE), Edit("card", before, replace(CARD, answer="Late")))
    with pytest.raises(EditConflictError, match="card"):
        await ledger.add_change(late)
    ownings = await ledger.read_ownings()
    assert ownings.entries == {1: {"card": CARD}}
    assert ownings.version == Version(1, 0)
    with pytest.raises(EditConflictError, match="watch"):
        await ledger.add_change(replace(change(), settings=(SettingEdit("watch", [1], [2]),)))


async def test_a_change_is_checked_against_what_the_server_has_at_that_moment(ledger: Ledger) -> None:
    seen = list[Mapping[str, Entry]]()

    def refuse(own: Mapping[str, Entry]) -> None:
        seen.append(own)
        raise EditRefusedError(verbatim("no"))

    await ledger.add_change(change(Edit("fee", None, FEE)), seen.append)
    await ledger.add_change(change(Edit("card", None, CARD)), seen.append)
    await ledger.add_change(replace(change(), settings=(SettingEdit("overhear", None, after=False),)))
    with pytest.raises(EditRefusedError, match="no"):
        await ledger.add_change(change(Edit("fee", FEE, None)), refuse)
    await ledger.add_change(change(Edit("card", None, FEE), guild_id=2), seen.append)
    assert seen == [{}, {"fee": FEE}, {"fee": FEE, "card": CARD}, {}]
    assert list(seen[2]) == ["fee", "card"]
    ownings = await ledger.read_ownings()
    assert ownings.entries[1] == {"fee": FEE, "card": CARD}
    assert ownings.version == Version(4, 0)


async def test_servers_do_not_touch_each_other(ledger: Ledger) -> None:
    await ledger.add_change(change(Edit("card", None, CARD)))
    await ledger.add_change(change(Edit("card", None, FEE), guild_id=2))
    assert (await ledger.read_ownings()).entries == {1: {"card": CARD}, 2: {"card": FEE}}
    assert await ledger.read_change(2, 1) is None
    assert [one.id for one in await ledger.read_changes(2, limit=9)] == [2]


async def test_history_is_read_in_pages_and_by_entry(ledger: Ledger) -> None:
    for number in range(5):
        entry_id = f"e{number % 2}"
        await ledger.add_change(change(Edit(entry_id, None, replace(CARD, id=entry_id)), guild_id=number + 10))
        await ledger.add_change(change(kind=ChangeKind.RELOAD))
    assert [one.id for one in await ledger.read_changes(1, limit=2)] == [10, 8]
    assert [one.id for one in await ledger.read_changes(1, before=8, limit=9)] == [6, 4, 2]
    assert [one.id for one in await ledger.read_changes(11, entry_id="e1", limit=9)] == [3]
    assert await ledger.read_changes(11, entry_id="e0", limit=9) == []
    assert await ledger.read_version() == Version(10, 10)


async def test_an_undo_names_what_it_takes_back(ledger: Ledger) -> None:
    await ledger.add_change(change(Edit("card", None, CARD)))
    undo = replace(change(Edit("card", CARD, None), kind=ChangeKind.UNDO), undoes=1)
    await ledger.add_change(undo)
    assert await ledger.read_change(1, 2) == replace(undo, id=2)


async def test_drafts_are_kept_until_they_are_dropped(ledger: Ledger) -> None:
    number = await ledger.keep_draft(Draft(1, 7, START, {"answer": "typed “so far”", "lines": ["a", None]}))
    other = await ledger.keep_draft(Draft(1, 8, START + timedelta(hours=1), {}))
    assert number != other
    draft = await ledger.read_draft(number)
    assert draft
    assert draft == Draft(1, 7, START, {"answer": "typed “so far”", "lines": ["a", None]}, number)
    later = replace(draft, at=START + timedelta(minutes=5), content={"answer": "more"})
    assert await ledger.keep_draft(later) == number
    assert await ledger.read_draft(number) == later
    assert await ledger.drop_drafts(before=START + timedelta(minutes=5)) == 0
    assert await ledger.drop_drafts(before=START + timedelta(minutes=6)) == 1
    assert await ledger.read_draft(number) is None
    assert await ledger.drop_drafts(draft_id=other) == 1
    assert await ledger.drop_drafts(draft_id=other) == 0


texts = st.text(max_size=20)
entries = st.builds(
    Entry,
    id=texts,
    question=texts,
    answer=texts,
    alternates=st.lists(texts, max_size=3).map(tuple),
    tags=st.lists(texts, max_size=3).map(tuple),
    links=st.lists(st.builds(Link, texts, texts), max_size=2).map(tuple),
    follow_ups=st.lists(texts, max_size=2).map(tuple),
    enabled=st.booleans(),
)


@given(entries)
def test_plain_entries_come_back_whole(entry: Entry) -> None:
    assert from_plain(to_plain(entry)) == entry


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | entries), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
async def test_what_is_owned_is_what_the_changes_come_to(steps: list[tuple[int, Entry | None]]) -> None:
    own: dict[str, Entry] = {}
    async with open_sqlite(":memory:") as store:
        for number, drawn in steps:
            name = f"e{number}"
            after = drawn and replace(drawn, id=name)
            await store.ledger.add_change(change(Edit(name, own.get(name), after)))
            own.pop(name, None)
            own |= {name: after} if after else {}
            assert (await store.ledger.read_ownings()).entries.get(1, {}) == own
        changes = await store.ledger.read_changes(1, limit=99)
    for one in changes:
        edit = one.edits[0]
        own.pop(edit.entry_id, None)
        own |= {edit.entry_id: edit.before} if edit.before else {}
    assert own == {}


async def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    async with open_sqlite(path) as store:
        await store.ledger.add_change(change(Edit("card", None, CARD)))
    run_sql(path, "UPDATE ownings SET value = '{}'")
    async with open_sqlite(path) as store:
        with pytest.raises(StoreUnavailableError, match="damaged"):
            await store.ledger.read_ownings()

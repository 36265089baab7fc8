import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.edits import ChangeKind, SettingEdit
from bot.core.entries import Origin
from bot.core.errors import (
    EditConflictError,
    EditRefusedError,
    EmbedderUnavailableError,
    FaqInvalidError,
    FaqtotumError,
    Problem,
    StoreUnavailableError,
)
from bot.core.soundness import find_reasons, merged
from bot.core.speech import verbatim
from bot.core.types import Entry
from bot.services import Proposal
from bot.stores import open_sqlite
from tests.fakes.ledger import MemoryLedger
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, CARD, COST, GUILD, PETS, Place, Process

NEW = Entry("new", "Is there a new one?", "Yes.")


async def begin(*filed: Entry) -> tuple[Process, Place]:
    place = Place(ListSource(*(filed or (CARD, COST, PETS))))
    return await place.start(), place


async def test_an_added_entry_answers_this_server_alone() -> None:
    here, place = await begin()
    place.clock.advance(5)
    assert await here.put(NEW) == 1
    assert here.answers() == ["card", "cost", "pets", "new"]
    assert here.answers(2) == here.answers(None) == ["card", "cost", "pets"]
    (change,) = await place.history()
    assert (change.kind, change.by, change.at) == (ChangeKind.ADD, ADMIN, place.clock.now())
    assert [(edit.before, edit.after) for edit in change.edits] == [(None, NEW)]
    assert await place.history(2) == []


async def test_an_entry_of_the_files_is_overridden_and_comes_back_when_the_override_is_removed() -> None:
    here, place = await begin()
    await here.put(replace(CARD, answer="Otherwise."))
    assert here.origin("card") is Origin.OVERRIDE
    assert here.answers() == ["card", "cost", "pets"]
    assert here.knowledge.current.faq_of(2).find("card") == CARD
    await here.remove("card")
    assert (here.see("card"), here.origin("card")) == (CARD, Origin.FILE)
    assert [change.kind for change in await place.history()] == [ChangeKind.EDIT, ChangeKind.REMOVE]


async def test_an_override_that_says_what_the_file_says_is_none() -> None:
    here, place = await begin()
    await here.put(replace(CARD, answer="Otherwise."))
    await here.put(CARD)
    assert here.origin("card") is Origin.FILE
    place.source.scopes[None] = [replace(CARD, answer="From the file."), COST, PETS]
    await here.knowledge.reload()
    assert here.see("card") == replace(CARD, answer="From the file.")


async def test_switching_an_entry_of_the_files_off_and_on_leaves_nothing_of_the_servers_own() -> None:
    here, place = await begin()
    await here.switch("card", enabled=False)
    assert here.answers() == ["cost", "pets"]
    assert here.see("card") == replace(CARD, enabled=False)
    # What refers to it does so no longer, where it is searched.
    assert here.knowledge.current.faq_of(GUILD).find("cost") == replace(COST, follow_ups=())
    await here.switch("card", enabled=True)
    assert (await place.ledger.read_ownings()).entries == {}
    assert here.origin("card") is Origin.FILE
    assert [change.kind for change in await place.history()] == [ChangeKind.DISABLE, ChangeKind.ENABLE]


@pytest.mark.parametrize("enabled", [True, False])
async def test_what_is_switched_already_is_refused(*, enabled: bool) -> None:
    here, _ = await begin(replace(CARD, enabled=enabled))
    with pytest.raises(EditRefusedError, match=f"{'enabled' if enabled else 'disabled'} already"):
        await here.switch("card", enabled=enabled)


async def test_what_is_not_there_cannot_be_touched() -> None:
    here, _ = await begin()
    with pytest.raises(EditRefusedError, match="no entry “gone”"):
        await here.switch("gone", enabled=True)
    with pytest.raises(EditRefusedError, match="no entry “gone”"):
        await here.remove("gone")
    with pytest.raises(EditRefusedError, match="no entry “gone”"):
        here.editor.find(GUILD, "gone")
    assert here.editor.find(GUILD, "card").entry is CARD


async def test_an_entry_of_the_files_cannot_be_removed() -> None:
    here, _ = await begin()
    with pytest.raises(EditRefusedError, match="stands in a file"):
        await here.remove("card")


async def test_what_changes_nothing_is_not_kept() -> None:
    here, place = await begin()
    await here.put(NEW)
    for entry in (CARD, NEW):
        proposal = await here.editor.propose(GUILD, entry, seen=entry, kind=ChangeKind.EDIT)
        assert proposal.edits == ()
        with pytest.raises(EditRefusedError, match="change nothing"):
            await here.save(proposal)
    with pytest.raises(EditRefusedError, match="change nothing"):
        await here.bring_in([])
    assert len(await place.history()) == 1


async def test_an_import_adds_and_replaces_and_is_one_change() -> None:
    here, place = await begin()
    await here.put(NEW)
    await here.bring_in([replace(NEW, answer="2"), replace(CARD, answer="2"), COST, Entry("more", "More?", "2")])
    assert here.answers() == ["card", "cost", "pets", "new", "more"]
    assert [here.origin(name) for name in ("card", "cost")] == [Origin.OVERRIDE, Origin.FILE]
    last = (await place.history())[-1]
    assert (last.kind, last.note) == (ChangeKind.IMPORT, "faq.csv")
    assert [edit.entry_id for edit in last.edits] == ["new", "card", "more"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (replace(NEW, alternates=("IS there  a new one",)), "“IS there  a new one” is there twice"),
        (replace(NEW, question="Are **pets** allowed"), "belongs to “pets” already"),
        (replace(NEW, follow_ups=("card", "gone")), "follow-up “gone” is no other entry's id"),
        (replace(NEW, follow_ups=("new",)), "follow-up “new” is no other entry's id"),
    ],
)
async def test_what_would_not_be_sound_is_refused(entry: Entry, reason: str) -> None:
    here, place = await begin()
    with pytest.raises(EditRefusedError, match=reason):
        await here.put(entry)
    assert await place.history() == []


async def test_all_reasons_come_at_once_and_name_the_changed_entry() -> None:
    here, _ = await begin()
    bad = [replace(CARD, id="a", follow_ups=("x",)), Entry("b", "I LOST my card!", "x", ("b?", "b"))]
    with pytest.raises(EditRefusedError) as refused:
        await here.bring_in(bad)
    told = [str(reason) for reason in refused.value.reasons]
    assert len(told) == 5
    assert sum("belongs to “card” already" in one for one in told) == 3


async def test_an_import_may_not_collide_within_itself() -> None:
    here, _ = await begin()
    with pytest.raises(EditRefusedError, match="belongs to “a” already"):
        await here.bring_in([Entry("a", "Same?", "x"), Entry("b", "same", "x")])


async def test_a_disabled_entry_may_say_what_another_says_until_it_is_enabled() -> None:
    here, _ = await begin()
    await here.put(replace(PETS, id="mine", enabled=False))
    with pytest.raises(EditRefusedError, match="belongs to “pets” already"):
        await here.switch("mine", enabled=True)
    await here.switch("pets", enabled=False)
    await here.switch("mine", enabled=True)
    assert here.answers() == ["card", "cost", "mine"]
    with pytest.raises(EditRefusedError, match="belongs to “mine” already"):
        await here.switch("pets", enabled=True)
    with pytest.raises(EditRefusedError, match="belongs to “mine” already"):
        await here.remove("pets")


async def test_what_is_wrong_elsewhere_stands_in_nobodys_way() -> None:
    here, _ = await begin(replace(CARD, alternates=("Twice?", "twice"), follow_ups=("gone",)), PETS)
    await here.put(NEW)
    assert here.answers() == ["card", "pets", "new"]


async def test_an_entry_that_refers_to_a_removed_one_can_still_be_disabled() -> None:
    here, _ = await begin()
    await here.put(NEW)
    await here.put(Entry("more", "Is there more?", "Yes.", follow_ups=("new",)))
    await here.remove("new")
    await here.switch("more", enabled=False)
    await here.switch("more", enabled=True)
    assert here.knowledge.current.faq_of(GUILD).find("more") == Entry("more", "Is there more?", "Yes.")


async def test_an_entry_that_refers_to_a_removed_one_can_still_be_changed_in_everything_else() -> None:
    here, _ = await begin()
    await here.put(NEW)
    await here.put(more := Entry("more", "Is there more?", "Yes.", follow_ups=("new",)))
    await here.remove("new")
    # Forms have no field for follow-ups: nobody could leave it out.
    await here.put(more := replace(more, alternates=("And more?",)))
    assert here.see("more") == more
    for follow_ups in (("new", "gone"), ("new", "more")):
        with pytest.raises(EditRefusedError, match=f"“{follow_ups[1]}” is no other entry's id"):
            await here.put(replace(more, follow_ups=follow_ups))
    await here.save(await here.editor.propose_merge(GUILD, "more", "pets"))
    assert here.knowledge.current.faq_of(GUILD).find("more") == replace(
        more, alternates=("And more?", *PETS.phrasings), follow_ups=()
    )


async def test_of_two_who_edit_the_same_entry_the_second_is_told() -> None:
    here, place = await begin()
    slow = await here.editor.propose(GUILD, replace(CARD, answer="Slow"), seen=CARD, kind=ChangeKind.EDIT)
    await here.put(replace(CARD, answer="Fast"))
    with pytest.raises(EditConflictError, match="“card” was changed meanwhile"):
        await here.save(slow)
    with pytest.raises(EditConflictError):
        await here.editor.propose(GUILD, replace(CARD, answer="Slow"), seen=CARD, kind=ChangeKind.EDIT)
    assert here.see("card") == replace(CARD, answer="Fast")
    assert len(await place.history()) == 1


async def test_of_two_who_add_the_same_id_the_second_is_told() -> None:
    here, _ = await begin()
    await here.put(NEW)
    with pytest.raises(EditConflictError):
        await here.editor.propose(GUILD, replace(NEW, question="Another?"), seen=None, kind=ChangeKind.ADD)


async def test_who_edits_what_was_removed_meanwhile_is_told() -> None:
    here, _ = await begin()
    await here.put(NEW)
    await here.remove("new")
    with pytest.raises(EditConflictError):
        await here.editor.propose(GUILD, replace(NEW, answer="x"), seen=NEW, kind=ChangeKind.EDIT)


async def test_what_another_process_changed_counts_before_it_is_followed() -> None:
    here, place = await begin()
    there = await place.start()
    newer = replace(CARD, answer="There")
    await there.put(newer)
    assert here.see("card") == CARD
    with pytest.raises(EditConflictError):
        await here.editor.propose(GUILD, replace(CARD, answer="Here"), seen=CARD, kind=ChangeKind.EDIT)
    await here.switch("card", enabled=False)
    assert here.see("card") == replace(newer, enabled=False)
    await there.remove("card")
    with pytest.raises(EditRefusedError, match="stands in a file"):
        await here.remove("card")


async def test_a_phrasing_that_was_taken_while_the_preview_was_read_is_refused() -> None:
    here, place = await begin()
    there = await place.start()
    proposal = await here.editor.propose(GUILD, NEW, seen=None, kind=ChangeKind.ADD)
    await there.put(replace(NEW, id="theirs"))
    with pytest.raises(EditRefusedError, match="belongs to “theirs” already"):
        await here.save(proposal)
    assert len(await place.history()) == 1


async def test_of_two_who_save_the_same_phrasing_at_once_one_is_refused(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "bot.db") as one, open_sqlite(tmp_path / "bot.db") as other:
        # Two in one process, and one in another.
        here, there = [await Place(ListSource(PETS), store.ledger).start() for store in (one, other)]
        editors = {"a": here.editor, "b": here.editor, "c": there.editor}
        proposals = [
            await editor.propose(GUILD, replace(NEW, id=name), seen=None, kind=ChangeKind.ADD)
            for name, editor in editors.items()
        ]
        saving = (editor.save(proposal, ADMIN) for editor, proposal in zip(editors.values(), proposals, strict=True))
        results = await asyncio.gather(*saving, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["EditRefusedError", "EditRefusedError", "Saved"]
        assert len((await one.ledger.read_ownings()).entries[GUILD]) == 1


@pytest.mark.parametrize("place_of_failure", ["embedder", "store"])
async def test_a_change_that_cannot_be_served_yet_is_kept_and_says_why(
    place_of_failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    here, place = await begin()
    errors: dict[str, FaqtotumError] = {
        "embedder": EmbedderUnavailableError("no model"),
        "store": StoreUnavailableError("no room"),
    }
    broken = {"embedder": here.embedder, "store": place.store}[place_of_failure]
    broken.error = errors[place_of_failure]
    with caplog.at_level(logging.ERROR):
        saved = await here.editor.save(await here.editor.propose(GUILD, NEW, seen=None, kind=ChangeKind.ADD), ADMIN)
    assert (saved.change_id, saved.failure) == (1, str(errors[place_of_failure]))
    assert caplog.records[0].exc_info
    assert here.see("new") is None
    broken.error = None
    assert await here.knowledge.follow()
    assert here.see("new") == NEW
    assert await here.knowledge.follow() is None


async def test_a_change_that_cannot_be_kept_changes_nothing() -> None:
    ledger = MemoryLedger()
    place = Place(ListSource(CARD), ledger)
    here = await place.start()
    proposal = await here.editor.propose(GUILD, NEW, seen=None, kind=ChangeKind.ADD)
    ledger.error = StoreUnavailableError("no")
    with pytest.raises(StoreUnavailableError):
        await here.editor.save(proposal, ADMIN)
    ledger.error = None
    assert await here.knowledge.follow() is None
    assert here.see("new") is None


async def test_entries_can_be_edited_while_the_files_have_problems() -> None:
    here, place = await begin()
    place.source.error = FaqInvalidError([Problem("a.yaml", 1, verbatim("no"))])
    await here.put(NEW)
    await here.put(replace(CARD, answer="x"))
    assert here.answers() == ["card", "cost", "pets", "new"]


async def test_an_override_stays_when_its_entry_leaves_the_files() -> None:
    here, place = await begin()
    await here.put(replace(CARD, answer="Mine"))
    place.source.scopes[None] = [PETS]
    await here.editor.reload(GUILD, ADMIN)
    assert here.origin("card") is Origin.OWN
    assert here.answers() == ["pets", "card"]
    await here.remove("card")
    assert here.see("card") is None


async def test_a_reload_is_noted_with_what_it_did() -> None:
    here, place = await begin()
    place.source.scopes[None] = [replace(CARD, answer="x"), COST, NEW]
    result = await here.editor.reload(GUILD, ADMIN)
    assert (result.added, result.changed, result.removed, result.unchanged) == (1, 1, 1, 1)
    (change,) = await place.history()
    assert (change.kind, change.by, change.note) == (ChangeKind.RELOAD, ADMIN, "+1 ~1 -1 =1")
    place.source.error = FaqInvalidError([Problem("a.yaml", 1, verbatim("no"))])
    with pytest.raises(FaqInvalidError):
        await here.editor.reload(GUILD, ADMIN)
    assert len(await place.history()) == 1


async def test_settings_need_no_sound_entries() -> None:
    here, place = await begin(replace(CARD, alternates=("Twice?", "twice")))
    await here.save(Proposal(GUILD, ChangeKind.SETTINGS, (), (SettingEdit("language", None, "de"),)))
    assert (await place.ledger.read_ownings()).settings == {GUILD: {"language": "de"}}


def test_merging_sets_and_removes() -> None:
    assert merged({"card": CARD, "cost": COST}, {"card": None, "pets": PETS, "x": None}) == {"cost": COST, "pets": PETS}


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        ([Entry("a", "", "x", ("",))], 1),
        ([Entry("a", "?!", "x"), Entry("b", "?", "x")], 0),
        ([Entry("a", "?!", "x"), Entry("b", "?!", "x")], 1),
        ([Entry("a", "x", "x"), Entry("b", "x", "x", enabled=False)], 0),
    ],
)
def test_phrasings_of_nothing_but_marks_are_compared_as_they_stand(entries: Sequence[Entry], count: int) -> None:
    assert len(list(find_reasons(entries, [entry.id for entry in entries]))) == count


async def merge(here: Process, into: str, other: str) -> None:
    await here.editor.save(await here.editor.propose_merge(GUILD, into, other), ADMIN)


async def test_merging_gives_one_entry_the_phrasings_of_both_and_can_be_taken_back() -> None:
    here, place = await begin()
    await merge(here, "card", "cost")
    assert here.answers() == ["card", "pets"]
    assert here.editor.find(GUILD, "card").entry == replace(CARD, alternates=(*CARD.alternates, *COST.phrasings))
    assert here.see("cost") == replace(COST, enabled=False)
    [change] = await place.history()
    assert len(change.edits) == 2
    await here.undo()
    assert (here.see("card"), here.see("cost")) == (CARD, COST)
    assert (await place.ledger.read_ownings()).entries == {}


async def test_merging_keeps_no_phrasing_twice() -> None:
    twin = replace(COST, alternates=(*COST.alternates, "???", "LOST my card!"), enabled=True)
    here, _ = await begin(replace(CARD, alternates=("lost my card", "???")), replace(twin, enabled=False), PETS)
    await merge(here, "card", "cost")
    assert here.editor.find(GUILD, "card").entry.alternates == ("lost my card", "???", *COST.phrasings)


async def test_an_entry_cannot_be_merged_with_itself_or_with_none() -> None:
    here, place = await begin()
    with pytest.raises(EditRefusedError, match="with itself"):
        await merge(here, "card", "card")
    with pytest.raises(EditRefusedError, match="no entry “gone”"):
        await merge(here, "card", "gone")
    assert await place.history() == []


async def test_nothing_is_merged_into_an_entry_that_answers_nothing() -> None:
    here, _ = await begin()
    await merge(here, "card", "cost")
    # A report of another night may name the two the other way round.
    with pytest.raises(EditRefusedError, match="“cost” is disabled"):
        await merge(here, "cost", "card")
    assert here.answers() == ["card", "pets"]

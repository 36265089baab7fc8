from dataclasses import replace

import pytest

from bot.core.edits import Change, ChangeKind, Ownings
from bot.core.entries import Origin
from bot.core.errors import EditRefusedError
from bot.core.types import Entry
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, CARD, COST, DEFAULTS, GUILD, PETS, Place, Process, replay

NEW = Entry("new", "Is there a new one?", "Yes.")


async def begin(*filed: Entry) -> tuple[Process, Place]:
    place = Place(ListSource(*(filed or (CARD, COST, PETS))))
    return await place.start(), place


def answer(entry: Entry, text: str) -> Entry:
    return replace(entry, answer=text)


async def undo_all(here: Process) -> int:
    """Take back the newest change until nothing is left, return how many there were."""
    count = 0
    while True:
        try:
            await here.undo()
        except EditRefusedError as error:
            assert str(error) == "There is nothing to take back."  # noqa: PT017 - any other is a dead end
            return count
        count += 1


async def test_an_undo_names_what_it_takes_back() -> None:
    here, place = await begin()
    await here.put(NEW)
    proposal, change = await here.editor.propose_undo(GUILD)
    assert change == (await place.history())[0]
    await here.save(proposal)
    last = (await place.history())[-1]
    assert (last.kind, last.undoes) == (ChangeKind.UNDO, 1)
    assert here.see("new") is None


async def test_adding_editing_switching_removing_importing_and_setting_are_taken_back() -> None:
    here, place = await begin()
    await here.put(NEW)
    await here.put(answer(NEW, "2"))
    await here.put(answer(CARD, "2"))
    await here.switch("pets", enabled=False)
    await here.remove("new")
    await here.bring_in([answer(PETS, "3"), Entry("more", "More?", "x")])
    await here.set({"language": "de", "watch": [1, 2]})
    await here.set({"language": None})
    states = [replay((await place.history())[:count]) for count in range(9)]
    for count in reversed(range(8)):
        await here.undo()
        ownings = await place.ledger.read_ownings()
        assert (ownings.entries.get(GUILD, {}), ownings.settings.get(GUILD, {})) == states[count]
    assert here.answers() == ["card", "cost", "pets"]
    assert here.origin("card") is Origin.FILE
    assert await undo_all(here) == 0


async def test_taking_back_a_removal_brings_the_entry_back() -> None:
    here, _ = await begin()
    await here.put(NEW)
    await here.remove("new")
    await here.undo()
    assert here.see("new") == NEW


async def test_an_undo_is_taken_back_by_its_number() -> None:
    here, _ = await begin()
    await here.put(NEW)
    for _ in range(2):
        undone = await here.undo()
        assert here.see("new") is None
        await here.undo(undone)
        assert here.see("new") == NEW
    assert await undo_all(here) == 1
    assert here.see("new") is None


async def test_an_undo_of_an_undo_of_an_undo_takes_the_change_back_again() -> None:
    here, _ = await begin()
    await here.put(NEW)
    await here.undo(await here.undo(await here.undo()))
    assert here.see("new") is None
    assert await undo_all(here) == 0


async def test_changes_of_different_entries_are_taken_back_in_any_order() -> None:
    here, _ = await begin()
    first = await here.put(NEW)
    await here.put(answer(CARD, "2"))
    language = await here.set({"language": "de"})
    await here.set({"overhear": False})
    await here.undo(first)
    await here.undo(language)
    assert (here.see("new"), here.see("card")) == (None, answer(CARD, "2"))
    assert (here.settings.read(GUILD).language, here.settings.read(GUILD).overhear) == ("en", False)
    assert await undo_all(here) == 2


async def test_settings_and_entries_of_the_same_name_are_two_things() -> None:
    here, _ = await begin()
    entry = await here.put(replace(NEW, id="language"))
    await here.set({"language": "de"})
    await here.undo(entry)
    assert here.see("language") is None
    assert here.settings.read(GUILD).language == "de"


async def test_what_was_changed_again_since_is_taken_back_first() -> None:
    here, _ = await begin()
    first = await here.put(answer(CARD, "2"))
    await here.put(answer(CARD, "3"))
    setting = await here.set({"language": "de"})
    await here.set({"language": "fr"})
    with pytest.raises(EditRefusedError, match=r"#1 cannot .* “card” was changed again"):
        await here.undo(first)
    with pytest.raises(EditRefusedError, match=r"#3 cannot .* “language” was changed again"):
        await here.undo(setting)
    await here.undo(2)
    await here.undo(first)
    assert here.see("card") == CARD


async def test_an_import_of_which_one_entry_was_changed_again_is_not_taken_back_in_part() -> None:
    here, place = await begin()
    number = await here.bring_in([NEW, answer(CARD, "2")])
    await here.put(answer(CARD, "3"))
    with pytest.raises(EditRefusedError, match="“card” was changed again"):
        await here.undo(number)
    assert here.see("new") == NEW
    assert len(await place.history()) == 2


async def test_what_was_taken_back_is_not_taken_back_twice() -> None:
    here, _ = await begin()
    first = await here.put(NEW)
    undone = await here.undo()
    for number in (first, first):
        with pytest.raises(EditRefusedError, match="was changed again"):
            await here.undo(number)
    again = await here.undo(undone)
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(undone)
    await here.undo(first)
    # The change is back to where its first undo left it; to take that back once more would count it twice.
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(undone)
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(again)
    assert await undo_all(here) == 0
    assert here.see("new") is None


async def test_what_is_again_as_a_change_left_it_belongs_to_the_later_change() -> None:
    here, place = await begin()
    first = await here.switch("card", enabled=False)
    await here.switch("card", enabled=True)
    last = await here.switch("card", enabled=False)
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(first)
    await here.undo(last)
    assert here.see("card") == CARD
    assert await undo_all(here) == 2
    assert (await place.ledger.read_ownings()).entries == {}


async def test_settings_are_no_more_taken_back_twice_than_entries() -> None:
    here, _ = await begin()
    first = await here.set({"language": "de"})
    undone = await here.undo()
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(first)
    again = await here.undo(undone)
    await here.undo(again)
    # The third undo is in force, and the language is no longer what the second one made it.
    with pytest.raises(EditRefusedError, match="“language” was changed again"):
        await here.undo(again)
    for language in ("de", None, "de"):
        last = await here.set({"language": language})
    with pytest.raises(EditRefusedError, match="“language” was changed again"):
        await here.undo(last - 2)
    assert await undo_all(here) == 3


async def test_what_was_taken_back_stays_so_when_an_older_change_left_the_same() -> None:
    here, _ = await begin()
    for text in "23":
        await here.put(answer(CARD, text))
    last = await here.put(answer(CARD, "2"))
    await here.undo()
    await here.undo()
    assert here.see("card") == answer(CARD, "2")
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(last)
    assert await undo_all(here) == 1
    assert here.see("card") == CARD


@pytest.mark.parametrize("subject", ["card", "language"])
async def test_an_old_undo_is_not_taken_back_below_what_came_later(subject: str) -> None:
    here, _ = await begin()
    for back in (False, True, False, True):
        if subject == "card":
            await here.switch("card", enabled=back)
        else:
            await here.set({"language": None if back else "de"})
    fourth, third, second = [await here.undo() for _ in range(3)]
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(third)
    await here.undo(fourth)
    # Changes 1 and 4 are in force now; 3 stood between them.
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(third)
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(second)
    assert await undo_all(here) == 2
    assert (here.see("card"), here.settings.read(GUILD)) == (CARD, DEFAULTS)


async def test_of_those_that_took_a_change_back_and_forth_only_the_newest_is_taken_back() -> None:
    here, _ = await begin()
    first = await here.put(NEW)
    second = await here.undo()
    third = await here.undo(second)
    fourth = await here.undo(first)
    fifth = await here.undo(fourth)
    for number in (second, third, fourth):
        with pytest.raises(EditRefusedError, match="was changed again"):
            await here.undo(number)
    assert here.see("new") == NEW
    await here.undo(fifth)
    assert here.see("new") is None
    assert await undo_all(here) == 0


async def test_a_change_made_after_an_undo_is_the_newest() -> None:
    here, _ = await begin()
    await here.put(answer(CARD, "2"))
    await here.put(answer(CARD, "3"))
    await here.undo()
    await here.put(answer(CARD, "4"))
    await here.undo()
    assert here.see("card") == answer(CARD, "2")
    await here.undo()
    assert here.see("card") == CARD


@pytest.mark.parametrize("number", [None, 1, 99])
async def test_reloads_and_what_others_did_cannot_be_taken_back(number: int | None) -> None:
    here, place = await begin()
    await here.editor.reload(GUILD, ADMIN)
    await here.put(NEW, guild_id=2)
    message = "nothing to take back" if number is None else f"no change #{number} to take back"
    with pytest.raises(EditRefusedError, match=message):
        await here.undo(number)
    with pytest.raises(EditRefusedError, match="no change #2"):
        await here.undo(2)
    assert await place.ledger.read_ownings() != Ownings()


async def test_a_removed_entry_does_not_come_back_to_a_phrasing_that_is_taken() -> None:
    here, place = await begin()
    await here.put(NEW)
    await here.remove("new")
    place.source.scopes[None] = [CARD, COST, replace(NEW, id="filed")]
    await here.editor.reload(GUILD, ADMIN)
    with pytest.raises(EditRefusedError, match="belongs to “filed” already"):
        await here.undo()
    assert here.answers() == ["card", "cost", "filed"]


async def test_a_follow_up_that_was_removed_keeps_nobody_from_taking_back() -> None:
    here, _ = await begin()
    await here.put(NEW)
    more = Entry("more", "Is there more?", "Yes.", follow_ups=("new",))
    await here.put(more)
    await here.remove("new")
    await here.put(replace(more, follow_ups=()))
    await here.undo()
    assert here.see("more") == more
    assert await undo_all(here) == 3


async def test_the_newest_change_is_found_below_many_that_were_taken_back() -> None:
    here, place = await begin()
    first = await here.put(NEW)
    for _ in range(40):
        await place.ledger.add_change(Change(GUILD, ChangeKind.RELOAD, ADMIN, place.clock.now()))
        await here.set({"language": "de"})
        await here.undo()
    with pytest.raises(EditRefusedError, match="was changed again"):
        await here.undo(first + 2)
    await here.undo()
    assert here.see("new") is None
    assert await undo_all(here) == 0


async def test_what_another_process_changed_is_taken_back_too() -> None:
    here, place = await begin()
    there = await place.start()
    await there.put(NEW)
    await here.undo()
    assert here.see("new") is None
    assert await there.knowledge.follow()
    assert there.see("new") is None

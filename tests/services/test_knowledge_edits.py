"""The FAQ in memory with what was changed from within Discord, by this process and by others."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.core.edits import Change, ChangeKind, Ownings
from bot.core.entries import Origin
from bot.core.errors import EmbedderUnavailableError, FaqInvalidError, FaqtotumError, Problem, StoreUnavailableError
from bot.core.speech import verbatim
from bot.core.types import Entry, FaqScope
from bot.services import Knowledge
from bot.services.knowledge import EMBEDDINGS_KEPT
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.ledger import MemoryLedger
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore
from tests.services.faqs import BIG
from tests.services.processes import ADMIN, CARD, COST, GUILD, PETS, Place, Process

NEW = Entry("new", "Is there a new one?", "Yes.")
BROKEN = FaqInvalidError([Problem("a.yaml", 1, verbatim("no"))])


class CountingSource(ListSource):
    """Counts how often it was read; `meanwhile` happens while it is, once."""

    def __init__(self, *entries: Entry) -> None:
        super().__init__(*entries)
        self.reads = 0
        self.meanwhile: Change | None = None
        self.ledger = MemoryLedger()

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        self.reads += 1
        scopes = await super().read()
        if self.meanwhile:
            await self.ledger.add_change(self.meanwhile)
            self.meanwhile = None
        return scopes


async def begin(*filed: Entry) -> tuple[Process, Process, Place, CountingSource]:
    """Return two processes at one place."""
    source = CountingSource(*(filed or (CARD, COST, PETS)))
    place = Place(source, source.ledger)
    here, there = await place.start(), await place.start()
    source.reads = 0
    return here, there, place, source


async def test_another_process_follows_at_once() -> None:
    here, there, _, source = await begin()
    await here.put(NEW)
    await here.put(replace(CARD, answer="2"))
    await here.set({"language": "de"})
    assert there.answers() == ["card", "cost", "pets"]
    result = await there.knowledge.follow()
    assert result
    assert there.answers() == ["card", "cost", "pets", "new"]
    assert there.see("card") == replace(CARD, answer="2")
    assert there.settings.read(GUILD).language == "de"
    assert there.knowledge.current.listings == here.knowledge.current.listings
    # The files are not read for it, and who has followed, or did it himself, has nothing to follow.
    assert source.reads == 0
    assert await there.knowledge.follow() is None
    assert await here.knowledge.follow() is None


async def test_a_new_process_begins_with_what_is_in_the_ledger() -> None:
    here, _, place, _ = await begin()
    await here.put(NEW)
    late = await place.start()
    assert late.answers() == ["card", "cost", "pets", "new"]
    assert await late.knowledge.follow() is None


async def test_without_a_ledger_there_is_nothing_to_follow() -> None:
    knowledge = Knowledge(ListSource(CARD), HashEmbedder(), MemoryStore(), FrozenClock())
    await knowledge.reload()
    assert await knowledge.follow() is None
    assert await knowledge.reload_if_changed() is None


async def test_a_reload_elsewhere_is_followed_once_and_not_repeated_where_it_was_done() -> None:
    here, there, _, source = await begin()
    source.scopes[None] = [CARD, NEW]
    await here.editor.reload(GUILD, ADMIN)
    assert source.reads == 1
    assert await here.knowledge.follow() is None
    assert await there.knowledge.follow()
    assert there.answers() == ["card", "new"]
    assert source.reads == 2
    assert await there.knowledge.follow() is None


async def test_who_edits_before_he_has_followed_a_reload_follows_it_all_the_same() -> None:
    here, there, _, source = await begin()
    source.scopes[None] = [CARD, COST]
    await there.editor.reload(GUILD, ADMIN)
    await here.put(NEW)
    assert here.answers() == ["card", "cost", "pets", "new"]
    assert await here.knowledge.follow()
    assert here.answers() == ["card", "cost", "new"]


async def test_a_reload_that_comes_while_the_files_are_read_is_followed() -> None:
    here, _, place, source = await begin()
    source.meanwhile = Change(GUILD, ChangeKind.RELOAD, ADMIN, place.clock.now())
    await here.knowledge.reload()
    source.scopes[None] = [CARD]
    assert await here.knowledge.follow()
    assert here.answers() == ["card"]


@pytest.mark.parametrize("kind", [ChangeKind.RELOAD, ChangeKind.SETTINGS])
async def test_acknowledging_an_own_reload_skips_nothing_that_came_in_between(kind: ChangeKind) -> None:
    here, _, place, source = await begin()
    source.meanwhile = Change(GUILD, kind, ADMIN, place.clock.now())
    await here.editor.reload(GUILD, ADMIN)
    source.scopes[None] = [CARD]
    assert await here.knowledge.follow()
    assert here.answers() == ["card"]
    assert await here.knowledge.follow() is None


async def test_an_own_edit_between_a_reload_and_its_acknowledgement_hides_no_other_reload() -> None:
    here, there, place, source = await begin()
    await here.knowledge.reload()
    source.scopes[None] = [CARD]
    await there.editor.reload(GUILD, ADMIN)
    await here.put(NEW)
    own = await place.ledger.add_change(Change(GUILD, ChangeKind.RELOAD, ADMIN, place.clock.now()))
    here.knowledge.acknowledge(own)
    assert await here.knowledge.follow()
    assert here.answers() == ["card", "new"]


async def test_acknowledging_late_forgets_no_edit_that_is_served_already() -> None:
    here, _, place, source = await begin()
    await here.knowledge.reload()
    own = await place.ledger.add_change(Change(GUILD, ChangeKind.RELOAD, ADMIN, place.clock.now()))
    await here.put(NEW)
    source.reads = 0
    here.knowledge.acknowledge(own)
    assert await here.knowledge.follow() is None
    assert source.reads == 0


@pytest.mark.parametrize("part", ["embedder", "store", "ledger"])
async def test_what_could_not_be_followed_is_followed_next_time(part: str) -> None:
    here, there, place, source = await begin()
    await there.put(NEW)
    source.scopes[None] = [CARD, replace(PETS, alternates=("Dogs?",))]
    await there.editor.reload(GUILD, ADMIN)
    place.store.embeddings.clear()
    place.store.matrices.clear()
    before = here.knowledge.current
    parts = {"embedder": here.embedder, "store": place.store, "ledger": source.ledger}
    error: FaqtotumError = EmbedderUnavailableError("no") if part == "embedder" else StoreUnavailableError("no")
    parts[part].error = error
    for _ in range(2):
        with pytest.raises(type(error)):
            await here.knowledge.follow()
        assert here.knowledge.current is before
    parts[part].error = None
    assert await here.knowledge.follow()
    assert here.answers() == ["card", "pets", "new"]
    assert await here.knowledge.follow() is None


async def test_files_with_problems_stand_in_the_way_of_nobodys_edits() -> None:
    here, there, _, source = await begin()
    await there.editor.reload(GUILD, ADMIN)
    await there.put(NEW)
    source.scopes[None], source.error = [CARD], BROKEN
    with pytest.raises(FaqInvalidError):
        await here.knowledge.follow()
    assert here.answers() == ["card", "cost", "pets", "new"]
    # It is said once; edits go on.
    assert await here.knowledge.follow() is None
    await there.put(replace(NEW, answer="2"))
    assert await here.knowledge.follow()
    assert here.see("new") == replace(NEW, answer="2")


async def test_files_with_problems_are_read_again_when_they_change() -> None:
    here, _, _, source = await begin()
    source.scopes[None], source.error = [CARD], BROKEN
    with pytest.raises(FaqInvalidError):
        await here.knowledge.reload_if_changed()
    assert await here.knowledge.reload_if_changed() is None
    source.scopes[None], source.error = [CARD, COST], None
    assert await here.knowledge.reload_if_changed()
    assert here.answers() == ["card", "cost"]
    assert await here.knowledge.reload_if_changed() is None


@pytest.mark.parametrize("part", ["embedder", "store"])
async def test_changed_files_that_could_not_be_served_are_read_again(part: str) -> None:
    here, _, place, source = await begin()
    source.scopes[None] = [CARD, NEW]
    broken = {"embedder": here.embedder, "store": place.store}[part]
    error: FaqtotumError = EmbedderUnavailableError("no") if part == "embedder" else StoreUnavailableError("no")
    broken.error = error
    with pytest.raises(type(error)):
        await here.knowledge.reload_if_changed()
    broken.error = None
    assert await here.knowledge.reload_if_changed()
    assert here.answers() == ["card", "new"]


async def test_a_server_with_files_of_its_own_edits_those() -> None:
    here, _, _, source = await begin()
    source.scopes[GUILD] = [PETS]
    await here.knowledge.reload()
    await here.put(NEW)
    assert (here.answers(), here.answers(2)) == (["pets", "new"], ["card", "cost", "pets"])
    assert list(here.knowledge.filed_of(GUILD)) == [PETS]
    assert list(here.knowledge.filed_of(2)) == [CARD, COST, PETS]


async def test_a_server_without_entries_of_its_own_any_more_has_the_files_again() -> None:
    here, _, _, _ = await begin()
    await here.put(NEW)
    assert here.knowledge.current.scope_of(GUILD) == GUILD
    await here.remove("new")
    assert here.knowledge.current.scope_of(GUILD) is None
    assert {one.origin for one in here.knowledge.current.listing_of(GUILD)} == {Origin.FILE}


async def test_equal_faqs_of_several_servers_are_fitted_once_and_share_what_was_fitted() -> None:
    here, _, _, source = await begin(*BIG)
    source.scopes[9] = BIG
    await here.knowledge.reload()
    for guild_id in (GUILD, 2):
        await here.put(NEW, guild_id)
    faqs = here.knowledge.current.faqs
    assert faqs[GUILD].matcher is faqs[2].matcher
    assert faqs[GUILD].calibration is faqs[2].calibration
    assert faqs[None].matcher is faqs[9].matcher


async def test_an_unchanged_faq_is_not_fitted_again() -> None:
    here, _, _, _ = await begin(*BIG)
    await here.put(NEW)
    await here.put(NEW, guild_id=2)
    before = here.knowledge.current.faqs
    here.embedder.corpus.clear()
    await here.put(replace(NEW, question="Is there another?"))
    await here.set({"language": "de"})
    await here.knowledge.refresh()
    after = here.knowledge.current.faqs
    for scope in (None, 2):
        assert after[scope].matcher is before[scope].matcher
        assert after[scope].calibration is before[scope].calibration
    assert after[GUILD].matcher is not before[GUILD].matcher
    assert here.embedder.corpus == [["Is there another?"]]


async def test_what_is_switched_off_for_all_leaves_an_empty_faq() -> None:
    here, _, _, _ = await begin(CARD)
    await here.switch("card", enabled=False)
    assert here.answers() == []
    assert [one.entry.enabled for one in here.knowledge.current.listing_of(GUILD)] == [False]


async def test_trying_out_changes_nothing() -> None:
    here, _, place, source = await begin()
    await here.put(NEW)
    before, ownings = here.knowledge.current, await place.ledger.read_ownings()
    trial = await here.knowledge.try_out(GUILD, {"card": replace(CARD, enabled=False), "more": replace(NEW, id="more")})
    assert [entry.id for entry in trial.entries] == ["cost", "pets", "more"]
    assert trial.entries[0].follow_ups == ()
    assert trial.priors == before.faq_of(GUILD).priors
    assert here.knowledge.current is before
    assert await place.ledger.read_ownings() == ownings
    assert await here.knowledge.follow() is None
    assert source.reads == 0


async def test_trying_out_fails_as_fitting_does() -> None:
    here, _, _, _ = await begin()
    here.embedder.error = EmbedderUnavailableError("no")
    with pytest.raises(EmbedderUnavailableError):
        await here.knowledge.try_out(GUILD, {"new": NEW})


async def test_what_was_tried_out_is_not_fitted_again_when_it_is_saved() -> None:
    here, _, place, _ = await begin(*BIG)
    own = {"new": NEW}
    trial = await here.knowledge.try_out(GUILD, own)
    assert (await here.knowledge.try_out(GUILD, own)).matcher is trial.matcher
    place.store.embeddings.clear()
    place.store.matrices.clear()
    here.embedder.corpus.clear()
    await here.put(NEW)
    assert here.embedder.corpus == []
    assert here.knowledge.current.faq_of(GUILD).matcher is trial.matcher
    # What is in service already is not fitted to be tried out.
    assert (await here.knowledge.try_out(GUILD, {})).matcher is here.knowledge.current.faq_of(None).matcher
    # Another try does not bring back what is in service by now.
    await here.put(replace(NEW, answer="2"))
    assert here.knowledge.current.faq_of(GUILD).find("new") == replace(NEW, answer="2")


async def test_a_preview_leaves_nothing_behind_and_a_saved_one_is_not_embedded_at_the_next_start() -> None:
    here, _, place, _ = await begin(*BIG)
    before = dict(place.store.embeddings), dict(place.store.matrices), dict(place.store.kept)
    await here.knowledge.try_out(GUILD, {"new": NEW})
    assert (place.store.embeddings, place.store.matrices, place.store.kept) == before
    await here.put(NEW)
    assert len(place.store.matrices) == len(before[1]) + 1
    later = await place.start()
    assert later.embedder.corpus == later.embedder.queries == []


async def test_cached_embeddings_that_no_faq_needs_go_after_a_week() -> None:
    here, _, place, source = await begin(*BIG)
    source.scopes[None] = BIG[1:]
    await here.knowledge.reload()
    assert await here.knowledge.forget_unused() == 0
    place.clock.advance(EMBEDDINGS_KEPT.total_seconds() + 1)
    assert await here.knowledge.forget_unused() > len(BIG[0].alternates)
    assert await here.knowledge.forget_unused() == 0
    place.store.matrices.clear()
    place.store.kept.clear()
    later = await place.start()
    assert later.embedder.corpus == []


async def test_files_are_checked_without_being_put_into_service() -> None:
    here, _, _, source = await begin()
    assert await here.knowledge.check_files()
    source.scopes[None] = [CARD]
    assert not await here.knowledge.check_files()
    assert here.answers() == ["card", "cost", "pets"]
    source.error = BROKEN
    with pytest.raises(FaqInvalidError):
        await here.knowledge.check_files()
    source.error = None
    # Having been checked, they still count as changed.
    assert await here.knowledge.reload_if_changed()
    assert await here.knowledge.check_files()


class SlowLedger(MemoryLedger):
    """Waits for `gate`, once it is set, before it tells what there is."""

    gate: asyncio.Event | None = None

    async def read_ownings(self) -> Ownings:
        ownings = await super().read_ownings()
        if self.gate:
            await self.gate.wait()
        return ownings


async def test_an_older_state_never_overtakes_a_newer_one() -> None:
    ledger = SlowLedger()
    place = Place(ListSource(CARD), ledger)
    here, there = await place.start(), await place.start()
    await there.put(NEW)
    ledger.gate = asyncio.Event()
    following = asyncio.create_task(here.knowledge.follow())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gate, ledger.gate = ledger.gate, None
    saving = asyncio.create_task(there.put(replace(NEW, answer="2")))
    await saving
    again = asyncio.create_task(here.knowledge.follow())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(following, again)
    assert here.see("new") == replace(NEW, answer="2")
    assert await here.knowledge.follow() is None

"""Whatever two processes do in whatever order, the ledger, the history and what is answered from agree."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from bot.core.edits import ChangeKind, Ownings, SettingValue
from bot.core.entries import overlay
from bot.core.errors import EditRefusedError, FaqInvalidError, Problem, StoreUnavailableError
from bot.core.speech import verbatim
from bot.core.text import as_question
from bot.core.types import Entry
from bot.services import Faq
from tests.fakes.embedder import HashEmbedder
from tests.fakes.ledger import MemoryLedger
from tests.fakes.source import ListSource
from tests.services.processes import ADMIN, CARD, COST, GUILD, PETS, Place, replay

_T = TypeVar("_T")

BROKEN = FaqInvalidError([Problem("a.yaml", 1, verbatim("no"))])
# Whether pets are in the files changes, so nobody else has their phrasing: what was sound once could not come back.
FILES: tuple[tuple[Entry, ...], ...] = (
    (CARD, COST, PETS),
    (CARD, COST),
    (replace(PETS, answer="Cats."), COST, replace(CARD, answer="Otherwise.")),
)
IDS = ("a", "b", "card")
ASKED = ("What is a?", "and b", "a or b", "Who?", "i lost the card", "what does a pet cost", "are cats allowed")


@st.composite
def draw_entry(draw: st.DrawFn) -> Entry:
    """Draw an entry that is mostly sound: few phrasings and follow-ups that another forbids."""
    name = draw(st.sampled_from(IDS))
    if name == CARD.id and draw(st.booleans()):
        return CARD
    return Entry(
        name,
        question=f"What is {name}?",
        answer=draw(st.sampled_from("xy")),
        alternates=draw(st.sampled_from(((), (), (f"And {name}",), ("Who?",), (CARD.question,)))),
        follow_ups=tuple(one for one in draw(st.sampled_from(((), ("a",), ("b",), ("cost",)))) if one != name),
        enabled=draw(st.sampled_from((True, True, False))),
    )


entries = draw_entry()
set_values: st.SearchStrategy[dict[str, SettingValue]] = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from((None, "de", "fr")),
        "watch": st.none() | st.lists(st.integers(1, 3), max_size=2),
        "addressed_budget": st.sampled_from((None, 0.5, 50.0)),
    },
)
processes = st.integers(0, 1)


class Files(ListSource):
    """Files whose stamp tells also when they get problems or are mended."""

    async def read_stamp(self) -> str:
        return f"{self.error} {await super().read_stamp()}"


class Edits(RuleBasedStateMachine):
    """Two processes at one place."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.ledger, self.source = MemoryLedger(), Files(*FILES[0])
        self.place = Place(self.source, self.ledger)
        self.out_of_order = False
        # Whether somebody reloaded the files as they are now.
        self.announced = True

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(work)

    def ownings(self) -> Ownings:
        return self.run(self.ledger.read_ownings())

    @initialize()
    def start(self) -> None:
        self.processes = [self.run(self.place.start()) for _ in range(2)]
        self.asked = self.run(HashEmbedder().embed_queries([as_question(question) for question in ASKED]))

    def attempt(self, who: int, work: Coroutine[Any, Any, int]) -> bool:
        """Do something that may be refused; then nothing has changed."""
        before, count = self.ownings(), len(self.ledger.changes)
        try:
            number = self.run(work)
        except EditRefusedError:
            assert (self.ownings(), len(self.ledger.changes)) == (before, count)
            return False
        assert number == len(self.ledger.changes) == count + 1
        self.serves_everything(who)
        return True

    def find(self, who: int, entry_id: str) -> Entry | None:
        """Return an entry as the ledger and the files, as a process has read them, have it."""
        own = self.ownings().entries.get(GUILD, {})
        listing = overlay(self.processes[who].knowledge.filed_of(GUILD), own)
        return next((one.entry for one in listing if one.entry.id == entry_id), None)

    def serves_everything(self, who: int) -> None:
        """Make sure that a process serves what is in the ledger, on top of the files as it has read them."""
        own, knowledge = self.ownings(), self.processes[who].knowledge
        assert knowledge.current.settings == own.settings
        assert knowledge.current.listing_of(GUILD) == overlay(knowledge.filed_of(GUILD), own.entries.get(GUILD, {}))

    @rule(who=processes, entry=entries)
    def put(self, who: int, entry: Entry) -> None:
        seen, there = self.processes[who].see(entry.id), self.find(who, entry.id)
        done = self.attempt(who, self.processes[who].put(entry))
        # What another process did is never written over unseen.
        assert not done or seen == there

    @precondition(lambda self: self.ownings().entries)
    @rule(who=processes, number=st.integers(0, 2))
    def remove(self, who: int, number: int) -> None:
        own = list(self.ownings().entries[GUILD])
        self.attempt(who, self.processes[who].remove(own[number % len(own)]))

    @rule(who=processes, number=st.integers(0, 5))
    def switch(self, who: int, number: int) -> None:
        listing = self.processes[who].knowledge.current.listing_of(GUILD)
        seen = listing[number % len(listing)].entry
        entry_id, enabled = seen.id, not seen.enabled
        there = self.find(who, entry_id)
        if self.attempt(who, self.processes[who].switch(entry_id, enabled=enabled)):
            assert there
            assert self.find(who, entry_id) == replace(there, enabled=enabled)

    @rule(who=processes, new=st.lists(entries, max_size=3))
    def bring_in(self, who: int, new: Sequence[Entry]) -> None:
        self.attempt(who, self.processes[who].bring_in(new))

    @rule(who=processes, values=set_values)
    def set(self, who: int, values: dict[str, SettingValue]) -> None:
        self.attempt(who, self.processes[who].set(values))

    @rule(who=processes)
    def undo(self, who: int) -> None:
        self.attempt(who, self.processes[who].undo())

    @rule(who=processes, back=st.integers(0, 6))
    def undo_one(self, who: int, back: int) -> None:
        number = max(1, len(self.ledger.changes) - back)
        self.out_of_order |= self.attempt(who, self.processes[who].undo(number))

    @rule(who=processes, entry=entries)
    def put_while_the_database_is_full(self, who: int, entry: Entry) -> None:
        process = self.processes[who]

        async def put() -> None:
            seen = process.see(entry.id)
            kind = ChangeKind.EDIT if seen else ChangeKind.ADD
            proposal = await process.editor.propose(GUILD, entry, seen=seen, kind=kind)
            self.place.store.error = StoreUnavailableError("full")
            assert (await process.editor.save(proposal, ADMIN)).failure == "full"

        try:
            self.run(put())
        except EditRefusedError:
            pass
        finally:
            self.place.store.error = None

    @rule(files=st.sampled_from((*FILES, None)))
    def change_the_files(self, files: Sequence[Entry] | None) -> None:
        self.source.error = None if files else BROKEN
        self.source.scopes[None] = files or self.source.scopes[None]
        self.announced = False

    @rule(who=processes)
    def reload(self, who: int) -> None:
        count = len(self.ledger.changes)
        if self.source.error:
            with pytest.raises(FaqInvalidError):
                self.run(self.processes[who].editor.reload(GUILD, ADMIN))
        else:
            self.run(self.processes[who].editor.reload(GUILD, ADMIN))
            assert self.processes[who].knowledge.filed_of(GUILD) == self.source.scopes[None]
            self.announced = True
        assert len(self.ledger.changes) == count + (not self.source.error)

    @rule(who=processes)
    def look_at_the_files(self, who: int) -> None:
        try:
            self.run(self.processes[who].knowledge.reload_if_changed())
        except FaqInvalidError:
            assert self.source.error
        assert self.run(self.processes[who].knowledge.reload_if_changed()) is None

    @rule(who=processes)
    def follow(self, who: int) -> None:
        try:
            self.run(self.processes[who].knowledge.follow())
        except FaqInvalidError:
            assert self.source.error
        self.serves_everything(who)
        assert self.run(self.processes[who].knowledge.follow()) is None

    @invariant()
    def history_replays_to_what_the_server_has(self) -> None:
        own = self.ownings()
        assert replay(self.run(self.place.history())) == (own.entries.get(GUILD, {}), own.settings.get(GUILD, {}))

    @rule()
    def agree_with_one_that_starts_now(self) -> None:
        if self.source.error:
            self.change_the_files(self.source.scopes[None])
        fresh = self.run(self.place.start()).knowledge.current
        answers = [self.ask(faq) for faq in fresh.faqs.values()]
        for process in self.processes:
            if not self.announced:
                self.run(process.knowledge.reload_if_changed())
            self.run(process.knowledge.follow())
            assert self.run(process.knowledge.follow()) is None
            current = process.knowledge.current
            assert (current.listings, current.settings) == (fresh.listings, fresh.settings)
            assert current.faqs.keys() == fresh.faqs.keys()
            for faq, other, answer in zip(current.faqs.values(), fresh.faqs.values(), answers, strict=True):
                assert faq.entries == other.entries
                assert faq.priors == other.priors
                for found, expected in zip(self.ask(faq), answer, strict=True):
                    assert found.tolist() == expected.tolist()

    def ask(self, faq: Faq) -> tuple[NDArray[Any], NDArray[Any]]:
        return faq.matcher.firsts(ASKED, self.asked)

    def teardown(self) -> None:
        """Take everything back, newest first: that leads to the beginning."""
        try:
            if hasattr(self, "processes"):
                self.agree_with_one_that_starts_now()
                self.take_everything_back()
        finally:
            self.runner.close()

    def take_everything_back(self) -> None:
        here = self.processes[0]
        told = ""
        while not told:
            try:
                self.run(here.undo())
            except EditRefusedError as error:
                told = str(error)
            self.history_replays_to_what_the_server_has()
        if "belongs to" in told:
            # Only where older changes were taken back before newer ones may one stand in the other's way.
            assert self.out_of_order
            return
        assert told == "There is nothing to take back."
        assert self.ownings().entries.get(GUILD, {}) == self.ownings().settings.get(GUILD, {}) == {}
        assert here.knowledge.current.listing_of(GUILD) == here.knowledge.current.listing_of(None)
        self.agree_with_one_that_starts_now()


TestEdits = Edits.TestCase
TestEdits.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

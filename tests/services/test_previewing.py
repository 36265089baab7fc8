from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest

from bot.core.edits import Change, ChangeKind, Edit, SettingEdit
from bot.core.errors import EmbedderUnavailableError, StoreUnavailableError
from bot.core.text import as_question
from bot.core.types import Answer, Embeddings, Entry, Query
from bot.matching import CLOSE
from bot.services import Answerer, Faq, Impact, Preview, Previewer, Priors, Proposal, Snapshot
from bot.services.knowledge import LOG_DAYS
from bot.services.previewing import SAME
from tests.fakes.embedder import HashEmbedder
from tests.fakes.source import ListSource
from tests.services.faqs import BIG, CHATTER
from tests.services.processes import ADMIN, CARD, COST, GUILD, PETS, Place, Process
from tests.stores.records import make_question

NEW = Entry("new", "Is there a new one?", "Yes.")
PAY = Entry("pay", "Can I pay by card?", "Yes.", ("How do I pay by card?", "Do you take cards?"))
PASSWORD = BIG[0]
RESET = Entry("reset", "Where can I reset it?", "So.", PASSWORD.alternates)
"""Takes some of the password's phrasings."""
LOST, LOST_ONES = "I lost my card on the train today", "I lost my cards on the train today"
"""Nearly the same, for the embedder too."""
KEY = b"0123456789abcdef"
NOTHING_KNOWN = "No questions of the last 30 days are known to try it out on."


@dataclass
class Desk:
    """An admin's view of a running bot."""

    place: Place
    here: Process

    @classmethod
    async def of(cls, *filed: Entry) -> "Desk":
        place = Place(ListSource(*(filed or (CARD, COST, PETS))))
        return cls(place, await place.start())

    async def preview(self, proposal: Proposal) -> Preview:
        here, place = self.here, self.place
        previewer = Previewer(here.knowledge, place.ledger, place.store, here.embedder, place.clock, here.settings)
        return await previewer.preview(proposal)

    async def put(self, entry: Entry) -> Proposal:
        seen = self.here.see(entry.id)
        kind = ChangeKind.EDIT if seen else ChangeKind.ADD
        return await self.here.editor.propose(GUILD, entry, seen=seen, kind=kind)

    async def log(self, *texts: str, age: timedelta = timedelta(), model: str = "", guild_id: int = GUILD) -> None:
        for text in texts:
            (embedding,) = await self.here.embedder.embed_queries([as_question(text)])
            question = replace(make_question(text, guild_id=guild_id), embedding=embedding)
            question = replace(question, model_id=model or self.here.embedder.model_id)
            await self.place.store.add_question(replace(question, asked_at=self.place.clock.now() - age))

    async def ask(self, texts: Iterable[str]) -> list[tuple[str, bool]]:
        """Ask the bot questions, some of them overheard, which logs them."""
        asked = [(text, bool(number % 3)) for number, text in enumerate(texts)]
        answerer = self._answerer()
        for text, addressed in asked:
            query = Query(text, asker_id=3, guild_id=GUILD, channel_id=4, addressed=addressed)
            await answerer.record(await answerer.answer(query))
        return asked

    async def answers(self, asked: Sequence[tuple[str, bool]], faq: Faq) -> list[str | None]:
        """Ask the bot the questions one by one, as if it had this FAQ."""
        kept = self.here.knowledge.current
        self.here.knowledge._current = Snapshot({**kept.faqs, GUILD: faq}, kept.listings, kept.settings)
        found: list[str | None] = []
        for text, addressed in asked:
            outcome = await self._answerer().answer(Query(text, guild_id=GUILD, addressed=addressed, private=True))
            found.append(outcome.verdict.hit.entry.id if isinstance(outcome.verdict, Answer) else None)
        self.here.knowledge._current = kept
        return found

    def _answerer(self) -> Answerer:
        here, place = self.here, self.place
        return Answerer(here.knowledge, here.embedder, place.store, place.clock, here.settings, KEY)


QUESTIONS = [
    *(phrasing for entry in BIG for phrasing in entry.phrasings),
    *(f"please tell me: {entry.phrasings[0].lower()}" for entry in BIG),
    *(f"{word} {entry.id}" for entry in BIG for word in ("my", "wrong", "any news on the")),
    *("Can I pay by card", "How do I pay my invoice by card?", "do you take cards for shipping?", *CHATTER),
]


@pytest.mark.parametrize("name", ["add", "take over", "edit", "remove", "disable", "import", "settings"])
async def test_the_impact_is_what_asking_all_questions_again_comes_to(name: str) -> None:
    place = Place(ListSource())
    # With files of the server's own nothing has to be fitted for the others.
    place.source.scopes[GUILD] = BIG
    edits, settings = (Edit("pay", None, PAY),), (SettingEdit("addressed_budget", None, 20.0),)
    await place.ledger.add_change(Change(GUILD, ChangeKind.ADD, ADMIN, place.clock.now(), edits, settings))
    desk = Desk(place, await place.start())
    here = desk.here
    asked = await desk.ask(QUESTIONS)
    await here.knowledge.learn()
    proposals = {
        "add": desk.put(Entry("news", "Are there any news?", "No.", ("Any news on the invoice?", "any news"))),
        "take over": desk.put(Entry("login", "Please tell me how do I log in", "So.", ("my password", "my account"))),
        "edit": desk.put(replace(PASSWORD, alternates=())),
        "remove": here.editor.propose_removal(GUILD, "pay"),
        "disable": here.editor.propose_switch(GUILD, "invoice", enabled=False),
        "import": here.editor.propose_import(GUILD, [replace(PASSWORD, alternates=()), RESET], ""),
    }
    if name == "settings":
        proposal = here.settings.propose(GUILD, {"addressed_budget": 1.0})
    else:
        proposal = await proposals.pop(name)
    for unused in proposals.values():
        unused.close()
    tried = list[Faq]()
    try_out = here.knowledge.try_out

    async def look(guild_id: int, own: Mapping[str, Entry]) -> Faq:
        tried.append(await try_out(guild_id, own))
        return tried[-1]

    here.knowledge.try_out = look  # type: ignore[method-assign]
    preview = await desk.preview(proposal)
    (trial,) = tried
    assert trial.priors == here.knowledge.current.faq_of(GUILD).priors != Priors()
    touched = {edit.entry_id for edit in proposal.edits}
    before = await desk.answers(asked, here.knowledge.current.faq_of(GUILD))
    then = await desk.answers(asked, trial)
    changed = [(old, new) for old, new in zip(before, then, strict=True) if old != new]
    gained = Counter(old for old, new in changed if new in touched)
    lost = Counter(new for old, new in changed if new not in touched and old in touched)
    expected = Impact(len(asked), gained, lost, len(changed) - gained.total() - lost.total())
    assert preview.impact == expected
    assert preview.proposal is proposal
    assert any(before)
    assert bool(changed) == (name != "settings")


async def test_a_preview_changes_nothing() -> None:
    desk = await Desk.of()
    await desk.log("Is there a new one?")
    before = desk.here.knowledge.current
    await desk.preview(await desk.put(NEW))
    assert desk.here.knowledge.current is before
    assert await desk.place.history() == []
    assert len(desk.place.store.questions) == 1


async def test_only_this_servers_recent_questions_of_this_model_are_asked_again() -> None:
    desk = await Desk.of()
    await desk.log("Is there a new one?", "is there a new one", age=timedelta(days=LOG_DAYS))
    await desk.log("Is there a new one?", age=timedelta(days=LOG_DAYS, seconds=1))
    await desk.log("Is there a new one?", model="another")
    await desk.log("Is there a new one?", guild_id=2)
    preview = await desk.preview(await desk.put(NEW))
    assert preview.impact == Impact(2, {None: 2}, {})
    assert list(map(str, preview.sentences)) == [
        "Of 2 questions of the last 30 days it takes 2.",
        "2 had no answer until now.",
    ]


@pytest.mark.parametrize("damage", [np.full(64, np.nan, np.float32), np.ones(32, np.float32)], ids=["nan", "short"])
async def test_questions_whose_embedding_is_damaged_keep_nobody_from_editing(damage: Embeddings) -> None:
    desk = await Desk.of(*BIG)
    await desk.log("Is there a new one?")
    await desk.place.store.add_question(replace(desk.place.store.questions[0], embedding=damage))
    preview = await desk.preview(await desk.put(NEW))
    assert preview.impact.asked == 1


async def test_without_questions_it_says_so() -> None:
    desk = await Desk.of()
    preview = await desk.preview(await desk.put(NEW))
    assert list(map(str, preview.sentences)) == [NOTHING_KNOWN]


async def test_the_first_entry_of_an_empty_faq_can_be_previewed_and_so_can_the_last_ones_removal() -> None:
    desk = await Desk.of(CARD)
    desk.place.source.scopes[None] = []
    await desk.here.knowledge.reload()
    await desk.log("Is there a new one?")
    assert (await desk.preview(await desk.put(NEW))).impact == Impact(1, {None: 1}, {})
    await desk.here.put(NEW)
    preview = await desk.preview(await desk.here.editor.propose_removal(GUILD, "new"))
    assert preview.impact == Impact(1, {}, {None: 1})
    assert list(map(str, preview.sentences)) == [
        "1 question that it answered goes elsewhere.",
        "1 would have no answer any more.",
    ]


async def test_removing_an_override_previews_what_the_file_says() -> None:
    filed = replace(CARD, id="q1")
    desk = await Desk.of(filed, COST)
    await desk.here.put(replace(filed, question="Where is the moon?", alternates=()))
    await desk.log("Where is the moon?", "I lost my card")
    preview = await desk.preview(await desk.here.editor.propose_removal(GUILD, "q1"))
    assert preview.impact == Impact(2, {None: 1}, {None: 1})


async def test_a_phrasing_close_to_another_entrys_collides() -> None:
    desk = await Desk.of(replace(CARD, alternates=(LOST,)), COST)
    typed = LOST_ONES.replace("train", "**train**")
    preview = await desk.preview(await desk.put(Entry("lost", "Where are they?", "x", (typed,))))
    (near,) = preview.collisions
    assert (near.phrasing, near.entry_id) == (LOST_ONES, "lost")
    assert (near.other, near.other_id) == (LOST, "card")
    corpus = await desk.here.embedder.embed_corpus([f"{LOST}?", f"{LOST_ONES}?"])
    assert near.similarity == pytest.approx(float(corpus[0] @ corpus[1]))
    assert preview.repeats == ()
    assert str(preview.sentences[0]).startswith(f"⚠️ “{LOST_ONES}” comes close to “{LOST}” of “card” (0.9")


async def test_a_phrasing_that_says_what_its_own_entry_says_repeats_it() -> None:
    desk = await Desk.of(replace(CARD, alternates=(LOST,)), COST)
    preview = await desk.preview(await desk.put(replace(CARD, alternates=(LOST_ONES, LOST))))
    (near,) = preview.repeats
    assert (near.phrasing, near.other, near.entry_id, near.other_id) == (LOST_ONES, LOST, "card", "card")
    assert preview.collisions == ()
    assert str(preview.sentences[0]).startswith(f"“{LOST_ONES}” says nearly the same as “{LOST}” (0.9")


async def test_of_two_new_phrasings_only_the_later_is_told_and_old_ones_never_are() -> None:
    desk = await Desk.of(replace(CARD, alternates=(LOST, LOST_ONES)), COST)
    far, so_far, farther = (
        "Is it very far to walk from here?",
        "So is it very far to walk from here?",
        "to walk from there",
    )
    entries = [Entry("a", far, "x", (f"Is it very far {farther}?",)), Entry("b", so_far, "x")]
    preview = await desk.preview(await desk.here.editor.propose_import(GUILD, entries, ""))
    assert [(one.phrasing, one.other) for one in preview.repeats] == [(f"Is it very far {farther}?", far)]
    assert [(one.phrasing, one.other_id, one.other) for one in preview.collisions] == [(so_far, "a", far)]


async def test_an_id_in_words_neither_repeats_nor_collides() -> None:
    desk = await Desk.of(Entry("lost-card", "Gone?", "x"), COST)
    preview = await desk.preview(await desk.put(Entry("lost-cards", "Lost card!", "x")))
    assert (preview.repeats, preview.collisions) == ((), ())


async def test_an_entry_that_is_enabled_again_is_looked_at_like_a_new_one() -> None:
    desk = await Desk.of(replace(CARD, alternates=(LOST, LOST_ONES), enabled=False), COST)
    preview = await desk.preview(await desk.here.editor.propose_switch(GUILD, "card", enabled=True))
    assert [one.phrasing for one in preview.repeats] == [LOST_ONES]


async def test_what_stays_in_an_edited_entry_is_not_told_again() -> None:
    desk = await Desk.of(replace(CARD, alternates=(LOST, LOST_ONES)), COST)
    preview = await desk.preview(await desk.put(replace(CARD, alternates=(LOST_ONES, LOST, "Gone"))))
    assert preview.repeats == ()


def brute_force(entries: Sequence[Entry], fresh: set[str], embeddings: np.ndarray) -> list[tuple[str, float, bool]]:
    rows = [(entry.id, phrasing) for entry in entries for phrasing in entry.phrasings]
    found: list[tuple[str, float, bool]] = []
    for row, (owner, phrasing) in enumerate(rows):
        for same in (True, False):
            others = [
                float(embeddings[row] @ embeddings[other])
                for other in range(len(rows))
                if other != row and (rows[other][0] == owner) == same and (rows[other][0] not in fresh or other < row)
            ]
            if owner in fresh and others and max(others) >= (SAME if same else CLOSE):
                found.append((phrasing, max(others), same))
    return found


async def test_a_big_import_is_compared_with_everything_as_one_by_one() -> None:
    texts = "How do I do thing {} at home?", "Tell me of thing {} and more"
    old = [Entry(f"q{n}", texts[0].format(n), "x", (texts[1].format(n),)) for n in range(30)]
    new = [Entry(f"n{n}", texts[0].format(n), "x", (texts[0].format(-n),)) for n in range(30, 60)]
    desk = await Desk.of(*old)
    preview = await desk.preview(await desk.here.editor.propose_import(GUILD, new, ""))
    phrasings = [as_question(phrasing) for entry in (*old, *new) for phrasing in entry.phrasings]
    expected = brute_force([*old, *new], {entry.id for entry in new}, await HashEmbedder().embed_corpus(phrasings))
    assert len(expected) > 40
    for found, same in ((preview.repeats, True), (preview.collisions, False)):
        wanted = [one for one in expected if one[2] == same]
        assert [one.phrasing for one in found] == [phrasing for phrasing, _, _ in wanted]
        assert [one.similarity for one in found] == pytest.approx([similarity for _, similarity, _ in wanted])


@pytest.mark.parametrize("part", ["embedder", "store"])
async def test_what_fails_is_told_to_the_caller(part: str) -> None:
    desk = await Desk.of()
    proposal = await desk.put(NEW)
    if part == "embedder":
        desk.here.embedder.error = EmbedderUnavailableError("no")
    else:
        desk.place.store.error = StoreUnavailableError("no")
    with pytest.raises((EmbedderUnavailableError, StoreUnavailableError)):
        await desk.preview(proposal)

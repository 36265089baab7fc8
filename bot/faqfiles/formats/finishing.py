"""From drafts to entries: everything that holds for an FAQ, whichever format it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ...core.errors import FaqInvalidError, Problem
from ...core.ids import is_id, make_id
from ...core.speech import counted, labelled, sentence
from ...core.text import clean, phrasing_key
from ...yamlfile import Document, validate
from ..schema import MAX_ALTERNATE, MAX_QUESTION, MAX_TITLE, EntryModel, salvage
from ..scope import Placed, find_problems
from ..showable import showable
from .model import MAX_ENTRIES, MAX_PHRASINGS, Draft, Imported, invalid
from .shapes import as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...core.speech import Sentence
    from ...core.types import Entry
    from ...yamlfile import Location
    from .model import Found


@dataclass(frozen=True, slots=True)
class _Drafts(Document):
    """Drafts as the document that they are checked as; problems tell where in their own file they stand."""

    drafts: Sequence[Draft] = field(default_factory=tuple[Draft, ...])

    def line_of(self, location: Location) -> int:
        draft, inner = self._find(location)
        while inner and inner not in draft.lines:
            inner = inner[:-1]
        return draft.lines.get(inner, draft.line)

    def place(self, location: Location) -> str | Sentence:
        """Return where something stands, as a sentence names it."""
        line, label = self.line_of(location), self._label(location)
        return label or (f"{self.name}:{line}" if line else f"entries[{cast('int', location[1]) + 1}]")

    def problem(self, location: Location, message: Sentence) -> Problem:
        label = "" if self._find(location)[0].strict else self._label(location)
        return Problem(self.name, self.line_of(location), labelled(label, message) if label else message)

    def spell_out(self, location: Location) -> str | Sentence:
        draft, inner = self._find(location)
        # Nobody can count to the entry in a file of another form.
        # Not super(): a class with slots is made anew by its decorator.
        return Document.spell_out(self, location if draft.strict else inner or location)

    def _find(self, location: Location) -> tuple[Draft, Location]:
        return self.drafts[cast("int", location[1])], location[2:]

    def _label(self, location: Location) -> str | Sentence:
        draft, inner = self._find(location)
        key = str(inner[0]) if inner else "question"
        return draft.labels.get(key) or draft.label


class _PlacedDraft(Placed):
    """An entry whose place is that of a draft."""

    __slots__ = ()

    def place(self, *steps: str | int) -> str | Sentence:
        """See Placed."""
        return cast("_Drafts", self.document).place((*self.location, *steps))


def finish(found: Found, name: str) -> Imported:
    """Return the entries that drafts come to.

    Args:
        found: What a reader made of the file.
        name: The file, as problems name it.

    Raises:
        FaqInvalidError: With everything that is wrong, also with what the reader found.
    """
    drafts = found.drafts
    if len(drafts) > MAX_ENTRIES:
        many = sentence(
            "has {count:,} entries; at most {most:,} fit, split it into several FAQs",
            count=len(drafts),
            most=MAX_ENTRIES,
        )
        raise invalid(name, many)
    phrasings = sum(1 + len(as_list(draft.raw.get("alternates"))) for draft in drafts)
    if phrasings > MAX_PHRASINGS:
        many = sentence(
            "has {count:,} phrasings; at most {most:,} fit, split it into several FAQs",
            count=phrasings,
            most=MAX_PHRASINGS,
        )
        raise invalid(name, many)
    if not drafts and not found.problems:
        none = sentence("has no question with an answer in it; write one, or name the format if it has some")
        raise invalid(name, none)
    notes = [*found.notes, *_settle_ids(drafts), *_settle_follow_ups(drafts), *_shorten(drafts), *_drop_twins(drafts)]
    entries, problems = _check(drafts, name, complete=not found.problems)
    if problems := [*found.problems, *problems]:
        raise FaqInvalidError(problems)
    title = found.title.strip()[:MAX_TITLE].strip() if found.title else None
    return Imported(tuple(entries), found.format, tuple(notes), title or None)


def _check(drafts: Sequence[Draft], name: str, *, complete: bool) -> tuple[list[Entry], list[Problem]]:
    faults: list[tuple[Location, Sentence]] = []
    entries = [showable(draft.raw, ("entries", number), faults) for number, draft in enumerate(drafts)]
    document = _Drafts(name, {"entries": entries}, {}, drafts)
    problems = [document.problem(location, message) for location, message in faults]
    placed: list[Placed] = []
    for number, draft in enumerate(drafts):
        location: Location = ("entries", number)
        entry, misfits = validate(EntryModel, document, location)
        problems += misfits
        placed.append(_PlacedDraft(entry.to_core() if entry else salvage(_cut(draft.raw)), document, location))
    problems += find_problems(placed, complete=complete)
    return [one.entry for one in placed], problems


def _cut(raw: dict[str, object]) -> dict[str, object]:
    """Return what an entry that is not valid says, its phrasings as far as comparing them takes no time."""
    alternates = [item[:MAX_ALTERNATE] if isinstance(item, str) else item for item in as_list(raw.get("alternates"))]
    return {**raw, "question": _text(raw, "question"), "alternates": alternates}


def _settle_ids(drafts: Sequence[Draft]) -> Iterable[Sentence]:
    """Keep the ids that can be one, and make the others from the questions."""
    taken = {given for draft in drafts if is_id(given := _text(draft.raw, "id"))}
    made = 0
    for draft in drafts:
        given = draft.raw.get("id")
        draft.name = draft.name or _text(draft.raw, "id")
        if given is not None and not isinstance(given, str):
            continue  # such as a number: a problem that the check tells of
        if not is_id(given or ""):
            draft.raw["id"] = made_id = make_id(_text(draft.raw, "question"), taken)
            taken.add(made_id)
            made += 1
    if made:
        yield counted(
            "{count} id was made from its question.",
            "{count} ids were made from the questions.",
            made,
        )


def _settle_follow_ups(drafts: Sequence[Draft]) -> Iterable[Sentence]:
    """Let the follow-ups name entries by the ids that they have now; those to entries of other files go."""
    ids: dict[str, object] = {}
    for draft in drafts:
        if draft.name:
            ids.setdefault(draft.name, draft.raw["id"])
    lost = 0
    for draft in drafts:
        targets = draft.raw.get("follow_ups")
        if not isinstance(targets, list):
            continue
        items = cast("list[object]", targets)
        kept = [at for at, target in enumerate(items) if not isinstance(target, str) or target in ids]
        lost += len(items) - len(kept)
        _keep(draft, "follow_ups", kept)
        renamed = cast("list[object]", draft.raw["follow_ups"])
        draft.raw["follow_ups"] = [ids[item] if isinstance(item, str) else item for item in renamed]
    if lost:
        yield counted(
            "{count} follow-up was left out: there is no such entry in this file.",
            "{count} follow-ups were left out: there are no such entries in this file.",
            lost,
        )


def _shorten(drafts: Sequence[Draft]) -> Iterable[Sentence]:
    """Give entries of other programs whose question is too long for Discord a shorter one; the long one stays."""
    shortened = 0
    for draft in drafts:
        question = _text(draft.raw, "question")
        # One that is too long for a phrasing as well has to be mended by a person.
        if draft.strict or not MAX_QUESTION < len(question) <= MAX_ALTERNATE:
            continue
        head = question[: MAX_QUESTION - 1]
        draft.raw["question"] = f"{head.rpartition(' ')[0] or head}…"
        draft.raw["alternates"] = [question, *as_list(draft.raw.get("alternates"))]
        shortened += 1
    if shortened:
        yield counted(
            "{count} question has more than {most} characters: it was shortened, and is kept as another phrasing.",
            "{count} questions have more than {most} characters: they were shortened, and are kept as other phrasings.",
            shortened,
            most=MAX_QUESTION,
        )


def _drop_twins(drafts: Sequence[Draft]) -> Iterable[Sentence]:
    """Leave out the phrasings that an entry has already."""
    dropped = 0
    for draft in drafts:
        alternates = draft.raw.get("alternates")
        if not isinstance(alternates, list):
            continue
        items = cast("list[object]", alternates)
        seen = {_key(_text(draft.raw, "question"))}
        kept: list[int] = []
        for at, item in enumerate(items):
            key = _key(item[:MAX_ALTERNATE]) if isinstance(item, str) else ""
            if not key or key not in seen:
                kept.append(at)
                seen.add(key)
        dropped += len(items) - len(kept)
        _keep(draft, "alternates", kept)
    if dropped:
        yield counted(
            "{count} phrasing stood twice in its entry and was left out once.",
            "{count} phrasings stood twice in their entries and were left out once.",
            dropped,
        )


def _key(text: str) -> str:
    return phrasing_key(text) or clean(text)


def _text(raw: dict[str, object], key: str) -> str:
    """Return a text, if it is one, up to the character by which it is too long for a phrasing."""
    value = raw.get(key)
    return value.strip()[: MAX_ALTERNATE + 1] if isinstance(value, str) else ""


def _keep(draft: Draft, key: str, kept: Sequence[int]) -> None:
    """Keep some items of a list, by position, and the lines in which they stand."""
    items = cast("list[object]", draft.raw[key])
    if len(kept) == len(items):
        return
    lines = {(key, new): draft.lines[key, old] for new, old in enumerate(kept) if (key, old) in draft.lines}
    draft.lines = {at: line for at, line in draft.lines.items() if at[:1] != (key,) or at == (key,)} | lines
    draft.raw[key] = [items[at] for at in kept]

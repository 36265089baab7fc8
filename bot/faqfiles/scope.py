"""What has to hold between the entries of one scope, whichever files they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..core.speech import sentence
from ..core.text import clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..core.errors import Problem
    from ..core.speech import Sentence
    from ..core.types import Entry
    from ..yamlfile import Document, Location


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it stands.

    Attributes:
        entry: The entry; of one that is not valid, what can be compared with others, and empty texts for the rest.
        document: Its file.
        location: Where in it.
    """

    entry: Entry
    document: Document
    location: Location

    def place(self, *steps: str | int) -> str | Sentence:
        """Return file and line of something in the entry, as a problem names it."""
        return f"{self.document.name}:{self.document.line_of((*self.location, *steps))}"

    def problem(self, message: Sentence, *steps: str | int) -> Problem:
        """Return a problem with something in the entry."""
        return self.document.problem((*self.location, *steps), message)


def find_problems(placed: Sequence[Placed], *, complete: bool) -> Iterator[Problem]:
    """Yield everything that does not hold between the entries of a scope.

    Args:
        placed: The entries.
        complete: False if some file could not be read, so that there may be entries that nobody knows of.
    """
    yield from _find_double_ids(placed)
    yield from _find_double_phrasings(placed)
    yield from _find_dangling_follow_ups(placed, complete=complete)


def _find_double_ids(placed: Sequence[Placed]) -> Iterator[Problem]:
    first: dict[str, Placed] = {}
    for one in placed:
        if not one.entry.id:
            continue
        if other := first.get(one.entry.id):
            fault = sentence(
                "the id {id!r} is taken at {place}; choose another", id=one.entry.id, place=other.place("id")
            )
            yield one.problem(fault, "id")
        else:
            first[one.entry.id] = one


def _find_double_phrasings(placed: Sequence[Placed]) -> Iterator[Problem]:
    enabled: dict[str, tuple[Placed, str | Sentence]] = {}
    for one in placed:
        # A disabled entry answers nothing, so its successor may have its phrasings; only twice in itself is a slip.
        first = enabled if one.entry.enabled else {}
        for number, phrasing in enumerate(one.entry.phrasings):
            steps: tuple[str | int, ...] = ("alternates", number - 1) if number else ("question",)
            # "???" has no key of its own.
            key = phrasing_key(phrasing) or clean(phrasing)
            if not key:
                continue
            if key not in first:
                first[key] = one, one.place(*steps)
                continue
            other, place = first[key]
            if other is one:
                fault = sentence("this phrasing stands at {place} already; remove one", place=place)
            else:
                fault = sentence(
                    "the same phrasing belongs to entry {id!r} at {place}; the bot could not tell them apart: keep it "
                    "in one of them",
                    id=other.entry.id,
                    place=place,
                )
            yield one.problem(fault, *steps)


def _find_dangling_follow_ups(placed: Sequence[Placed], *, complete: bool) -> Iterator[Problem]:
    enabled = {one.entry.id: one.entry.enabled for one in placed if one.entry.id}
    for one in placed:
        seen: set[str] = set()
        for number, entry_id in enumerate(one.entry.follow_ups):
            if not entry_id:
                continue
            if entry_id in seen:
                fault = sentence("follow-up {id!r} is named twice; remove one", id=entry_id)
            elif entry_id == one.entry.id:
                fault = sentence("follow-up {id!r} is the entry itself; remove it", id=entry_id)
            elif entry_id not in enabled:
                fault = _unknown_follow_up(entry_id, enabled, complete=complete)
            elif not enabled[entry_id] and one.entry.enabled:
                fault = sentence(
                    "follow-up {id!r} is an entry that is not enabled; enable it, or remove the follow-up", id=entry_id
                )
            else:
                fault = None
            seen.add(entry_id)
            if fault:
                yield one.problem(fault, "follow_ups", number)


def _unknown_follow_up(entry_id: str, known: Iterable[str], *, complete: bool) -> Sentence:
    if close := get_close_matches(entry_id, known, n=1):
        advice = sentence("did you mean {close!r}?", close=close[0])
    else:
        advice = sentence("remove it")
    if complete:
        return sentence("follow-up {id!r} is no entry's id; {advice}", id=entry_id, advice=advice)
    return sentence(
        "follow-up {id!r} is no entry's id in the files that could be read; {advice}", id=entry_id, advice=advice
    )

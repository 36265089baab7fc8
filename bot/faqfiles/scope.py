"""What has to hold between the entries of one scope, whichever files they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..core.text import clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..core.errors import Problem
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

    def place(self, *steps: str | int) -> str:
        """Return file and line of something in the entry, as a problem names it."""
        return f"{self.document.name}:{self.document.line_of((*self.location, *steps))}"

    def problem(self, message: str, *steps: str | int) -> Problem:
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
            yield one.problem(f"the id {one.entry.id!r} is taken at {other.place('id')}; choose another", "id")
        else:
            first[one.entry.id] = one


def _find_double_phrasings(placed: Sequence[Placed]) -> Iterator[Problem]:
    enabled: dict[str, tuple[Placed, str]] = {}
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
                yield one.problem(f"this phrasing stands at {place} already; remove one", *steps)
            else:
                yield one.problem(
                    f"the same phrasing belongs to entry {other.entry.id!r} at {place}; the bot could not tell them "
                    "apart: keep it in one of them",
                    *steps,
                )


def _find_dangling_follow_ups(placed: Sequence[Placed], *, complete: bool) -> Iterator[Problem]:
    unknown = "is no entry's id" if complete else "is no entry's id in the files that could be read"
    enabled = {one.entry.id: one.entry.enabled for one in placed if one.entry.id}
    for one in placed:
        seen: set[str] = set()
        for number, entry_id in enumerate(one.entry.follow_ups):
            if not entry_id:
                continue
            if entry_id in seen:
                fault = "is named twice; remove one"
            elif entry_id == one.entry.id:
                fault = "is the entry itself; remove it"
            elif entry_id not in enabled:
                close = get_close_matches(entry_id, enabled, n=1)
                fault = f"{unknown}; " + (f"did you mean {close[0]!r}?" if close else "remove it")
            elif not enabled[entry_id] and one.entry.enabled:
                fault = "is an entry that is not enabled; enable it, or remove the follow-up"
            else:
                fault = ""
            seen.add(entry_id)
            if fault:
                yield one.problem(f"follow-up {entry_id!r} {fault}", "follow_ups", number)

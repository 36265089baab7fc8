"""What has to hold between the entries of a server after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .speech import sentence
from .text import clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .speech import Sentence
    from .types import Entry


def merged(own: Mapping[str, Entry], after: Mapping[str, Entry | None]) -> dict[str, Entry]:
    """Return a server's own entries after some of them were set, or removed (None)."""
    both = {**own, **after}
    return {entry_id: entry for entry_id, entry in both.items() if entry is not None}


def find_reasons(
    entries: Sequence[Entry], touched: Iterable[str], earlier: Iterable[Entry] = (), *, typed: bool = True
) -> Iterator[Sentence]:
    """Yield why a server's entries would not be sound.

    Args:
        entries: All of them, those that are not enabled too.
        touched: Ids of those that are to be changed; what is wrong with the others is not for this change to mend.
        earlier: All of them as they were. What was written earlier may refer to what was removed since: that does no
            harm, and must not keep anybody from changing something else about an entry.
        typed: Whether somebody has just written them; else they are as they once were, so that the same holds.
    """
    touched = set(touched)
    ids = {entry.id for entry in entries}
    referred = {entry.id: entry.follow_ups for entry in earlier}
    owners: dict[str, str] = {}
    # The others first, so that it is the changed entry that is refused.
    for entry in sorted(entries, key=lambda entry: entry.id in touched):
        seen = set[str]()
        for phrasing in entry.phrasings:
            key = phrasing_key(phrasing) or clean(phrasing)
            owner = owners.get(key)
            if entry.id in touched and key in seen:
                yield sentence("The phrasing “{phrasing}” is there twice; keep one.", phrasing=phrasing)
            elif entry.id in touched and entry.enabled and owner is not None:
                yield sentence(
                    "The phrasing “{phrasing}” belongs to “{id}” already; the bot could not tell them apart.",
                    phrasing=phrasing,
                    id=owner,
                )
            seen.add(key)
        if entry.enabled:
            owners |= {key: entry.id for key in seen if key not in owners}
        for follow_up in entry.follow_ups if typed and entry.id in touched else ():
            if follow_up == entry.id or follow_up not in {*ids, *referred.get(entry.id, ())}:
                yield sentence("The follow-up “{id}” is no other entry's id; leave it out.", id=follow_up)

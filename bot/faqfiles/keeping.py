"""Entries as bytes, so that files that did not change need be neither parsed nor checked again."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import astuple
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..core.types import Entry, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..core.types import FaqScope

_ROOMS = ("core", "faqfiles", "yamlfile")
"""Folders of the program on whose modules it depends what a file means, and whether it is sound."""

_LEVEL = 1
"""Of zlib: a third of the size in a hundredth of the time that parsing takes; more of either gains little."""


class Cache(Protocol):
    """The part of a Store that keeps entries."""

    async def read_kept(self, name: str) -> bytes | None:
        """See Store."""
        ...

    async def keep(self, name: str, content: bytes) -> None:
        """See Store."""
        ...


def name_entries(parts: Iterable[str | bytes]) -> str:
    """Return a name for what is read from files: another one wherever their places, contents or the program differ.

    Args:
        parts: Everything that the entries depend on, in order.
    """
    digest = hashlib.sha256(_program().encode())
    for part in parts:
        content = part.encode(errors="surrogateescape") if isinstance(part, str) else part
        # With its length, so that nothing can move from one part to the next unnoticed.
        digest.update(b"%d " % len(content) + content)
    return digest.hexdigest()


@cache
def _program() -> str:
    """Return a digest of everything that reads: nobody has to remember to raise a number."""
    digest = hashlib.sha256()
    here = Path(__file__).parents[1]
    for file in sorted(file for room in _ROOMS for file in (here / room).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def pack_entries(scopes: Mapping[FaqScope, Sequence[Entry]]) -> bytes:
    """Return entries as bytes; what several scopes have in common is there once."""
    places: dict[Entry, int] = {}
    for entries in scopes.values():
        for entry in entries:
            places.setdefault(entry, len(places))
    content = {
        "entries": [astuple(entry) for entry in places],
        "scopes": [[scope, [places[entry] for entry in entries]] for scope, entries in scopes.items()],
    }
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def unpack_entries(content: bytes) -> dict[FaqScope, list[Entry]] | None:
    """Return the entries that `pack_entries` was given, None if the bytes are damaged."""
    try:
        read: dict[str, Any] = json.loads(zlib.decompress(content))
        entries = [_to_entry(values) for values in read["entries"]]
        return {scope: [entries[place] for place in places] for scope, places in read["scopes"]}
    except (zlib.error, ValueError, KeyError, TypeError, IndexError):
        return None


def _to_entry(values: Sequence[Any]) -> Entry:
    identifier, question, answer, alternates, tags, links, follow_ups, enabled = values
    return Entry(
        identifier,
        question,
        answer,
        tuple(alternates),
        tuple(tags),
        tuple(Link(*link) for link in links),
        tuple(follow_ups),
        enabled,
    )

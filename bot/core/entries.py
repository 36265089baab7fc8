"""Entries as JSON knows them, and a server's own entries laid over those of the files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from .types import Entry, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def to_plain(entry: Entry) -> dict[str, Any]:
    """Return an entry as mappings, lists and texts, with the keys of the FAQ files."""
    return {
        "id": entry.id,
        "question": entry.question,
        "alternates": list(entry.alternates),
        "answer": entry.answer,
        "tags": list(entry.tags),
        "links": [{"label": link.label, "url": link.url} for link in entry.links],
        "follow_ups": list(entry.follow_ups),
        "enabled": entry.enabled,
    }


def from_plain(plain: Mapping[str, Any]) -> Entry:
    """Return the entry that `to_plain` was given.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
    """
    return Entry(
        id=plain["id"],
        question=plain["question"],
        answer=plain["answer"],
        alternates=tuple(plain["alternates"]),
        tags=tuple(plain["tags"]),
        links=tuple(Link(link["label"], link["url"]) for link in plain["links"]),
        follow_ups=tuple(plain["follow_ups"]),
        enabled=plain["enabled"],
    )


class Origin(StrEnum):
    """Where an entry comes from."""

    FILE = "file"
    """A file of the operator; it cannot be changed from within Discord."""
    OWN = "own"
    """The server itself."""
    OVERRIDE = "override"
    """The server itself, in place of an entry of the files."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as one server has it, in use or not.

    Attributes:
        entry: The entry.
        origin: Where it comes from.
    """

    entry: Entry
    origin: Origin


def overlay(filed: Sequence[Entry], own: Mapping[str, Entry]) -> tuple[Listed, ...]:
    """Return the entries of a server: those of the files, replaced by its own of the same id, and then its others."""
    in_files = {entry.id for entry in filed}
    listed = [
        Listed(own[entry.id], Origin.OVERRIDE) if entry.id in own else Listed(entry, Origin.FILE) for entry in filed
    ]
    return (*listed, *(Listed(entry, Origin.OWN) for entry in own.values() if entry.id not in in_files))


def usable(listing: Iterable[Listed]) -> tuple[Entry, ...]:
    """Return the entries that are enabled, without follow-ups to what is not.

    A file may lose an entry that a server's own one refers to; that must not stop the rest.
    """
    enabled = [listed.entry for listed in listing if listed.entry.enabled]
    ids = {entry.id for entry in enabled}
    return tuple(
        entry
        if ids.issuperset(entry.follow_ups)
        else replace(entry, follow_ups=tuple(one for one in entry.follow_ups if one in ids))
        for entry in enabled
    )

"""Completing a question that somebody is still typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .types import Entry


def complete(entries: Iterable[Entry], typed: str, limit: int) -> list[Entry]:
    """Return the entries that a half-typed question may become.

    Every typed word must begin some word of one phrasing. Entries whose question begins with the typed text come
    first, then those whose question has the words, then those of which an alternate has them; within each group in
    the FAQ's order. Nothing typed yet offers the FAQ from its beginning.

    Args:
        entries: The FAQ.
        typed: What was typed so far.
        limit: How many entries at most.
    """
    sought = clean(typed).casefold()
    ranked: list[list[Entry]] = [[], [], []]
    for entry in entries:
        rank = _rank(entry, sought)
        if rank is not None:
            ranked[rank].append(entry)
    return [entry for group in ranked for entry in group][:limit]


def _rank(entry: Entry, sought: str) -> int | None:
    question = entry.question.casefold()
    words = sought.split()
    if question.startswith(sought):
        return 0
    if _has_all(question.split(), words):
        return 1
    if any(_has_all(alternate.casefold().split(), words) for alternate in entry.alternates):
        return 2
    return None


def _has_all(words: Sequence[str], beginnings: Sequence[str]) -> bool:
    return all(any(word.startswith(beginning) for word in words) for beginning in beginnings)

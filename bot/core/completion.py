"""Completing a question that somebody is still typing."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .types import Entry

INDEXED_FROM = 1_000
"""Phrasings; to read through fewer takes some milliseconds."""
MOST_KEPT = 4
"""Indexes, of some ten megabytes for 100,000 phrasings."""


def complete(
    entries: Iterable[Entry], typed: str, limit: int, *, made_of: tuple[object, ...] | None = None
) -> list[Entry]:
    """Return the entries that a half-typed question may become.

    Every typed word must begin some word of one phrasing. Entries whose question begins with the typed text come
    first, then those whose question has the words, then those of which an alternate has them; within each group in
    the FAQ's order. Nothing typed yet offers the FAQ from its beginning.

    Args:
        entries: The FAQ. Where it is a large tuple, an index of it is made in a thread, and kept for
            the next strokes of a key.
        typed: What was typed so far.
        limit: How many entries at most.
        made_of: A tuple of which the entries were made anew, and always will be the same ones; they themselves by
            default.
    """
    origin = entries if made_of is None and isinstance(entries, tuple) else made_of
    entries = entries if isinstance(entries, tuple) else tuple(entries)
    index = find_index(origin, entries) if origin is not None else None
    # Building takes longer than reading through: who types before it is built should not wait for it.
    places = index.result().find(typed, limit) if index and index.done() else read_through(entries, typed)
    return [entries[place] for place in places[:limit]]


def read_through(entries: Iterable[Entry], typed: str) -> list[int]:
    """Return where the entries are that a half-typed question may become, as `complete` does, without an index."""
    sought = clean(typed).casefold()
    ranked: list[list[int]] = [[], [], []]
    for place, entry in enumerate(entries):
        rank = _rank(entry, sought)
        if rank is not None:
            ranked[rank].append(place)
    return [place for group in ranked for place in group]


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


class CompletionIndex:
    """Finds what `read_through` finds, in a time that hardly depends on the size of the FAQ.

    The words of all phrasings are kept in their order, and one after the other the phrasings of each: those with a word
    that begins in a certain way stand together.

    Args:
        entries: The FAQ; nothing of it is kept but its words.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        counts = [1 + len(entry.alternates) for entry in entries]
        self._entry_of = np.repeat(np.arange(len(entries)), counts)
        self._question_of = np.cumsum([0, *counts])[:-1]
        questions = [entry.question.casefold() for entry in entries]
        order = sorted(range(len(questions)), key=questions.__getitem__)
        self._questions = [questions[place] for place in order]
        self._places = np.array(order, dtype=np.intp)
        self._words, self._starts, self._phrasings = _index_words(entries)

    def find(self, typed: str, limit: int) -> list[int]:
        """Return the places of the first entries that a half-typed question may become, see `complete`."""
        sought = clean(typed).casefold()
        found = np.sort(self._places[_beginning_with(self._questions, sought)])
        if len(found) >= limit:
            return found[:limit].tolist()
        fits = np.ones(len(self._entry_of), dtype=np.bool_)
        for word in dict.fromkeys(sought.split()):
            has = np.zeros_like(fits)
            span = _beginning_with(self._words, word)
            has[self._phrasings[self._starts[span.start] : self._starts[span.stop]]] = True
            fits &= has
        by_question = np.flatnonzero(fits[self._question_of])
        by_any = self._entry_of[fits]
        # In the order of the groups; who is in several of them belongs to the first.
        return list(dict.fromkeys(chain(found.tolist(), by_question.tolist(), by_any.tolist())))[:limit]


def _index_words(entries: Sequence[Entry]) -> tuple[list[str], NDArray[np.intp], NDArray[np.int32]]:
    """Return all words in their order, where the phrasings of each begin (and the last end), and the phrasings."""
    numbers: dict[str, int] = {}
    seen, phrasings = array("i"), array("i")
    for phrasing, text in enumerate(chain.from_iterable(entry.phrasings for entry in entries)):
        words = text.casefold().split()
        seen.extend([numbers.setdefault(word, len(numbers)) for word in words])
        phrasings.extend([phrasing] * len(words))
    words = sorted(numbers)
    ranks = np.empty(len(words), dtype=np.int32)
    ranks[[numbers[word] for word in words]] = np.arange(len(words))
    ranked = ranks[np.frombuffer(seen, dtype=np.int32)] if seen else np.zeros(0, dtype=np.int32)
    starts = np.concatenate(([0], np.cumsum(np.bincount(ranked, minlength=len(words))))).astype(np.intp)
    return words, starts, np.array(phrasings, dtype=np.int32)[np.argsort(ranked, kind="stable")]


def _beginning_with(ordered: Sequence[str], beginning: str) -> slice:
    """Return where those stand that begin in some way."""
    length = len(beginning)
    start = bisect_left(ordered, beginning)
    return slice(start, bisect_right(ordered, beginning, lo=start, key=lambda text: text[:length]))


_builder = ThreadPoolExecutor(1, "faqtotum-completion")
_kept: dict[int, tuple[object, Future[CompletionIndex]]] = {}
"""The latest indexes, the oldest use first, by the identities of that of which they were made, which they keep alive:
nothing else can have the same identity."""


def find_index(origin: object, entries: Sequence[Entry]) -> Future[CompletionIndex] | None:
    """Return the index of an FAQ, which a thread may still be building; None if the FAQ is too small for one.

    Args:
        origin: By this the index is found again; whoever asks with the same object has the same entries.
        entries: The FAQ.
    """
    kept = _kept.pop(id(origin), None)
    if kept is None:
        if sum(1 + len(entry.alternates) for entry in entries) < INDEXED_FROM:
            return None
        kept = origin, _builder.submit(CompletionIndex, entries)
    _kept[id(origin)] = kept
    if len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return kept[1]

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.completion import INDEXED_FROM, MOST_KEPT, CompletionIndex, complete, find_index, read_through
from bot.core.text import clean
from bot.core.types import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

FAQ = [
    Entry("card", "How do I get a replacement card?", "a", ("I lost my card",)),
    Entry("enrol", "When can I sign up?", "a", ("How do I enrol in the card programme?",)),
    Entry("cost", "How much does it cost?", "a"),
]
LARGE = tuple(
    Entry(f"e{number}", f"How about no. {number}?", "a", (f"word{number}",)) for number in range(INDEXED_FROM)
)

texts = st.one_of(st.text("aAbß \u2003İ\U0010ffff", max_size=8), st.text(max_size=8))
faqs = st.lists(st.builds(Entry, texts, texts, texts, st.lists(texts, max_size=3).map(tuple)), max_size=6)


def ids(typed: str, limit: int = 25) -> list[str]:
    return [entry.id for entry in complete(FAQ, typed, limit)]


def meant(entries: Sequence[Entry], typed: str) -> list[int]:
    """What is to be found, in the plainest words."""
    sought = clean(typed).casefold()
    words = sought.split()

    def has_all(text: str) -> bool:
        return all(any(one.startswith(word) for one in text.casefold().split()) for word in words)

    def rank(entry: Entry) -> int:
        if entry.question.casefold().startswith(sought):
            return 0
        return 1 if has_all(entry.question) else 2 if any(map(has_all, entry.alternates)) else 3

    ranks = [rank(entry) for entry in entries]
    return [place for wanted in range(3) for place, rank in enumerate(ranks) if rank == wanted]


def test_nothing_typed_offers_the_faq_from_its_beginning() -> None:
    assert ids("") == ["card", "enrol", "cost"]
    assert ids("", 2) == ["card", "enrol"]


def test_the_beginning_of_a_question_comes_first() -> None:
    assert ids("how m") == ["cost"]
    assert ids("How do i get") == ["card"]


def test_each_word_may_be_half_typed_and_in_any_order() -> None:
    assert ids("car repl") == ["card"]


def test_alternates_are_searched_after_questions() -> None:
    assert ids("card") == ["card", "enrol"]
    assert ids("lost") == ["card"]


def test_what_matches_nothing_offers_nothing() -> None:
    assert ids("weather") == []


@given(st.text(max_size=30), st.integers(1, 25))
def test_never_more_than_asked_for_and_no_entry_twice(typed: str, limit: int) -> None:
    found = ids(typed, limit)
    assert len(found) <= limit
    assert len(set(found)) == len(found)


@given(faqs, texts, st.integers(1, 7))
def test_an_index_finds_what_reading_through_finds(entries: list[Entry], typed: str, limit: int) -> None:
    wanted = meant(entries, typed)
    assert read_through(entries, typed) == wanted
    assert CompletionIndex(entries).find(typed, limit) == wanted[:limit]


@given(faqs, st.data())
def test_half_of_what_stands_in_the_faq_is_completed_alike(entries: list[Entry], data: st.DataObject) -> None:
    words = [word for entry in entries for text in entry.phrasings for word in text.split()] or ["a"]
    halves = st.sampled_from(words).map(lambda word: word[: len(word) // 2 + 1].swapcase())
    typed = " ".join(data.draw(st.lists(halves, max_size=3)))
    assert CompletionIndex(entries).find(typed, 5) == meant(entries, typed)[:5]


@pytest.mark.parametrize("typed", ["", "how about no. 99", "WORD7", "no", "999", "word99 word"])
def test_a_large_faq_is_completed_alike_before_and_after_its_index_is_built(typed: str) -> None:
    wanted = [LARGE[place] for place in meant(LARGE, typed)[:25]]
    assert complete(LARGE, typed, 25) == wanted
    building = find_index(LARGE, LARGE)
    assert building
    building.result()
    assert complete(LARGE, typed, 25) == wanted
    listing = tuple(zip(LARGE))
    assert complete((entry for (entry,) in listing), typed, 25, made_of=listing) == wanted


def test_an_index_is_built_once_and_the_oldest_of_too_many_is_dropped() -> None:
    first, *others = ((*LARGE,) for _ in range(MOST_KEPT + 1))
    built = find_index(first, first)
    for other in others[:-1]:
        find_index(other, other)
    assert find_index(first, first) is built
    for one, other in pairwise(others):
        assert find_index(other, other) is not find_index(one, one)
    assert find_index(first, first) is not built


def test_what_is_small_or_may_change_has_no_index() -> None:
    assert find_index(LARGE[:10], LARGE[:10]) is None
    changing = list(LARGE[:5])
    assert len(complete(changing, "", 25)) == 5
    changing += LARGE[5:]
    assert len(complete(changing, "", len(LARGE))) == len(LARGE)

from hypothesis import given
from hypothesis import strategies as st

from bot.core.completion import complete
from bot.core.types import Entry

FAQ = [
    Entry("card", "How do I get a replacement card?", "a", ("I lost my card",)),
    Entry("enrol", "When can I sign up?", "a", ("How do I enrol in the card programme?",)),
    Entry("cost", "How much does it cost?", "a"),
]


def ids(typed: str, limit: int = 25) -> list[str]:
    return [entry.id for entry in complete(FAQ, typed, limit)]


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

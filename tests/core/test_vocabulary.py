import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.vocabulary import NO_WORDS, Vocabulary

words = st.lists(st.text(max_size=6), max_size=30)


@given(words, st.text(max_size=7))
def test_it_knows_what_it_was_made_of_in_the_order_of_frequency(given: list[str], other: str) -> None:
    vocabulary = Vocabulary.of(given)
    expected = [*dict.fromkeys(filter(None, given))]
    assert [*vocabulary] == expected
    assert len(vocabulary) == len(expected)
    assert bool(vocabulary) == bool(expected)
    assert [vocabulary.rank(word) for word in expected] == [*range(len(expected))]
    assert (other in vocabulary) == (other in expected)
    for length in range(9):
        assert vocabulary.of_length(length) == sorted(word for word in expected if len(word) == length)


@pytest.mark.parametrize("word", ["", "c", "abd", "aaa", "zzz", "longest", "longests"])
def test_what_is_not_there_has_no_place(word: str) -> None:
    vocabulary = Vocabulary.of(["abc", "be", "longer"])
    assert word not in vocabulary
    with pytest.raises(KeyError, match=repr(word)):
        vocabulary.rank(word)


def test_only_words_can_be_in_it() -> None:
    assert 3 not in Vocabulary.of(["abc"])


def test_no_words_are_none() -> None:
    assert not NO_WORDS
    assert [*NO_WORDS] == []
    assert NO_WORDS.of_length(3) == []


@pytest.mark.parametrize("ranks", [[], [0], [0, 1, 2]])
def test_each_word_needs_a_place(ranks: list[int]) -> None:
    with pytest.raises(ValueError, match=f"{len(ranks)} places for 2 words"):
        Vocabulary(["", "", "abbe"], ranks)


def test_it_takes_a_fraction_of_the_memory_of_a_dict() -> None:
    many = [f"{number:x}th" for number in range(20_000)]
    stored = pickle.dumps(many)

    def measure(packed: bool) -> int:  # noqa: FBT001
        tracemalloc.start()
        kept: object = Vocabulary.of(pickle.loads(stored)) if packed else dict.fromkeys(pickle.loads(stored), 0)  # noqa: S301
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept
        return size

    assert measure(packed=True) < 0.15 * measure(packed=False)

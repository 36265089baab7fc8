import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.core.vocabulary import Vocabulary
from bot.matching import spelling
from bot.matching.spelling import LONGEST, Speller

FAQ = ["How do I reset my password?", "Where can I change my Faqtotum subscription?", "Is the payment secure?"]
VOCABULARY = (
    *("the", "and", "you", "for", "that", "this", "with", "have", "what", "does", "when", "open", "friend", "because"),
    *("really", "weird", "empire", "account", "walk", "bake", "happy", "please", "tomorrow", "their", "there", "world"),
    *("e4053", "don't", "straße"),
)


def speller_of(texts: Iterable[str], words: Iterable[str]) -> Speller:
    return Speller(texts, Vocabulary.of(words))


@pytest.fixture(scope="module")
def speller() -> Speller:
    return speller_of(FAQ, VOCABULARY)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("how to reset my passsword", "how to reset my password"),  # doubled
        ("how to reset my pasword", "how to reset my password"),  # missing
        ("how to reset my passwrod", "how to reset my password"),  # swapped
        ("how to reset my passwird", "how to reset my password"),  # another
        ("how to rseet it", "how to reset it"),
        ("change my subscribtoin", "change my subscription"),  # two slips in a long word
        ("open my acount", "open my account"),  # not a word of the FAQ
        ("open my accounnt", "open my account"),
        ("open my accuont", "open my account"),
        ("What, my Pasword?!", "What, my password?!"),
        ("reset my PASWORD", "reset my password"),
        ("my (pasword), please", "my (password), please"),
        ("reset my pasword, what pasword", "reset my password, what password"),
        ("pasword", "password"),  # one word alone may be a slip
    ],
)
def test_slips_are_repaired(speller: Speller, written: str, read: str) -> None:
    assert speller.repair(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "\U0001f600 \U0001f600",
        "what does the FAQTOTUM subscription open",  # of the FAQ
        "PASSWORD RESET",
        "HAPPY friend",  # of the vocabulary
        "friends walked and bakes happyness walker baking",  # inflections
        "wat teh adn",  # too short
        "open the expire",  # one letter for another: a word that the vocabulary lacks
        "open the gmpirf",  # two slips from a word that is not the FAQ's
        "open the qassworc",  # two slips and another first letter
        "open the don't, and didn't, and does’nt",  # apostrophes
        f"open the {'x' * (LONGEST + 1)}",
        "wo kann ich mein Passwort ändern bitte",  # another language
        "где мой пароль",
        "pasword acount",  # most of it unknown
        "open the ½½½½ ⅷⅷⅷⅷ",
    ],
)
def test_what_may_be_meant_stays(speller: Speller, text: str) -> None:
    assert speller.repair(text) == text


def test_a_word_of_the_faq_is_preferred_to_another() -> None:
    assert speller_of(["the zcable"], ["the", "acables"]).repair("the acable") == "the zcable"
    assert speller_of([], ["the", "acables"]).repair("the acable") == "the acables"


@pytest.mark.parametrize(
    ("written", "near"),
    [("baking", "banking"), ("baked", "banked"), ("walks", "walls"), ("walking", "walkding"), ("walkly", "walklay")],
)
def test_inflections_stay_even_if_another_word_is_near(written: str, near: str) -> None:
    assert speller_of([near], ["the", "bake", "walk"]).repair(f"the {written}") == f"the {written}"
    assert speller_of([near], ["the"]).repair(f"the {written}") == f"the {near}"


def test_of_equal_words_the_more_used_and_the_more_frequent_are_preferred() -> None:
    assert speller_of(["tablet, cablet", "cablet"], ["the"]).repair("the xablet") == "the cablet"
    assert speller_of([], ["the", "chaint", "chain"]).repair("the chainn") == "the chain"
    assert speller_of([], ["the", "planes", "planet"]).repair("the plane") == "the planes"
    assert speller_of([], ["the", "planet", "planes"]).repair("the plane") == "the planet"


def test_the_same_first_letter_is_preferred() -> None:
    assert speller_of(["card lard lard"], ["the"]).repair("the cardd") == "the card"
    assert speller_of(["mills mills pills"], ["the"]).repair("the pille") == "the pills"
    assert speller_of([], ["the", "stable", "tables"]).repair("the table") == "the tables"


def test_one_slip_is_preferred_to_two() -> None:
    assert speller_of(["refunding refunded", "refunded refunded"], ["the"]).repair("the refundimg") == "the refunding"


def test_without_a_vocabulary_nothing_is_repaired() -> None:
    assert speller_of(FAQ, ()).repair("how to reset my pasword") == "how to reset my pasword"


def test_without_an_faq_the_vocabulary_is_enough() -> None:
    assert speller_of((), VOCABULARY).repair("open my acount") == "open my account"


@pytest.mark.parametrize("code", ["rejet2", "4payents", "x1resat", "resett_2"])
def test_words_with_digits_stay(speller: Speller, code: str) -> None:
    assert speller.repair(f"what does {code} open") == f"what does {code} open"


def test_words_that_do_not_count_crowd_out_none_that_does() -> None:
    others = ["frond", "fiend", "freed", "trend", "fretd", "frenk"]
    assert speller_of((), ["the", "friend"]).repair("the frend") == "the friend"
    assert speller_of((), ["the", "friend", *others]).repair("the frend") == "the friend"


@pytest.mark.timeout(20)
def test_a_long_message_is_read_in_no_time(speller: Speller) -> None:
    endless = "x" * 100_000
    assert speller.repair(endless) == endless
    slips = " ".join(f"the the the pasw{'o' * (length % 50)}rd" for length in range(600))
    assert speller.repair(slips).count("password") == 24


known = st.sampled_from([*VOCABULARY, "password", "subscription", "secure"])
slipped = known.flatmap(
    lambda word: st.integers(0, len(word)).map(lambda at: word[:at] + word[at : at + 1] + word[at:])
)
messages = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(known, known, slipped, st.text(max_size=6)), max_size=12).map(" ".join),
)


@given(messages)
def test_only_words_change_and_none_comes_or_goes(text: str) -> None:
    repaired = speller_of(FAQ, VOCABULARY).repair(text)
    between = spelling._WORD.split(text)
    assert spelling._WORD.split(repaired) == between
    assert len(spelling._WORD.findall(repaired)) == len(between) - 1
    assert re.sub(r"[^\W_]", "", repaired) == re.sub(r"[^\W_]", "", text)


@given(messages)
def test_a_repaired_text_needs_no_repair(text: str) -> None:
    speller = speller_of(FAQ, VOCABULARY)
    repaired = speller.repair(text)
    assert speller.repair(repaired) == repaired


@given(st.lists(known, max_size=12).map(" ".join), st.booleans())
def test_known_words_stay(text: str, shouted: bool) -> None:  # noqa: FBT001
    written = text.upper() if shouted else text
    assert speller_of(FAQ, VOCABULARY).repair(written) == written


@given(st.lists(st.text("abc", min_size=4, max_size=8), max_size=40), st.text("abc", min_size=5, max_size=7))
def test_the_words_one_slip_away_are_all_found(words: list[str], written: str) -> None:
    def is_near(word: str) -> bool:
        is_other_letter = len(word) == len(written) and sorted(word) != sorted(written)
        return len(word) >= spelling.SHORTEST_GENERAL and OSA.distance(word, written) == 1 and not is_other_letter

    vocabulary = Vocabulary.of(word for word in words if word != written)
    found = Speller((), vocabulary)._near_general(written)
    assert sorted(word for _, _, word in found) == sorted(filter(is_near, vocabulary))
    assert all(rank == vocabulary.rank(word) for _, rank, word in found)

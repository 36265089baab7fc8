import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clean, phrasing_key
from bot.core.types import Entry
from bot.matching import MIN_ENTRIES, MIN_PHRASINGS, build_corpus, is_too_small
from bot.matching.matcher import to_title
from tests.matching.made import entries_of


def titles_of(*ids: str) -> list[str]:
    corpus = build_corpus([Entry(entry_id, f"question {number}", "a") for number, entry_id in enumerate(ids)])
    return [text for text, is_title in zip(corpus.texts, corpus.titles, strict=True) if is_title]


@pytest.mark.parametrize(
    ("entry_id", "title"),
    [
        ("activate-my-card", "activate my card"),
        ("activate_my_card", "activate my card"),
        ("ActivateMyCard", "Activate My Card"),
        ("activateMyCARD", "activate My CARD"),
        ("top-up", "top up"),
        ("to-up", ""),  # no word of three letters
        ("reset-2fa", "reset 2fa"),
        ("error.403", "error 403"),
        ("öffnen", "öffnen"),
        ("пароль-2", "пароль 2"),
        ("q17", ""),
        ("a1b2", ""),
        ("404", ""),
        ("---", ""),
        ("", ""),
    ],
)
def test_titles(entry_id: str, title: str) -> None:
    assert to_title(entry_id) == title


@pytest.mark.parametrize(
    ("ids", "titles"),
    [
        (["refund", "q17"], ["refund"]),
        (["faq-1", "faq-2", "refund"], ["refund"]),
        (["faq-1", "FAQ-2", "Faq"], []),
        (["faq-1"], ["faq 1"]),
        (["2fa-reset", "2fa-lost"], ["2fa reset", "2fa lost"]),
        (["q1", "q2", "item-1-b", "item-2-b"], []),
        (["LostCard", "lost-card-2"], []),
        (["LostCard", "stolen-card"], ["Lost Card", "stolen card"]),
    ],
)
def test_ids_count_if_they_say_something_of_their_own(ids: list[str], titles: list[str]) -> None:
    assert titles_of(*ids) == titles


def test_an_entry_has_its_phrasings_cleaned_and_then_its_id_in_words() -> None:
    entries = [
        Entry("lost-card", "My **card** is\nlost!", "a", ("Card gone <:sad:123>", "<:sad:123>")),
        Entry("q2", "What does it cost?", "a"),
        Entry("fees", "Which fees are there?", "a"),
    ]
    corpus = build_corpus(entries)
    assert corpus.entries == tuple(entries)
    assert corpus.texts == (
        *("My card is lost!", "Card gone", "", "lost card"),
        *("What does it cost?",),
        *("Which fees are there?", "fees"),
    )
    assert corpus.labels.tolist() == [0, 0, 0, 0, 1, 2, 2]
    assert corpus.titles.tolist() == [False, False, False, True, False, False, True]
    assert corpus.to_embed[:4] == ["My card is lost?", "Card gone?", "?", "lost card?"]


def test_an_id_that_repeats_a_phrasing_adds_nothing() -> None:
    entries = [Entry("what-is-that", "What is that?", "a"), Entry("lost-card", "Where?", "a", ("LOST  card...",))]
    corpus = build_corpus(entries)
    assert corpus.texts == ("What is that?", "Where?", "LOST card...")
    assert not corpus.titles.any()


def test_an_empty_faq_has_nothing_to_compare() -> None:
    corpus = build_corpus([])
    assert (corpus.entries, corpus.texts, corpus.to_embed) == ((), (), [])
    assert (corpus.labels.shape, corpus.titles.shape) == ((0,), (0,))
    assert is_too_small(corpus)


ids = st.one_of(st.text("abCD12-_", max_size=8), st.text(max_size=8))


@given(st.lists(st.builds(Entry, ids, st.text(max_size=8), st.just("a"), st.lists(st.text(max_size=8)).map(tuple))))
def test_every_text_has_its_entry_and_nothing_is_lost(entries: list[Entry]) -> None:
    corpus = build_corpus(entries)
    assert len(corpus.texts) == len(corpus.to_embed) == len(corpus.labels) == len(corpus.titles)
    for number, entry in enumerate(entries):
        own = [at for at, label in enumerate(corpus.labels) if label == number]
        assert own == list(range(own[0], own[-1] + 1))
        phrasings = [corpus.texts[at] for at in own if not corpus.titles[at]]
        titles = [corpus.texts[at] for at in own if corpus.titles[at]]
        assert phrasings == [clean(phrasing) for phrasing in entry.phrasings]
        assert titles in ([], [to_title(entry.id)])
        assert not {phrasing_key(title) for title in titles} & {phrasing_key(phrasing) for phrasing in phrasings}
    keys = [phrasing_key(text) for text, is_title in zip(corpus.texts, corpus.titles, strict=True) if is_title]
    assert "" not in keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("sizes", "small"),
    [
        ([3] * MIN_ENTRIES, False),
        ([3] * (MIN_ENTRIES - 1), True),
        ([2] * (MIN_PHRASINGS // 2), False),
        ([2] * (MIN_PHRASINGS // 2 - 1), True),
        ([1] * (MIN_ENTRIES - 1) + [MIN_PHRASINGS], False),
        ([], True),
    ],
)
def test_what_is_too_small(sizes: list[int], small: bool) -> None:  # noqa: FBT001
    assert is_too_small(build_corpus(entries_of(sizes))) is small


def test_titles_make_no_faq_bigger() -> None:
    entries = [Entry(f"about-{'abcdefghijklmnopqrst'[number] * 3}", f"ask {number}", "a") for number in range(19)]
    corpus = build_corpus(entries)
    assert len(corpus.texts) == 38
    assert is_too_small(corpus)

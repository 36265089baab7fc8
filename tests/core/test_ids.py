import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import MAX_ID, is_id, make_id


@pytest.mark.parametrize(
    ("question", "made"),
    [
        ("How do I get a replacement card?", "how-do-i-get-a-replacement-card"),
        ("What's **new** in <#12345>?", "whats-new-in"),
        ("Łódź, naïve Straße, ﬁle №5", "lodz-naive-strasse-file-no5"),
        ("Don’t I pay £20?", "dont-i-pay-20"),
        ("Что такое VPN?", "vpn"),
        ("如何重置密码?", "entry"),
        ("???", "entry"),
        ("", "entry"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 80, "x" * 50),
        ("word " * 20, "-".join(["word"] * 10)),
    ],
)
def test_an_id_says_what_the_question_is_about(question: str, made: str) -> None:
    assert make_id(question, set()) == made


def test_a_number_tells_apart_what_would_be_the_same() -> None:
    taken = {"entry"}
    for expected in ("entry-2", "entry-3"):
        taken.add(made := make_id("密码?", taken))
        assert made == expected


def test_the_number_fits_behind_a_long_id_too() -> None:
    question = "one two three four five six seven eight nine ten eleven"
    stem = make_id(question, set())
    assert stem == "one-two-three-four-five-six-seven-eight-nine-ten"
    numbered = make_id(question, {stem, *(f"{stem}-{number}" for number in range(2, 10))})
    assert numbered == "one-two-three-four-five-six-seven-eight-nine-10"


@pytest.mark.parametrize("text", ["", "A", "a_b", "a--b", "-a", "a-", "a/b", "..", "é", "a" * 51, "a\n"])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)


@given(st.text(max_size=80), st.sets(st.sampled_from(["entry", "entry-2", "a", "a-2", "0"])))
def test_whatever_is_made_is_an_id_that_is_free(question: str, taken: set[str]) -> None:
    made = make_id(question, taken)
    assert is_id(made)
    assert len(made) <= MAX_ID
    assert made not in taken

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import text as texts
from bot.core.text import LONGEST, clean, content_hash, phrasing_key

# Text as members can make it: markup, invisible characters and everything else that Unicode has. No backslash: behind
# one, markup is meant literally and stays.
PIECES = [
    *("<@1>", "<@!22>", "<@&3>", "<#4>", "<:smile:5>", "<a:dance:6>", "@everyone", "@here", "</ask:7>", "<t:1:R>"),
    *("```py\nx\n```", "`x`", "[text](https://a.example)", "https://a.example/b?c=d", "[", "](", "<", ">"),
    *("**", "__", "~~", "||", "> ", "# ", "\r\n", "\u200b", "\u202e", "\ufe0f", "word ", "?"),
]
markup = st.lists(
    st.one_of(st.text(st.characters(exclude_characters="\\"), max_size=8), st.sampled_from(PIECES)), max_size=12
).map("".join)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("one\r\ntwo\nthree\rfour", "one two three four"),
        ("  lots   of\tspace ", "lots of space"),
        ("zero\u200bwidth \u202eright\u200f to left\ufeff", "zerowidth right to left"),
        ("soft\u00adhyphen and \u2800braille blank\u3164", "softhyphen and braille blank"),
        ("<@123> <@!123> <@&123> <#123> how?", "how?"),
        ("@everyone @here listen", "listen"),
        ("me@everyoneelse.org", "me@everyoneelse.org"),
        ("nice <:pepe:1234> <a:party:1234>", "nice"),
        ("at <t:1700000000:F> in <id:customize>", "at in"),
        ("use </ask:1234> or </faq reload:1234>", "use ask or faq reload"),
        ("see [the docs](https://docs.example 'x') or [this](<https://a.example>)", "see [the docs]( 'x') or this"),
        ("see [the docs](https://docs.example/a_b)", "see the docs"),
        ('[t](https://a.example "hover")', "t"),
        ("is https://example.com/a?b=c down", "is down"),
        ("<https://example.com>", ""),
        ("what is ```py\nprint(1)\n``` for?", "what is for?"),
        ("```\nerror 403\n```", "error 403"),
        ("unfinished ```js\nfoo", "unfinished"),
        ("run `faqtotum check` now", "run faqtotum check now"),
        ("**bold** __under__ *it* ~~gone~~ ||secret|| snake_case", "bold under it gone secret snake_case"),
        ("> quoted\n# heading\n-# small\n- item\n* item", "quoted heading small item item"),
        (r"2 \* 3 \_ \>", "2 * 3 _ >"),
        ("\uff28\uff45\uff4c\uff50 \U0001d4d7\U0001d4f2", "Help Hi"),
        ("\u2764\ufe0f ok", "\u2764 ok"),
        ("", ""),
        ("\u200b\u200d\n", ""),
    ],
)
def test_cleaning(typed: str, read: str) -> None:
    assert clean(typed) == read


@given(markup)
def test_cleaned_text_is_one_visible_line_without_mentions(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == " ".join(cleaned.split())
    assert not any(unicodedata.category(char) in {"Cf", "Cc", "Cs"} for char in cleaned)
    for mention in ("<@1>", "<@!22>", "<@&3>", "<#4>", "<:smile:5>", "<a:dance:6>"):
        assert mention not in cleaned
    assert "```" not in cleaned


@given(st.text(alphabet=st.characters(whitelist_categories=["Lu", "Ll", "Nd"], max_codepoint=127), max_size=50))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.timeout(20)
def test_long_hostile_text_is_cleaned_in_no_time() -> None:
    # Each is a trap for careless patterns: a quadratic one would take minutes at this length.
    for hostile in ("<@", "[", "[a](", "`", "*", "\u200b", "\\", "a.", "<:", "</", "> ", "://", "a://", "@", "<t:1"):
        long = hostile * (200_000 // len(hostile))
        clean(long)
        texts._strip_markup(texts._CODE_FENCE.sub(" ", long))


@pytest.mark.parametrize(
    "letter",
    ["\ufdfa", "\u0301\u0327", "a\u0327\u0301", "\u33c2", "word ", "\u200b", "<@1> "],
    ids=["ligature", "marks", "letters with marks", "squared", "plain", "invisible", "markup"],
)
def test_no_text_grows_beyond_what_is_read(letter: str) -> None:
    for length in (4_000, 50_000):
        assert len(clean(letter * (length // len(letter)))) <= LONGEST


def test_all_of_a_message_is_read() -> None:
    # Discord takes 4,000 characters, and no letter of a language in use becomes more than two.
    for letter in ("a", "\u5bc6", "\u0132", "\uff41", "\u1e9b\u0323"):
        assert clean(letter * 4_000) == clean(letter) * 4_000


def test_marks_on_one_letter_are_read_in_their_order() -> None:
    assert clean("x" + "\u0301\u0327" * 1_000) == "x" + "\u0327" * 1_000 + "\u0301" * 1_000


def test_phrasings_are_the_same_whatever_their_case_spaces_and_final_marks() -> None:
    assert phrasing_key("How do  I **reload**?") == phrasing_key("how do I reload ?!")
    assert phrasing_key("How do I reload?") != phrasing_key("How do we reload?")


def test_content_hash_is_sha256() -> None:
    assert content_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_nothing_invisible_is_printable_to_python() -> None:
    wrong = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isprintable() and is_hidden(char)]
    assert wrong == []


def is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cf", "Cc", "Cs", "Co", "Cn"}


plain = st.lists(st.sampled_from([*"aZ9é密,.;:?!'\u2019\"%&()+=-_*#>\n\t", "word", " ", " ", "  "]), max_size=6)


@given(st.one_of(markup, plain.map("".join)))
def test_what_has_no_markup_is_read_as_if_it_were_searched_for_some(typed: str) -> None:
    visible = texts._visible(typed)
    searched = texts._strip_markup(texts._CODE_FENCE.sub(" ", visible)) or texts._strip_markup(visible)
    assert clean(typed) == searched

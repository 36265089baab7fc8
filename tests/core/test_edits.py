"""What a draft quotes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.edits import Draft

LONG = "Where can I leave the boots that I borrowed from the fire brigade after the flood, now that its shop is closed"


def draft(**content: object) -> Draft:
    return Draft(1, 7, datetime(2026, 5, 4, tzinfo=UTC), content)


@pytest.mark.parametrize(
    "content",
    [
        {"does": "pick", "text": "who pays"},
        {"raw": {"question": "Something else?", "alternates": ["  Who **pays**?? "]}},
        {"raw": {"alternates": "One a line\nwho pays?"}, "seen": {"alternates": ["One a line"]}},
        {"entries": [{"question": "Who pays?"}], "notes": [], "number": 3},
    ],
)
def test_a_question_is_quoted_wherever_it_stands_and_however_it_ends(content: dict[str, object]) -> None:
    assert draft(**content).find_quoted(["Who pays?", "Who paid?", "Who"]) == ["Who pays?"]


def test_what_was_published_already_is_no_quotation() -> None:
    seen = {"question": "Who pays?", "alternates": []}
    assert draft(raw=seen | {"alternates": ["Who paid?"]}, seen=seen).find_quoted(["Who pays?", "Who paid?"]) == [
        "Who paid?"
    ]


def test_a_long_question_that_was_cut_off_is_quoted_and_a_short_one_proves_nothing() -> None:
    assert draft(raw={"question": LONG[:105] + "…"}).find_quoted([LONG, "Where can I leave?"]) == [LONG]
    assert draft(raw={"question": "Where can I…"}).find_quoted([LONG]) == []


@given(st.text(), st.lists(st.text()))
def test_every_text_is_quoted_where_it_is_the_draft(text: str, others: list[str]) -> None:
    assert text in draft(text=text).find_quoted([*others, text])

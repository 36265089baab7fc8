"""What is typed into a form becomes an entry that can be written into every file, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.errors import FaqInvalidError
from bot.core.types import Entry, Link
from bot.faqfiles import parse_entry
from bot.faqfiles.formats.reading import read_faq
from bot.faqfiles.formats.writing import WRITABLE, write_faq

RAW: dict[str, Any] = {"id": "a", "question": "How?", "answer": "So."}


def test_what_is_whole_is_an_entry_that_comes_back_from_every_format() -> None:
    raw = RAW | {"alternates": ["And\u2028how?\r\n", "\ufeffOr\thow?"], "links": [{"label": "l", "url": "https://a.b"}]}
    entry = parse_entry(raw)
    assert entry == Entry(
        "a", "How?", "So.", alternates=("And\u2028how?", "\ufeffOr\thow?"), links=(Link("l", "https://a.b"),)
    )
    for format_ in WRITABLE:
        assert read_faq(write_faq([entry], format_), f"faq.{format_}").entries == (entry,)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (
            {"answer": "```ansi\n\x1b[31mred\x1b[0m\n```"},
            "answer: holds a control character or half of a character (U+001B",
        ),
        ({"question": "How\x0b?"}, "question: holds a control character or half of a character (U+000B"),
        ({"alternates": ["Or?", "So\x85how?"]}, "alternates[2]: holds a control character"),
        ({"links": [{"label": "l\x7f", "url": "https://a.b"}]}, "links[1].label: holds a control character"),
        ({"answer": "half \ud800"}, "answer: holds a control character or half of a character (U+D800"),
    ],
)
def test_what_no_file_could_hold_is_refused(raw: dict[str, Any], told: str) -> None:
    with pytest.raises(FaqInvalidError) as refused:
        parse_entry(RAW | raw)
    (problem,) = refused.value.problems
    assert str(problem.message).startswith(told)


def test_it_is_told_beside_what_else_is_wrong() -> None:
    with pytest.raises(FaqInvalidError) as refused:
        parse_entry({"id": "a", "question": "Ho\x07w?", "answer": ""})
    assert [str(one.message).split(" ")[0] for one in refused.value.problems] == ["answer", "question:"]

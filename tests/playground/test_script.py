"""The busy week as a file that people read and write."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.core.questions import looks_like_question
from bot.core.text import phrasing_key
from bot.playground.script import PLACES, WEEK, Line, read_script


def test_lines_have_a_day_a_time_a_person_and_a_place() -> None:
    text = "# for readers\n\n= day 1\n08:15 kim help: where is it: here?\n= day 7\n00:00 bo questions: Title | body\n"
    assert read_script(text) == (
        Line(0, 495, "kim", "help", "where is it: here?"),
        Line(6, 0, "bo", "questions", "Title | body"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8:15 kim help: a", "line 1: expected"),
        ("= day 1\n08:15 kim attic: a", "line 2: expected"),
        ("= day 1\n08:15 kim help:", "line 2: expected"),
        ("= day 1\n08:15 kim help: a\n08:14 kim help: b", "line 3: is earlier"),
        ("= day 2\n08:15 kim help: a\n= day 1\n09:15 kim help: b", "line 4: is earlier"),
    ],
)
def test_what_is_no_line_is_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_script(text)


def test_the_shipped_week_is_a_busy_one() -> None:
    lines = read_script(WEEK.read_text(encoding="utf-8"))
    asked = [line for line in lines if line.place != "lounge" and looks_like_question(line.text)]
    assert {line.day for line in lines} == set(range(7))
    assert {line.place for line in lines} == set(PLACES)
    assert len(asked) > 200
    assert len(lines) - len(asked) > 100
    assert len({line.person for line in lines}) > 30
    askers: dict[str, set[str]] = {}
    for line in asked:
        askers.setdefault(phrasing_key(line.text), set()).add(line.person)
    assert Counter(len(people) > 1 for people in askers.values())[True] >= 8
    assert sum("@Faqtotum" in line.text for line in lines) >= 8

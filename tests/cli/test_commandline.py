import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.commandline import Call, parse_command

ASK: dict[str, Any] = {
    "name": "ask",
    "options": [{"name": "question", "type": 3}, {"name": "private", "type": 5}, {"name": "count", "type": 4}],
}
FAQ: dict[str, Any] = {
    "name": "faq",
    "options": [
        {"name": "reload", "type": 1},
        {
            "name": "alternate",
            "type": 2,
            "options": [{"name": "add", "type": 1, "options": [{"name": "id", "type": 3}]}],
        },
    ],
}
KNOWN = {"ask": ASK, "faq": FAQ, "Menu": {"name": "Menu", "type": 3}}


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("ask", Call("ask")),
        ("ask where is it", Call("ask", options={"question": "where is it"})),
        ("ask question: where is it", Call("ask", options={"question": "where is it"})),
        ("ask where is it private: true", Call("ask", options={"question": "where is it", "private": True})),
        ("ask private: no question: a: b", Call("ask", options={"private": False, "question": "a: b"})),
        ("ask count: 5", Call("ask", options={"count": 5})),
        ("ask? wh", Call("ask", completing=("question", "wh"))),
        ("ask?", Call("ask", completing=("question", ""))),
        ("faq reload", Call("faq", "reload")),
        ("faq alternate add id: x", Call("faq", "alternate add", {"id": "x"})),
    ],
)
def test_a_line_is_a_call(line: str, call: Call) -> None:
    assert parse_command(line, KNOWN) == call


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nope", "there is no command /nope; there are /ask /faq"),
        ("Menu x", "there is no command /Menu"),
        ("faq", "/faq goes on with one of: reload alternate"),
        ("faq nothing", "/faq goes on with one of: reload alternate"),
        ("faq reload now", "/faq takes no text"),
        ("faq? x", "/faq goes on with"),
        ("ask private: maybe", "private: takes true or false"),
        ("ask count: many", "count: takes a whole number"),
    ],
)
def test_what_is_no_call_says_why(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_command(line, KNOWN)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda text: ":" not in text))
def test_any_text_arrives_as_it_was_typed(text: str) -> None:
    options = parse_command(f"ask {text}", KNOWN).options
    assert options.get("question", "") == text.strip()

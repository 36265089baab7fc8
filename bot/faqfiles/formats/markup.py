"""What stands around questions and answers on a page of Markdown, and means nothing in Discord."""

from __future__ import annotations

import html
import re

_QUESTION_MARKS = ("?", "\uff1f", "\u061f", "\u037e")
_ASKING = re.compile(r"(?:how|what|why|when|where|who|which|can|could|do|does|is|are|will|should)\b", re.IGNORECASE)
"""How questions begin that have lost their mark, as headings often have."""
_PREFIX = re.compile(r"(?:(?:Q|Question)[ \t]*\d*[ \t]*[:.)]|\d+(?:\.\d+)*[.)])[ \t]*(?=\S)", re.IGNORECASE)
_ANSWER_PREFIX = re.compile(r"(?:(\*\*|__)(?:A|Answer)[ \t]*:\1|(?:A|Answer)[ \t]*:)[ \t]*", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_DETAILS = re.compile(r"</?details\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?", re.IGNORECASE)
_ANCHOR = re.compile(r"\{:?[ \t]*#[^{}]*\}[ \t]*$")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|\*|_)(?P<text>.+)\1")
_RULE = re.compile(r"[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_WAY_BACK = re.compile(r"(?![ \t]*[-*+][ \t])[^\w\[]*\[[^\[\]]*\]\(#[^()]*\)[^\w]*")
"""A line that is one link to another place of the page, such as “back to top”."""
_CONTENTS = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)?\]\(#[^()]*\)[ \t]*")


def plain_title(title: str) -> str:
    """Return a heading's words: no HTML, no anchor, no emphasis around it, no “Q:” or number before it."""
    text = html.unescape(_TAG.sub("", _ANCHOR.sub("", title)))
    text = " ".join(_IMAGE_OR_LINK.sub(r"\1", text).split())
    # Emphasis can be around the number, or behind it.
    for _ in range(2):
        if found := _EMPHASIS.fullmatch(text.rstrip(":")):
            text = found["text"].strip()
        text = _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text
    return text


def asks(title: str) -> bool:
    """Return whether a heading reads like a question."""
    plain = plain_title(title)
    return plain.endswith(_QUESTION_MARKS) or _ASKING.match(plain) is not None


def tidy_answer(text: str) -> str:
    """Return an answer without what only divides the page: rules and ways back to its top."""
    lines = _BREAK.sub("\n", text).strip().split("\n")
    while lines and _divides(lines[-1]):
        lines.pop()
    while lines and _divides(lines[0]):
        lines.pop(0)
    answer = "\n".join(lines).strip("\n")
    return _ANSWER_PREFIX.sub("", answer, count=1) if _ANSWER_PREFIX.match(answer) else answer


def _divides(line: str) -> bool:
    return not line.strip() or _RULE.fullmatch(line) is not None or _WAY_BACK.fullmatch(line) is not None


def without_details(text: str) -> str:
    """Return a text without the tags of a section that can be folded."""
    return _DETAILS.sub("", text)


def is_contents(answer: str) -> bool:
    """Return whether an answer only lists other places of the page."""
    lines = [line for line in answer.split("\n") if line.strip()]
    return bool(lines) and all(_CONTENTS.fullmatch(line) for line in lines)

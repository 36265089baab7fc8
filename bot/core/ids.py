"""Ids of entries: what one looks like, and how it is made from a question."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from .text import clean

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

MAX_ID = 50
"""A button's custom id has 100 characters and holds the entry's id, a Discord id of up to 20 digits and a prefix."""
FALLBACK = "entry"
"""For questions without a Latin letter or a digit in them."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = re.compile("['\u2019\u02bc]")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})
"""Latin letters that Unicode does not take apart into a plain one and a mark."""


def is_id(text: str) -> bool:
    """Return whether a text can be an entry's id: lower-case letters, digits and single hyphens, not too long."""
    return len(text) <= MAX_ID and _ID.fullmatch(text) is not None


def make_id(question: str, taken: Container[str]) -> str:
    """Return an id that says what a question is about, and that no other entry has.

    Args:
        question: The question; its words are folded to plain letters (Unicode NFKD), and the last ones left out where
            they are too many.
        taken: The ids that are there already; a number from 2 on tells apart what would be the same.
    """
    words = _WORD.findall(_fold(clean(question))) or [FALLBACK]
    stem = _join(words, MAX_ID)
    if stem not in taken:
        return stem
    # Thousands of questions can come to the same words, so the numbers are not tried one by one.
    last, free = 1, 2
    while _number(words, free) in taken:
        last, free = free, 2 * free
    while free - last > 1:
        middle = (last + free) // 2
        last, free = (middle, free) if _number(words, middle) in taken else (last, middle)
    return _number(words, free)


def _number(words: Sequence[str], number: int) -> str:
    tail = f"-{number}"
    return _join(words, MAX_ID - len(tail)) + tail


def _fold(text: str) -> str:
    parts = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(_LETTERS)


def _join(words: Sequence[str], longest: int) -> str:
    """Return as many of the words as fit, hyphenated; a first word that is too long by itself is cut."""
    joined = words[0][:longest]
    for word in words[1:]:
        if len(joined) + 1 + len(word) > longest:
            break
        joined += f"-{word}"
    return joined

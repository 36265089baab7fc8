"""What problems say in several places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.speech import sentence

if TYPE_CHECKING:
    from ..core.speech import Sentence

SHOWN = 60
"""Characters of a wrong value that a problem repeats."""


def unreadable(error: Exception) -> Sentence:
    """Return why a file cannot be read, in the operating system's own words."""
    return sentence("cannot be read: {reason}", reason=getattr(error, "strerror", None) or error)


def too_large(most: int) -> Sentence:
    """Return that a file is too large.

    Args:
        most: The most bytes that are read.
    """
    return sentence("is larger than {most} MiB; split it into several files", most=most // 2**20)


def name_char(code: int) -> str:
    """Return a character that cannot be shown as people look it up: U+FFFF."""
    return f"U+{code:04X}"


def show(value: object) -> str | Sentence:
    """Return a value as a problem shows it: cut, and never what is inside it, which may be a secret."""
    match value:
        case None:
            return sentence("nothing")
        case bool():
            return str(value).lower()
        case dict():
            return sentence("keys and values")
        case list() | tuple():
            return sentence("a list")
        case _:
            return cut(repr(value))


def cut(text: str) -> str:
    """Return a text as far as a problem repeats it."""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"

"""What reading an FAQ in any format comes to, and what it passes through on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ...core.errors import FaqInvalidError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...core.speech import Sentence
    from ...core.types import Entry
    from ...yamlfile import Location

MAX_BYTES = 8 * 2**20
"""Discord lets everybody attach 10 MB; five thousand entries with long answers take less."""
MAX_ENTRIES = 5_000
"""Ten times the largest FAQ that we have seen; more are a database, not something that people curate."""
MAX_PHRASINGS = 100_000
"""Twenty for each of the entries."""
MAX_ROWS = MAX_PHRASINGS
"""Rows of a table: some programs give each phrasing a row of its own."""
_SHOWN_NAMES = 20
_LONGEST_NAME = 40


class Format(StrEnum):
    """The formats, as people name them."""

    YAML = "yaml"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    MARKDOWN = "markdown"
    QNA_MAKER = "qna-maker"
    KENDRA = "kendra"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Imported:
    """An FAQ that was read.

    Attributes:
        entries: The entries, all valid, in the order of the file.
        format: What it was taken for.
        notes: What could not be kept, and what was made up.
        title: The title that the file gives, None where it gives none.
    """

    entries: tuple[Entry, ...]
    format: Format
    notes: tuple[Sentence, ...]
    title: str | None = None


@dataclass(slots=True)
class Draft:
    """An entry as its file has it, before anybody has checked it.

    Attributes:
        raw: The keys of an entry of ours, with whatever values the file gave.
        line: The line in which it begins; 0 where lines say nothing.
        lines: The lines of what is in it, where they are known, by location within the entry.
        label: Its place where the line does not tell it, such as the path to it in a JSON file; empty where it does.
        labels: The places of single keys, such as the cells of a sheet.
        name: How the follow-ups of the file call it; empty where they do not.
        strict: True if it is written in the form of our own files: then whoever wrote it knows their keys and limits.
    """

    raw: dict[str, object]
    line: int = 0
    lines: dict[Location, int] = field(default_factory=dict["Location", int])
    label: str | Sentence = ""
    labels: Mapping[str, Sentence] = field(default_factory=dict[str, "Sentence"])
    name: str = ""
    strict: bool = False


@dataclass(slots=True)
class Found:
    """What a reader made of a file.

    Attributes:
        format: What it was taken for.
        drafts: Its entries.
        notes: What the reader could not keep, or made up.
        problems: What the reader could make nothing of.
        title: The title that the file gives.
    """

    format: Format
    drafts: list[Draft] = field(default_factory=list[Draft])
    notes: list[Sentence] = field(default_factory=list["Sentence"])
    problems: list[Problem] = field(default_factory=list[Problem])
    title: str | None = None


def list_names(names: Iterable[str]) -> str:
    """Return names as a sentence lists them; where there are too many, the first of them."""
    known = sorted(names)
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in known[:_SHOWN_NAMES]]
    return ", ".join([*shown, "…"] if len(known) > _SHOWN_NAMES else shown)


def invalid(name: str, message: Sentence, line: int = 0) -> FaqInvalidError:
    """Return the error of a file of which nothing can be read."""
    return FaqInvalidError([Problem(name, line, message)])

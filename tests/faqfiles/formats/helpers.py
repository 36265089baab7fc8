"""What the tests of the formats share."""

import pytest

from bot.core.errors import FaqInvalidError
from bot.core.types import Entry
from bot.faqfiles.formats import Imported, read_faq
from tests.translatable import tell


def read(content: str | bytes, name: str, wanted: str | None = None) -> Imported:
    return read_faq(content.encode() if isinstance(content, str) else content, name, format=wanted)


def problems_of(content: str | bytes, name: str, wanted: str | None = None) -> list[str]:
    with pytest.raises(FaqInvalidError) as caught:
        read(content, name, wanted)
    return tell(caught.value)


def problem_of(content: str | bytes, name: str, wanted: str | None = None) -> str:
    (problem,) = problems_of(content, name, wanted)
    return problem


def notes_of(imported: Imported) -> list[str]:
    """The notes, without the one that ids were made, which nearly every foreign file gets."""
    return [note for note in map(str, imported.notes) if "made from" not in note]


def pairs(imported: Imported) -> list[tuple[str, str]]:
    return [(entry.question, entry.answer) for entry in imported.entries]


def only(imported: Imported) -> Entry:
    (entry,) = imported.entries
    return entry

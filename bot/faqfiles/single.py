"""One entry that a person typed into a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError
from ..core.speech import labelled
from ..yamlfile import Document, validate
from .schema import EntryModel
from .showable import showable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..core.speech import Sentence
    from ..core.types import Entry
    from ..yamlfile import Location


def parse_entry(raw: Mapping[str, object]) -> Entry:
    """Return the entry that something with the keys of the FAQ files is.

    Raises:
        FaqInvalidError: With every problem.
    """
    faults: list[tuple[Location, Sentence]] = []
    document = Document("entry", showable(dict(raw), (), faults), {})
    entry, problems = validate(EntryModel, document)
    # What somebody pastes may hold more than can be seen, and more than a file that it is exported to.
    problems += [document.problem(at, labelled(document.spell_out(at), fault)) for at, fault in faults]
    if problems or entry is None:
        raise FaqInvalidError(problems)
    return entry.to_core()

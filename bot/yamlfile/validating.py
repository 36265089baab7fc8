"""Documents as sections, and what does not fit as people read it: with the file, the line and the place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .misfits import Misfit
from .sections import Section

if TYPE_CHECKING:
    from ..core.errors import Problem
    from .document import Document, Location
    from .misfits import Fault

_SectionT = TypeVar("_SectionT", bound=Section)


def validate(
    section: type[_SectionT], document: Document, location: Location = ()
) -> tuple[_SectionT | None, list[Problem]]:
    """Return a document as a section, or None and everything that does not fit, each with its line.

    Args:
        section: What it should be.
        document: The document.
        location: Where in the document the section begins, for a document that is checked piece by piece.
    """
    value = document.value
    for step in location:
        value = value[step]
    try:
        return section.read(value), []
    except Misfit as misfit:
        return None, [_to_problem(document, location, fault) for fault in misfit.faults]


def _to_problem(document: Document, start: Location, fault: Fault) -> Problem:
    location = (*start, *fault.location)
    return document.problem(location[:-1] if fault.absent else location, fault.tell(document.spell_out(location)))

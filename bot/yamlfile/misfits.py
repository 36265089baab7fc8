"""What does not fit, as those who check it tell it: without knowing in which file it stands, and where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..core.speech import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..core.speech import Sentence
    from .document import Location

    Telling = Callable[[str | Sentence], Sentence]


class Fault(NamedTuple):
    """One thing that does not fit.

    Attributes:
        tell: Returns what is wrong, given the place as people write it.
        location: Where it is, seen from the value that was checked.
        absent: Whether nothing stands there, so that the line is that of what is around it.
    """

    tell: Telling
    location: Location = ()
    absent: bool = False


class Misfit(ValueError):  # noqa: N818 - most are collected, and never seen as an error
    """A value does not fit; with everything that is wrong with it.

    Attributes:
        faults: All of it, in the order in which it is told.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__(faults)

    def __str__(self) -> str:
        # Where many values do not fit, to say all of it each time it is handed on would take longer than to find it.
        return "; ".join(str(fault.tell(_spell_out(fault.location))) for fault in self.faults)

    def below(self, step: str | int) -> list[Fault]:
        """Return the faults as they are seen from what holds the value at a key or list position."""
        return [fault._replace(location=(step, *fault.location)) for fault in self.faults]


class UnfitError(Misfit):
    """What a check of a single value raises, told with the place in front."""

    def __init__(self, said: Sentence) -> None:
        def tell(where: str | Sentence) -> Sentence:
            return labelled(where, said)

        super().__init__([Fault(tell)])


def _spell_out(location: Location) -> str:
    return ".".join(map(str, location)) or "value"

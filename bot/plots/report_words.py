"""What the picture of the nightly report says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.reports import TopicKind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ReportWords:
    """What the picture says, in the reader's language; English by itself.

    The shorter the better: what does not fit is set in more lines where it can be, else cut.

    Attributes:
        title: What stands above it.
        kinds: The kinds of topics.
        questions: Heading of numbers of questions.
        askers: Heading of numbers of people.
        answered: Heading of the number of questions that were answered.
        more: How many topics, always two or more, are not shown, and how many questions they have, with the fields
            `count` and `questions`.
        nothing: What stands in the place of the topics if there are none.
        date: How a day is written, with the fields `day`, a number, and `month`, one of the `months`.
        weekdays: Monday to Sunday.
        months: January to December.
    """

    title: str = "Questions that keep coming back"
    kinds: Mapping[TopicKind, str] = field(
        default_factory=lambda: {
            TopicKind.NO_ENTRY: "no entry",
            TopicKind.MISSED_PHRASING: "missed phrasing",
            TopicKind.COLLIDING: "colliding",
            TopicKind.ASKED_AGAIN: "asked again",
            TopicKind.ANSWERED: "answered",
        }
    )
    questions: str = "questions"
    askers: str = "askers"
    answered: str = "answered"
    more: str = "and {count} more: {questions} questions"
    nothing: str = "Nothing came up more than once. Enjoy the quiet!"
    date: str = "{day} {month}"
    weekdays: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months: tuple[str, ...] = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

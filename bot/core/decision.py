"""From odds to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .types import Answer, NoMatch, Suggest, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .types import Hit

MAX_SUGGESTIONS = 3
"""More than three "did you mean" are a menu that nobody reads."""


@dataclass(frozen=True, slots=True)
class Odds:
    """What the ranking of a query is worth, as probabilities from 0 to 1.

    Attributes:
        right: The first hit answers the query.
        found: One of the first three does.
    """

    right: float
    found: float


@dataclass(frozen=True, slots=True)
class Limits:
    """From which odds on the bot speaks.

    Attributes:
        answer: At least so probably right: answer.
        suggest: Else, at least so probably found: suggest, if the bot was asked.

    Raises:
        ValueError: A limit is not within 0 to 1.
    """

    answer: float
    suggest: float

    def __post_init__(self) -> None:
        if not (0 <= self.answer <= 1 and 0 <= self.suggest <= 1):
            raise ValueError(f"expected limits from 0 to 1, found {self.answer} and {self.suggest}")


def decide(hits: Sequence[Hit], odds: Odds, limits: Limits) -> Verdict:
    """Return the verdict on hits, one an entry, most relevant first."""
    if not hits:
        return NoMatch()
    if odds.right >= limits.answer:
        return Answer(hits[0])
    return Suggest(tuple(hits[:MAX_SUGGESTIONS])) if odds.found >= limits.suggest else NoMatch()

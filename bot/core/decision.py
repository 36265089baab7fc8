"""From hits to a verdict."""

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
class Thresholds:
    """How sure is sure enough, as cosine similarities of the best hit.

    Attributes:
        answer: At least this: answer.
        suggest: At least this: suggest, if the bot was asked.

    Raises:
        ValueError: Unless ``-1 <= suggest <= answer <= 1``.
    """

    answer: float
    suggest: float

    def __post_init__(self) -> None:
        if not -1 <= self.suggest <= self.answer <= 1:
            raise ValueError(f"expected -1 <= suggest ({self.suggest}) <= answer ({self.answer}) <= 1")


def decide(hits: Sequence[Hit], thresholds: Thresholds) -> Verdict:
    """Return the verdict on hits that are sorted by falling similarity, one an entry."""
    if not hits:
        return NoMatch()
    if hits[0].similarity >= thresholds.answer:
        return Answer(hits[0])
    close = tuple(hit for hit in hits[:MAX_SUGGESTIONS] if hit.similarity >= thresholds.suggest)
    return Suggest(close) if close else NoMatch()

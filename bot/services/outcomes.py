"""What comes of a question, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from ..core.decision import Limits, Odds
    from ..core.types import Embeddings, Hit, Query, Verdict
    from ..matching import Prior
    from .cooldown import ReplyRef
    from .faq import Faq


class Action(Enum):
    """What the bot does about a question."""

    REPLY = auto()
    """Show the verdict."""
    POINT_BACK = auto()
    """The asker was given this answer a moment ago: point at it instead of repeating it."""
    STAY_SILENT = auto()
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a verdict is what it is.

    Attributes:
        read_as: The text that was searched for: cleaned, slips repaired.
        confidence: What speaks for the first hit: its relevance and its lead; comparable within one FAQ only.
        odds: What that is worth.
        limits: From which odds on the bot would have answered, or suggested.
        budget: The share of false answers that the limits come from.
        prior: Of what questions of this kind consist.
        measured: False where the FAQ was too small to be calibrated.
    """

    read_as: str
    confidence: float
    odds: Odds
    limits: Limits
    budget: float
    prior: Prior
    measured: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question.

    Attributes:
        query: The question.
        faq: The FAQ that was searched; a reload since then has not touched it.
        text: Its cleaned text, empty if nothing readable was in it.
        verdict: What the FAQ says.
        action: What to do.
        hits: The most relevant entries, most relevant first.
        grounds: Why.
        embedding: The embedded text, None if there was none.
        asked_at: When it arrived, or was written if that may be longer ago, aware, UTC.
        latency: Seconds from arrival to verdict.
        earlier: With POINT_BACK, the earlier reply, if it can be linked to.
    """

    query: Query
    faq: Faq
    text: str
    verdict: Verdict
    action: Action
    hits: tuple[Hit, ...]
    grounds: Grounds
    embedding: Embeddings | None
    asked_at: datetime
    latency: float
    earlier: ReplyRef | None = None


class Observer(Protocol):
    """Is told what became of what the bot read, for whoever shows it; it has no say in it."""

    def passed_over(self, query: Query, /) -> None:
        """Take note that a message was left alone, because `Answerer.wants` does not let it pass."""
        ...

    def decided(self, outcome: Outcome, reply: ReplyRef | None, /) -> None:
        """Take note of an outcome, once it is logged, and of the message that shows it, None where nothing was said."""
        ...

"""What members may know and decide about what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from .types import VerdictName


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept of a member.

    Attributes:
        questions: How many questions.
        oldest: When the oldest of them was asked, aware, UTC; None without any.
        opted_out: True if none is kept any more.
    """

    questions: int
    oldest: datetime | None
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Retracted:
    """A question that was taken back, and where the bot's reply to it stands.

    Attributes:
        channel_id: The channel or thread of both.
        reply_id: The bot's message.
    """

    channel_id: int
    reply_id: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many questions of a day were deleted from the log.

    Attributes:
        day: When they were asked, by UTC.
        verdict: What was decided.
        replied: Whether the bot said anything.
        questions: How many.
    """

    day: date
    verdict: VerdictName
    replied: bool
    questions: int

"""What a repeated topic means for the FAQ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ..core.reports import TopicKind
from ..core.types import VerdictName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..core.reports import Asked, Report, Topic

SOON = timedelta(minutes=30)
"""Who asks again within this time has not been helped: long enough to read an answer and try what it says."""
OFTEN = 0.25
"""Share of a topic's answered questions from which on it is no accident that they went to another entry, or that
somebody asked again."""
MOSTLY = 0.5
"""Share of a topic's questions that has to be answered for it to count as answered."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the FAQ says to a topic now, which may have changed since the questions were asked.

    Attributes:
        verdict: What would be decided.
        entry_id: The best entry, None where the FAQ is empty.
    """

    verdict: VerdictName
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a topic means.

    Attributes:
        kind: In one word.
        entry_id: The entry that it is about, None if there is none.
        other_entry_id: For colliding entries the second.
        saves: How many questions would have gone better if somebody had acted on it before.
    """

    kind: TopicKind
    entry_id: str | None
    other_entry_id: str | None
    saves: int


def is_answered(question: Asked) -> bool:
    """Return whether a question was answered; a "did you mean" is no answer."""
    return question.replied and question.verdict is VerdictName.ANSWER


def find_meaning(asked: Sequence[Asked], standing: Standing) -> Meaning:
    """Return what a topic means.

    Args:
        asked: Its questions, oldest first, at least one.
        standing: What the FAQ says to it now.
    """
    answered = [question for question in asked if is_answered(question)]
    missed = len(asked) - len(answered)
    entries = Counter(question.entry_id for question in answered if question.entry_id).most_common()
    if len(entries) > 1 and entries[1][1] >= OFTEN * len(answered):
        strayed = len(answered) - entries[0][1]
        return Meaning(TopicKind.COLLIDING, entries[0][0], entries[1][0], strayed + missed)
    entry_id = entries[0][0] if entries else None
    if len(answered) <= MOSTLY * len(asked):
        if standing.verdict is VerdictName.ANSWER:
            # Somebody has acted on it already, or the FAQ has grown otherwise.
            return Meaning(TopicKind.ANSWERED, standing.entry_id, None, 0)
        if standing.verdict is VerdictName.SUGGEST or entry_id:
            return Meaning(TopicKind.MISSED_PHRASING, entry_id or standing.entry_id, None, missed)
        return Meaning(TopicKind.NO_ENTRY, None, None, missed)
    again = sum(_asked_again(question, asked) for question in answered)
    if again >= OFTEN * len(answered):
        return Meaning(TopicKind.ASKED_AGAIN, entry_id, None, again)
    return Meaning(TopicKind.ANSWERED, entry_id, None, 0)


def leave_out_deleted(report: Report, asked: Mapping[int, Asked]) -> Report:
    """Return a report as if the questions had never been asked that were deleted since; its totals stay.

    Args:
        report: As it was built.
        asked: The questions that are still there, by their rows.
    """
    left = (
        replace(topic, question_ids=tuple(filter(asked.__contains__, topic.question_ids))) for topic in report.topics
    )
    return replace(report, topics=tuple(_recount(topic, asked) for topic in left if topic.question_ids))


def _recount(topic: Topic, asked: Mapping[int, Asked]) -> Topic:
    own = [asked[one] for one in topic.question_ids]
    return replace(topic, askers=len({one.author_hash for one in own}), answered=sum(map(is_answered, own)))


def _asked_again(question: Asked, asked: Sequence[Asked]) -> bool:
    """Return whether an answer was followed by the same question, by the same asker or in the same channel.

    A message that the bot heard, and was shown by the context menu later on, is not asked again.
    """
    return any(
        timedelta() < other.asked_at - question.asked_at <= SOON
        and (other.author_hash == question.author_hash or other.channel_id == question.channel_id)
        for other in asked
        if other.id != question.id and (other.message_id is None or other.message_id != question.message_id)
    )

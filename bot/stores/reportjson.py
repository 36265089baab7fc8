"""What a report says, as the database keeps it: JSON of numbers, names of entries and days, and of no text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ..core.reports import Report, Topic, TopicKind
from .rows import from_micros, to_micros


def to_json(report: Report) -> str:
    """Return what a report says; its server and day have columns of their own."""
    return json.dumps(
        {
            "since": to_micros(report.since),
            "until": to_micros(report.until),
            "questions": report.questions,
            "answered": report.answered,
            "askers": report.askers,
            "by_day": [[day.isoformat(), questions, answered] for day, questions, answered in report.by_day],
            "topics": [_topic_to_plain(topic) for topic in report.topics],
        }
    )


def from_json(guild_id: int, day: date, content: str) -> Report:
    """Return the report that `to_json` was given.

    Raises:
        KeyError, TypeError, ValueError: The content is damaged.
    """
    plain = json.loads(content)
    return Report(
        guild_id=guild_id,
        day=day,
        since=from_micros(plain["since"]),
        until=from_micros(plain["until"]),
        questions=plain["questions"],
        answered=plain["answered"],
        askers=plain["askers"],
        by_day=tuple((date.fromisoformat(day), questions, answered) for day, questions, answered in plain["by_day"]),
        topics=tuple(_topic_from_plain(topic) for topic in plain["topics"]),
    )


def _topic_to_plain(topic: Topic) -> dict[str, Any]:
    return {
        "number": topic.number,
        "kind": topic.kind.value,
        "question_ids": list(topic.question_ids),
        "medoid_id": topic.medoid_id,
        "entry_id": topic.entry_id,
        "other_entry_id": topic.other_entry_id,
        "askers": topic.askers,
        "before": topic.before,
        "answered": topic.answered,
    }


def _topic_from_plain(plain: dict[str, Any]) -> Topic:
    return Topic(
        number=plain["number"],
        kind=TopicKind(plain["kind"]),
        question_ids=tuple(plain["question_ids"]),
        medoid_id=plain["medoid_id"],
        entry_id=plain["entry_id"],
        other_entry_id=plain["other_entry_id"],
        askers=plain["askers"],
        before=plain["before"],
        answered=plain["answered"],
    )

"""The nightly report: which questions keep coming back, and what acting on them would save."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from .types import Embeddings, VerdictName


class TopicKind(StrEnum):
    """What a repeated topic means for the FAQ; in the order in which acting on it helps."""

    NO_ENTRY = "no_entry"
    MISSED_PHRASING = "missed_phrasing"
    COLLIDING = "colliding"
    ASKED_AGAIN = "asked_again"
    ANSWERED = "answered"


class Deed(StrEnum):
    """What an admin did about a topic."""

    ADDED_PHRASING = "added_phrasing"
    CREATED_ENTRY = "created_entry"
    MERGED = "merged"
    IGNORED = "ignored"


class ReportState(StrEnum):
    """How far a report has come. Only forwards, and only the process that holds its claim may move it."""

    CLAIMED = "claimed"
    BUILT = "built"
    POSTED = "posted"


@dataclass(frozen=True, slots=True)
class Asked:
    """One logged question, as reports read it.

    Attributes:
        id: Its row in the log.
        text_id: The text of which it is a repetition; questions that differ in letter case and punctuation alone share
            one.
        text: As it was written.
        asked_at: Aware, UTC.
        channel_id: Channel or thread, None outside of servers.
        message_id: The message, None for slash commands.
        author_hash: The asker's pseudonym.
        addressed: True if the bot was asked, False if it overheard the question.
        replied: Whether the bot said anything.
        verdict: What was decided.
        entry_id: The best entry then, None where the FAQ was empty.
    """

    id: int
    text_id: int
    text: str
    asked_at: datetime
    channel_id: int | None
    message_id: int | None
    author_hash: bytes
    addressed: bool
    replied: bool
    verdict: VerdictName
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Mining:
    """How a server's pairs were mined; with another model or a lower threshold they have to be mined anew.

    Attributes:
        model_id: The model of the embeddings.
        threshold: The lowest similarity of a pair, -1 to 1.
        generation: Another one whenever something was mined, or everything is mined anew; 0 before it is kept.
    """

    model_id: str
    threshold: float
    generation: int = 0


@dataclass(frozen=True, slots=True)
class TextRows:
    """Distinct texts with their embeddings, one row a text.

    Attributes:
        ids: Ascending, shape ``(n,)`` as a tuple.
        embeddings: Shape ``(n, dim)``.
    """

    ids: tuple[int, ...]
    embeddings: Embeddings


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions that mean the same, in one report.

    Attributes:
        number: Its place in the report, from 1.
        kind: What it means for the FAQ.
        question_ids: The questions in the log; those that were deleted since are simply not found any more.
        medoid_id: The question that stands for all of them.
        entry_id: The entry that it is about, None if there is none.
        other_entry_id: For colliding entries the second of them.
        askers: How many different people asked.
        before: How many questions of this topic there were in as many days before.
        answered: How many of the questions were answered.
    """

    number: int
    kind: TopicKind
    question_ids: tuple[int, ...]
    medoid_id: int
    entry_id: str | None
    other_entry_id: str | None
    askers: int
    before: int
    answered: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one night found out.

    Attributes:
        guild_id: The server.
        day: The local day on which it is posted; names it together with the server.
        since: Beginning of the time that it is about, aware, UTC.
        until: End of it.
        questions: How many questions were asked.
        answered: How many of them were answered.
        askers: How many different people asked, in all.
        by_day: Questions and answered questions of each local day, oldest first.
        topics: What repeats, ranked by what acting on it would save; answered ones are last.
    """

    guild_id: int
    day: date
    since: datetime
    until: datetime
    questions: int
    answered: int
    askers: int
    by_day: tuple[tuple[date, int, int], ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did about a topic.

    Attributes:
        deed: What.
        by: Discord id of who did it.
        at: When, aware, UTC.
        change_id: The change of the FAQ that it led to, None where it led to none.
    """

    deed: Deed
    by: int
    at: datetime
    change_id: int | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A report's life: who makes it, how far it has come, where it stands.

    Attributes:
        id: Its row.
        guild_id: The server.
        day: The local day.
        state: How far it has come.
        report: What it says, None until it is built.
        channel_id: Where it stands, None until it is posted.
        message_id: Its message there.
        done: What was done about its topics, by their numbers.
    """

    id: int
    guild_id: int
    day: date
    state: ReportState
    report: Report | None
    channel_id: int | None
    message_id: int | None
    done: Mapping[int, Done] = field(default_factory=dict[int, Done])


@dataclass(frozen=True, slots=True)
class Stale:
    """A posted report whose message may show what it should not any more, claimed to be shown anew.

    Attributes:
        posting_id: The report.
        version: Counts what happened to it: who shows it as it is now has shown everything up to this one.
        tries: How often it failed in a row.
    """

    posting_id: int
    version: int
    tries: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """A topic that no report should show again.

    Attributes:
        id: Its row.
        question: The text that stands for it.
        embedding: Of that text, shape ``(dim,)``.
        model_id: The model that made it.
        by: Discord id of who wants it ignored.
        at: Since when, aware, UTC.
    """

    id: int
    question: str
    embedding: Embeddings
    model_id: str
    by: int
    at: datetime

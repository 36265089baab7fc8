"""The nouns of the domain: entries, queries, hits and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datetime import datetime

Embeddings: TypeAlias = NDArray[np.float32]
"""Embeddings of n texts: shape ``(n, dim)``, float32, C-contiguous, every row of Euclidean length 1.

The dot product of two rows is therefore their similarity (cosine, -1 to 1, higher is closer). A single row has the
shape ``(dim,)``.
"""

FaqScope: TypeAlias = int | None
"""The Discord id of a server with an FAQ of its own, or None for the FAQ of all the others."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place to read on, shown below an answer."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One curated answer with the phrasings of the question that it answers.

    Attributes:
        id: Stable identifier, unique in its FAQ (lower-case letters, digits and hyphens).
        question: The question as people see it.
        answer: The curated answer, Discord Markdown.
        alternates: Other phrasings of the same question.
        tags: Words to group entries by.
        links: Places to read on.
        follow_ups: Ids of related entries in the same FAQ.
        enabled: False if it is kept but answers nothing.
    """

    id: str
    question: str
    answer: str
    alternates: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    follow_ups: tuple[str, ...] = ()
    enabled: bool = True

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The question and its alternates, in the order in which the FAQ lists them."""
        return (self.question, *self.alternates)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person wrote, and under which circumstances.

    Attributes:
        text: The text as it was written; it is cleaned before it is embedded.
        asker_id: Discord id of the person who asked.
        guild_id: Discord id of the server, None in direct messages and outside Discord.
        channel_id: Discord id of the channel or thread, None outside Discord.
        message_id: Discord id of the message, None for slash commands.
        addressed: True if the bot was asked (command, mention, reply to it, direct message); False if it overheard
            the question in a watched channel.
        private: True if only the asker sees the reply.
        presumed_question: True where the place says that this is a question, such as a new post in a help forum.
        plain_reply: True if it is addressed by being a reply to the bot and nothing else: perhaps a thank-you.
        kept: False if it is not to be logged, as somebody else put the person's words to the bot.
        written_at: When it was written, aware, UTC, if that need not be just now.
    """

    text: str
    asker_id: int = 0
    guild_id: int | None = None
    channel_id: int | None = None
    message_id: int | None = None
    addressed: bool = True
    private: bool = False
    presumed_question: bool = False
    plain_reply: bool = False
    kept: bool = True
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What speaks for an entry as the answer to a query, before it is weighed.

    Attributes:
        cosine: Similarity of the closest phrasing, -1 to 1.
        centroid: Similarity of the mean of the phrasings, -1 to 1.
        head: Probability by the linear head if one of the entries is right, 0 to 1; 0 where there is no head.
        spelling: Likeness of spelling of the phrasing that is most alike, 0 to 1.
        rerank: Relevance by the reranking model, 0 to 1; None where none was asked.
    """

    cosine: float
    centroid: float
    head: float
    spelling: float
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found for a query.

    Attributes:
        entry: The entry.
        phrasing: Its phrasing that is closest to the query, or its id in words.
        similarity: Cosine similarity of query and phrasing, -1 to 1.
        relevance: What speaks for the entry, all in all; comparable within one FAQ only.
        terms: Of what the relevance is made.
    """

    entry: Entry
    phrasing: str
    similarity: float
    relevance: float
    terms: Terms


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries found for a query.

    Attributes:
        hits: Most relevant first; empty for an empty FAQ.
        confidence: What speaks for the first hit: its relevance and its lead over the second entry.
    """

    hits: tuple[Hit, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The FAQ answers the query."""

    hit: Hit


@dataclass(frozen=True, slots=True)
class Suggest:
    """The FAQ may answer the query: "did you mean", surest first, never empty."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The FAQ does not answer the query."""


Verdict: TypeAlias = Answer | Suggest | NoMatch


class VerdictName(StrEnum):
    """The verdicts as the log and the command line spell them."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NO_MATCH = "no_match"

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictName:
        """Return the name of a verdict."""
        return {Answer: cls.ANSWER, Suggest: cls.SUGGEST, NoMatch: cls.NO_MATCH}[type(verdict)]


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """One logged question.

    Attributes:
        asked_at: When it was asked, aware, UTC.
        guild_id: Server, None in direct messages.
        channel_id: Channel or thread.
        message_id: The message, None for slash commands.
        reply_id: The bot's reply, None where it stayed silent or replied to one person only.
        author_hash: Keyed hash of the asker's id; the id itself is never stored.
        text: The cleaned text, as it was written.
        embedding: Of its question form with slips repaired, shape ``(dim,)``.
        model_id: The model that made the embedding; embeddings of different models are never compared.
        addressed: See Query.
        replied: True if the bot said anything.
        verdict: What was decided.
        entry_id: The best entry, None where the FAQ is empty.
        similarity: Similarity of the best entry, None where the FAQ is empty.
        latency: Seconds from the query's arrival to the verdict; 0 where it was read from the past.
    """

    asked_at: datetime
    guild_id: int | None
    channel_id: int | None
    message_id: int | None
    reply_id: int | None
    author_hash: bytes
    text: str
    embedding: Embeddings
    model_id: str
    addressed: bool
    replied: bool
    verdict: VerdictName
    entry_id: str | None
    similarity: float | None
    latency: float

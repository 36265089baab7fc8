"""A store that lives as long as the test."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import numpy as np

from bot.core.reports import Ignored, Posting  # noqa: TC001 - annotations of the class
from bot.core.text import clean, phrasing_key
from bot.core.types import Embeddings, QuestionRecord, VerdictName

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class StaleRow:
    version: int = 1
    due: datetime = LONG_AGO
    tries: int = 0
    holder: str | None = None
    until: datetime = LONG_AGO


class MemoryStore:
    """Keeps everything in plain attributes for the test to look at; raises `error` if a test set one."""

    def __init__(self) -> None:
        self.rows: dict[int, QuestionRecord] = {}
        self.embeddings: dict[tuple[str, str], Embeddings] = {}
        self.unused: dict[tuple[str, str], datetime] = {}
        self.notes: dict[str, str] = {}
        self.kept: dict[str, bytes] = {}
        self.matrices: dict[str, Embeddings] = {}
        self.damage: list[str] = []
        self.error: Exception | None = None
        self.opted_out: dict[bytes, datetime] = {}
        self.forgotten: dict[bytes, datetime] = {}
        self.postings: dict[int, Posting] = {}
        self.stale: dict[int, StaleRow] = {}
        self.counts = Counter[tuple[int | None, date, VerdictName, bool]]()
        self.ignored: dict[int, tuple[int, Ignored]] = {}
        self._numbers = count(1)

    @property
    def questions(self) -> list[QuestionRecord]:
        return list(self.rows.values())

    async def add_question(self, question: QuestionRecord, *, once: bool = False) -> int | None:
        self.fail_if_told()
        if question.author_hash in self.opted_out:
            return None
        if question.asked_at <= self.forgotten.get(question.author_hash, question.asked_at - timedelta.resolution):
            return None
        if once and await self.find_logged([question.message_id or 0]):
            return None
        embedding = frozen(question.embedding)
        number = next(self._numbers)
        self.rows[number] = replace(question, asked_at=question.asked_at.astimezone(UTC), embedding=embedding)
        return number

    async def read_questions(
        self, *, guild_id: int | None = None, since: datetime | None = None, newest: int | None = None
    ) -> list[QuestionRecord]:
        self.fail_if_told()
        wanted = [
            question
            for question in self.questions
            if guild_id in (None, question.guild_id) and (since is None or question.asked_at >= since)
        ]
        ordered = sorted(wanted, key=lambda question: question.asked_at)
        return ordered if newest is None else ordered[len(ordered) - min(newest, len(ordered)) :]

    async def find_question(self, reply_id: int) -> QuestionRecord | None:
        self.fail_if_told()
        return next((question for question in reversed(self.questions) if question.reply_id == reply_id), None)

    async def find_logged(self, message_ids: Iterable[int]) -> set[int]:
        self.fail_if_told()
        return {question.message_id for question in self.questions if question.message_id} & set(message_ids)

    async def note_replies(self, replies: Mapping[int, int]) -> int:
        self.fail_if_told()
        noted = 0
        for message_id, reply_id in replies.items():
            if await self.find_question(reply_id):
                continue
            for number, question in self.rows.items():
                if question.message_id == message_id and not question.replied:
                    self.rows[number] = replace(question, reply_id=reply_id, replied=True)
                    noted += 1
        return noted

    async def read_cached_embeddings(self, model_id: str, hashes: Iterable[str]) -> dict[str, Embeddings]:
        self.fail_if_told()
        keys = {content_hash: (model_id, content_hash) for content_hash in hashes}
        return {content_hash: self.embeddings[key] for content_hash, key in keys.items() if key in self.embeddings}

    async def cache_embeddings(self, model_id: str, embeddings: Mapping[str, Embeddings]) -> None:
        self.fail_if_told()
        for content_hash, embedding in embeddings.items():
            self.embeddings[model_id, content_hash] = frozen(embedding)

    async def prune_embeddings(self, model_id: str, used: Iterable[str], now: datetime, unused_since: datetime) -> int:
        self.fail_if_told()
        in_use = {(model_id, content_hash) for content_hash in used}
        unused = {key: self.unused.get(key, now) for key in self.embeddings if key not in in_use}
        others = {key: since for key, since in self.unused.items() if key not in in_use}
        self.unused = others | unused
        gone = [key for key, since in self.unused.items() if since < unused_since]
        for key in gone:
            del self.unused[key]
        return sum(self.embeddings.pop(key, None) is not None for key in gone)

    async def read_kept(self, name: str) -> bytes | None:
        self.fail_if_told()
        return self.kept.get(name)

    async def read_matrix(self, name: str) -> Embeddings | None:
        self.fail_if_told()
        return self.matrices.get(name)

    async def keep_matrix(self, name: str, embeddings: Embeddings) -> Embeddings:
        self.fail_if_told()
        self.matrices[name] = frozen(embeddings)
        return self.matrices[name]

    async def keep(self, name: str, content: bytes) -> None:
        self.fail_if_told()
        self.kept[name] = content

    async def read_note(self, key: str) -> str | None:
        self.fail_if_told()
        return self.notes.get(key)

    async def write_note(self, key: str, value: str) -> None:
        self.fail_if_told()
        self.notes[key] = value

    async def find_damage(self) -> list[str]:
        self.fail_if_told()
        return list(self.damage)

    def drop(self, numbers: Iterable[int], *, for_good: bool, due: datetime | None = None) -> None:
        """Delete questions, and mark the reports that name them."""
        gone = set(numbers)
        for number in gone:
            del self.rows[number]
        for posting in self.postings.values():
            named = {one for topic in (posting.report.topics if posting.report else ()) for one in topic.question_ids}
            if not gone & named:
                continue
            if for_good or posting.id not in self.stale:
                self.mark_stale(posting.id).due = LONG_AGO if due is None else due
            else:
                self.stale[posting.id].version += 1

    def mark_stale(self, posting_id: int) -> StaleRow:
        known = self.stale.get(posting_id)
        self.stale[posting_id] = replace(known, version=known.version + 1, due=LONG_AGO) if known else StaleRow()
        return self.stale[posting_id]

    def fail_if_told(self) -> None:
        if self.error:
            raise self.error


def frozen(embedding: Embeddings) -> Embeddings:
    copy = np.array(embedding, dtype=np.float32)
    copy.setflags(write=False)
    return copy


def same_text(text: str) -> str:
    """Return what texts that count as one have in common."""
    return phrasing_key(text) or clean(text)

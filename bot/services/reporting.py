"""What a server's report says: which questions keep coming back, what they mean, and what acting on them would save."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ..core.reports import Report, Topic, TopicKind
from ..core.types import Query, VerdictName
from ..mining import derive_threshold, find_clusters, worth_showing
from .topics import Standing, find_meaning, is_answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from ..core.ports import Reports
    from ..core.reports import Asked
    from ..core.types import Embeddings
    from .answering import Answerer
    from .knowledge import Knowledge
    from .mining import Miner
    from .renewing import Renewer
    from .topics import Meaning

DAYS = 7
"""A week: every weekday is in it once, so that the trend is not one of weekends."""
ALL_TEXTS = 5_000
"""Up to so many texts are divided into topics at once, see `bot.mining.linkage`. Of more, those without a like among
them are left out first: they would only cost time."""
MOST_TEXTS = 50_000
"""Texts that are divided into topics; the time grows with their square. Not fewer than have a like: of 10,000 public
questions among 10,000 made-up texts without any, 76 % come into a cluster; with the first 5,000 alone it was 43 %."""
MIN_ASKERS = 2
"""One who repeats himself is no frequent question."""
THRESHOLDS = (0.5, 0.9)
"""Lowest and highest similarity from which on questions count as the same; what an FAQ of a few, odd phrasings derives
may be anything."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A topic before it has a number."""

    asked: tuple[Asked, ...]
    medoid: Asked
    meaning: Meaning
    before: int

    @property
    def askers(self) -> int:
        return len({question.author_hash for question in self.asked})

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """What acting on it would save comes first; of equals, what more people asked."""
        answered = self.meaning.kind is TopicKind.ANSWERED
        return answered, -self.meaning.saves, -self.askers, -len(self.asked), self.medoid.id


class Reporter:
    """Builds reports.

    Args:
        knowledge: The FAQ.
        answerer: Says what the FAQ answers now.
        miner: Keeps the pairs.
        reports: Keeps the questions.
        renewer: Has the questions embedded by the model in use.
    """

    def __init__(
        self, knowledge: Knowledge, answerer: Answerer, miner: Miner, reports: Reports, renewer: Renewer
    ) -> None:
        self._renewer = renewer
        self._knowledge = knowledge
        self._answerer = answerer
        self._miner = miner
        self._reports = reports

    @property
    def model_id(self) -> str:
        """The model by which questions are compared."""
        return self._miner.model_id

    async def build(
        self,
        guild_id: int,
        day: date,
        until: datetime,
        zone: ZoneInfo,
        *,
        days: int = DAYS,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Return what a server's report says.

        Args:
            guild_id: The server.
            day: The day that it is called after.
            until: The end of the time that it is about, aware.
            zone: The server's time zone, by which days are counted.
            days: How long that time is.
            on_progress: See `Miner.mine`.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The database failed.
        """
        threshold = await asyncio.to_thread(self._find_threshold, guild_id)
        await self._renewer.renew()
        await self._miner.mine(guild_id, threshold, on_progress=on_progress)
        since = until - timedelta(days=days)
        asked = await self._reports.read_asked(guild_id, since, until)
        before = await self._reports.read_asked(guild_id, since - timedelta(days=days), since)
        earlier = Counter(one.text_id for one in before)
        topics = await self._find_topics(guild_id, asked, earlier, threshold)
        return Report(
            guild_id=guild_id,
            day=day,
            since=since,
            until=until,
            questions=len(asked),
            answered=sum(map(is_answered, asked)),
            askers=len({one.author_hash for one in asked}),
            by_day=await asyncio.to_thread(_count_days, asked, since, until, zone),
            topics=tuple(_to_topic(number, found) for number, found in enumerate(topics, start=1)),
        )

    async def remine(self, guild_id: int, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Compare all questions of a server once more, as far as they are embedded by the model in use.

        Args:
            guild_id: The server.
            on_progress: See `Miner.mine`.

        Returns:
            How many pairs were found.

        Raises:
            StoreUnavailableError: See `Miner.mine`.
        """
        threshold = await asyncio.to_thread(self._find_threshold, guild_id)
        return await self._miner.mine(guild_id, threshold, anew=True, on_progress=on_progress)

    def _find_threshold(self, guild_id: int) -> float:
        matcher = self._knowledge.current.faq_of(guild_id).matcher
        corpus = matcher.corpus
        entries = [corpus.entries[int(label)].id for label in corpus.labels]
        lowest, highest = THRESHOLDS
        return min(max(derive_threshold(matcher.embeddings, entries), lowest), highest)

    async def _find_topics(
        self, guild_id: int, asked: Sequence[Asked], earlier: Mapping[int, int], threshold: float
    ) -> list[_Found]:
        by_text = await asyncio.to_thread(_group, asked)
        rows = await self._reports.find_texts(await self._choose(by_text, threshold))
        ids = [text_id for text_id in rows.ids if text_id in by_text]
        embeddings = rows.embeddings
        counts = [len(by_text[text_id]) for text_id in ids]
        clusters = await asyncio.to_thread(lambda: worth_showing(find_clusters(embeddings, counts=counts)))
        ignored = await self._read_ignored(guild_id)
        found: list[_Found] = []
        for cluster in clusters:
            if _is_ignored(embeddings[cluster.medoid], ignored, threshold):
                continue
            members = [ids[row] for row in cluster.rows]
            questions = tuple(sorted((one for text_id in members for one in by_text[text_id]), key=_by_time))
            if len({one.author_hash for one in questions}) < MIN_ASKERS:
                continue
            medoid = by_text[ids[cluster.medoid]][-1]
            meaning = find_meaning(questions, await self._stand(guild_id, medoid, questions))
            near = await self._reports.find_near(members, earlier, at_least=threshold)
            same = near | earlier.keys() & set(members)
            found.append(_Found(questions, medoid, meaning, sum(earlier[text_id] for text_id in same)))
        return sorted(found, key=lambda one: one.rank)

    async def _choose(self, by_text: Mapping[int, Sequence[Asked]], threshold: float) -> list[int]:
        """Return the texts to be divided into topics: all of them, unless they are many."""
        if len(by_text) <= ALL_TEXTS:
            return list(by_text)
        likely = {text_id for text_id, questions in by_text.items() if len(questions) > 1}
        likely |= await self._reports.find_near(by_text, by_text, at_least=threshold)
        return sorted(likely, key=lambda text_id: (-len(by_text[text_id]), text_id))[:MOST_TEXTS]

    async def _stand(self, guild_id: int, medoid: Asked, questions: Sequence[Asked]) -> Standing:
        """Return what the FAQ says now to the question that stands for a topic, asked as most of them were."""
        addressed = 2 * sum(one.addressed for one in questions) > len(questions)
        query = Query(medoid.text, guild_id=guild_id, addressed=addressed, private=True, presumed_question=True)
        outcome = await self._answerer.answer(query)
        return Standing(VerdictName.of(outcome.verdict), outcome.hits[0].entry.id if outcome.hits else None)

    async def _read_ignored(self, guild_id: int) -> Embeddings:
        model_id = self._miner.model_id
        rows = [one.embedding for one in await self._reports.read_ignored(guild_id) if one.model_id == model_id]
        return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)


def _is_ignored(medoid: NDArray[np.float32], ignored: Embeddings, threshold: float) -> bool:
    return bool(len(ignored)) and float((ignored @ medoid).max()) >= threshold


def _group(asked: Iterable[Asked]) -> dict[int, list[Asked]]:
    """Return questions by their texts."""
    by_text: dict[int, list[Asked]] = {}
    for question in asked:
        by_text.setdefault(question.text_id, []).append(question)
    return by_text


def _by_time(question: Asked) -> tuple[datetime, int]:
    return question.asked_at, question.id


def _count_days(
    asked: Iterable[Asked], since: datetime, until: datetime, zone: ZoneInfo
) -> tuple[tuple[date, int, int], ...]:
    """Return the questions and the answered ones of each local day between two times, also of days without any."""
    local = [(one.asked_at.astimezone(zone).date(), is_answered(one)) for one in asked]
    questions = Counter(day for day, _ in local)
    answered = Counter(day for day, is_one in local if is_one)
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple((day, questions[day], answered[day]) for day in days)


def _to_topic(number: int, found: _Found) -> Topic:
    return Topic(
        number=number,
        kind=found.meaning.kind,
        question_ids=tuple(one.id for one in found.asked),
        medoid_id=found.medoid.id,
        entry_id=found.meaning.entry_id,
        other_entry_id=found.meaning.other_entry_id,
        askers=found.askers,
        before=found.before,
        answered=sum(map(is_answered, found.asked)),
    )

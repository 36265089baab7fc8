"""The FAQ in memory, replaced as a whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ..matching import ADDRESSED, MOST_RERANKED, OVERHEARD, learn_prior
from .fitting import EMPTY_FAQ, Fitter, Priors, from_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..core.ports import Clock, Embedder, FaqSource, Reranker, Store
    from ..core.types import Entry, FaqScope, QuestionRecord
    from ..matching import Prior, Rerank
    from .fitting import Faq

LOG_DAYS = 30
LOG_QUESTIONS = 1000
"""Newest logged questions, of at most `LOG_DAYS`, from which the priors are learnt."""


@dataclass(frozen=True)
class Snapshot:
    """Everything the bot knows at one moment; it never changes, so whoever holds it sees one consistent FAQ."""

    faqs: Mapping[FaqScope, Faq]

    def scope_of(self, guild_id: int | None) -> FaqScope:
        """Return the scope that serves a server, or direct messages (None)."""
        return guild_id if guild_id in self.faqs else None

    def faq_of(self, guild_id: int | None) -> Faq:
        """Return the FAQ that serves a server, or direct messages (None)."""
        return self.faqs[self.scope_of(guild_id)]


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """What a reload changed, in entries over all scopes.

    Attributes:
        added: Entries that are new.
        changed: Entries of which anything changed.
        removed: Entries that are gone or disabled now.
        unchanged: The rest.
        embedded: Texts that had to be embedded, because no cache held them.
        uncalibrated: Scopes whose FAQ is too small to be calibrated, and is answered from with safe values.
        seconds: How long it took.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    embedded: int
    uncalibrated: tuple[FaqScope, ...]
    seconds: float


class Knowledge:
    """Holds the current snapshot and replaces it on a reload.

    Args:
        source: Where the entries come from.
        embedder: Embeds the phrasings.
        store: Caches their embeddings between starts, and has the log.
        clock: Times the reload.
        chatter: What people write all day and no FAQ answers, to calibrate with.
        reranker: Has a say on the first hits.
    """

    def __init__(
        self,
        source: FaqSource,
        embedder: Embedder,
        store: Store,
        clock: Clock,
        chatter: Sequence[str] = (),
        reranker: Reranker | None = None,
    ) -> None:
        self._source = source
        self._embedder = embedder
        self._store = store
        self._clock = clock
        self._reranker = reranker
        self._fitter = Fitter(embedder, chatter, store, reranker)
        self._lock = asyncio.Lock()
        self._current = Snapshot({None: EMPTY_FAQ})

    @property
    def current(self) -> Snapshot:
        """The snapshot in service: read it once a question, so that a reload in between changes nothing."""
        return self._current

    async def reload(self) -> ReloadResult:
        """Read the FAQ anew and put it into service; one reload at a time, questions are answered meanwhile.

        Raises:
            FaqInvalidError: With every problem; the old snapshot stays.
            EmbedderUnavailableError: The model failed; the old snapshot stays.
            StoreUnavailableError: The cache could not be read or written; the old snapshot stays.
        """
        async with self._lock:
            started = self._clock.monotonic()
            scopes = await self._source.read()
            enabled = {scope: [entry for entry in entries if entry.enabled] for scope, entries in scopes.items()}
            faqs, embedded = await self._fitter.fit(enabled)
            snapshot = Snapshot(faqs)
            before = self._current
            self._current = await self._learn(snapshot)
            return _compare(before, snapshot, embedded, self._clock.monotonic() - started)

    async def learn(self) -> None:
        """Learn from the log of what the questions consist, and put that into service.

        Raises:
            StoreUnavailableError: The log could not be read; what was known stays.
        """
        async with self._lock:
            self._current = await self._learn(self._current)

    async def _learn(self, snapshot: Snapshot) -> Snapshot:
        since = self._clock.now() - timedelta(days=LOG_DAYS)
        log = await self._store.read_questions(since=since, newest=LOG_QUESTIONS)
        log = [question for question in log if question.model_id == self._embedder.model_id]
        rerank = None if self._reranker is None else from_thread(self._reranker)
        return await asyncio.to_thread(_learn_priors, snapshot, log, rerank)


def _learn_priors(snapshot: Snapshot, log: Sequence[QuestionRecord], rerank: Rerank | None) -> Snapshot:
    faqs = dict(snapshot.faqs)
    for scope, faq in snapshot.faqs.items():
        own = [question for question in log if snapshot.scope_of(question.guild_id) == scope]
        priors = Priors(
            addressed=_learn_prior(faq, [question for question in own if question.addressed], ADDRESSED, rerank),
            overheard=_learn_prior(faq, [question for question in own if not question.addressed], OVERHEARD, rerank),
        )
        faqs[scope] = replace(faq, priors=priors)
    return Snapshot(faqs)


def _learn_prior(faq: Faq, questions: Sequence[QuestionRecord], assumed: Prior, rerank: Rerank | None) -> Prior:
    if not questions or not faq.calibration.measured:
        return assumed
    # As many as the calibration has time for, the newest.
    questions = questions[-MOST_RERANKED:] if rerank else questions
    texts = [faq.matcher.read(question.text) for question in questions]
    embeddings = np.stack([question.embedding for question in questions])
    confidences = faq.matcher.confidences(texts, embeddings, rerank)
    return learn_prior(faq.calibration, confidences, assumed)


def _compare(before: Snapshot, after: Snapshot, embedded: int, seconds: float) -> ReloadResult:
    old, new = _by_place(before), _by_place(after)
    kept = old.keys() & new.keys()
    unchanged = sum(old[place] == new[place] for place in kept)
    return ReloadResult(
        added=len(new) - len(kept),
        changed=len(kept) - unchanged,
        removed=len(old) - len(kept),
        unchanged=unchanged,
        embedded=embedded,
        uncalibrated=tuple(scope for scope, faq in after.faqs.items() if faq.entries and not faq.calibration.measured),
        seconds=seconds,
    )


def _by_place(snapshot: Snapshot) -> dict[tuple[FaqScope, str], Entry]:
    return {(scope, entry.id): entry for scope, faq in snapshot.faqs.items() for entry in faq.entries}

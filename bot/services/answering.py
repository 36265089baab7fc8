"""The life of a question, from the text to what the bot does about it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.decision import decide
from ..core.errors import EmbedderUnavailableError, StoreUnavailableError
from ..core.privacy import author_hash
from ..core.questions import looks_like_question
from ..core.text import as_question, clean
from ..core.types import Answer, QuestionRecord, Ranking, Suggest, VerdictName
from ..matching import KEPT
from .cooldown import Cooldowns
from .faq import Priors
from .outcomes import Action, Grounds, Outcome
from .reranking import rerank

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..core.ports import Clock, Embedder, Reranker, Store
    from ..core.types import Query, Verdict
    from .cooldown import ReplyRef
    from .faq import Faq
    from .knowledge import Knowledge
    from .outcomes import Observer
    from .rules import GuildRules, RuleBook

_log = logging.getLogger(__name__)

HITS_KEPT = KEPT
"""Hits that an outcome carries: the best, the suggestions, and two more for whoever asks why."""

LEARN_EVERY = 200
"""Logged questions after which the priors are learnt anew; a reload does it too."""


class Answerer:
    """Answers questions from the current FAQ and records what it did.

    Args:
        knowledge: The FAQ.
        embedder: Embeds the questions; it must be the model that embedded the FAQ.
        store: Keeps the log.
        clock: Tells the time.
        rules: Budgets and cooldowns.
        author_key: Key under which the askers' ids are hashed before they are logged.
        reranker: Has a say on the first hits.

    Attributes:
        observers: Are told what becomes of each query.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        embedder: Embedder,
        store: Store,
        clock: Clock,
        rules: RuleBook,
        author_key: bytes,
        reranker: Reranker | None = None,
    ) -> None:
        self.observers: list[Observer] = []
        self._reranker = reranker
        self._knowledge = knowledge
        self._embedder = embedder
        self._store = store
        self._clock = clock
        self._rules = rules
        self._author_key = author_key
        self._cooldowns = Cooldowns(clock)
        self._log_is_down = False
        self._logged = 0

    def wants(self, query: Query) -> bool:
        """Return whether a query is worth answering: always if it was addressed, else only if it is a question."""
        if query.addressed:
            return True
        text = clean(query.text)
        return bool(text) and (query.presumed_question or looks_like_question(text))

    def pass_over(self, query: Query) -> None:
        """Leave a query alone that `wants` does not let pass."""
        for observer in self.observers:
            observer.passed_over(query)

    async def answer(self, query: Query) -> Outcome:
        """Return what to do about a query that `wants` lets pass.

        Raises:
            EmbedderUnavailableError: The model failed.
        """
        # Read once: a reload in between must not mix two FAQs in one answer.
        return await self._answer_from(self._knowledge.current.faq_of(query.guild_id), query)

    async def judge_past(self, query: Query, asked_at: datetime) -> QuestionRecord | None:
        """Return what is to be logged of a question that was asked before the bot listened, and not replied to.

        It is judged as today's FAQ would have judged it then: the cooldowns neither count nor learn of it, and what the
        questions consist of is assumed as for a new bot. The log cannot tell that: it is only being filled, and
        whoever goes on after an interruption has to judge as he would have without one. The latency is 0; nobody
        waited.

        Returns:
            The question, None if there is nothing to read in it or its server keeps no log.

        Raises:
            EmbedderUnavailableError: The model failed.
        """
        faq = replace(self._knowledge.current.faq_of(query.guild_id), priors=Priors())
        outcome = await self._answer_from(faq, replace(query, private=True))
        question = self._to_record(outcome, None, delivered=False)
        return None if question is None else replace(question, asked_at=asked_at, latency=0.0)

    async def _answer_from(self, faq: Faq, query: Query) -> Outcome:
        started, asked_at = self._clock.monotonic(), query.written_at or self._clock.now()
        text = clean(query.text)
        rules = self._rules.of(query.guild_id)
        read_as = faq.matcher.read(text)
        embedding, ranking = None, Ranking((), 0.0)
        if text:
            embedding = (await self._embedder.embed_queries([as_question(read_as)]))[0]
            ranking = faq.matcher.rank(read_as, embedding, HITS_KEPT)
            ranking = await rerank(ranking, read_as, self._reranker)
        grounds = _weigh(faq, query, read_as, ranking, rules.budgets.of(addressed=query.addressed))
        verdict = decide(ranking.hits, grounds.odds, grounds.limits)
        action, earlier = self._act(query, text, verdict, rules)
        latency = self._clock.monotonic() - started
        return Outcome(query, faq, text, verdict, action, ranking.hits, grounds, embedding, asked_at, latency, earlier)

    def _act(self, query: Query, text: str, verdict: Verdict, rules: GuildRules) -> tuple[Action, ReplyRef | None]:
        """Decide what to do about a verdict on a cleaned text, and note in the cooldowns what will be said."""
        # Not with a thank-you or an opinion: who did not get what was wanted asks again, or says the bot's name.
        asks = query.addressed and (not query.plain_reply or looks_like_question(text))
        if not isinstance(verdict, Answer):
            is_told = query.addressed if isinstance(verdict, Suggest) else asks
            return (Action.REPLY if is_told else Action.STAY_SILENT), None
        if query.private:
            # Only the asker sees it: it floods nobody and may be asked for again.
            return Action.REPLY, None
        overheard_in = None if query.addressed else query.channel_id
        if overheard_in is not None and self._cooldowns.is_channel_quiet(overheard_in):
            return Action.STAY_SILENT, None
        told = (query.guild_id, query.asker_id, verdict.hit.entry.id)
        # Nobody can be led to what was deleted; who does not ask for it again need not get it again.
        if self._cooldowns.was_told(*told) and not (asks and self._cooldowns.is_lost(*told)):
            return (Action.POINT_BACK, self._cooldowns.find_reply(*told)) if asks else (Action.STAY_SILENT, None)
        if overheard_in is not None:
            self._cooldowns.note_channel(overheard_in, rules.channel_seconds)
        self._cooldowns.note_told(*told, rules.repeat_seconds)
        return Action.REPLY, None

    def take_back(self, channel_id: int, reply_id: int) -> None:
        """Forget that an answer was given whose message was deleted: it may be asked for again."""
        self._cooldowns.forget_reply(channel_id, reply_id)

    def note_deleted(self, channel_id: int, message_ids: Iterable[int]) -> None:
        """Take note that messages were deleted, by whomever: nobody is pointed back at a reply among them."""
        for message_id in message_ids:
            self._cooldowns.note_lost(channel_id, message_id)

    async def record(self, outcome: Outcome, reply: ReplyRef | None = None, *, delivered: bool = True) -> None:
        """Remember where the reply stands and log the question.

        Call it after replying. A log that cannot be written costs nobody the reply, so that failure is logged, once
        until writing works again, and not raised.

        Args:
            outcome: What `answer` returned.
            reply: The bot's message, None if it stayed silent. One that only the asker saw is neither logged nor
                pointed back at.
            delivered: False if there was something to say and Discord refused it.
        """
        await self._remember(outcome, None if outcome.query.private else reply, delivered=delivered)
        for observer in self.observers:
            observer.decided(outcome, reply)

    async def _remember(self, outcome: Outcome, reply: ReplyRef | None, *, delivered: bool) -> None:
        query = outcome.query
        if outcome.action is Action.REPLY and isinstance(outcome.verdict, Answer) and not query.private:
            told = query.guild_id, query.asker_id, outcome.verdict.hit.entry.id
            if reply is not None:
                self._cooldowns.note_reply(*told, reply)
            elif not delivered:
                self._cooldowns.forget_told(*told)
                if query.channel_id is not None and not query.addressed:
                    self._cooldowns.forget_channel(query.channel_id)
        question = self._to_record(outcome, reply, delivered=delivered)
        if question is None:
            return
        try:
            await self._store.add_question(question)
        except StoreUnavailableError:
            if not self._log_is_down:
                _log.exception("questions cannot be logged at the moment; they are answered all the same")
            self._log_is_down = True
        else:
            self._log_is_down = False
            await self._learn_now_and_then()

    async def _learn_now_and_then(self) -> None:
        self._logged += 1
        if self._logged % LEARN_EVERY:
            return
        try:
            await self._knowledge.learn()
        except (StoreUnavailableError, EmbedderUnavailableError):
            _log.exception("what share of the questions the FAQ answers could not be learnt anew; the old share stays")

    def _to_record(self, outcome: Outcome, reply: ReplyRef | None, *, delivered: bool) -> QuestionRecord | None:
        query = outcome.query
        if outcome.embedding is None or not query.kept or not self._rules.of(query.guild_id).log_questions:
            return None
        if query.plain_reply and outcome.action is Action.STAY_SILENT:
            return None
        best = outcome.hits[0] if outcome.hits else None
        return QuestionRecord(
            asked_at=outcome.asked_at,
            guild_id=query.guild_id,
            channel_id=query.channel_id,
            message_id=query.message_id,
            reply_id=reply.message_id if reply else None,
            author_hash=author_hash(self._author_key, query.asker_id),
            text=outcome.text,
            embedding=outcome.embedding,
            model_id=self._embedder.model_id,
            addressed=query.addressed,
            replied=delivered and outcome.action is not Action.STAY_SILENT,
            verdict=VerdictName.of(outcome.verdict),
            entry_id=best.entry.id if best else None,
            similarity=best.similarity if best else None,
            latency=outcome.latency,
        )


def _weigh(faq: Faq, query: Query, read_as: str, ranking: Ranking, budget: float) -> Grounds:
    prior = faq.priors.of(addressed=query.addressed)
    return Grounds(
        read_as=read_as,
        confidence=ranking.confidence,
        odds=faq.calibration.odds(ranking.confidence, prior),
        limits=faq.calibration.limits(budget, prior),
        budget=budget,
        prior=prior,
        measured=faq.calibration.measured,
    )

"""What an edit would do, before it is saved: phrasings that come too close, and past questions that it takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from ..core.soundness import merged
from ..core.speech import counted, sentence
from ..matching import CLOSE
from .knowledge import LOG_DAYS
from .learning import leave_out_damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..core.ports import Clock, Embedder, Ledger, Store
    from ..core.speech import Sentence
    from ..core.types import QuestionRecord
    from .editing import Proposal
    from .faq import Faq
    from .knowledge import Knowledge
    from .rules import RuleBook

SAME = 0.9
"""Cosine from which on a second phrasing of an entry adds next to nothing to the first."""
MOST_QUESTIONS = 5000
"""Newest logged questions that are asked again; ten a second would fill a month five thousand times over."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrasings that lie close.

    Attributes:
        phrasing: The new one, cleaned.
        entry_id: The entry that it is to belong to.
        other: The one that is there.
        other_id: The entry that has it.
        similarity: Their cosine similarity.
    """

    phrasing: str
    entry_id: str
    other: str
    other_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Impact:
    """What would have become of the questions of the last 30 days.

    Attributes:
        asked: How many there are.
        gained: How many the changed entries would take, by who answered them until now; None: nobody did.
        lost: How many they would no longer answer, by who would; None: nobody.
        others: How many answers of other entries would come or go, because what the bot is sure of shifts a little.
    """

    asked: int
    gained: Mapping[str | None, int]
    lost: Mapping[str | None, int]
    others: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a proposal would do.

    Attributes:
        proposal: The proposal.
        repeats: New phrasings that say what another of the same entry says; they help little.
        collisions: New phrasings that say what one of another entry says; the bot may confuse the two.
        impact: What it would have meant for past questions.
    """

    proposal: Proposal
    repeats: tuple[Near, ...]
    collisions: tuple[Near, ...]
    impact: Impact

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The same for people."""
        return (*map(_say_collision, self.collisions), *map(_say_repeat, self.repeats), *_say_impact(self.impact))


class Previewer:
    """Tries proposals out.

    Args:
        knowledge: The FAQ.
        ledger: Has the servers' own entries.
        store: Has the log.
        embedder: Its model made the log's embeddings.
        clock: Says when the last 30 days began.
        rules: Budgets of the servers.
    """

    def __init__(
        self, knowledge: Knowledge, ledger: Ledger, store: Store, embedder: Embedder, clock: Clock, rules: RuleBook
    ) -> None:
        self._knowledge = knowledge
        self._ledger = ledger
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._rules = rules

    async def preview(self, proposal: Proposal) -> Preview:
        """Return what a proposal would do; nothing changes.

        A reranking model is not asked: with it each past question would take a noticeable part of a second.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The database failed.
        """
        own = (await self._ledger.read_ownings()).entries.get(proposal.guild_id, {})
        after = {edit.entry_id: edit.after for edit in proposal.edits}
        current = self._knowledge.current.faq_of(proposal.guild_id)
        trial = await self._knowledge.try_out(proposal.guild_id, merged(own, after))
        since = self._clock.now() - timedelta(days=LOG_DAYS)
        log = await self._store.read_questions(guild_id=proposal.guild_id, since=since, newest=MOST_QUESTIONS)
        log = leave_out_damaged(log, self._embedder)
        budgets = self._rules.of(proposal.guild_id).budgets

        def judge() -> Preview:
            # A month of questions and an FAQ of a thousand entries take a second.
            limits = {asked: budgets.of(addressed=asked) for asked in (True, False)}
            before, then = _answers(current, log, limits), _answers(trial, log, limits)
            repeats, collisions = _find_near(current, trial, after.keys())
            return Preview(proposal, repeats, collisions, _compare(before, then, after.keys()))

        return await asyncio.to_thread(judge)


def _answers(faq: Faq, log: Sequence[QuestionRecord], budgets: Mapping[bool, float]) -> list[str | None]:
    """Return the entry that answers each question, None where the FAQ is not sure enough."""
    if not log or not faq.entries:
        return [None] * len(log)
    texts = [faq.matcher.read(question.text) for question in log]
    firsts, confidences = faq.matcher.firsts(texts, np.stack([question.embedding for question in log]))
    answers: list[str | None] = []
    for question, first, confidence in zip(log, firsts, confidences, strict=True):
        prior = faq.priors.of(addressed=question.addressed)
        least = faq.calibration.limits(budgets[question.addressed], prior).answer
        sure = faq.calibration.odds(float(confidence), prior).right >= least
        answers.append(faq.entries[int(first)].id if sure else None)
    return answers


def _compare(before: Sequence[str | None], then: Sequence[str | None], touched: Iterable[str]) -> Impact:
    touched = set(touched)
    gained, lost, others = Counter[str | None](), Counter[str | None](), 0
    for old, new in zip(before, then, strict=True):
        if old == new:
            continue
        if new in touched:
            gained[old] += 1
        elif old in touched:
            lost[new] += 1
        else:
            others += 1
    return Impact(len(before), gained, lost, others)


def _find_near(current: Faq, trial: Faq, touched: Iterable[str]) -> tuple[tuple[Near, ...], tuple[Near, ...]]:
    """Return the pairs of a new phrasing and the closest one: within one entry, and between two."""
    touched, known = set(touched), set(_places(current))
    places, corpus, embeddings = list(_places(trial)), trial.matcher.corpus, trial.matcher.embeddings
    fresh = np.array([place[0] in touched and place not in known for place in places], dtype=np.bool_) & ~corpus.titles
    repeats, collisions = list[Near](), list[Near]()
    # Of two new phrasings that are alike, only the later one is told of the other.
    others = ~corpus.titles & ~fresh
    for row in map(int, np.flatnonzero(fresh)):
        similarity: NDArray[np.float32] = embeddings @ embeddings[row]
        same = corpus.labels == corpus.labels[row]
        for found, eligible, least in ((repeats, others & same, SAME), (collisions, others & ~same, CLOSE)):
            if not eligible.any():
                continue
            closest = int(np.where(eligible, similarity, -np.inf).argmax())
            if similarity[closest] >= least:
                (owner, phrasing), (entry_id, other) = places[row], places[closest]
                found.append(Near(phrasing, owner, other, entry_id, float(similarity[closest])))
        others[row] = True
    return tuple(repeats), tuple(collisions)


def _places(faq: Faq) -> Iterable[tuple[str, str]]:
    """Yield the entry and the text of each row of an FAQ."""
    corpus = faq.matcher.corpus
    labels: list[int] = corpus.labels.tolist()
    for label, text in zip(labels, corpus.texts, strict=True):
        yield corpus.entries[label].id, text


def _say_collision(near: Near) -> Sentence:
    return sentence(
        "⚠️ “{phrasing}” comes close to “{other}” of “{id}” ({similarity:.2f}): the bot may confuse the two.",
        phrasing=near.phrasing,
        other=near.other,
        id=near.other_id,
        similarity=near.similarity,
    )


def _say_repeat(near: Near) -> Sentence:
    return sentence(
        "“{phrasing}” says nearly the same as “{other}” ({similarity:.2f}), so it helps little.",
        phrasing=near.phrasing,
        other=near.other,
        similarity=near.similarity,
    )


def _say_impact(impact: Impact) -> list[Sentence]:
    if not impact.asked:
        return [sentence("No questions of the last 30 days are known to try it out on.")]
    said: list[Sentence] = []
    if taken := sum(impact.gained.values()):
        said.append(
            counted(
                "Of {asked} questions of the last 30 days it takes {count}.",
                "Of {asked} questions of the last 30 days it takes {count}.",
                taken,
                asked=impact.asked,
            )
        )
        said += _say_sources(impact.gained)
    if dropped := sum(impact.lost.values()):
        said.append(
            counted(
                "{count} question that it answered goes elsewhere.",
                "{count} questions that it answered go elsewhere.",
                dropped,
            )
        )
        said += _say_targets(impact.lost)
    if impact.others:
        said.append(
            counted(
                "{count} other question is answered otherwise than until now.",
                "{count} other questions are answered otherwise than until now.",
                impact.others,
            )
        )
    return said or [
        counted(
            "It changes the answer to none of the {count} questions of the last 30 days.",
            "It changes the answer to none of the {count} questions of the last 30 days.",
            impact.asked,
        )
    ]


def _say_sources(gained: Mapping[str | None, int]) -> list[Sentence]:
    said = [
        sentence("{count} of them from “{id}”.", count=count, id=entry_id) for entry_id, count in _most_common(gained)
    ]
    if none := gained.get(None):
        said.append(counted("{count} had no answer until now.", "{count} had no answer until now.", none))
    return said


def _say_targets(lost: Mapping[str | None, int]) -> list[Sentence]:
    said = [sentence("{count} of them to “{id}”.", count=count, id=entry_id) for entry_id, count in _most_common(lost)]
    if none := lost.get(None):
        said.append(counted("{count} would have no answer any more.", "{count} would have no answer any more.", none))
    return said


def _most_common(counts: Mapping[str | None, int]) -> list[tuple[str, int]]:
    named = [(entry_id, count) for entry_id, count in counts.items() if entry_id is not None]
    return sorted(named, key=lambda one: (-one[1], one[0]))[:_SHOWN]

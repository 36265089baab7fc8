"""Why the bot answered, suggested or stayed silent, in figures and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.speech import sentence
from ..core.types import VerdictName
from ..matching import WEIGHTS, weigh_terms

if TYPE_CHECKING:
    from ..core.speech import Sentence
    from ..core.types import Hit
    from .outcomes import Grounds, Outcome


@dataclass(frozen=True, slots=True)
class Share:
    """What one term adds to an entry's relevance.

    Attributes:
        term: Its name.
        value: Its value, as `Terms` has it.
        weight: What it is multiplied by.
    """

    term: str
    value: float
    weight: float

    @property
    def adds(self) -> float:
        """Value times weight."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that was considered.

    Attributes:
        hit: The entry, the phrasing that is closest, and its relevance.
        shares: Of what the relevance is made; they add up to it.
    """

    hit: Hit
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an outcome is what it is.

    Attributes:
        candidates: The entries considered, most relevant first.
        lead: By how much the first is more relevant than the second; 0 without a second.
        grounds: Confidence, odds and limits.
        sentences: The same for people, one fact each.
    """

    candidates: tuple[Candidate, ...]
    lead: float
    grounds: Grounds
    sentences: tuple[Sentence, ...]


def explain(outcome: Outcome) -> Explanation:
    """Return why an outcome is what it is."""
    hits = outcome.hits
    candidates = tuple(Candidate(hit, _shares(hit)) for hit in hits)
    lead = hits[0].relevance - hits[1].relevance if len(hits) > 1 else 0.0
    return Explanation(candidates, lead, outcome.grounds, tuple(_sentences(outcome, lead)))


def _shares(hit: Hit) -> tuple[Share, ...]:
    return tuple(Share(name, value, WEIGHTS[name]) for name, value in weigh_terms(hit.terms))


def _sentences(outcome: Outcome, lead: float) -> list[Sentence]:
    grounds = outcome.grounds
    if not outcome.hits:
        return [sentence("There is nothing to compare: the FAQ is empty, or nothing readable is in the message.")]
    best = outcome.hits[0]
    said = [
        sentence(
            "Closest phrasing: “{phrasing}” of {id} (similarity {similarity:.2f}).",
            phrasing=best.phrasing,
            id=best.entry.id,
            similarity=best.similarity,
        )
    ]
    if grounds.read_as != outcome.text:
        said.insert(0, sentence("Read as “{text}”.", text=grounds.read_as))
    if len(outcome.hits) > 1:
        said.append(sentence("Runner-up: {id}, {lead:.2f} behind.", id=outcome.hits[1].entry.id, lead=lead))
    said += [_say_verdict(outcome), _say_budget(outcome)]
    if not grounds.measured:
        said.append(sentence("The FAQ is too small to be calibrated: safe values are used."))
    return said


def _say_verdict(outcome: Outcome) -> Sentence:
    odds, limits = outcome.grounds.odds, outcome.grounds.limits
    match VerdictName.of(outcome.verdict):
        case VerdictName.ANSWER:
            return sentence(
                "Sure enough: {right:.0%} probably right, and it answers from {answer:.0%} on.",
                right=odds.right,
                answer=limits.answer,
            )
        case VerdictName.SUGGEST:
            return sentence(
                "Not sure enough to answer: {right:.0%} probably right, and it answers from {answer:.0%} on. Sure "
                "enough to suggest: {found:.0%} probable that one of the first three is meant, from {suggest:.0%} on.",
                right=odds.right,
                answer=limits.answer,
                found=odds.found,
                suggest=limits.suggest,
            )
        case _:
            return sentence(
                "Not sure enough: {right:.0%} probably right (answers from {answer:.0%} on), {found:.0%} that one of "
                "the first three is meant (suggests from {suggest:.0%} on).",
                right=odds.right,
                answer=limits.answer,
                found=odds.found,
                suggest=limits.suggest,
            )


def _say_budget(outcome: Outcome) -> Sentence:
    budget, in_scope = outcome.grounds.budget, outcome.grounds.prior.in_scope
    if outcome.query.addressed:
        return sentence(
            "The limit is to keep false answers to {budget:.1%} of the questions asked directly; {in_scope:.0%} of "
            "them are taken to have an answer here.",
            budget=budget,
            in_scope=in_scope,
        )
    return sentence(
        "The limit is to keep false answers to {budget:.1%} of the questions overheard; {in_scope:.0%} of them are "
        "taken to have an answer here.",
        budget=budget,
        in_scope=in_scope,
    )

"""Why the bot answered, suggested or stayed silent, in figures and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.types import VerdictName
from ..matching import WEIGHTS, weigh_terms

if TYPE_CHECKING:
    from ..core.types import Hit
    from .answering import Grounds, Outcome


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
    sentences: tuple[str, ...]


def explain(outcome: Outcome) -> Explanation:
    """Return why an outcome is what it is."""
    hits = outcome.hits
    candidates = tuple(Candidate(hit, _shares(hit)) for hit in hits)
    lead = hits[0].relevance - hits[1].relevance if len(hits) > 1 else 0.0
    return Explanation(candidates, lead, outcome.grounds, tuple(_sentences(outcome, lead)))


def _shares(hit: Hit) -> tuple[Share, ...]:
    return tuple(Share(name, value, WEIGHTS[name]) for name, value in weigh_terms(hit.terms))


def _sentences(outcome: Outcome, lead: float) -> list[str]:
    grounds = outcome.grounds
    if not outcome.hits:
        return ["There is nothing to compare: the FAQ is empty, or nothing readable is in the message."]
    best = outcome.hits[0]
    said = [f"Closest phrasing: “{best.phrasing}” of {best.entry.id} (similarity {best.similarity:.2f})."]
    if grounds.read_as != outcome.text:
        said.insert(0, f"Read as “{grounds.read_as}”.")
    if len(outcome.hits) > 1:
        said.append(f"Runner-up: {outcome.hits[1].entry.id}, {lead:.2f} behind.")
    right, found = f"{grounds.odds.right:.0%}", f"{grounds.odds.found:.0%}"
    from_on = f"{grounds.limits.answer:.0%}"
    match VerdictName.of(outcome.verdict):
        case VerdictName.ANSWER:
            said.append(f"Sure enough: {right} probably right, and it answers from {from_on} on.")
        case VerdictName.SUGGEST:
            said.append(
                f"Not sure enough to answer: {right} probably right, and it answers from {from_on} on. Sure enough to "
                f"suggest: {found} probable that one of the first three is meant, from {grounds.limits.suggest:.0%} on."
            )
        case _:
            said.append(
                f"Not sure enough: {right} probably right (answers from {from_on} on), {found} that one of the first "
                f"three is meant (suggests from {grounds.limits.suggest:.0%} on)."
            )
    kind = "asked directly" if outcome.query.addressed else "overheard"
    said.append(
        f"The limit is to keep false answers to {grounds.budget:.1%} of the questions {kind}; "
        f"{grounds.prior.in_scope:.0%} of them are taken to have an answer here."
    )
    if not grounds.measured:
        said.append("The FAQ is too small to be calibrated: safe values are used.")
    return said

"""What the bot decided about a message and why, kept as the bot itself explained it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ..core.types import VerdictName
from ..services import Action, explain

if TYPE_CHECKING:
    from ..core.types import Query
    from ..services import Candidate, Outcome, ReplyRef

_KEPT = 20_000
"""Messages whose reasons are kept, a kilobyte or two each: more than anybody scrolls back through."""
_PASSED_OVER = "It does not look like a question, and nobody put it to the bot."
_SAID = {
    VerdictName.ANSWER: "It was sure enough to answer.",
    VerdictName.SUGGEST: "It was not sure enough to answer, but sure enough to suggest.",
    VerdictName.NO_MATCH: "It was asked and found nothing that is probable enough.",
}
_SILENT = {
    VerdictName.ANSWER: "It knew an answer and stayed silent: it had just given it, or the channel rests.",
    VerdictName.SUGGEST: "It overheard a question and was not sure enough to answer: to suggest, it has to be asked.",
    VerdictName.NO_MATCH: "It overheard a question that the FAQ probably does not answer.",
}
_POINTED_BACK = "It gave this answer to the same person a moment ago, and pointed at it."


class Reasons:
    """Remembers every decision of the bot, by the question's message and by the reply. An `Observer`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], dict[str, Any]] = OrderedDict()
        self._awaited: dict[tuple[int, int], asyncio.Event] = {}

    def find(self, channel_id: int, message_id: int) -> dict[str, Any] | None:
        """Return what was decided about a message, or said in it; None if that is nothing.

        The keys are listed in the package's docstring.
        """
        return self._kept.get((channel_id, message_id))

    async def wait_for(self, channel_id: int, message_id: int) -> dict[str, Any]:
        """Return what was decided about a message, as soon as it is."""
        key = channel_id, message_id
        if key not in self._kept:
            try:
                await self._awaited.setdefault(key, asyncio.Event()).wait()
            finally:
                self._awaited.pop(key, None)
        return self._kept[key]

    def passed_over(self, query: Query, /) -> None:
        """See Observer."""
        said: dict[str, Any] = {
            "text": query.text,
            "verdict": "ignored",
            "why": _PASSED_OVER,
            "overheard": True,
            "hits": [],
        }
        self._keep(query.channel_id, query.message_id, said)

    def decided(self, outcome: Outcome, reply: ReplyRef | None, /) -> None:
        """See Observer."""
        query = outcome.query
        found = _describe(outcome)
        self._keep(query.channel_id, query.message_id, found)
        if reply is not None:
            self._keep(reply.channel_id, reply.message_id, found)

    def _keep(self, channel_id: int | None, message_id: int | None, found: dict[str, Any]) -> None:
        if channel_id is None or message_id is None:
            return
        self._kept[channel_id, message_id] = found
        if waiting := self._awaited.get((channel_id, message_id)):
            waiting.set()
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _describe(outcome: Outcome) -> dict[str, Any]:
    explanation, grounds = explain(outcome), outcome.grounds
    return {
        "text": outcome.text,
        "read_as": grounds.read_as,
        "verdict": VerdictName.of(outcome.verdict).value,
        "action": outcome.action.name.lower(),
        "why": _say(outcome),
        "sentences": [str(sentence) for sentence in explanation.sentences],
        "probability": float(grounds.odds.right),
        "probability_found": float(grounds.odds.found),
        "limit_answer": float(grounds.limits.answer),
        "limit_suggest": float(grounds.limits.suggest),
        "budget": float(grounds.budget),
        "measured": grounds.measured,
        "overheard": not outcome.query.addressed,
        "margin": float(explanation.lead),
        "latency": outcome.latency,
        "hits": [_describe_hit(candidate) for candidate in explanation.candidates],
    }


def _describe_hit(candidate: Candidate) -> dict[str, Any]:
    hit = candidate.hit
    return {
        "entry_id": hit.entry.id,
        "title": hit.entry.question,
        "phrasing": hit.phrasing,
        "similarity": float(hit.similarity),
        "relevance": float(hit.relevance),
        "terms": {share.term: float(share.value) for share in candidate.shares},
        "adds": {share.term: float(share.adds) for share in candidate.shares},
    }


def _say(outcome: Outcome) -> str:
    verdict = VerdictName.of(outcome.verdict)
    match outcome.action:
        case Action.REPLY:
            return _SAID[verdict]
        case Action.POINT_BACK:
            return _POINTED_BACK
        case Action.STAY_SILENT:
            return _SILENT[verdict]

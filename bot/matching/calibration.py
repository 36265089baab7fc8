"""How sure is sure: probabilities and thresholds from the FAQ alone, measured anew whenever it changes.

Nobody labels questions for a new FAQ, so it is asked its own: a phrasing that is held out stands for a question in
scope; a phrasing whose whole entry is held out for a near miss; everyday chatter for the rest. How their confidences
are spread tells how probable it is that an answer is right (Platt scaling), and from which confidence on false answers
stay within a budget.

Held-out phrasings tell how often a question in scope is taken for another entry, and how sure the bot is of those that
are not. How sure it is of another entry is told by the near misses: there are several times as many of them, and that
the right entry is there as well makes the next best no likelier.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..core.decision import Limits, Odds
from .fallback import SAFE_SAMPLES
from .platt import fit_platt, sigmoid
from .samples import MOST_RERANKED, collect_samples, is_too_small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .matcher import Matcher
    from .platt import LogisticCurve
    from .priors import Prior
    from .reranking import Rerank
    from .samples import Samples

WORTH_SUGGESTING = 1 / 3
""" "Did you mean" is worth reading where the right entry is among those shown at least every third time."""
LEAST_SURE = 1 / 3
"""However generous the budget: an answer that is wrong twice as often as right helps nobody."""
_BANDWIDTH = 0.04
"""By how much each pseudo-query's confidence is blurred, so that a handful of them gives a smooth curve."""
_STEPS = 600


class Calibration:
    """What confidences of one FAQ mean; immutable.

    Args:
        samples: Confidences of pseudo-queries.
        measured: False where the FAQ was too small, and `samples` are safe stand-ins.
    """

    def __init__(self, samples: Samples, *, measured: bool = True) -> None:
        self.samples = samples
        self.measured = measured
        self._scale = lru_cache(maxsize=64)(self._fit_scale)
        self._limit = lru_cache(maxsize=256)(self._find_limits)

    def odds(self, confidence: float, prior: Prior) -> Odds:
        """Return what a confidence means where questions are as `prior` says."""
        right, found = self._scale(prior)
        return Odds(right=right.of(confidence), found=found.of(confidence))

    def limits(self, budget: float, prior: Prior) -> Limits:
        """Return from which odds on to answer and to suggest.

        Args:
            budget: Share of all questions that may get a false answer, above 0.
            prior: Of what the questions consist.
        """
        return self._limit(budget, prior)

    def false_share(self, confidences: NDArray[np.float64], prior: Prior) -> NDArray[np.float64]:
        """Return the share of all questions that is answered falsely if all from a confidence on are answered.

        Args:
            confidences: The confidences to begin at, shape ``(n,)``.
            prior: Of what the questions consist.
        """
        samples, outside = self.samples, 1 - prior.in_scope
        return (
            prior.in_scope * (~samples.right).mean() * _share_above(samples.near, confidences)
            + outside * prior.near * _share_above(samples.near, confidences, samples.near_weights)
            + outside * (1 - prior.near) * _share_above(samples.chatter, confidences)
        )

    def densities(self, confidences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how dense in scope, near misses and chatter are around some confidences, shape ``(n, 3)``."""
        samples = self.samples
        right, wrong, near, chatter = (
            (
                _share_above(values, confidences - _BANDWIDTH, weights)
                - _share_above(values, confidences + _BANDWIDTH, weights)
            )
            / (2 * _BANDWIDTH)
            for values, weights in (
                (samples.held_out[samples.right], None),
                (samples.near, None),
                (samples.near, samples.near_weights),
                (samples.chatter, None),
            )
        )
        share = samples.right.mean()
        return np.stack([share * right + (1 - share) * wrong, near, chatter], axis=1)

    def _fit_scale(self, prior: Prior) -> tuple[LogisticCurve, LogisticCurve]:
        return self._fit_curve(self.samples.right, prior), self._fit_curve(self.samples.found, prior)

    def _fit_curve(self, wanted: NDArray[np.bool_], prior: Prior) -> LogisticCurve:
        """Return how probable it is that a question is one of those in scope for which something holds."""
        samples, outside = self.samples, 1 - prior.in_scope
        share = float(wanted.mean())
        hits, everything = samples.held_out[wanted], np.ones(len(samples.near))
        values = np.concatenate([hits, samples.near, samples.chatter])
        weights = np.concatenate(
            [
                _shares(np.ones(len(hits)), prior.in_scope * share),
                _shares(everything, prior.in_scope * (1 - share)) + _shares(samples.near_weights, outside * prior.near),
                _shares(np.ones(len(samples.chatter)), outside * (1 - prior.near)),
            ]
        )
        return fit_platt(values, np.arange(len(values)) < len(hits), weights)

    def _find_limits(self, budget: float, prior: Prior) -> Limits:
        if budget <= 0:
            raise ValueError(f"a budget for false answers is above 0, found {budget}")
        samples = self.samples
        every = np.concatenate([samples.held_out, samples.near, samples.chatter])
        lowest, highest = float(every.min()), float(every.max())
        steps = np.linspace(lowest - 4 * _BANDWIDTH, highest + 4 * _BANDWIDTH, _STEPS)

        def is_within(step: int) -> bool:
            return bool(self.false_share(steps[step : step + 1], prior)[0] <= budget)

        # The share falls from step to step, as fewer are answered from each.
        too_many = bisect_left(range(_STEPS), x=True, key=is_within)
        first = steps[min(too_many, _STEPS - 1)]
        if too_many and self._scale(prior)[0].is_flat:
            # No confidence is better than another, so none is good enough.
            return Limits(answer=1.0, suggest=WORTH_SUGGESTING)
        answer = max(self.odds(float(first), prior).right, LEAST_SURE)
        return Limits(answer=answer, suggest=WORTH_SUGGESTING)


def calibrate(
    matcher: Matcher,
    queries: Embeddings,
    chatter: Sequence[str],
    chatter_embeddings: Embeddings,
    rerank: Rerank | None = None,
) -> Calibration:
    """Measure what an FAQ's confidences mean; deterministic.

    Args:
        matcher: The FAQ.
        queries: Embeddings of `matcher.corpus.to_embed` as questions, one row each.
        chatter: What people write all day, cleaned.
        chatter_embeddings: Its embeddings in question form, one row each.
        rerank: The reranking model, if one takes part.
    """
    if is_too_small(matcher.corpus):
        return Calibration(SAFE_SAMPLES, measured=False)
    # Spread over the whole of it, as many lines as there is time for.
    step = max(1, -(-len(chatter) // MOST_RERANKED)) if rerank else 1
    background = matcher.confidences(chatter[::step], chatter_embeddings[::step], rerank)
    return Calibration(collect_samples(matcher, queries, background, rerank))


def _shares(weights: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    return share * weights / max(weights.sum(), 1e-12)


def _share_above(
    values: NDArray[np.float64], confidences: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return which share of some values, each blurred, lies above each confidence; of nothing none does."""
    weights = np.ones(len(values)) if weights is None else weights
    if not weights.sum():
        return np.zeros(len(confidences))
    above = sigmoid((values[None, :] - confidences[:, None]) * (np.pi / np.sqrt(3) / _BANDWIDTH))
    return above @ weights / weights.sum()

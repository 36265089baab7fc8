"""How many questions the FAQ answers at all: assumed at first, learnt from the log later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .calibration import Calibration

NEAR_MISSES_PER_QUESTION = 0.5
"""Questions about the FAQ's subject that it does not answer, for each that it does.

Between 0.1 and 0.5 on the public sets that we know; what is out of scope beyond that is chatter.
"""
NEAR_AT_LEAST = 0.43
"""Share of the questions out of scope that are near misses, at least: an FAQ that answers few questions lacks entries
rather than having more chatter around it. As on the one public set whose questions out of scope were all asked by
members; with its questions in scope thinned out, false answers were twice what was asked for without it.
"""
_PATIENCE = 200.0
"""As many questions count as much as what was assumed before.

Pseudo-queries are not quite like what people ask, so the log is not taken at its word: with less patience, 1,000
questions of a public set let the share in scope be off by a fifth, and the false answers by half of their budget.
"""
_ROUNDS = 200
_SETTLED = 1e-5


@dataclass(frozen=True, slots=True)
class Prior:
    """Of what the questions consist, before any is read.

    Attributes:
        in_scope: Share that the FAQ answers, 0 to 1.
        near: Share of the others that are near misses, 0 to 1; the rest is chatter.

    Raises:
        ValueError: A share is not within 0 to 1.
    """

    in_scope: float
    near: float

    def __post_init__(self) -> None:
        if not (0 <= self.in_scope <= 1 and 0 <= self.near <= 1):
            raise ValueError(f"expected shares from 0 to 1, found {self.in_scope} and {self.near}")

    @classmethod
    def of(cls, in_scope: float) -> Prior:
        """Return the prior where only the share in scope is known."""
        others = 1 - in_scope
        near = NEAR_MISSES_PER_QUESTION * in_scope / others if others > 0 else 1.0
        return cls(in_scope, min(1.0, max(NEAR_AT_LEAST, near)))


ADDRESSED = Prior(0.45, 0.58)
"""Assumed of questions put to the bot until the log teaches better: cautious, with many near misses."""
OVERHEARD = Prior(0.2, 0.25)
"""Assumed of overheard messages that look like questions: most belong to the talk around them."""


def learn_prior(calibration: Calibration, confidences: NDArray[np.float64], assumed: Prior) -> Prior:
    """Return the prior that a log of questions speaks for; nobody has to say which were in scope.

    Expectation maximisation for the shares of a mixture whose components are known: the confidences of held-out
    phrasings, of near misses and of chatter (Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier
    to new a priori probabilities", 2002). What was assumed counts as some 200 questions, so few questions change
    little.

    Args:
        calibration: Of the FAQ that the confidences were measured with.
        confidences: What `Ranking.confidence` says of each logged question, shape ``(n,)``.
        assumed: The prior to start from.
    """
    # Beyond all samples nothing is dense; what is surer than the surest of them counts like it.
    samples = calibration.samples
    every = np.concatenate([samples.held_out, samples.near, samples.chatter])
    densities = calibration.densities(np.clip(confidences, every.min(), every.max()))
    outside = 1 - assumed.in_scope
    start = np.array([assumed.in_scope, outside * assumed.near, outside * (1 - assumed.near)])
    shares = start
    for _ in range(_ROUNDS):
        joint = densities * shares
        belongs = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-12)
        updated = (belongs.sum(axis=0) + _PATIENCE * start) / (len(confidences) + _PATIENCE)
        settled = np.abs(updated - shares).max() < _SETTLED
        shares = updated
        if settled:
            break
    outside = shares[1] + shares[2]
    return Prior(float(shares[0]), float(shares[1] / outside) if outside > 0 else 1.0)

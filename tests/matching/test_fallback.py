import numpy as np
import pytest

from bot.core.decision import decide
from bot.core.types import Answer, Entry, NoMatch, Ranking, Suggest
from bot.matching import ADDRESSED, OVERHEARD, Calibration, Prior
from bot.matching.fallback import SAFE_SAMPLES
from tests.matching.made import hashed, matcher_of

CALIBRATION = Calibration(SAFE_SAMPLES, measured=False)
BUDGETS = [(0.05, ADDRESSED), (0.02, ADDRESSED), (0.02, OVERHEARD), (0.01, OVERHEARD)]


def answers(confidence: float, budget: float, prior: Prior) -> bool:
    return CALIBRATION.odds(confidence, prior).right >= CALIBRATION.limits(budget, prior).answer


def test_they_are_well_formed() -> None:
    samples = SAFE_SAMPLES
    assert len(samples.held_out) == len(samples.right) == len(samples.found)
    assert len(samples.near) == len(samples.near_weights)
    assert not (samples.right & ~samples.found).any()
    for values in (samples.held_out, samples.near, samples.chatter):
        assert values.min() > 0
        assert values.max() < 1
    assert np.median(samples.chatter) < np.median(samples.near) < np.median(samples.held_out)


@pytest.mark.parametrize(("budget", "prior"), BUDGETS)
def test_a_clear_match_is_answered_and_chatter_is_not(budget: float, prior: Prior) -> None:
    assert answers(0.9, budget, prior)
    assert not any(answers(confidence, budget, prior) for confidence in (*SAFE_SAMPLES.chatter, 0.0, -0.3))
    assert not answers(float(np.median(SAFE_SAMPLES.near)), budget, prior)


def test_what_is_overheard_must_be_surer_than_what_is_put_to_the_bot() -> None:
    confidences = np.linspace(0, 1.5, 151)
    first = [
        next(confidence for confidence in confidences if answers(float(confidence), budget, prior))
        for budget, prior in ((0.05, ADDRESSED), (0.02, ADDRESSED), (0.01, OVERHEARD))
    ]
    assert 0.3 < first[0] < first[1] < 0.9
    assert first[0] < first[2] < 0.9


SMALL = [
    Entry("q1", "How do I reset my password?", "a", ("I forgot my password",)),
    Entry("q2", "What does shipping cost?", "a", ("Is shipping free?",)),
    Entry("q3", "When are you open?", "a"),
]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("how do i reset my password", Answer),
        ("What does the shipping cost?", Answer),
        ("open today", Suggest),
        ("lol", NoMatch),
        ("what a goal", NoMatch),
    ],
)
def test_a_small_faq_answers_what_is_clear(text: str, verdict: type) -> None:
    ranking: Ranking = matcher_of(SMALL).rank(text, hashed([f"{text.rstrip('?')}?"])[0], 3)
    odds, limits = CALIBRATION.odds(ranking.confidence, ADDRESSED), CALIBRATION.limits(0.05, ADDRESSED)
    assert isinstance(decide(ranking.hits, odds, limits), verdict), (ranking.confidence, odds, limits)

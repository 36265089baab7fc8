from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.matching import ADDRESSED, OVERHEARD, Calibration, Prior, learn_prior, priors
from bot.matching.fallback import SAFE_SAMPLES
from bot.matching.priors import NEAR_AT_LEAST, NEAR_MISSES_PER_QUESTION

CALIBRATION = Calibration(SAFE_SAMPLES)
NOTHING = np.zeros(0)


def asked(in_scope: float, near: float, questions: int, seed: int = 1) -> NDArray[np.float64]:
    """Confidences of questions of which such shares are in scope, and near misses among the others."""
    rng = np.random.default_rng(seed)
    samples = SAFE_SAMPLES
    inside, close = round(questions * in_scope), round(questions * (1 - in_scope) * near)
    parts = [(samples.held_out, inside), (samples.near, close), (samples.chatter, questions - inside - close)]
    return np.concatenate([rng.choice(values, size) for values, size in parts]) + rng.normal(0, 0.02, questions)


@pytest.mark.parametrize("assumed", [ADDRESSED, OVERHEARD])
@pytest.mark.parametrize(("in_scope", "near"), [(0.1, 0.1), (0.3, 0.4), (0.5, 0.8), (0.9, 0.5)])
def test_many_questions_tell_of_what_they_consist(in_scope: float, near: float, assumed: Prior) -> None:
    learnt = learn_prior(CALIBRATION, asked(in_scope, near, 20_000), assumed)
    assert learnt.in_scope == pytest.approx(in_scope, abs=0.06)
    assert (1 - learnt.in_scope) * learnt.near == pytest.approx((1 - in_scope) * near, abs=0.06)


@pytest.mark.parametrize("assumed", [ADDRESSED, OVERHEARD])
@pytest.mark.parametrize("confidence", [0.1, 0.4, 0.8])
def test_few_questions_change_little(confidence: float, assumed: Prior) -> None:
    learnt = learn_prior(CALIBRATION, np.full(5, confidence), assumed)
    assert learnt.in_scope == pytest.approx(assumed.in_scope, abs=0.03)
    assert learnt.near == pytest.approx(assumed.near, abs=0.03)


def test_the_more_questions_the_more_they_count() -> None:
    shares = [
        learn_prior(CALIBRATION, asked(0.9, 0.5, count), OVERHEARD).in_scope for count in (0, 50, 200, 1000, 5000)
    ]
    assert shares == sorted(set(shares))
    # As many questions as what was assumed counts for: about half of the way.
    assert 0.4 < shares[2] < 0.7


@pytest.mark.parametrize("assumed", [ADDRESSED, OVERHEARD, Prior(0, 0), Prior(0, 1), Prior(1, 0.5)])
def test_without_questions_what_was_assumed_stays(assumed: Prior) -> None:
    learnt = learn_prior(CALIBRATION, NOTHING, assumed)
    assert learnt.in_scope == pytest.approx(assumed.in_scope)
    # With everything in scope, nothing is left to be a near miss.
    assert learnt.near == pytest.approx(1 if assumed.in_scope == 1 else assumed.near)


def test_learning_that_is_cut_short_is_halfway_there(monkeypatch: pytest.MonkeyPatch) -> None:
    confidences = asked(0.9, 0.5, 1000)
    learnt = learn_prior(CALIBRATION, confidences, OVERHEARD)
    monkeypatch.setattr(priors, "_ROUNDS", 1)
    assert OVERHEARD.in_scope < learn_prior(CALIBRATION, confidences, OVERHEARD).in_scope < learnt.in_scope


def test_what_was_ruled_out_is_never_learnt() -> None:
    learnt = learn_prior(CALIBRATION, asked(0.5, 0.5, 1000), Prior(1, 1))
    assert learnt == Prior(1, 1)


shares = st.floats(0, 1)


@settings(deadline=None)
@given(st.lists(st.floats(-3, 5), max_size=30).map(np.array), st.builds(Prior, shares, shares))
def test_shares_stay_shares(confidences: NDArray[np.float64], assumed: Prior) -> None:
    learnt = learn_prior(CALIBRATION, confidences, assumed)
    assert 0 <= learnt.in_scope <= 1
    assert 0 <= learnt.near <= 1
    assert learn_prior(CALIBRATION, confidences, assumed) == learnt


@pytest.mark.parametrize(("confidence", "more"), [(1.8, True), (-0.8, False)])
def test_questions_beyond_all_samples_count_like_the_last_of_them(confidence: float, more: bool) -> None:  # noqa: FBT001
    learnt = learn_prior(CALIBRATION, np.full(1000, confidence), ADDRESSED)
    outside = (1 - learnt.in_scope) * (1 - learnt.near)
    # Questions in the very words of the FAQ are surer than any phrasing that was held out.
    assert learnt.in_scope > ADDRESSED.in_scope if more else outside > 0.5


def test_near_misses_that_belong_to_nobody_are_no_component() -> None:
    none_near = Calibration(replace(SAFE_SAMPLES, near_weights=np.zeros(len(SAFE_SAMPLES.near))))
    learnt = learn_prior(none_near, asked(0.5, 0, 20_000), ADDRESSED)
    assert learnt.in_scope == pytest.approx(0.5, abs=0.05)
    assert learnt.near < 0.05


@pytest.mark.parametrize(("in_scope", "near"), [(-0.1, 0.5), (1.1, 0.5), (0.5, -0.1), (0.5, 1.1), (float("nan"), 0.5)])
def test_shares_beyond_0_and_1_are_refused(in_scope: float, near: float) -> None:
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        Prior(in_scope, near)


@given(shares)
def test_the_share_of_near_misses_follows_from_the_share_in_scope(in_scope: float) -> None:
    prior = Prior.of(in_scope)
    assert prior.in_scope == in_scope
    near, all_others = (1 - in_scope) * prior.near, 1 - in_scope
    likely = max(NEAR_MISSES_PER_QUESTION * in_scope, NEAR_AT_LEAST * all_others)
    assert near == pytest.approx(min(likely, all_others))


@pytest.mark.parametrize(("in_scope", "near"), [(0, NEAR_AT_LEAST), (0.3, NEAR_AT_LEAST), (0.5, 0.5), (1, 1), (0.8, 1)])
def test_the_ends_of_the_scale(in_scope: float, near: float) -> None:
    assert Prior.of(in_scope) == Prior(in_scope, near)


def test_what_is_overheard_is_assumed_to_be_chatter_more_often() -> None:
    assert OVERHEARD.in_scope < ADDRESSED.in_scope
    assert OVERHEARD.near < ADDRESSED.near

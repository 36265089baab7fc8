from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.core.decision import Limits
from bot.core.text import as_question
from bot.matching import ADDRESSED, OVERHEARD, Calibration, Prior, Samples, calibrate
from bot.matching.calibration import LEAST_SURE, WORTH_SUGGESTING
from bot.matching.fallback import SAFE_SAMPLES
from bot.matching.samples import MOST_RERANKED, ROUNDS
from tests.matching.made import entries_of, hashed, matcher_of
from tests.services.faqs import BIG, CHATTER

GRID = np.linspace(-1, 3, 4001)
PRIORS = [ADDRESSED, OVERHEARD, Prior(0.9, 0.9), Prior(0.05, 0.1)]


def drawn(seed: int = 0, size: int = 400) -> Samples:
    """Samples as a real FAQ gives them: three bells that overlap, nine of ten first hits right."""
    rng = np.random.default_rng(seed)
    right = rng.random(size) < 0.9
    return Samples(
        held_out=np.where(right, rng.normal(0.8, 0.2, size), rng.normal(0.45, 0.12, size)),
        right=right,
        found=right | (rng.random(size) < 0.5),
        near=rng.normal(0.4, 0.12, size),
        near_weights=rng.random(size),
        chatter=rng.normal(0.15, 0.05, size),
    )


SOME = Calibration(drawn())
values = st.lists(st.floats(-0.5, 2), min_size=1, max_size=12).map(np.array)


@st.composite
def any_samples(draw: st.DrawFn) -> Samples:
    held_out, near, chatter = draw(values), draw(values), draw(values)
    right, found, weights = (np.random.default_rng(draw(st.integers(0, 99))).random(20) for _ in range(3))
    hit = right[: len(held_out)] < draw(st.sampled_from([0, 0.5, 0.9, 1]))
    return Samples(held_out, hit, hit | (found[: len(held_out)] < 0.5), near, weights[: len(near)], chatter)


shares = st.floats(0.01, 0.99)
priors = st.builds(Prior, shares, shares)


def first_answered(calibration: Calibration, budget: float, prior: Prior) -> float:
    """Return the lowest confidence that is answered, 3 where none is."""
    least = calibration.limits(budget, prior).answer
    return next((float(value) for value in GRID if calibration.odds(float(value), prior).right >= least), 3)


@settings(deadline=None, max_examples=20)
@given(any_samples(), priors, st.lists(st.floats(-5, 5), min_size=2, max_size=8).map(sorted))
def test_more_confidence_is_never_less_probable(samples: Samples, prior: Prior, confidences: list[float]) -> None:
    calibration = Calibration(samples)
    odds = [calibration.odds(confidence, prior) for confidence in confidences]
    for less, more in pairwise(odds):
        assert 0 <= less.right <= more.right <= 1
        assert 0 <= less.found <= more.found <= 1


@pytest.mark.parametrize("prior", PRIORS)
def test_odds_are_on_average_what_the_samples_say(prior: Prior) -> None:
    samples, outside = SOME.samples, 1 - prior.in_scope
    for name, hits in (("right", samples.right), ("found", samples.found)):
        hit, miss, near, chatter = (
            np.average([getattr(SOME.odds(value, prior), name) for value in values], weights=weights)
            for values, weights in (
                (samples.held_out[hits], None),
                # Of another entry the bot is as sure as of near misses.
                (samples.near, None),
                (samples.near, samples.near_weights),
                (samples.chatter, None),
            )
        )
        in_scope = hits.mean() * hit + (1 - hits.mean()) * miss
        out_of_scope = prior.near * near + (1 - prior.near) * chatter
        share = prior.in_scope * hits.mean()
        assert prior.in_scope * in_scope + outside * out_of_scope == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("confidence", [0.2, 0.5, 0.8])
def test_where_more_questions_are_in_scope_the_same_confidence_is_worth_more(confidence: float) -> None:
    odds = [SOME.odds(confidence, Prior(in_scope, 0.5)).right for in_scope in (0.05, 0.3, 0.6, 0.95)]
    assert odds == sorted(set(odds))
    found = [SOME.odds(confidence, Prior(0.5, near)).right for near in (0.05, 0.5, 0.95)]
    assert found == sorted(set(found), reverse=True)


def test_where_more_questions_are_in_scope_less_confidence_is_enough_to_answer() -> None:
    firsts = [first_answered(SOME, 0.02, Prior(in_scope, 0.5)) for in_scope in (0.05, 0.3, 0.5, 0.7)]
    assert firsts[1:] == sorted(set(firsts[1:]), reverse=True)


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("budget", [0.005, 0.01, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("calibration", [SOME, Calibration(drawn(3, 40)), Calibration(SAFE_SAMPLES)])
def test_false_answers_stay_within_the_budget_and_use_it(calibration: Calibration, budget: float, prior: Prior) -> None:
    first = first_answered(calibration, budget, prior)
    (false,) = calibration.false_share(np.array([first]), prior)
    assert false <= budget + 1e-9
    if calibration.limits(budget, prior).answer > LEAST_SURE:
        (a_little_lower,) = calibration.false_share(np.array([first - 0.01]), prior)
        assert a_little_lower > budget


@settings(deadline=None, max_examples=15)
@given(any_samples(), priors, st.lists(st.floats(1e-4, 1), min_size=2, max_size=6).map(sorted))
def test_a_smaller_budget_never_lowers_the_limit(samples: Samples, prior: Prior, budgets: list[float]) -> None:
    calibration = Calibration(samples)
    limits = [calibration.limits(budget, prior) for budget in budgets]
    assert [limit.answer for limit in limits] == sorted((limit.answer for limit in limits), reverse=True)
    assert all(LEAST_SURE <= limit.answer <= 1 for limit in limits)
    assert {limit.suggest for limit in limits} == {WORTH_SUGGESTING}


@settings(deadline=None, max_examples=40)
@given(any_samples(), priors)
def test_fewer_are_false_where_fewer_are_answered(samples: Samples, prior: Prior) -> None:
    share = Calibration(samples).false_share(GRID, prior)
    assert (np.diff(share) <= 1e-12).all()
    wrong = prior.in_scope * (~samples.right).mean() + (1 - prior.in_scope)
    near = (1 - prior.in_scope) * prior.near if not samples.near_weights.sum() else 0
    assert share[0] == pytest.approx(wrong - near, abs=1e-6)
    assert share[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("budget", [0, -0.01])
def test_without_a_budget_nothing_could_be_said(budget: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        SOME.limits(budget, ADDRESSED)


def test_however_generous_the_budget_an_answer_is_right_every_third_time() -> None:
    assert SOME.limits(1.0, ADDRESSED) == Limits(LEAST_SURE, WORTH_SUGGESTING)
    assert first_answered(SOME, 1.0, ADDRESSED) > 0.3


def test_where_no_answer_is_right_none_is_given() -> None:
    nothing = np.zeros(400, dtype=np.bool_)
    calibration = Calibration(replace(drawn(), right=nothing, found=nothing, near_weights=np.zeros(400)))
    assert calibration.odds(3, ADDRESSED).right == pytest.approx(0)
    assert calibration.odds(3, ADDRESSED).found == pytest.approx(0)
    assert calibration.limits(0.05, ADDRESSED).answer >= LEAST_SURE
    # What belongs to nobody is no near miss.
    assert calibration.densities(GRID)[:, 1].tolist() == [0] * len(GRID)


@pytest.mark.parametrize("prior", [Prior(0, 0), Prior(0, 1), Prior(1, 0), Prior(1, 1)])
def test_the_most_extreme_questions_break_nothing(prior: Prior) -> None:
    odds, limits = SOME.odds(0.8, prior), SOME.limits(0.05, prior)
    assert odds.right < 0.01 if prior.in_scope == 0 else odds.right > 0.8
    assert LEAST_SURE <= limits.answer <= 1


def test_where_more_confidence_means_less_nothing_is_answered_beyond_the_budget() -> None:
    odd = replace(drawn(), held_out=np.linspace(0.2, 0.5, 400), near=np.linspace(0.4, 0.9, 400))
    calibration = Calibration(odd)
    first = first_answered(calibration, 0.05, ADDRESSED)
    assert calibration.false_share(np.array([first]), ADDRESSED)[0] <= 0.05


@settings(deadline=None, max_examples=30)
@given(any_samples())
def test_densities_add_up_to_1(samples: Samples) -> None:
    densities = Calibration(samples).densities(GRID)
    assert densities.shape == (len(GRID), 3)
    assert densities.min() >= -1e-12
    areas = densities.sum(axis=0) * (GRID[1] - GRID[0])
    assert areas == pytest.approx([1, 1 if samples.near_weights.sum() else 0, 1], abs=0.01)


def test_densities_are_highest_where_the_samples_are() -> None:
    highest = GRID[SOME.densities(GRID).argmax(axis=0)]
    assert highest == pytest.approx([0.8, 0.4, 0.15], abs=0.1)


@pytest.mark.parametrize("sizes", [[1] * 20, [1] * 19 + [2]])
def test_an_faq_of_single_phrasings_gets_safe_stand_ins(sizes: list[int]) -> None:
    matcher = matcher_of(entries_of(sizes))
    calibration = calibrate(matcher, matcher.embeddings, CHATTER, hashed(CHATTER))
    ranking = matcher.rank(matcher.corpus.texts[3], matcher.embeddings[3], 3)
    limits = calibration.limits(0.05, ADDRESSED)
    assert not calibration.measured
    assert calibration.odds(ranking.confidence, ADDRESSED).right >= limits.answer


def test_a_flat_curve_says_how_often_answers_are_right_on_the_whole() -> None:
    odd = Samples(
        held_out=np.linspace(0.65, 0.7, 100),
        right=np.ones(100, dtype=np.bool_),
        found=np.ones(100, dtype=np.bool_),
        near=np.linspace(0.75, 0.9, 100),
        near_weights=np.ones(100),
        chatter=np.linspace(0.75, 0.9, 100),
    )
    calibration = Calibration(odd)
    for confidence in (0.0, 1.0):
        odds = calibration.odds(confidence, ADDRESSED)
        assert odds.right == odds.found == pytest.approx(ADDRESSED.in_scope, abs=0.01)
        assert odds.right < calibration.limits(0.05, ADDRESSED).answer


def calibrated(rerank: object = None, chatter: Sequence[str] = CHATTER) -> Calibration:
    matcher = matcher_of(BIG)
    embeddings = hashed([as_question(line) for line in chatter])
    return calibrate(matcher, matcher.embeddings, chatter, embeddings, rerank)  # pyright: ignore[reportArgumentType]


def test_an_faq_is_measured_the_same_every_time() -> None:
    one, other = calibrated(), calibrated()
    assert one.measured
    assert len(one.samples.held_out) == ROUNDS * 3 * len(BIG)
    assert len(one.samples.chatter) == len(CHATTER)
    assert one.samples.chatter == pytest.approx(
        matcher_of(BIG).confidences(CHATTER, hashed([as_question(line) for line in CHATTER]))
    )
    assert one.samples.chatter.mean() < one.samples.near.mean() < one.samples.held_out.mean()
    assert one.limits(0.05, ADDRESSED) == other.limits(0.05, ADDRESSED)
    assert one.odds(0.5, ADDRESSED) == other.odds(0.5, ADDRESSED)


@pytest.mark.parametrize("entries", [(), BIG[:7]])
def test_an_faq_that_is_too_small_gets_safe_stand_ins(entries: Sequence[object]) -> None:
    matcher = matcher_of(entries)  # pyright: ignore[reportArgumentType]
    calibration = calibrate(matcher, matcher.embeddings, CHATTER, hashed(CHATTER))
    assert not calibration.measured
    assert calibration.samples is SAFE_SAMPLES


def test_an_faq_may_be_measured_without_chatter() -> None:
    calibration = calibrated(chatter=())
    assert calibration.measured
    assert calibration.samples.chatter.shape == (0,)
    assert 0 < calibration.odds(0.5, ADDRESSED).right < 1
    assert calibration.densities(GRID)[:, 2].tolist() == [0] * len(GRID)


@pytest.mark.parametrize(("lines", "asked"), [(MOST_RERANKED, MOST_RERANKED), (3 * MOST_RERANKED, MOST_RERANKED)])
def test_a_reranking_model_is_asked_about_some_of_the_chatter(lines: int, asked: int) -> None:
    def rerank(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.full(len(pairs), 0.5, dtype=np.float32)

    chatter = (CHATTER * (lines // len(CHATTER) + 1))[:lines]
    calibration = calibrated(rerank, chatter)
    assert len(calibration.samples.chatter) == asked
    # The same for all of them is no lead.
    plain = calibrated(None, chatter[:: lines // asked])
    assert calibration.samples.chatter == pytest.approx(plain.samples.chatter + 0.15, abs=1e-5)
    assert calibration.samples.held_out == pytest.approx(plain.samples.held_out + 0.15, abs=1e-5)

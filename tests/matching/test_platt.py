from typing import Any, cast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from bot.matching import platt
from bot.matching.platt import fit_platt, sigmoid

PLACES = np.linspace(-1, 1, 21)


def drawn(count: int, seed: int, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, whether each is right, and weights: the more a value, the likelier it is right."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count) * 0.4
    right = values + rng.normal(size=count) * spread > 0.1
    weights = rng.random(count)
    return values, right, weights / weights.sum()


@settings(deadline=None, max_examples=40)
@given(count=st.integers(3, 400), seed=st.integers(0, 2**16), spread=st.sampled_from([0.01, 0.1, 0.5]))
def test_the_curve_is_that_of_scikit_learn(count: int, seed: int, spread: float) -> None:
    values, right, weights = drawn(count, seed, spread)
    assume(right.any() and not right.all())
    # The default solver warns where rounding keeps it from a tolerance as fine as this.
    model = cast("Any", LogisticRegression)(C=1e4, tol=1e-8, solver="newton-cholesky")
    model.fit(values[:, None], right, sample_weight=weights * count)
    assume(model.coef_[0, 0] > 0)
    curve = fit_platt(values, right, weights)
    assert not curve.is_flat
    assert [curve.of(place) for place in PLACES] == pytest.approx(model.predict_proba(PLACES[:, None])[:, 1], abs=1e-4)


@given(count=st.integers(1, 50), seed=st.integers(0, 2**16), spread=st.sampled_from([0.01, 1.0, 100.0]))
def test_more_never_means_less_and_is_a_probability(count: int, seed: int, spread: float) -> None:
    curve = fit_platt(*drawn(count, seed, spread))
    found = [curve.of(place) for place in (*PLACES, 1e6)]
    assert found == sorted(found)
    assert 0 <= found[0] <= found[-1] <= 1


def test_where_nothing_is_right_nothing_is_probable() -> None:
    curve = fit_platt(np.array([0.1, 0.9]), np.array([False, False]), np.array([0.5, 0.5]))
    assert curve.is_flat
    assert curve.of(1.0) == pytest.approx(0, abs=1e-200)


def test_where_more_speaks_against_it_the_curve_is_flat_at_the_share() -> None:
    curve = fit_platt(
        np.array([0.0, 1.0, 2.0, 3.0]), np.array([True, True, False, False]), np.array([0.1, 0.2, 0.3, 0.4])
    )
    assert curve.is_flat
    assert curve.of(-7) == curve.of(7) == pytest.approx(0.3)


@pytest.mark.parametrize("right", [[True, True, True], [False, False, True]])
def test_samples_that_a_threshold_divides_cleanly_have_a_finite_curve(right: list[bool]) -> None:
    curve = fit_platt(np.array([0.1, 0.2, 0.9]), np.array(right), np.full(3, 1 / 3))
    assert np.isfinite([curve.of(0.0), curve.of(1.0)]).all()
    assert curve.of(0.9) > 0.9
    assert curve.of(0.1) == pytest.approx(float(right[0]), abs=0.1)


def test_the_far_ends_do_not_overflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == pytest.approx([0, 0.5, 1])


def test_a_search_that_overshoots_goes_back_and_may_be_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    values, right = np.array([5.0, 0.5, 0.1, 1.0, 0.5]), np.array([True, False, True, True, False])
    weights = np.array([1e-6, 1e-2, 1e-2, 1.0, 1e-6])
    samples = values, right, weights / weights.sum()
    found = fit_platt(*samples)
    assert not found.is_flat
    # The first step goes too far: who may not shorten it stays where he began, at the share of what is right.
    monkeypatch.setattr(platt, "_SHORTEST_STEP", 1.0)
    assert fit_platt(*samples).is_flat
    monkeypatch.undo()
    monkeypatch.setattr(platt, "_STEPS", 2)
    hasty = fit_platt(*samples)
    assert not hasty.is_flat
    assert hasty.of(0.5) != pytest.approx(found.of(0.5), abs=1e-3)

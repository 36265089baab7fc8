import warnings
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from bot.core.types import Embeddings
from bot.matching import head as module
from bot.matching.head import STRENGTH, Head, centred, fit_head
from tests.matching.made import clustered_rows, random_rows, unit


def labels_of(sizes: list[int]) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.repeat(np.arange(len(sizes)), sizes)


def by_scikit_learn(rows: Embeddings, sizes: list[int], queries: Embeddings, tol: float = 1e-4) -> Embeddings:
    """Return scikit-learn's own probabilities."""
    # For two entries it has one row of weights, the difference of our two, whose squares sum up to half of its square.
    strength = STRENGTH * (2 if len(sizes) == 2 else 1)
    model = cast("Any", LogisticRegression)(C=strength, max_iter=500, tol=tol)
    shares = np.repeat(1 / np.sqrt(sizes), sizes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(unit(rows - rows.mean(axis=0)), labels_of(sizes), sample_weight=shares * len(shares) / shares.sum())
    return model.predict_proba(unit(queries - rows.mean(axis=0)))


@settings(deadline=None, max_examples=12)
@given(sizes=st.lists(st.integers(1, 6), min_size=2, max_size=6), seed=st.integers(0, 2**16))
def test_probabilities_are_those_of_scikit_learn(sizes: list[int], seed: int) -> None:
    rows, queries = random_rows(sum(sizes), 8, seed), random_rows(5, 8, seed + 1)
    found = fit_head(rows, labels_of(sizes)).probabilities(queries)
    assert found.dtype == np.float32
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert found.min() >= 0
    # Both stop where the gradient is small, not where it is 0, and not at the same place.
    assert found == pytest.approx(by_scikit_learn(rows, sizes, queries), abs=2e-2)


@pytest.mark.parametrize("seed", range(5))
def test_patient_searches_end_at_the_same_place(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    sizes = [4, 2, 6, 3]
    rows, queries = random_rows(sum(sizes), 8, seed), random_rows(5, 8, seed + 100)
    monkeypatch.setattr(module, "_TOLERANCE", 1e-6)
    found = fit_head(rows, labels_of(sizes)).probabilities(queries)
    assert found == pytest.approx(by_scikit_learn(rows, sizes, queries, tol=1e-8), abs=2e-3)


@pytest.mark.parametrize("sizes", [[3, 3], [1, 4], [40, 2]])
def test_two_entries_work_like_any_number(sizes: list[int]) -> None:
    rows = clustered_rows(sizes, 16, 0.5, seed=3)
    head = fit_head(rows, labels_of(sizes))
    assert head.weights.shape == (2, 16)
    assert head.bias.shape == (2,)
    found = head.probabilities(rows)
    assert found.argmax(axis=1).tolist() == labels_of(sizes).tolist()
    assert found == pytest.approx(by_scikit_learn(rows, sizes, rows), abs=1e-3)


def test_an_entry_with_many_phrasings_is_expected_more_often_but_not_as_often_as_it_has_more() -> None:
    sizes = [64, 4]
    head = fit_head(random_rows(sum(sizes), 2, 0), labels_of(sizes))
    # Random rows tell nothing, so what is left is how often each is expected: 8 to 2, not 64 to 4.
    assert head.probabilities(random_rows(2000, 2, 1)).mean(axis=0) == pytest.approx([0.8, 0.2], abs=0.05)


def test_many_entries_for_few_rows_and_a_fit_cut_short_warn_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [1] * 30 + [2]
    rows = random_rows(sum(sizes), 16, 0)
    monkeypatch.setattr(module, "_ITERATIONS", 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        head = fit_head(rows, labels_of(sizes))
    assert caught == []
    assert head.probabilities(rows).shape == (32, 31)


def test_the_same_rows_give_the_same_head() -> None:
    rows, sizes = clustered_rows([5, 3, 4], 16, 1.0, seed=8), [5, 3, 4]
    one, other = fit_head(rows, labels_of(sizes)), fit_head(rows, labels_of(sizes))
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)
    assert np.array_equal(one.centre, other.centre)


def test_the_gradient_is_that_of_the_loss() -> None:
    rows, labels = random_rows(12, 3, 5), labels_of([4, 5, 3])
    loss = module._Loss(rows, labels, np.full(12, 1 / 12), 0.01)
    at = np.random.default_rng(0).normal(size=len(loss.start))
    found = loss(at)[1]
    step = 1e-2
    for place in range(len(at)):
        move = np.zeros_like(at)
        move[place] = step
        assert found[place] == pytest.approx((loss(at + move)[0] - loss(at - move)[0]) / (2 * step), abs=2e-4)


def test_the_surest_head_stays_finite() -> None:
    weights = np.array([[1e5, 0], [-1e5, 0], [0, 1e5]], dtype=np.float32)
    head = Head(np.zeros(2, dtype=np.float32), weights, np.zeros(3, dtype=np.float32))
    found = head.probabilities(np.array([[1, 0], [0, 1]], dtype=np.float32))
    assert found.tolist() == [[1, 0, 0], [0, 0, 1]]


@given(rows=st.integers(1, 20), dim=st.integers(1, 8), seed=st.integers(0, 2**16))
def test_centred_rows_have_length_1(rows: int, dim: int, seed: int) -> None:
    embeddings = random_rows(rows, dim, seed)
    centre = np.full(dim, 0.1, dtype=np.float32)
    assert np.linalg.norm(centred(embeddings, centre), axis=1) == pytest.approx(1, abs=1e-5)


def test_a_row_at_the_centre_has_no_direction() -> None:
    rows = random_rows(2, 4, 0)
    assert centred(rows, rows[0])[0].tolist() == [0, 0, 0, 0]


def test_centring_takes_away_what_all_rows_have_in_common() -> None:
    subject = np.array([[10, 0, 0]], dtype=np.float32)
    rows = unit(subject + np.array([[0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float32))
    assert (rows @ rows.T).min() > 0.97
    apart = centred(rows, rows.mean(axis=0))
    assert apart @ apart.T == pytest.approx(
        np.array([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, -1], [0, 0, -1, 1]]), abs=1e-3
    )

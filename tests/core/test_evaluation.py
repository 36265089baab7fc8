import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.evaluation import (
    BINS,
    BUDGETS,
    Bin,
    Point,
    Prediction,
    evaluate,
    precision_coverage,
    reliability,
    sample,
    within_budget,
)

entries = st.sampled_from(["a", "b", "c"])
# Coarse ones repeat themselves, so that ties and the bins' edges happen.
confidences = st.one_of(st.integers(0, 10).map(lambda tenths: tenths / 10), st.floats(0, 1))
one_prediction = st.builds(
    Prediction,
    entry=st.none() | entries,
    predicted=st.none() | entries,
    confidence=confidences,
    answered=st.booleans(),
    rank=st.none() | st.integers(0, 5),
)
predictions = st.lists(one_prediction, min_size=1, max_size=60).filter(
    lambda found: any(one.entry is not None for one in found)
)


def predicted(*rows: tuple[str | None, str | None, float], threshold: float = 0.5) -> list[Prediction]:
    return [Prediction(entry, best, confidence, answered=confidence >= threshold) for entry, best, confidence in rows]


def counts_at(found: Sequence[Prediction], threshold: float) -> tuple[int, int]:
    """How many right and false answers a threshold gives, by asking each query."""
    answered = [one for one in found if one.confidence >= threshold]
    right = sum(1 for one in answered if one.entry is not None and one.entry == one.predicted)
    return right, len(answered) - right


def in_scope(found: Sequence[Prediction]) -> list[Prediction]:
    return [one for one in found if one.entry is not None]


@given(predictions)
def test_coverage_within_a_budget_is_the_best_of_all_thresholds(found: list[Prediction]) -> None:
    figures = evaluate(found)
    for budget, coverage in zip(BUDGETS, (figures.cov1, figures.cov2, figures.cov5, figures.cov10), strict=True):
        best = 0.0
        for threshold in {one.confidence for one in found}:
            right, false = counts_at(found, threshold)
            if 100 * false <= budget * len(found):
                best = max(best, 100 * (right / len(in_scope(found))))
        assert coverage == best


@given(predictions)
def test_auroc_is_the_share_of_pairs_in_order(found: list[Prediction]) -> None:
    outside = [one.confidence for one in found if one.entry is None]
    pairs = [(one.confidence, other) for one in in_scope(found) for other in outside]
    auroc = evaluate(found).auroc
    if not pairs:
        assert auroc is None
    else:
        wins = sum(1.0 if high > low else 0.5 if high == low else 0.0 for high, low in pairs)
        assert auroc == pytest.approx(100 * wins / len(pairs), abs=1e-9)


@given(predictions)
def test_the_figures_at_the_setting_count_what_is_answered(found: list[Prediction]) -> None:
    figures = evaluate(found)
    answers = [one for one in found if one.answered]
    right = [one for one in answers if one.entry is not None and one.predicted == one.entry]
    assert figures.answered == 100 * len(answers) / len(found)
    assert figures.precision == (100 * len(right) / len(answers) if answers else None)
    assert figures.false_answers == 100 * (len(answers) - len(right)) / len(found)
    assert figures.coverage == 100 * len(right) / len(in_scope(found))
    said = np.array([one.answered for one in found])
    true = np.array([one.entry is not None and one.predicted == one.entry for one in found])
    if said.std() and true.std():
        assert figures.mcc == pytest.approx(float(np.corrcoef(said, true)[0, 1]), abs=1e-9)
    else:
        assert figures.mcc == 0


@given(predictions)
def test_the_calibration_error_is_the_mean_gap_of_the_bins(found: list[Prediction]) -> None:
    gap = 0.0
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [one for one in found if low < one.confidence <= high or (number == 0 and one.confidence == 0)]
        right = sum(1 for one in inside if one.entry is not None and one.entry == one.predicted)
        gap += abs(sum(one.confidence for one in inside) - right)
    assert evaluate(found).ece == pytest.approx(100 * gap / len(found), abs=1e-9)


@given(predictions)
def test_figures_stay_in_their_ranges_and_grow_with_the_budget(found: list[Prediction]) -> None:
    figures = evaluate(found)
    assert 0 <= figures.cov1 <= figures.cov2 <= figures.cov5 <= figures.cov10 <= figures.top1 + 1e-9
    assert figures.top1 <= figures.recall3 <= 100
    assert figures.auroc is None or 0 <= figures.auroc <= 100
    assert 0 <= figures.ece <= 100
    assert -1 <= figures.mcc <= 1
    assert figures.queries == len(found)
    assert figures.in_scope == len(in_scope(found))


@given(predictions)
def test_the_curve_is_what_each_threshold_gives(found: list[Prediction]) -> None:
    coverage, precision, threshold = precision_coverage(found)
    assert threshold.tolist() == sorted({one.confidence for one in found}, reverse=True)
    for at, lowest in enumerate(threshold.tolist()):
        right, false = counts_at(found, lowest)
        assert coverage[at] == 100 * (right / len(in_scope(found)))
        assert precision[at] == 100 * right / (right + false)
    assert (np.diff(coverage) >= 0).all()
    assert coverage[-1] == pytest.approx(evaluate(found).top1)


@given(predictions, st.floats(0, 100))
def test_a_point_within_a_budget_is_the_last_such_point_of_the_curve(found: list[Prediction], budget: float) -> None:
    affordable = [
        place
        for place in zip(*precision_coverage(found), strict=True)
        if 100 * counts_at(found, place[2])[1] <= budget * len(found)
    ]
    assert within_budget(found, budget) == (affordable[-1] if affordable else None)


@given(predictions, st.integers(1, 20))
def test_every_prediction_is_in_one_bin(found: list[Prediction], bins: int) -> None:
    parts = reliability(found, bins)
    assert sum(one.count for one in parts) == len(found)
    for one in parts:
        assert one.count > 0
        assert 0 <= one.right <= 1
        assert one.low - 1e-12 <= one.confidence <= one.high + 1e-12
        assert one.high - one.low == pytest.approx(1 / bins)
    assert all(before.high <= after.low for before, after in pairwise(parts))


@given(predictions, st.randoms(use_true_random=False))
def test_the_order_of_the_queries_changes_nothing(found: list[Prediction], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    before, after = evaluate(found), evaluate(shuffled)
    assert before.ece == pytest.approx(after.ece)
    assert [before.cov1, before.cov10, before.auroc, before.mcc] == [after.cov1, after.cov10, after.auroc, after.mcc]


def test_figures_of_an_example_worked_out_by_hand() -> None:
    found = [
        Prediction("a", "a", 0.95, answered=True, rank=0),
        Prediction("b", "b", 0.85, answered=True, rank=0),
        Prediction("a", "c", 0.75, answered=True, rank=2),
        Prediction(None, "a", 0.65, answered=False),
        Prediction("c", "c", 0.55, answered=False, rank=0),
        Prediction("c", "a", 0.45, answered=False, rank=3),
        Prediction("c", "a", 0.35, answered=False),
        Prediction(None, None, 0.0, answered=False),
    ]
    figures = evaluate(found)
    assert (figures.queries, figures.in_scope) == (8, 6)
    assert (figures.top1, figures.recall3) == (50.0, pytest.approx(400 / 6))
    # 0.65 lies below three of the six in scope, 0 below all.
    assert figures.auroc == 75.0
    assert [figures.cov1, figures.cov2, figures.cov5, figures.cov10] == [pytest.approx(100 / 3)] * 4
    assert (figures.answered, figures.precision) == (37.5, pytest.approx(200 / 3))
    assert (figures.false_answers, figures.coverage) == (12.5, pytest.approx(100 / 3))
    assert figures.ece == pytest.approx(100 * (0.05 + 0.15 + 0.75 + 0.65 + 0.45 + 0.45 + 0.35) / 8)
    # Two answered rightly, one falsely; of the others one right, four not.
    assert figures.mcc == pytest.approx((2 * 4 - 1 * 1) / math.sqrt(3 * 3 * 5 * 5))


def test_a_budget_that_is_met_exactly_is_kept() -> None:
    # One false answer of a hundred, before the last right one.
    rows: list[tuple[str | None, str | None, float]] = [("a", "a", 0.9), (None, "a", 0.8), ("a", "a", 0.7)]
    figures = evaluate(predicted(*rows, *[("a", "b", 0.1)] * 97))
    assert figures.cov1 == pytest.approx(figures.top1)
    assert evaluate(predicted(*rows, *[("a", "b", 0.1)] * 96)).cov1 == pytest.approx(100 / 98)


def test_equally_confident_queries_are_answered_together() -> None:
    assert evaluate(predicted(("a", "a", 0.9), (None, "a", 0.9))).cov10 == 0
    assert within_budget(predicted(("a", "a", 0.9), (None, "a", 0.9)), 10) is None
    assert within_budget(predicted(("a", "a", 0.9), (None, "a", 0.8)), 10) == Point(100.0, 100.0, 0.9)


def test_out_of_scope_nothing_is_right_not_even_finding_nothing() -> None:
    figures = evaluate(predicted((None, None, 0.9), ("a", "a", 0.8)))
    assert (figures.precision, figures.cov10) == (50.0, 0.0)


def test_the_entry_found_counts_as_first_without_a_rank() -> None:
    assert evaluate(predicted(("a", "a", 0.9))).recall3 == 100


def test_nothing_answered_has_no_precision() -> None:
    figures = evaluate(predicted(("a", "a", 0.9), (None, "a", 0.2), threshold=1))
    assert (figures.answered, figures.precision, figures.false_answers, figures.coverage) == (0.0, None, 0.0, 0.0)
    assert figures.mcc == 0


def test_a_bin_has_its_upper_edge_and_zero_is_in_the_first() -> None:
    found = predicted(("a", "a", 0.0), ("a", "b", 0.3), ("a", "a", 0.31), ("a", "a", 1.0))
    assert reliability(found) == [
        Bin(0.0, 0.1, 0.0, 1.0, 1),
        Bin(0.2, 0.3, 0.3, 0.0, 1),
        Bin(0.3, 0.4, 0.31, 1.0, 1),
        Bin(0.9, 1.0, 1.0, 1.0, 1),
    ]


def test_rounding_beyond_the_range_is_forgiven() -> None:
    found = predicted(("a", "a", float(np.nextafter(np.float32(1), np.float32(2)))), ("a", "b", -1e-9))
    assert evaluate(found).ece == pytest.approx(0, abs=1e-4)
    assert [one.count for one in reliability(found)] == [1, 1]


@pytest.mark.parametrize("of", [evaluate, precision_coverage, reliability, lambda found: within_budget(found, 5)])
@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ([], "no predictions"),
        (predicted((None, "a", 0.5)), "no query is in scope"),
        (predicted(("a", "a", 0.5), ("a", "a", math.nan)), "prediction 2 is nan"),
        (predicted(("a", "a", 1.01)), "prediction 1 is 1.01, not between 0 and 1"),
        (predicted(("a", "a", -math.inf)), "prediction 1 is -inf"),
    ],
)
def test_predictions_without_figures_are_refused(of: object, found: list[Prediction], fault: str) -> None:
    assert callable(of)
    with pytest.raises(ValueError, match=fault):
        of(found)


def test_less_than_one_bin_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 bin"):
        reliability(predicted(("a", "a", 0.5)), 0)


labels = st.lists(st.sampled_from("abcdef"), max_size=60)


@given(labels, st.integers(1, 8), st.integers(0, 99))
def test_a_sample_keeps_some_rows_of_every_entry(rows: list[str], k: int, seed: int) -> None:
    kept = sample(rows, k, seed)
    assert len(set(kept)) == len(kept)
    for entry in set(rows):
        assert sum(rows[row] == entry for row in kept) == min(k, rows.count(entry))
    assert kept == sample(rows, k, seed)


@given(labels, st.integers(0, 99))
def test_all_rows_are_kept_entry_after_entry(rows: list[str], seed: int) -> None:
    assert sample(rows, None, seed) == sorted(range(len(rows)), key=lambda row: rows[row])


def test_a_seed_draws_the_same_rows_for_ever() -> None:
    # Published figures rest on it.
    rows = ["b", "a"] * 10
    assert sample(rows, 3, seed=7) == [11, 5, 13, 0, 2, 16]
    assert sample(rows, 3, seed=8) != [11, 5, 13, 0, 2, 16]


@pytest.mark.parametrize("k", [0, -1])
def test_a_sample_of_nothing_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="at least 1 phrasing"):
        sample(["a"], k, 7)

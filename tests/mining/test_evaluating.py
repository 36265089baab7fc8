"""Figures for duplicates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from bot.mining import Pairs, collect_pairs, mine_pairs, naive
from bot.mining.evaluating import average_precision, judge_partition, judge_showing
from bot.mining.naive import MAX_PAIRS, connect, mine_naively, naive_precision
from tests.mining.made import random_rows, unit

ENTRIES = ["a", "a", "a", "b", "b", None, None, "c"]


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(0, 99))
def test_average_precision_is_that_of_scikit_learn(count: int, seed: int) -> None:
    rows = random_rows(count, 5, seed)
    entries = [[None, "a", "b", "c"][number] for number in np.random.default_rng(seed).integers(0, 4, count)]
    above = np.triu_indices(count, 1)
    same = np.array([entries[a] is not None and entries[a] == entries[b] for a, b in zip(*above, strict=True)])
    found = average_precision(rows, entries)
    if same.any():
        rounded = np.rint((rows @ rows.T)[above] * 1e4)
        assert found == pytest.approx(float(average_precision_score(same, rounded)), abs=1e-9)
    else:
        assert found is None


def test_a_division_as_the_entries_is_perfect() -> None:
    entries = ["a", "b", "a", "a", "c"]
    best = judge_partition([(0, 2, 3), (1,), (4,)], entries)
    assert (best.ari, best.v_measure, best.purity, best.coverage, best.clusters) == (1, 1, 1, 0.6, 1)
    worst = judge_partition([range(5)], entries)
    assert (worst.ari, worst.v_measure, worst.purity, worst.coverage) == (0, 0, 0.6, 1)


def test_what_is_shown_is_judged_by_its_pairs_and_by_what_it_covers() -> None:
    found = judge_showing([(0, 1, 5, 6), (3, 2)], ENTRIES)
    assert (found.clusters, found.questions) == (2, 6)
    # One pair of six and none of one; one of the six has no entry at all.
    assert found.right == pytest.approx(1 / 7)
    assert found.right_in_scope == pytest.approx(1 / 6)
    # Of the three questions of a, two are in a cluster that is a's; in the other b and a are equally frequent.
    assert found.covered == pytest.approx(1)
    assert judge_showing([(2, 3, 4)], ENTRIES).covered == 0


def test_nothing_shown_and_nothing_to_show_have_no_shares() -> None:
    found = judge_showing([], ["a", "b"])
    assert (found.clusters, found.right, found.right_in_scope, found.covered) == (0, None, None, None)
    outside = judge_showing([(0, 1)], [None, None])
    assert (outside.right, outside.right_in_scope) == (0, None)


@pytest.mark.model
def test_the_naive_way_is_that_of_the_library() -> None:
    import torch  # noqa: PLC0415 - takes seconds
    from sentence_transformers import util  # noqa: PLC0415

    rows = random_rows(260, 8)
    expected = util.paraphrase_mining_embeddings(torch.from_numpy(rows))
    found = mine_naively(rows)
    assert {(a, b) for _, a, b in expected} == set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert found.similarity == pytest.approx([near for near, _, _ in expected], abs=1e-6)
    assert len(found) < len(collect_pairs(mine_pairs(rows, -1)))
    assert MAX_PAIRS == 500_000


def test_the_naive_way_keeps_the_most_similar_pairs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive, "MAX_PAIRS", 6)
    found, every = mine_naively(random_rows(20)), collect_pairs(mine_pairs(random_rows(20), -1))
    assert found.similarity == pytest.approx(np.sort(every.similarity)[::-1][:3], abs=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_the_naive_way_finds_nothing_in_nothing(count: int) -> None:
    found = mine_naively(random_rows(count))
    assert len(found) == 0
    assert connect(found, count) == [[0]] * count
    assert naive_precision(found, ["a"] * count) is None


def test_components_chain() -> None:
    rows = unit([[1, 0], [1, 0.6], [0.6, 1], [0, 1], [-1, 0]])
    assert connect(mine_naively(rows), 5) == [[0, 1, 2, 3], [4]]


def test_dropped_pairs_are_never_found() -> None:
    pairs = Pairs(np.array([0, 0]), np.array([3, 1]), np.array([0.9, 0.8]))
    # One of the four pairs that are right, as the second.
    assert naive_precision(pairs, ENTRIES) == pytest.approx(0.5 / 4)
    assert naive_precision(pairs, ["a", "b", None, None]) is None

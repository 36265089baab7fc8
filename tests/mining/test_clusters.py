"""Clusters: what a person would put together, whatever the order."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from bot.mining import TIGHT, TOPICS, Cluster, Grain, find_clusters, worth_showing
from bot.mining.density import measure_density, smooth
from bot.mining.linkage import link
from tests.mining.made import groups, random_rows, unit

GRAINS = pytest.mark.parametrize("grain", [TIGHT, TOPICS])


def by_value(clusters: list[Cluster], rows: np.ndarray, counts: list[int]) -> list[object]:
    """Return clusters by what is in them, not by where it stands."""
    return [
        (
            sorted((rows[row].tobytes(), counts[row]) for row in cluster.rows),
            rows[cluster.medoid].tobytes(),
            cluster.size,
            cluster.cohesion,
        )
        for cluster in clusters
    ]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 25), st.integers(0, 99), st.sampled_from([None, 1]), st.sampled_from([3, 5000]))
def test_the_order_of_the_rows_makes_no_difference(
    data: st.DataObject, count: int, seed: int, coarse: int | None, direct: int
) -> None:
    rows = random_rows(count, 4, seed, coarse)
    counts = data.draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    order = data.draw(st.permutations(range(count)))
    grain = data.draw(st.sampled_from([TIGHT, TOPICS]))
    straight = find_clusters(rows, counts=counts, grain=grain, direct=direct)
    shuffled_counts = [counts[row] for row in order]
    shuffled = find_clusters(rows[order], counts=shuffled_counts, grain=grain, direct=direct)
    assert by_value(straight, rows, counts) == by_value(shuffled, rows[order], shuffled_counts)
    assert sorted(row for cluster in straight for row in cluster.rows) == list(range(count))


@GRAINS
def test_groups_are_found(grain: Grain) -> None:
    rows, labels = groups([8, 5, 6, 1], spread=0.3)
    found = find_clusters(rows, grain=grain)
    assert [{labels[row] for row in cluster.rows} for cluster in found] == [{0}, {2}, {1}, {3}]
    assert [cluster.size for cluster in found] == [8, 6, 5, 1]


def test_a_long_path_chains_nothing() -> None:
    # Each step is a similarity of 0.96, and the ends have nothing in common.
    angles = np.linspace(0, np.pi / 2, 6 * 6)
    rows = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    found = find_clusters(rows)
    assert len(found) > 1
    assert min(float((rows[list(one.rows)] @ rows[list(one.rows)].T).min()) for one in found) > 0.5


def test_the_same_similarity_joins_in_a_thin_subject_and_parts_in_a_crowded_one() -> None:
    def side(x: float, y: float, rows: int) -> np.ndarray:
        noise = np.random.default_rng(3).normal(size=(rows, 30)) / 40
        return np.concatenate([np.tile([x, y], (rows, 1)), noise], axis=1)

    thin, crowded = (unit(np.concatenate([side(1, 0, rows), side(1, 0.9, rows)])) for rows in (1, 6))
    assert float(crowded[0] @ crowded[6]) == pytest.approx(float(thin[0] @ thin[1]), abs=0.03)
    assert [one.size for one in find_clusters(thin)] == [2]
    assert [one.size for one in find_clusters(crowded)] == [6, 6]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
@GRAINS
def test_what_has_nothing_in_common_is_alone(count: int, grain: Grain) -> None:
    rows = unit(np.eye(8)[:count]) if count else np.zeros((0, 8), np.float32)
    found = find_clusters(rows, grain=grain)
    assert [(one.rows, one.size, one.cohesion) for one in found] == [((one.medoid,), 1, 1.0) for one in found]
    assert sorted(one.medoid for one in found) == list(range(count))
    assert worth_showing(found) == []


@GRAINS
def test_two_that_are_the_same_are_together_and_two_that_are_not_are_not(grain: Grain) -> None:
    assert len(find_clusters(unit([[1, 0.3], [1, 0]]), grain=grain)) == 1
    assert len(find_clusters(unit([[1, 3], [1, 0]]), grain=grain)) == 2


@GRAINS
def test_five_thousand_identical_rows_are_one(grain: Grain) -> None:
    (found,) = find_clusters(np.repeat(unit([[1, 2, 3]]), 5000, axis=0), grain=grain)
    assert (found.size, found.medoid, found.cohesion, len(found.rows)) == (5000, 0, 1.0, 5000)


def test_counts_weigh_medoid_and_size_but_draw_nothing_in() -> None:
    rows = unit([[1, 0, 0], [1, 0.5, 0], [1, 0.6, 0.1], [0, 0, 1]])
    plain, often = find_clusters(rows), find_clusters(rows, counts=[9, 1, 1, 2])
    assert [one.rows for one in plain] == [one.rows for one in often] == [(0, 1, 2), (3,)]
    assert [(one.medoid, one.size) for one in plain] == [(1, 3), (3, 1)]
    assert [(one.medoid, one.size) for one in often] == [(0, 11), (3, 2)]
    near = rows[0] @ rows.T
    assert often[0].cohesion == pytest.approx((8 + near[1] + near[2]) / 10, abs=1e-6)
    assert often[1].cohesion == 1


def test_of_rows_that_are_the_same_the_one_asked_most_often_speaks_for_them() -> None:
    rows = np.repeat(unit([[1, 2]]), 3, axis=0)
    (found,) = find_clusters(rows, counts=[1, 4, 4])
    # The first, where that leaves several.
    assert (found.medoid, found.size) == (1, 9)


def test_only_what_is_large_and_tight_is_worth_showing() -> None:
    clusters = [Cluster((0,), 0, size, cohesion) for size, cohesion in ((3, 0.6), (2, 0.9), (9, 0.59), (4, 0.8))]
    assert worth_showing(clusters) == [clusters[0], clusters[3]]
    assert worth_showing(clusters, min_size=2, min_cohesion=0.85) == [clusters[1]]


def test_progress_goes_up_to_the_end() -> None:
    seen = list[tuple[int, int]]()
    find_clusters(random_rows(600), grain=TOPICS, direct=200, on_progress=lambda *told: seen.append(told))
    assert seen == sorted(seen)
    assert seen[-1] == (1800, 1800)
    assert len(seen) == 3 + 3 + 4


@pytest.mark.parametrize(
    ("rows", "counts", "words"),
    [
        (np.zeros((2, 2)), None, "not float64"),
        (np.zeros(2, np.float32), None, "two dimensions"),
        (random_rows(2), [1], "one a row"),
        (random_rows(2), [1, 0], "from 1 on"),
    ],
)
def test_what_cannot_be_clustered_is_refused(rows: np.ndarray, counts: list[int] | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        find_clusters(rows, counts=counts)


def test_density_is_the_mean_of_the_nearest() -> None:
    rows = random_rows(300, 5)
    similarities = rows @ rows.T
    np.fill_diagonal(similarities, -2)
    expected = np.sort(similarities, axis=1)[:, -4:].mean(axis=1)
    assert measure_density(rows, 4) == pytest.approx(expected, abs=1e-6)
    assert measure_density(rows[:2], 4) == pytest.approx([similarities[0, 1]] * 2, abs=1e-6)


def test_smoothing_weighs_neighbours_by_the_cube_of_their_similarity() -> None:
    rows = unit([[1, 0], [1, 1], [-1, 0.1]])
    near = 0.5**1.5
    assert smooth(rows, 1)[0] == pytest.approx(unit([rows[0] + near * rows[1]])[0], abs=1e-6)
    assert smooth(unit([[1, 0], [-1, 0]]), 5) == pytest.approx(unit([[1, 0], [-1, 0]]))


def average_linkage(rows: np.ndarray, offsets: np.ndarray, cut: float) -> np.ndarray:
    distances = np.maximum(1 - rows.astype(np.float64) @ rows.T + offsets[:, None] + offsets, 0)
    np.fill_diagonal(distances, 0)
    return fcluster(linkage(squareform(distances, checks=False), "average"), cut, "distance")


def as_sets(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def test_one_row_is_linked_with_nothing() -> None:
    assert link(random_rows(1, 6, 0), np.zeros(1, np.float32), 1.0).tolist() == [0]


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 99), st.floats(0.3, 1.4))
def test_direct_linkage_is_average_linkage(count: int, seed: int, cut: float) -> None:
    rows = random_rows(count, 6, seed)
    offsets = np.random.default_rng(seed).random(count, dtype=np.float32) / np.float32(5)
    found = link(rows, offsets, cut)
    assert sorted(set(found.tolist())) == list(range(max(found) + 1))
    if count > 1:
        assert as_sets(found) == as_sets(average_linkage(rows, offsets, cut))


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(0, 99), st.floats(0.3, 1.4))
def test_parts_of_one_row_are_linked_as_all_rows_at_once_would_be(count: int, seed: int, cut: float) -> None:
    rows = random_rows(count, 6, seed)
    offsets = np.random.default_rng(seed).random(count, dtype=np.float32) / np.float32(5)
    assert as_sets(link(rows, offsets, cut, direct=1)) == as_sets(average_linkage(rows, offsets, cut))


def test_parts_find_groups_that_were_torn_apart() -> None:
    rows, labels = groups([40] * 12, spread=0.5)
    found = link(rows, np.zeros(len(rows), np.float32), 0.5, direct=50)
    assert len(set(found.tolist())) == 12
    assert all(len(set(found[np.array(labels) == one].tolist())) == 1 for one in range(12))
    assert max(Counter(found.tolist()).values()) == 40


def test_equal_distances_end() -> None:
    rows = unit(np.eye(30))
    offsets = np.zeros(30, np.float32)
    assert len(set(link(rows, offsets, 1.0, direct=4).tolist())) == 1
    assert len(set(link(rows, offsets, 0.99, direct=4).tolist())) == 30

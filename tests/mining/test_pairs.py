"""Mining: exactly the pairs at or above the threshold, however the work is cut up."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import bounds
from bot.mining import Pairs, closest_pairs, collect_pairs, mine_pairs, pairs, similarity
from tests.mining.made import random_rows, unit


def told(found: Pairs) -> list[tuple[int, int, float]]:
    return list(zip(found.first.tolist(), found.second.tolist(), found.similarity.tolist(), strict=True))


def by_hand(rows: np.ndarray, threshold: float) -> list[tuple[int, int, float]]:
    """Every pair looked at, one by one."""
    found: list[tuple[int, int, float]] = []
    for first in range(len(rows)):
        for second in range(first + 1, len(rows)):
            near = float(similarity(rows[first : first + 1], rows[second : second + 1])[0])
            if near >= threshold:
                found.append((first, second, near))
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "OLDER_BLOCK", 3)
    monkeypatch.setattr(pairs, "NEWER_BLOCK", 4)
    monkeypatch.setattr(pairs, "RESCORED", 2)
    monkeypatch.setattr(pairs, "HELD", 5)
    monkeypatch.setattr(pairs, "_IN_CACHE", 2)


@settings(deadline=None)
@given(
    count=st.integers(0, 14),
    dim=st.integers(1, 9),
    seed=st.integers(0, 99),
    grid=st.sampled_from([None, 1, 2]),
    pick=st.integers(0, 10_000),
)
def test_it_finds_every_pair_and_no_other_also_at_a_threshold_that_a_pair_has_exactly(
    count: int, dim: int, seed: int, grid: int | None, pick: int
) -> None:
    rows = random_rows(count, dim, seed, grid)
    every = by_hand(rows, -2)
    # With a threshold that is the similarity of a pair, rounding would decide if anything but that pair's own did.
    threshold = min(1.0, every[pick % len(every)][2]) if every else 0.5
    assert told(collect_pairs(mine_pairs(rows, max(-1.0, threshold)))) == by_hand(rows, max(-1.0, threshold))


@settings(max_examples=60, deadline=None)
@given(
    nights=st.lists(st.integers(0, 9), min_size=1, max_size=5),
    seed=st.integers(0, 99),
    grid=st.sampled_from([None, 1]),
    threshold=st.floats(-1, 1),
)
def test_any_split_of_nights_finds_what_mining_at_once_finds(
    nights: list[int], seed: int, grid: int | None, threshold: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "OLDER_BLOCK", 3)
        patch.setattr(pairs, "NEWER_BLOCK", 4)
        patch.setattr(pairs, "RESCORED", 5)
        patch.setattr(pairs, "HELD", 7)
        rows = random_rows(sum(nights), 6, seed, grid)
        bounds = [0, *np.cumsum(nights).tolist()]
        found = [
            one
            for start, end in pairwise(bounds)
            for one in told(collect_pairs(mine_pairs(rows[start:end], threshold, stored=rows[:start])))
        ]
        at_once = told(collect_pairs(mine_pairs(rows, threshold)))
    assert sorted(found) == at_once == told(collect_pairs(mine_pairs(rows, threshold)))


def test_the_product_in_single_precision_decides_nothing() -> None:
    rows = random_rows(300, 384, grid=1)
    similarities = sorted(near for _, _, near in by_hand(rows[:40], -2))
    for threshold in similarities[::80]:
        above = by_hand(rows[:40], threshold)
        assert told(collect_pairs(mine_pairs(rows[:40], threshold))) == above
        # The next number that there is leaves the pair out.
        assert len(collect_pairs(mine_pairs(rows[:40], float(np.nextafter(threshold, 2))))) < len(above)


def test_the_margin_is_as_wide_as_the_rounding_can_be() -> None:
    # In single precision and in any order, the ones vanish beside the large number: 1 is left of 1 + 2 ** -12.
    dim = 4096
    a, b = np.full((2, dim), 2.0**-18, dtype=np.float32)
    a[0] = b[0] = 1
    exact = float(similarity(a[None], b[None])[0])
    assert exact > 1
    assert bounds.float_cutoff(exact, dim, 1.0) <= np.float32(1 - 2.0**-13)
    assert bounds.float_cutoff(0.5, 384, 1.0) > np.float32(0.5 - 3e-5)


@pytest.mark.usefixtures("small_blocks")
def test_a_memory_map_does_and_comes_in_blocks(tmp_path: Path) -> None:
    rows = random_rows(20, 8, grid=1)
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    blocks = list(mine_pairs(mapped[12:], 0.1, stored=mapped[:12]))
    assert max(map(len, blocks)) <= 5
    assert all(len(block) for block in blocks)
    expected = [pair for pair in by_hand(rows, 0.1) if pair[1] >= 12]
    assert told(collect_pairs(blocks)) == expected


class Elsewhere:
    """Rows that are no array."""

    ndim = 2

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows
        self.dtype = rows.dtype
        self.shape = rows.shape
        self.read = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: slice, /) -> np.ndarray:
        found = self._rows[rows]
        self.read += len(found)
        return found


@pytest.mark.usefixtures("small_blocks")
def test_stored_rows_may_be_elsewhere_and_are_read_once() -> None:
    rows = random_rows(20, 8, grid=1)
    stored = Elsewhere(rows[:12])
    found = told(collect_pairs(mine_pairs(rows[12:], 0.1, stored=stored)))
    assert found == told(collect_pairs(mine_pairs(rows[12:], 0.1, stored=rows[:12])))
    assert stored.read == 12


@pytest.mark.usefixtures("small_blocks")
def test_progress_is_told_and_can_end_it() -> None:
    rows, seen = random_rows(10, 8), list[tuple[int, int]]()
    list(mine_pairs(rows[7:], 0.99, stored=rows[:7], on_progress=lambda *told: seen.append(told)))
    assert seen == [(3, 10), (6, 10), (7, 10), (10, 10)]

    class Enough(Exception):  # noqa: N818 - it is none
        pass

    def stop(done: int, total: int) -> None:
        raise Enough(done, total)

    with pytest.raises(Enough, match=r"\(3, 10\)"):
        list(mine_pairs(rows, 0.99, on_progress=stop))


def test_nothing_and_one_row_have_no_pairs() -> None:
    for count in (0, 1):
        found = collect_pairs(mine_pairs(random_rows(count), -1))
        assert (len(found), found.first.dtype, found.similarity.dtype) == (0, np.intp, np.float64)
    assert len(collect_pairs(mine_pairs(random_rows(0), -1, stored=random_rows(5)))) == 0


def test_the_closest_are_kept_and_all_are_counted() -> None:
    rows = random_rows(30, 6, grid=1)
    every = told(collect_pairs(mine_pairs(rows, -1)))
    blocks = (Pairs(*(np.array([value]) for value in pair)) for pair in every)
    found, total = closest_pairs(blocks, 10)
    assert total == len(every) == 435
    assert told(found) == sorted(every, key=lambda pair: -pair[2])[:10]
    assert closest_pairs(iter(()), 10)[1] == 0


@pytest.mark.parametrize(
    ("rows", "threshold", "stored", "words"),
    [
        (np.zeros(3, np.float32), 0.5, None, "two dimensions"),
        (np.zeros((3, 2)), 0.5, None, "not float64"),
        (unit([[1, 0]]), 1.5, None, "between -1 and 1"),
        (unit([[1, 0]]), float("nan"), None, "between -1 and 1"),
        (unit([[1, 0]]), 0.5, unit([[1, 0, 0]]), "new rows have 2 dimensions and stored ones 3"),
    ],
)
def test_what_cannot_be_mined_is_refused_at_once(
    rows: np.ndarray, threshold: float, stored: np.ndarray | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        mine_pairs(rows, threshold, stored=stored)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    rows = random_rows(3)
    rows[1, 2] = number
    for new, stored in ((rows, None), (random_rows(2), rows)):
        with pytest.raises(ValueError, match="not finite"):
            list(mine_pairs(new, 0.5, stored=stored))


def test_a_candidate_that_misses_the_threshold_by_the_last_bit_is_no_pair() -> None:
    rows = np.array([[0.6, 0.8], [0.8, 0.6]], dtype=np.float32)
    [close] = similarity(rows[:1], rows[1:]).tolist()
    assert len(collect_pairs(mine_pairs(rows, close))) == 1
    assert list(mine_pairs(rows, float(np.nextafter(close, 2)))) == []


@pytest.mark.parametrize(("workers", "ahead", "begun"), [(1, 5, 1), (2, 1, 3), (2, 3, 5), (3, 1, 4)])
def test_no_more_blocks_are_begun_than_are_worked_on_and_wanted_ahead(workers: int, ahead: int, begun: int) -> None:
    taken: list[int] = []

    def blocks() -> Iterator[tuple[int, list[int]]]:
        for place in range(20):
            taken.append(place)
            yield place, [place]

    def compare(block: tuple[int, list[int]]) -> Iterator[int]:
        yield block[0] * 10

    found = pairs.spread(compare, blocks(), workers, ahead)
    done, [first] = next(found)
    assert (done, first) == (1, 0)
    assert len(taken) == begun
    assert [(done, list(some)) for done, some in found] == [(place + 1, [10 * place]) for place in range(1, 20)]

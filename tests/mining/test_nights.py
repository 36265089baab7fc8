"""With kept codes a night finds what it finds with all stored rows at hand, and asks for few of them."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.types import Embeddings
from bot.mining import KeptCodes, can_keep_codes, collect_pairs, mine_night, mine_pairs, nights, pairs
from tests.mining.made import groups, random_rows
from tests.mining.processors import PROCESSORS, on
from tests.mining.test_pairs import by_hand, told
from tests.mining.test_sieves import KINDS, make_rows


@pytest.fixture(scope="module", autouse=True, params=PROCESSORS)
def processor(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(PROCESSORS[request.param]):
        yield request.param


class Watched:
    """Rows that know which of them were asked for; some are gone."""

    def __init__(self, rows: Embeddings, gone: tuple[int, ...] = ()) -> None:
        self._rows = rows.copy()
        self._rows[list(gone)] = 0
        self.asked = list[list[int]]()

    def __getitem__(self, places: np.ndarray, /) -> Embeddings:
        self.asked.append(places.tolist())
        return self._rows[places]


def kept_of(rows: Embeddings, numbers: int = 128, parts: int = 1) -> KeptCodes:
    kept = KeptCodes(rows, len(rows), numbers)
    for part in np.array_split(rows, parts):
        kept.append(part)
    return kept


@settings(max_examples=150, deadline=None)
@given(
    nightly=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    dim=st.sampled_from([3, 9, 40]),
    seed=st.integers(0, 2**16),
    kind=st.sampled_from([*KINDS, "grid"]),
    pick=st.integers(0, 10_000),
    workers=st.integers(1, 2),
)
def test_any_nights_find_what_mining_at_once_does(
    nightly: list[int], dim: int, seed: int, kind: str, pick: int, workers: int
) -> None:
    begin = 5
    count = begin + sum(nightly)
    rows = random_rows(count, dim, seed, 1) if kind == "grid" else make_rows(count, dim, seed, kind)
    every = by_hand(rows, -np.inf)
    # The similarity of one of the pairs: rounding the wrong way would lose it.
    threshold = float(np.clip(every[pick % len(every)][2], -1, 1))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("OLDER_BLOCK", 2), ("NEWER_BLOCK", 4), ("RESCORED", 3)):
            patch.setattr(pairs, name, value)
            patch.setattr(nights, name, value)
        patch.setattr(nights, "ASKED_FOR", 5)
        kept = kept_of(rows[:begin], 6)
        found = told(collect_pairs(mine_pairs(rows[:begin], threshold)))
        for start, end in itertools.pairwise(np.cumsum([begin, *nightly]).tolist()):
            new = rows[start:end]
            found += told(collect_pairs(mine_night(new, threshold, kept, rows[:start], workers=workers)))
            kept.append(new)
    assert sorted(found) == by_hand(rows, threshold)


@given(forgotten=st.sets(st.integers(0, 29)), parts=st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_forgotten_rows_are_in_no_pair_and_the_others_move_up(forgotten: set[int], parts: int) -> None:
    rows = random_rows(40, 12, grid=1)
    stay = np.array([row not in forgotten for row in range(30)])
    kept = kept_of(rows[:30], 8, parts)
    kept.keep(stay)
    stored = rows[:30][stay]
    assert len(kept) == len(stored)
    found = told(collect_pairs(mine_night(rows[30:], 0.2, kept, stored)))
    assert found == told(collect_pairs(mine_pairs(rows[30:], 0.2, stored=stored)))


def test_few_rows_are_asked_for_each_once_a_time_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, _ = groups([20] * 100, dim=200, spread=0.3)
    rows = np.random.default_rng(0).permutation(rows)
    monkeypatch.setattr(nights, "ASKED_FOR", 50)
    stored, new = Watched(rows[:1900]), rows[1900:]
    found = collect_pairs(mine_night(new, 0.8, kept_of(rows[:1900]), stored))
    assert told(found) == told(collect_pairs(mine_pairs(new, 0.8, stored=rows[:1900])))
    similar = {first for first in found.first.tolist() if first < 1900}
    assert similar <= set(itertools.chain(*stored.asked))
    assert sum(map(len, stored.asked)) < 1.5 * len(found)
    assert all(asked == sorted(set(asked)) and len(asked) <= 50 for asked in stored.asked)


def test_a_row_that_is_gone_is_in_no_pair() -> None:
    rows = random_rows(6, 8)
    rows[3:] = rows[0]
    found = mine_night(rows[5:], 0.9, kept_of(rows[:5]), Watched(rows[:5], gone=(3,)))
    assert [(first, second) for first, second, _ in told(collect_pairs(found))] == [(0, 5), (4, 5)]


def test_codes_wear_out_when_most_rows_are_new_or_blocks_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_rows(100, 8)
    kept = kept_of(rows)
    kept.append(rows)
    assert not kept.is_worn
    kept.append(rows[:1])
    assert kept.is_worn
    monkeypatch.setattr(nights, "SMALL_BLOCKS", 3)
    assert not kept_of(rows, parts=3).is_worn
    assert kept_of(rows, parts=4).is_worn


def test_progress_is_told_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "OLDER_BLOCK", 4)
    monkeypatch.setattr(pairs, "OLDER_BLOCK", 2)
    rows, seen = random_rows(12, 8), list[tuple[int, int]]()
    kept = kept_of(rows[:9])
    list(mine_night(rows[9:], 0.99, kept, rows[:9], on_progress=lambda *progress: seen.append(progress)))
    assert seen == [(4, 12), (8, 12), (9, 12), (11, 12), (12, 12)]


def test_what_cannot_be_mined_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = random_rows(5, 8)
    kept = kept_of(rows)
    with pytest.raises(ValueError, match="new rows have 9 dimensions and stored ones 8"):
        mine_night(random_rows(2, 9), 0.5, kept, rows)
    with pytest.raises(ValueError, match="between -1 and 1"):
        mine_night(rows, 1.5, kept, rows)
    with pytest.raises(ValueError, match="not finite"):
        mine_night(np.full((2, 8), np.nan, np.float32), 0.5, kept, rows)
    with pytest.raises(ValueError, match="not finite"):
        KeptCodes(np.full((200, 200), np.nan, np.float32), 200)
    assert can_keep_codes()
    monkeypatch.setattr(nights, "integer_product", lambda: None)
    assert not can_keep_codes()
    with pytest.raises(ValueError, match="multiplies no codes"):
        mine_night(rows, 0.5, kept, rows)

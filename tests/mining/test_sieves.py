"""No pair that is similar enough slips through a sieve, and the quick ones are used where they are right and pay."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.bounds import principal_axes
from bot.core.types import Embeddings
from bot.mining import collect_pairs, mine_pairs, pairs, sieves, similarity
from bot.mining.codes import Basis, turn_axes
from bot.mining.products import LARGEST, integer_product
from bot.mining.sieves import FloatSieve, IntegerSieve, Sieve, choose_sieve
from tests.mining.made import random_rows, unit
from tests.mining.processors import PROCESSORS, on
from tests.mining.test_pairs import by_hand, told


@pytest.fixture(scope="module", autouse=True, params=PROCESSORS)
def processor(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(PROCESSORS[request.param]):
        yield request.param


def passing(sieve: Sieve, older: Embeddings, first: int = 0) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for start, (at_older, at_newer) in sieve.sift(older, first):
        found |= set(zip(at_older.tolist(), (at_newer + start).tolist(), strict=True))
    return found


def make_rows(count: int, dim: int, seed: int, kind: str) -> Embeddings:
    rng = np.random.default_rng(seed)
    match kind:
        case "few axes":  # so that the principal components hold all of it
            rows = unit(rng.normal(size=(count, dim)) * (np.arange(dim) < 3) + 1e-9)
        case "spiky":
            rows = np.eye(dim)[rng.integers(dim, size=count)] * rng.choice([-1, 1], size=(count, 1))
        case "of any length":
            rows = rng.normal(size=(count, dim)) * 10.0 ** rng.integers(-6, 4, size=(count, 1))
        case "of lengths that single precision has no squares of":
            rows = rng.normal(size=(count, dim)) * 10.0 ** rng.choice([-30, -18, 0, 15], size=(count, 1))
        case "too short for squares in single precision":
            rows = rng.normal(size=(count, dim)) * 1e-25
        case "almost the same":
            rows = np.tile(rng.normal(size=dim) / np.sqrt(dim), (count, 1))
            rows *= 1 + rng.integers(-3, 4, size=rows.shape) * 2.0**-23
        case "one large number among small ones":
            rows = np.full((count, dim), 2.0**-13) * rng.choice([-1, 1], size=(count, dim))
            rows[np.arange(count), rng.integers(dim, size=count)] = 1
        case "zero":
            rows = np.zeros((count, dim))
        case _:
            rows = random_rows(count, dim, seed)
    return np.ascontiguousarray(rows, dtype=np.float32)


KINDS = (
    "any",
    "few axes",
    "spiky",
    "of any length",
    "of lengths that single precision has no squares of",
    "too short for squares in single precision",
    "almost the same",
    "one large number among small ones",
    "zero",
)


@settings(deadline=None, max_examples=250)
@given(
    count=st.integers(1, 12),
    dim=st.integers(1, 300),
    seed=st.integers(0, 2**16),
    kind=st.sampled_from(KINDS),
    bounded=st.booleans(),
    pick=st.integers(0, 10_000),
    block=st.integers(1, 7),
)
def test_every_pair_that_reaches_the_threshold_passes(
    count: int,
    dim: int,
    seed: int,
    kind: str,
    bounded: bool,  # noqa: FBT001
    pick: int,
    block: int,
) -> None:
    product = integer_product()
    assert product is not None
    rows, older = make_rows(count, dim, seed, kind), make_rows(4, dim, seed + 1, kind)
    basis = Basis(turn_axes(principal_axes(rows)[:, : min(5, dim)]) if bounded else None)
    near = np.array([[float(similarity(one[None], row[None])[0]) for row in rows] for one in older])
    # The similarity of one of the pairs: rounding the wrong way would lose it.
    threshold = float(near.ravel()[pick % near.size])
    for sieve in (IntegerSieve(rows, threshold, block, basis, product), FloatSieve(rows, threshold, block)):
        reached = set(zip(*(places.tolist() for places in np.nonzero(near >= threshold)), strict=True))
        assert passing(sieve, older) >= reached


def test_few_others_pass() -> None:
    product = integer_product()
    assert product is not None
    rows = random_rows(400, 384)
    reached = len(by_hand(rows[:60], 0.1))
    # Of coarser codes, in which random rows have little to tell them apart, more may pass.
    threshold = 0.1 if product.largest == LARGEST else 0.2
    for basis in (Basis(), Basis(turn_axes(principal_axes(rows)[:, :126]))):
        found = passing(IntegerSieve(rows[:60], threshold, 16, basis, product), rows[:60])
        assert sum(one < other for one, other in found) < 60 * 59 / 2
    exact = passing(IntegerSieve(rows[:60], 0.1, 16, Basis(), product), rows[:60])
    most = (2 if product.largest == LARGEST else 4) * reached + 20
    assert reached <= sum(one < other for one, other in exact) <= most


@settings(max_examples=60, deadline=None)
@given(
    nights=st.lists(st.integers(0, 9), min_size=1, max_size=4),
    dim=st.sampled_from([3, 9]),
    seed=st.integers(0, 99),
    grid=st.sampled_from([None, 1]),
    pick=st.integers(0, 10_000),
    workers=st.integers(1, 3),
)
def test_whatever_the_sieve_the_nights_and_the_workers_the_pairs_are_the_same(
    nights: list[int], dim: int, seed: int, grid: int | None, pick: int, workers: int
) -> None:
    rows = random_rows(sum(nights), dim, seed, grid)
    every = by_hand(rows, -1)
    threshold = every[pick % len(every)][2] if every else 0.5
    with pytest.MonkeyPatch.context() as patch:
        # Whatever passes costs nothing: the bound is used wherever there is one.
        for name, value in (
            ("WORTHWHILE", 0),
            ("FEWEST_ROWS", 1),
            ("STEP", 4),
            ("_MANY", 1 + 99 * (seed % 3)),
            ("DECIDING", 10**9 * (seed % 2)),
        ):
            patch.setattr(sieves, name, value)
        patch.setattr(pairs, "OLDER_BLOCK", 2)
        patch.setattr(pairs, "NEWER_BLOCK", 4)
        ends = np.cumsum([0, *nights]).tolist()
        found = [
            one
            for start, end in itertools.pairwise(ends)
            for one in told(
                collect_pairs(mine_pairs(rows[start:end], min(threshold, 1.0), stored=rows[:start], workers=workers))
            )
        ]
    assert sorted(found) == by_hand(rows, min(threshold, 1.0))


def chosen(rows: Embeddings, threshold: float, pairs: int = 10**9) -> Sieve:
    return choose_sieve(rows, threshold, 2048, pairs)


def test_small_tasks_are_done_in_single_precision() -> None:
    rows = random_rows(sieves.FEWEST_ROWS, 8)
    assert isinstance(chosen(rows, 0.5, pairs=sieves.WORTHWHILE - 1), FloatSieve)
    assert isinstance(chosen(rows[1:], 0.5), FloatSieve)
    assert isinstance(chosen(rows, 0.5, pairs=sieves.WORTHWHILE), IntegerSieve)


@pytest.mark.parametrize(("threshold", "numbers"), [(0.9, 64), (0.5, 128), (0.0, 200)])
def test_the_bound_is_used_where_few_pass_it(threshold: float, numbers: int) -> None:
    rows = random_rows(sieves.FEWEST_ROWS, 200)
    seen: list[int] = []
    product = integer_product()
    assert product is not None

    def counting(left: Any, right: Any) -> Any:  # noqa: ANN401
        seen.append(left.shape[1])
        return product.multiply(left, right)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sieves, "integer_product", lambda: replace(product, multiply=counting))
        passing(chosen(rows, threshold), rows[:3])
    assert seen[-1] == numbers


def test_who_closes_the_mining_waits_for_nothing_that_was_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "OLDER_BLOCK", 2)
    compared: list[int] = []
    sift = FloatSieve.sift

    def watched(self: FloatSieve, older: Embeddings, first: int, **rest: Any) -> Any:  # noqa: ANN401
        compared.append(first)
        return sift(self, older, first, **rest)

    monkeypatch.setattr(FloatSieve, "sift", watched)
    rows = random_rows(200, 4)
    blocks = mine_pairs(rows, -1, workers=2)
    next(blocks)
    cast("Any", blocks).close()
    assert len(compared) <= 6
    with pytest.raises(ValueError, match="not finite"):
        list(mine_pairs(np.array([[1.0, np.nan]] * 9, dtype=np.float32), 0.5, workers=3))

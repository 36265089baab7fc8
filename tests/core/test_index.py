import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.index import Index
from bot.core.types import Embeddings, Entry

DIM = 8


def entries_with(sizes: list[int]) -> list[Entry]:
    return [
        Entry(f"e{number}", f"q{number}", "a", tuple(f"q{number}.{other}" for other in range(1, size)))
        for number, size in enumerate(sizes)
    ]


def unit_rows(rows: int, seed: int, *, coarse: bool = False) -> Embeddings:
    """Random unit vectors; coarse ones repeat themselves, so that ties happen."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, (rows, DIM)).astype(np.float32) if coarse else rng.standard_normal((rows, DIM))
    values[:, 0] += 1e-3
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@given(
    sizes=st.lists(st.integers(1, 5), max_size=20),
    k=st.integers(1, 25),
    seed=st.integers(0, 2**32 - 1),
    coarse=st.booleans(),
)
def test_search_equals_brute_force(sizes: list[int], k: int, seed: int, *, coarse: bool) -> None:
    entries = entries_with(sizes)
    embeddings = unit_rows(sum(sizes), seed, coarse=coarse)
    query = unit_rows(1, seed + 1, coarse=coarse)[0]
    similarities = iter(np.clip(embeddings @ query, -1, 1))
    best = [max((float(next(similarities)), -at) for at in range(len(entry.phrasings))) for entry in entries]
    expected = sorted(range(len(entries)), key=lambda number: (-best[number][0], number))[:k]

    hits = Index(entries, embeddings).search(query, k)

    assert [hit.entry.id for hit in hits] == [f"e{number}" for number in expected]
    for hit, number in zip(hits, expected, strict=True):
        similarity, minus_position = best[number]
        assert hit.similarity == similarity
        assert hit.phrasing == entries[number].phrasings[-minus_position]


def test_an_entry_counts_once_with_its_closest_phrasing() -> None:
    entries = entries_with([3, 1])
    embeddings = np.eye(4, dtype=np.float32)
    hits = Index(entries, embeddings).search(np.array([0.1, 0.9, 0.2, 0.3], dtype=np.float32), 5)
    assert [(hit.entry.id, hit.phrasing) for hit in hits] == [("e0", "q0.1"), ("e1", "q1")]


def test_similarity_never_leaves_its_range() -> None:
    slightly_long = np.full((1, DIM), 0.3537, dtype=np.float32)
    (hit,) = Index(entries_with([1]), slightly_long).search(slightly_long[0], 1)
    assert hit.similarity == 1.0


def test_an_empty_index_finds_nothing() -> None:
    index = Index((), np.zeros((0, 0), dtype=np.float32))
    assert len(index) == 0
    assert index.search(unit_rows(1, 0)[0], 3) == ()


def test_the_wrong_number_of_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="3 embeddings for 2 phrasings"):
        Index(entries_with([2]), unit_rows(3, 0))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(broken: float) -> None:
    embeddings = unit_rows(2, 0)
    embeddings[1, 3] = broken
    with pytest.raises(ValueError, match="not finite"):
        Index(entries_with([2]), embeddings)


def test_the_caller_cannot_change_an_index_afterwards() -> None:
    embeddings = unit_rows(2, 0)
    index, query = Index(entries_with([1, 1]), embeddings), unit_rows(1, 1)[0]
    before = index.search(query, 2)
    embeddings[:] = 0
    assert index.search(query, 2) == before

"""The closest rows are found: all of them by the exact search, nearly all by the inverted index."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.types import Embeddings, Entry
from bot.matching import Matcher, build_corpus, search
from bot.matching.inverted import CLOSEST, LOWEST_RECALL, InvertedSearch, build_inverted_search
from bot.matching.relevance import first_rows
from bot.matching.search import ExactSearch, choose_search
from tests.matching.made import hashed, random_rows

DIM = 24


def grouped(count: int, groups: int, seed: int = 0) -> tuple[Embeddings, np.ndarray]:
    """Return rows that lie around the centres of their groups, and where each group begins."""
    labels = np.sort(np.random.default_rng(seed).integers(groups, size=count))
    labels[:groups] = np.arange(groups)
    labels.sort()
    rows = random_rows(groups, DIM, seed)[labels] + 0.1 * random_rows(count, DIM, seed + 1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), first_rows(labels)


@given(
    count=st.integers(1, 40),
    queries=st.integers(0, 5),
    k=st.integers(1, 50),
    seed=st.integers(0, 99),
    block=st.integers(1, 90),
    strip=st.integers(1, 9),
)
def test_the_exact_search_finds_what_sorting_finds(
    count: int, queries: int, k: int, seed: int, block: int, strip: int
) -> None:
    rows, asked = random_rows(count, 3, seed), random_rows(queries, 3, seed + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_BLOCK_CELLS", block)
        patch.setattr(search, "_STRIP", strip)
        found, similarities = ExactSearch(rows, np.zeros(1, dtype=np.intp)).nearest(asked, k)
    every = np.clip(asked @ rows.T, -1, 1)
    order = np.argsort(-every, axis=1, kind="stable")[:, : min(k, count)]
    assert similarities == pytest.approx(np.take_along_axis(every, order, axis=1), abs=1e-6)
    assert np.take_along_axis(every, found, axis=1) == pytest.approx(similarities, abs=1e-6)
    assert all(len(set(own)) == len(own) for own in found.tolist())


@pytest.mark.parametrize("strip", [1, 2, 64])
def test_equals_come_in_the_order_of_the_rows(strip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_STRIP", strip)
    rows = np.tile(random_rows(1, 4, 0), (5, 1))
    found, _ = ExactSearch(rows, np.zeros(1, dtype=np.intp)).nearest(rows[:1], 5)
    assert found.tolist() == [[0, 1, 2, 3, 4]]


WIDE = 200
"""Dimensions of rows that have an outline."""


def wide_rows(count: int, seed: int, near: float) -> Embeddings:
    """Return rows around ten centres, the nearer the larger `near` is; some dimensions matter more than others."""
    spread = np.diag(1 / np.arange(1, WIDE + 1) ** 0.5)
    labels = np.random.default_rng(seed).integers(10, size=count)
    rows = (near * random_rows(10, WIDE, 99)[labels] + random_rows(count, WIDE, seed)) @ spread
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 400),
    k=st.integers(1, 50),
    seed=st.integers(0, 9999),
    near=st.sampled_from([0.0, 1.0, 3.0, 30.0]),
    copies=st.integers(1, 3),
    some=st.sampled_from([1, 8]),
)
def test_with_an_outline_the_very_same_rows_are_found(
    count: int, k: int, seed: int, near: float, copies: int, some: int
) -> None:
    rows = np.tile(wide_rows(count, seed, near), (copies, 1))
    asked = wide_rows(3, seed + 1, near)
    one = np.zeros(1, dtype=np.intp)
    wanted = [ExactSearch(rows, one).nearest(query[None], k) for query in asked]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FEWEST_OUTLINED", 1)
        patch.setattr(search, "_SOME", some)
        outlined = ExactSearch(rows, one)
        found = [outlined.nearest(query[None], k) for query in asked]
        if some == 1:
            assert all(outlined._find_likely(query[None], min(k, len(rows))) is not None for query in asked)
    for (places, similarities), (true_places, true_similarities) in zip(found, wanted, strict=True):
        assert places.tolist() == true_places.tolist()
        assert similarities.tolist() == true_similarities.tolist()


def test_an_outline_leaves_few_rows_where_some_are_close(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = wide_rows(5000, 1, 3.0)
    plain = ExactSearch(rows, np.zeros(1, dtype=np.intp)).nearest(rows[:1], 5)
    monkeypatch.setattr(search, "FEWEST_OUTLINED", 1)
    outlined = ExactSearch(rows, np.zeros(1, dtype=np.intp))
    assert [side.tolist() for side in outlined.nearest(rows[:1], 5)] == [side.tolist() for side in plain]
    likely = outlined._find_likely(rows[:1], 5)
    assert likely is not None
    assert 5 <= len(likely) < 500


@pytest.mark.parametrize("which", ["row", "query"])
def test_rows_and_queries_of_zeros_have_no_outline_and_are_compared_all_the_same(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEWEST_OUTLINED", 1)
    rows, asked = wide_rows(300, 2, 1.0), wide_rows(1, 3, 1.0)
    (rows if which == "row" else asked)[0] = 0
    found, similarities = ExactSearch(rows, np.zeros(1, dtype=np.intp)).nearest(asked, 5)
    every = np.clip(np.vecdot(rows, asked[0]), -1, 1)
    assert found.tolist() == [np.argsort(-every, kind="stable")[:5].tolist()]
    assert similarities.tolist() == [every[found[0]].tolist()]


def test_each_group_is_told_by_its_closest_row() -> None:
    rows, starts = grouped(50, 7)
    asked = random_rows(3, DIM, 9)
    closest = ExactSearch(rows, starts).closest_of_each(asked)
    wanted = [[(rows[a:b] @ one).max() for a, b in zip(starts, [*starts[1:], 50], strict=True)] for one in asked]
    assert closest == pytest.approx(np.array(wanted), abs=1e-6)


def test_the_inverted_index_finds_nearly_all_of_the_closest() -> None:
    rows, starts = grouped(6000, 300)
    inverted = build_inverted_search(rows, starts)
    assert inverted.recall >= LOWEST_RECALL
    exact = ExactSearch(rows, starts)
    asked = rows[::30] + 0.05 * random_rows(200, DIM, 5)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    found, similarities = inverted.nearest(asked, CLOSEST)
    wanted, best = exact.nearest(asked, CLOSEST)
    same = [len({*one} & {*other}) / CLOSEST for one, other in zip(found.tolist(), wanted.tolist(), strict=True)]
    assert np.mean(same) >= 0.95
    assert (similarities <= best + 1e-5).all()
    closest, true = inverted.closest_of_each(rows[::100]), exact.closest_of_each(rows[::100])
    assert (closest <= true + 1e-5).all()
    # Which group is the closest is what counts, and how close it is.
    assert np.mean(closest.argmax(axis=1) == true.argmax(axis=1)) >= 0.98
    assert closest.max(axis=1) == pytest.approx(true.max(axis=1), abs=1e-4)


def test_it_is_measured_and_opens_more_cells_where_few_do_not_suffice() -> None:
    # Rows without any structure: the closest may lie in any cell.
    rows = random_rows(3000, DIM, 1)
    inverted = build_inverted_search(rows, np.arange(3000))
    assert inverted.recall >= LOWEST_RECALL
    assert inverted._index.nprobe > 8
    assert inverted._index.nprobe <= inverted._index.nlist


def test_what_is_not_found_is_no_row() -> None:
    rows, starts = grouped(500, 10)
    inverted = build_inverted_search(rows, starts)
    inverted._index.nprobe = 1
    found, similarities = inverted.nearest(rows[:2], 400)
    assert (found == -1).any()
    assert (similarities[found == -1] == -1).all()
    assert inverted.closest_of_each(rows[:2]).shape == (2, 10)


def test_the_same_rows_make_the_same_index() -> None:
    rows, starts = grouped(2000, 100)
    one, other = (build_inverted_search(rows, starts).nearest(rows[:50], 5) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])


def test_few_rows_are_searched_exactly_and_many_by_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, starts = grouped(1000, 50)
    assert isinstance(choose_search(rows, starts), ExactSearch)
    monkeypatch.setattr(search, "LARGEST_EXACT", 999)
    assert isinstance(choose_search(rows, starts), InvertedSearch)


def test_without_the_library_all_rows_are_looked_at_and_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rows, starts = grouped(1000, 50)
    monkeypatch.setattr(search, "LARGEST_EXACT", 999)
    monkeypatch.setitem(sys.modules, "faiss", None)
    assert isinstance(choose_search(rows, starts), ExactSearch)
    assert "pip install 'faqtotum[large]'" in caplog.text


def test_an_faq_searched_by_an_index_ranks_as_it_does_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = build_corpus(
        [Entry(f"entry-{n}", f"question {n} about {n % 7}?", "x", (f"{n} and {n * n}",)) for n in range(300)]
    )
    embeddings = hashed(corpus.to_embed)
    exact = Matcher(corpus, embeddings)
    monkeypatch.setattr(search, "LARGEST_EXACT", 10)
    inverted = Matcher(corpus, embeddings)
    for text, row in zip(corpus.texts[::37], embeddings[::37], strict=True):
        one, other = exact.rank(text, row, 1), inverted.rank(text, row, 1)
        assert one.hits[0].entry == other.hits[0].entry
        assert one.hits[0].similarity == pytest.approx(other.hits[0].similarity, abs=1e-5)

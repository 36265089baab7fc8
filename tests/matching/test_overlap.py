from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.types import Embeddings, Entry
from bot.matching import CLOSE, Confusable, Matcher, Taken, cluster_order, find_confusable, hold_out, measure_closeness
from bot.matching import overlap as overlapping
from bot.matching.overlap import LIKELY
from tests.matching.made import clustered_rows, coarse_rows, entries_of, hashed, matcher_of, random_rows, unit

NOTHING = Taken(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
SIZES = st.lists(st.integers(1, 5), max_size=9)


def made(sizes: Sequence[int], spread: float, seed: int, dim: int = 6) -> Matcher:
    embeddings = clustered_rows(sizes, dim, spread, seed) if sizes else np.zeros((0, 0), dtype=np.float32)
    return matcher_of(entries_of(sizes), embeddings)


def pairs_of(matcher: Matcher, taken: Taken = NOTHING) -> tuple[Confusable, ...]:
    return find_confusable(matcher, measure_closeness(matcher), taken)


def on_circle(*degrees: float) -> Embeddings:
    angles = np.radians(degrees)
    return np.column_stack((np.cos(angles), np.sin(angles))).astype(np.float32)


def angle(similarity: float) -> float:
    return float(np.degrees(np.arccos(similarity)))


@settings(deadline=None)
@given(sizes=SIZES, spread=st.floats(0, 5), seed=st.integers(0, 99))
def test_closeness_is_symmetric_within_bounds_and_1_of_an_entry_with_itself(
    sizes: list[int], spread: float, seed: int
) -> None:
    closeness = measure_closeness(made(sizes, spread, seed))
    for similarities in (closeness.questions, closeness.phrasings, closeness.centroids):
        assert similarities.shape == (len(sizes), len(sizes))
        assert similarities.dtype == np.float32
        assert np.array_equal(similarities, similarities.T)
        assert (np.abs(similarities) <= 1).all()
        assert (np.diag(similarities) == 1).all()
    assert (closeness.phrasings >= closeness.questions).all()


@settings(deadline=None)
@given(sizes=SIZES, seed=st.integers(0, 99), block=st.integers(1, 7))
def test_the_closest_phrasings_are_those_that_a_search_of_all_finds(sizes: list[int], seed: int, block: int) -> None:
    matcher = made(sizes, 1.0, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlapping, "_BLOCK", block)
        closeness = measure_closeness(matcher)
    labels = matcher.corpus.labels
    for a, b in combinations(range(len(sizes)), 2):
        every = matcher.embeddings[labels == a] @ matcher.embeddings[labels == b].T
        assert closeness.phrasings[a, b] == pytest.approx(every.max(), abs=1e-5)
        assert closeness.questions[a, b] == pytest.approx(every[0, 0], abs=1e-5)


def test_an_id_in_words_is_no_phrasing_but_the_matcher_compares_with_it() -> None:
    entries = [Entry("late-parcel", "where is it", "a"), Entry("lost-parcel", "how odd", "a")]
    matcher = matcher_of(entries, on_circle(0, 45, 90, 45))
    assert matcher.corpus.titles.tolist() == [False, True, False, True]
    closeness = measure_closeness(matcher)
    assert closeness.phrasings[0, 1] == closeness.questions[0, 1] == pytest.approx(0, abs=1e-6)
    assert closeness.centroids[0, 1] == pytest.approx(np.cos(np.radians(45)), abs=1e-6)


@settings(deadline=None)
@given(count=st.integers(0, 20), dim=st.integers(2, 8), seed=st.integers(0, 99), coarse=st.booleans())
def test_the_order_holds_every_entry_once_and_is_always_the_same(
    count: int, dim: int, seed: int, *, coarse: bool
) -> None:
    rows = coarse_rows(count, seed) if coarse else random_rows(count, dim, seed)
    similarities = rows @ rows.T
    order = cluster_order(similarities)
    assert sorted(order.tolist()) == list(range(count))
    assert order.tolist() == cluster_order(similarities).tolist()


@pytest.mark.parametrize("optimal_up_to", [1000, 5])
def test_what_is_alike_stands_together(monkeypatch: pytest.MonkeyPatch, optimal_up_to: int) -> None:
    monkeypatch.setattr(overlapping, "_OPTIMAL_UP_TO", optimal_up_to)
    sizes = [4, 4, 4]
    rows = clustered_rows(sizes, 16, 0.3, seed=2)
    group = np.repeat(range(3), sizes)
    mixed = np.random.default_rng(0).permutation(12)
    order = cluster_order(rows[mixed] @ rows[mixed].T)
    assert np.count_nonzero(np.diff(group[mixed][order])) == 2


@pytest.mark.parametrize("count", range(5))
def test_entries_that_are_all_the_same_are_in_some_order(count: int) -> None:
    similarities = np.ones((count, count), dtype=np.float32)
    assert sorted(cluster_order(similarities).tolist()) == list(range(count))


@settings(deadline=None, max_examples=60)
@given(sizes=SIZES, spread=st.floats(0.2, 3), seed=st.integers(0, 99), data=st.data())
def test_pairs_depend_on_the_entries_and_not_on_their_order(
    sizes: list[int], spread: float, seed: int, data: st.DataObject
) -> None:
    matcher = made(sizes, spread, seed)
    taken = hold_out(matcher, matcher.embeddings)
    order = data.draw(st.permutations(range(len(sizes))))
    rows = np.array([row for number in order for row in np.flatnonzero(matcher.corpus.labels == number)], dtype=np.intp)
    other = matcher_of([matcher.corpus.entries[number] for number in order], matcher.embeddings[rows])
    new_row, new_number = np.argsort(rows), np.argsort(np.array(order, dtype=np.intp))
    same = Taken(new_row[taken.rows], new_number[taken.entries])
    expected, found = pairs_of(matcher, taken), pairs_of(other, same)
    assert [(pair.a, pair.b) for pair in found] == [(pair.a, pair.b) for pair in expected]
    assert [pair.risk for pair in found] == pytest.approx([pair.risk for pair in expected], abs=1e-5)


@settings(deadline=None, max_examples=60)
@given(sizes=SIZES, spread=st.floats(0.2, 3), seed=st.integers(0, 99))
def test_pairs_are_what_lies_close_or_went_astray_likeliest_first(sizes: list[int], spread: float, seed: int) -> None:
    matcher = made(sizes, spread, seed)
    closeness, taken = measure_closeness(matcher), hold_out(matcher, matcher.embeddings)
    pairs = find_confusable(matcher, closeness, taken)
    numbers = {entry.id: number for number, entry in enumerate(matcher.corpus.entries)}
    assert len({(pair.a.entry.id, pair.b.entry.id) for pair in pairs}) == len(pairs)
    assert [round(pair.risk, 6) for pair in pairs] == sorted((round(pair.risk, 6) for pair in pairs), reverse=True)
    for pair in pairs:
        assert pair.a.entry.id < pair.b.entry.id
        a, b = numbers[pair.a.entry.id], numbers[pair.b.entry.id]
        assert pair.similarity == closeness.phrasings[a, b]
        assert pair.is_close == (pair.similarity >= CLOSE)
        assert pair.is_close or (pair.risk >= LIKELY and (pair.a.astray or pair.b.astray))
        for side, other in ((pair.a, b), (pair.b, a)):
            assert side.phrasing in side.entry.phrasings
            assert set(side.astray) <= set(side.entry.phrasings)
            assert len(set(side.astray)) == len(side.astray) <= side.asked <= len(side.entry.phrasings)
            texts = {matcher.corpus.texts[row] for row in taken.rows[taken.entries == other]}
            assert set(side.astray) == texts & set(side.entry.phrasings)
    close = np.argwhere(np.triu(closeness.phrasings >= CLOSE, 1)).tolist()
    listed = {frozenset((numbers[pair.a.entry.id], numbers[pair.b.entry.id])) for pair in pairs}
    assert {frozenset(pair) for pair in close} <= listed


def test_two_entries_lie_close_from_a_similarity_on() -> None:
    entries = [Entry("q1", "one", "a", ("two",)), Entry("q2", "three", "a", ("four",))]
    for similarity, expected in ((CLOSE + 0.01, True), (CLOSE - 0.01, False)):
        pairs = pairs_of(matcher_of(entries, on_circle(-90, 0, angle(similarity), 180)))
        assert bool(pairs) == expected
        for pair in pairs:
            assert (pair.a.phrasing, pair.b.phrasing) == ("two", "three")
            assert pair.similarity == pytest.approx(similarity, abs=1e-5)
            assert (pair.a.astray, pair.a.asked, pair.b.astray, pair.b.asked) == ((), 0, (), 0)


def test_phrasings_that_go_astray_make_a_pair_that_does_not_lie_close() -> None:
    entries = [Entry("q2", "one", "a", ("two",)), Entry("q1", "three", "a", ("four",)), Entry("q0", "five", "a")]
    matcher = matcher_of(entries, on_circle(0, 10, 60, 70, 180))
    rows, went = np.array([0, 0, 1, 1, 2, 3]), np.array([1, 0, 0, 2, 0, 1])
    (pair,) = pairs_of(matcher, Taken(rows, went))
    # Opposite entries are not worth a look for one phrasing: q0 is not named.
    assert (pair.a.entry.id, pair.a.astray, pair.a.asked) == ("q1", ("three",), 2)
    assert (pair.b.entry.id, pair.b.astray, pair.b.asked) == ("q2", ("one",), 2)
    assert not pair.is_close


def test_the_closer_and_the_more_astray_the_likelier() -> None:
    entries = [Entry("q1", "one", "a", ("two",)), Entry("q2", "three", "a", ("four",))]

    def risk(similarity: float, astray: int) -> float:
        matcher = matcher_of(entries, on_circle(0, 0, angle(similarity), angle(similarity)))
        went = np.array([1] * astray + [0] * (2 - astray) + [1, 1])
        (pair,) = pairs_of(matcher, Taken(np.arange(4), went))
        return pair.risk

    risks = [risk(0.8, 0), risk(0.9, 0), risk(0.9, 1), risk(0.9, 2), risk(1, 2)]
    assert risks == sorted(risks)
    assert len(set(risks)) == 5
    assert risks[0] > LIKELY
    assert risks[-1] < 1


def test_the_same_phrasing_in_two_entries_is_found_first() -> None:
    entries = [
        Entry("q1", "how do refunds work", "a", ("money back please",)),
        Entry("q2", "is the shop open", "a", ("opening hours",)),
        Entry("q3", "who are you", "a", ("Money back, please!",)),
    ]
    texts = ["refund", "money back please", "open", "opening", "who", "money back please"]
    first = pairs_of(matcher_of(entries, unit(hashed(texts))))[0]
    assert (first.a.entry.id, first.b.entry.id, first.similarity) == ("q1", "q3", 1)
    assert (first.a.phrasing, first.b.phrasing) == ("money back please", "Money back, please!")

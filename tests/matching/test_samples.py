from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.core.types import Embeddings, Entry
from bot.matching import KEPT, MIN_PHRASINGS, Matcher, samples
from bot.matching.relevance import WEIGHT_MARGIN, WEIGHT_RERANK
from bot.matching.samples import FOLDS, GROUPS, MOST_RERANKED, ROUNDS, SHOWN, Samples, Taken, collect_samples, hold_out
from bot.matching.sparse import SparseRows
from tests.matching.made import clustered_rows, entries_of, matcher_of, random_rows

CHATTER = np.array([0.1, 0.2])
SIZES = [4] * 12


def collect(sizes: Sequence[int], spread: float = 0.3, dim: int = 16) -> Samples:
    matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, dim, spread, seed=5))
    return collect_samples(matcher, matcher.embeddings, CHATTER)


def entry_numbers(matcher: Matcher) -> dict[str, int]:
    return dict(zip(matcher.corpus.texts, matcher.corpus.labels.tolist(), strict=True))


def check_form(found: Samples) -> None:
    assert found.held_out.shape == found.right.shape == found.found.shape
    assert found.near.shape == found.near_weights.shape
    assert found.right.dtype == found.found.dtype == np.bool_
    assert not (found.right & ~found.found).any()
    for values in (found.held_out, found.near, found.near_weights, found.chatter):
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
    assert found.near_weights.min() >= 0
    assert found.near_weights.max() <= 1


def test_where_entries_are_well_apart_what_is_held_out_is_found_and_near_misses_are_not_sure() -> None:
    found = collect(SIZES)
    check_form(found)
    assert len(found.held_out) == len(found.near) == ROUNDS * sum(SIZES)
    assert found.right.all()
    assert found.near_weights.tolist() == [1] * len(found.near)
    assert found.held_out.min() > found.near.max()
    assert np.median(found.held_out) > np.median(found.near) + 0.5
    assert found.chatter.tolist() == CHATTER.tolist()


def test_where_entries_are_all_the_same_luck_decides_and_nothing_is_a_near_miss() -> None:
    found = collect(SIZES, spread=50)
    check_form(found)
    assert found.right.mean() == pytest.approx(1 / 12, abs=0.1)
    assert found.found.mean() == pytest.approx(SHOWN / 12, abs=0.15)
    assert found.near_weights.max() < 0.5


def test_near_misses_of_entries_that_say_the_same_count_less() -> None:
    sizes = [6] * 10
    rows = clustered_rows(sizes, 16, 0.3, seed=5)
    # The last entry says what the one before it does, word for word, as embeddings see it.
    rows[54:] = rows[48:54]
    matcher = matcher_of(entries_of(sizes), rows)
    found = collect_samples(matcher, matcher.embeddings, CHATTER)
    check_form(found)
    assert found.right.mean() == pytest.approx(0.8, abs=0.05)
    # Of the twins one always finds the other, and one is found by luck where both are asked for.
    assert np.count_nonzero(found.near_weights < 1) == ROUNDS * 12
    # The other near misses are as unsure as those of an FAQ without twins.
    assert found.near[found.near_weights == 1].max() < found.near[found.near_weights < 1].min()


def test_the_same_faq_gives_the_same_samples() -> None:
    one, other = collect(SIZES, 1.5), collect(SIZES, 1.5)
    for name in ("held_out", "right", "found", "near", "near_weights", "chatter"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@settings(deadline=None, max_examples=6)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=8, max_size=14).filter(lambda sizes: sum(sizes) >= MIN_PHRASINGS),
    spread=st.floats(0.01, 10),
)
def test_samples_of_any_faq_are_well_formed(sizes: list[int], spread: float) -> None:
    found = collect(sizes, spread, dim=6)
    check_form(found)
    # An entry of one phrasing cannot be asked about what it says otherwise.
    askable = sum(size for size in sizes if size > 1)
    assert ROUNDS * askable <= len(found.held_out) <= ROUNDS * sum(sizes)
    assert len(found.near) == ROUNDS * sum(sizes)


def test_every_phrasing_is_asked_as_a_question_is_embedded() -> None:
    embeddings = clustered_rows(SIZES, 16, 0.3, seed=5)
    matcher = matcher_of(entries_of(SIZES), embeddings)
    # As questions, all of them mean what the next entry says.
    found = collect_samples(matcher, np.roll(embeddings, -4, axis=0), CHATTER)
    check_form(found)
    assert found.right.mean() < 0.1
    assert found.held_out.mean() > 0.5
    assert found.near_weights.mean() == pytest.approx(found.right.mean())


def test_nobody_asks_an_id_in_words_and_it_goes_with_its_entry() -> None:
    words = ["apple", "berry", "cedar", "daisy", "elder", "fever", "grape", "hazel", "irish", "jolly"]
    entries = [Entry(word, f"ask {word} one", "a", (f"{word} two", f"{word} three")) for word in words]
    matcher = matcher_of(entries)
    assert matcher.corpus.titles.sum() == 10
    numbers = entry_numbers(matcher)

    def know(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.array([numbers[query] == numbers[phrasing] for query, phrasing in pairs], dtype=np.float32)

    found = collect_samples(matcher, matcher.embeddings, CHATTER)
    check_form(found)
    assert len(found.held_out) == len(found.near) == ROUNDS * 30
    assert collect_samples(matcher, matcher.embeddings, CHATTER, know).near == pytest.approx(found.near)


def test_an_entry_that_is_gone_while_its_phrasing_is_held_out_counts_for_nothing() -> None:
    found = collect([1] * 12 + [4] * 8)
    assert len(found.held_out) == ROUNDS * 32
    assert found.right.all()


def test_a_part_without_phrasings_asks_nothing() -> None:
    def shrug(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        parts.append(len(pairs))
        return np.zeros(len(pairs), dtype=np.float32)

    # So that one of the parts is empty, as found by trying.
    sizes, parts = [1, 2, 3, 1, 3, 3, 3, 1, 2, 1, 2], list[int]()
    matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, 16, 0.3, seed=5))
    check_form(collect_samples(matcher, matcher.embeddings, CHATTER))
    check_form(collect_samples(matcher, matcher.embeddings, CHATTER, shrug))
    assert 0 in parts


@pytest.mark.parametrize(
    ("fits", "phrasing_parts", "entry_parts", "rounds"),
    [
        (10_000, FOLDS, GROUPS, ROUNDS),
        (ROUNDS * FOLDS, FOLDS, GROUPS, ROUNDS),
        (ROUNDS * FOLDS - 1, FOLDS, GROUPS, 1),
        (3, 3, 6, 1),
        (1, 1, 2, 1),
        (0.5, 1, 2, 1),
    ],
)
def test_a_big_faq_is_asked_less(
    monkeypatch: pytest.MonkeyPatch, fits: float, phrasing_parts: int, entry_parts: int, rounds: int
) -> None:
    calls = list[int]()

    class Counted(samples.Relevance):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]
            calls.append(1)

    monkeypatch.setattr(samples, "Relevance", Counted)
    monkeypatch.setattr(samples, "_LARGEST_FIT", int(fits * sum(SIZES) * len(SIZES)))
    found = collect(SIZES)
    check_form(found)
    assert len(calls) == rounds * (phrasing_parts + entry_parts)
    asked = rounds * sum(SIZES) * phrasing_parts / FOLDS
    assert len(found.held_out) == pytest.approx(asked, rel=0.5)
    assert found.right.all()
    # What was never held out alone counts like the average.
    assert found.near_weights.tolist() == [1] * len(found.near)


def test_of_a_huge_faq_only_as_many_rows_are_asked_at_once_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    class Watched(samples.Relevance):
        def relevance(self, queries: Embeddings, spellings: SparseRows) -> NDArray[np.float32]:
            asked.append(len(queries))
            return super().relevance(queries, spellings)

    monkeypatch.setattr(samples, "Relevance", Watched)
    monkeypatch.setattr(samples, "_LARGEST_ASKED", 3 * len(SIZES))
    check_form(collect(SIZES))
    assert set(asked) == {3}


def test_no_more_samples_are_kept_than_make_the_curves_smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    every = collect(SIZES, 1.5)
    monkeypatch.setattr(samples, "MOST_KEPT", 24)
    found = collect(SIZES, 1.5)
    check_form(found)
    assert len(found.held_out) == len(found.near) == 24
    # What belongs together stays together, and it is spread over all that were asked.
    kept, everything = (
        set(zip(found.held_out, found.right, strict=True)),
        list(zip(every.held_out, every.right, strict=True)),
    )
    assert kept <= set(everything)
    assert {everything[0], everything[-1]} <= kept
    assert set(zip(found.near, found.near_weights, strict=True)) <= set(
        zip(every.near, every.near_weights, strict=True)
    )


def test_a_reranking_model_has_its_say() -> None:
    sizes = [4] * 12
    matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, 8, 2.0, seed=5))
    numbers = entry_numbers(matcher)
    asked = list[tuple[str, str]]()

    def know(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        asked.extend(pairs)
        return np.array([numbers[query] == numbers[phrasing] for query, phrasing in pairs], dtype=np.float32)

    without = collect_samples(matcher, matcher.embeddings, CHATTER)
    found = collect_samples(matcher, matcher.embeddings, CHATTER, know)
    check_form(found)
    assert len(found.held_out) == len(without.held_out)
    assert without.right.mean() + 0.1 < found.right.mean()
    assert not (without.right & ~found.right).any()
    # A full mark for the first hit counts for itself, and for its lead.
    gained = (1 + WEIGHT_MARGIN) * WEIGHT_RERANK
    assert found.held_out[without.right] == pytest.approx(without.held_out[without.right] + gained, abs=1e-5)
    # It knows no entry that is gone, so near misses stay what they were.
    assert found.near == pytest.approx(without.near)
    assert len(asked) == KEPT * (len(found.held_out) + len(found.near))
    assert all(query != phrasing for query, phrasing in asked)


def test_a_reranking_model_is_asked_about_the_closest_phrasing_of_the_first_hits() -> None:
    sizes = [2] * 10
    matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, 16, 0.2, seed=5))
    numbers = entry_numbers(matcher)
    firsts = list[bool]()

    def listen(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        for at in range(0, len(pairs), KEPT):
            (query, _), phrasings = pairs[at], [phrasing for _, phrasing in pairs[at : at + KEPT]]
            assert {text for text, _ in pairs[at : at + KEPT]} == {query}
            assert len({numbers[phrasing] for phrasing in phrasings}) == KEPT
            firsts.append(numbers[phrasings[0]] == numbers[query])
        return np.zeros(len(pairs), dtype=np.float32)

    found = collect_samples(matcher, matcher.embeddings, CHATTER, listen)
    assert firsts == [True] * len(found.held_out) + [False] * len(found.near)


def test_a_reranking_model_is_asked_no_more_than_there_is_time_for() -> None:
    sizes = [30] * 10
    matcher = matcher_of(entries_of(sizes), random_rows(300, 4, 0))

    def shrug(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.zeros(len(pairs), dtype=np.float32)

    found = collect_samples(matcher, matcher.embeddings, CHATTER, shrug)
    check_form(found)
    assert len(found.held_out) == len(found.near) == MOST_RERANKED


def check_taken(matcher: Matcher, taken: Taken) -> None:
    assert taken.rows.shape == taken.entries.shape
    assert not matcher.corpus.titles[taken.rows].any()
    assert np.bincount(taken.rows, minlength=1).max() <= ROUNDS
    assert set(taken.entries.tolist()) <= set(range(len(matcher.corpus.entries)))


@pytest.mark.parametrize("spread", [0.3, 1.5, 50])
def test_what_each_held_out_phrasing_was_taken_for_is_kept(spread: float) -> None:
    matcher = matcher_of(entries_of(SIZES), clustered_rows(SIZES, 16, spread, seed=5))
    found = collect_samples(matcher, matcher.embeddings, CHATTER)
    check_taken(matcher, found.taken)
    right = found.taken.entries == matcher.corpus.labels[found.taken.rows]
    assert right.tolist() == found.right.tolist()
    assert set(found.taken.rows.tolist()) == set(range(sum(SIZES)))
    # Asking for nothing else gives the same.
    alone = hold_out(matcher, matcher.embeddings)
    assert alone.rows.tolist() == found.taken.rows.tolist()
    assert alone.entries.tolist() == found.taken.entries.tolist()


def test_what_phrasings_were_taken_for_is_kept_of_more_than_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MOST_KEPT", 24)
    found = collect(SIZES, 1.5)
    assert len(found.held_out) == 24
    assert len(found.taken.rows) == len(found.taken.entries) == ROUNDS * sum(SIZES)


def test_a_phrasing_is_taken_for_what_the_reranking_model_puts_first() -> None:
    matcher = matcher_of(entries_of(SIZES), clustered_rows(SIZES, 8, 2.0, seed=5))
    numbers = entry_numbers(matcher)

    def insist(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.array([100.0 if numbers[phrasing] == 0 else 0.0 for _, phrasing in pairs], dtype=np.float32)

    without = collect_samples(matcher, matcher.embeddings, CHATTER).taken
    found = collect_samples(matcher, matcher.embeddings, CHATTER, insist).taken
    assert found.rows.tolist() == without.rows.tolist()
    assert (without.entries == 0).sum() + 10 < (found.entries == 0).sum()


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(1, 4), max_size=6), seed=st.integers(0, 9))
def test_an_faq_of_any_size_can_be_asked_what_its_phrasings_are_taken_for(sizes: list[int], seed: int) -> None:
    embeddings = clustered_rows(sizes, 6, 0.5, seed) if sizes else np.zeros((0, 0), dtype=np.float32)
    matcher = matcher_of(entries_of(sizes), embeddings)
    taken = hold_out(matcher, matcher.embeddings)
    check_taken(matcher, taken)
    # With nothing left of its entry a phrasing is not asked.
    sizes_asked = np.array(sizes, dtype=np.intp)[matcher.corpus.labels[taken.rows]] if sizes else np.zeros(0)
    assert (sizes_asked > 1).all()
    assert len(taken.rows) > 0 or max(sizes, default=0) < 3


def test_a_small_faq_is_asked_as_it_answers_without_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = list[bool]()

    class Watched(samples.Relevance):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]
            heads.append(self.head is not None)

    monkeypatch.setattr(samples, "Relevance", Watched)
    for sizes, expected in (([4] * 3, False), (SIZES, True)):
        heads.clear()
        matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, 16, 0.3, seed=5))
        hold_out(matcher, matcher.embeddings)
        assert set(heads) == {expected}

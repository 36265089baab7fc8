import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.core.types import Embeddings, Entry, Ranking
from bot.core.vocabulary import Vocabulary
from bot.matching import WEIGHTS, Corpus, Matcher, build_corpus, is_too_small
from bot.matching import matcher as module
from bot.matching.head import fit_head
from bot.matching.relevance import WEIGHT_MARGIN
from tests.matching.made import clustered_rows, coarse_rows, entries_of, hashed, matcher_of, random_rows

TOLERANCE = 1e-5
BIG = [3, 1, 4, 2, 5, 3, 2, 1, 3]


def ids(ranking: Ranking) -> list[str]:
    return [hit.entry.id for hit in ranking.hits]


def slow_terms(corpus: Corpus, embeddings: Embeddings, text: str, query: Embeddings) -> dict[str, NDArray[np.float64]]:
    """Compute one term after the other, entry by entry, from what the documentation says."""
    forms = [f"{known.rstrip('?!. ')}?".lower() for known in (*corpus.texts, text)]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit(forms[:-1])
    spelling = (vectorizer.transform(forms[:-1]) @ vectorizer.transform(forms[-1:]).T).toarray().ravel()
    entries = range(len(corpus.entries))
    own = [corpus.labels == entry for entry in entries]
    sums = [embeddings[rows].sum(axis=0) for rows in own]
    with_head = not is_too_small(corpus) and len(corpus.entries) < len(corpus.texts)
    head = fit_head(embeddings, corpus.labels).probabilities(query[None])[0] if with_head else np.zeros(len(own))
    return {
        "cosine": np.array([(embeddings[rows] @ query).max() for rows in own]).clip(-1, 1),
        "centroid": np.array([total @ query / max(float(np.linalg.norm(total)), 1e-9) for total in sums]),
        "head": head.astype(np.float64),
        "spelling": np.array([spelling[rows].max() for rows in own]),
    }


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.one_of(st.lists(st.integers(1, 5), min_size=1, max_size=7), st.just(BIG), st.just([1] * 20)),
    k=st.integers(1, 25),
    seed=st.integers(0, 2**16),
    coarse=st.booleans(),
)
def test_ranking_equals_brute_force(sizes: list[int], k: int, seed: int, *, coarse: bool) -> None:
    rows = coarse_rows(sum(sizes) + 1, seed) if coarse else random_rows(sum(sizes) + 1, 8, seed)
    embeddings, query = rows[:-1], rows[-1]
    corpus = build_corpus(entries_of(sizes))
    text = corpus.texts[seed % len(corpus.texts)]
    matcher = Matcher(corpus, embeddings)
    terms = slow_terms(corpus, embeddings, text, query)
    relevance = np.sum([WEIGHTS[name] * term for name, term in terms.items()], axis=0)

    ranking = matcher.rank(text, query, k)

    numbers = [corpus.entries.index(hit.entry) for hit in ranking.hits]
    assert len(set(numbers)) == len(numbers) == min(k, len(sizes))
    assert relevance[numbers] == pytest.approx(-np.sort(-relevance)[:k], abs=TOLERANCE)
    for hit, number in zip(ranking.hits, numbers, strict=True):
        assert hit.relevance == pytest.approx(relevance[number], abs=TOLERANCE)
        assert hit.terms.rerank is None
        for name, term in terms.items():
            assert getattr(hit.terms, name) == pytest.approx(term[number], abs=TOLERANCE)
        own = np.flatnonzero(corpus.labels == number)
        assert hit.similarity == hit.terms.cosine
        assert embeddings[own[[corpus.texts[row] for row in own].index(hit.phrasing)]] @ query == pytest.approx(
            terms["cosine"][number], abs=TOLERANCE
        )
    best, *others = -np.sort(-relevance)
    lead = best - others[0] if others else 0
    assert ranking.confidence == pytest.approx(best + WEIGHT_MARGIN * lead, abs=TOLERANCE)


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=7), k=st.integers(1, 9), seed=st.integers(0, 2**16))
@settings(deadline=None, max_examples=50)
def test_equals_keep_the_order_of_the_faq(sizes: list[int], k: int, seed: int) -> None:
    rows = coarse_rows(2, seed)
    entries = [Entry(f"q{number}", "same", "a", ("same",) * (size - 1)) for number, size in enumerate(sizes)]
    embeddings = np.repeat(rows[:1], sum(sizes), axis=0)
    ranking = matcher_of(entries, embeddings).rank("query", rows[1], k)
    assert ids(ranking) == [f"q{number}" for number in range(min(k, len(sizes)))]
    assert ranking.confidence == ranking.hits[0].relevance


def test_an_faq_of_equal_entries_has_no_favourite_even_with_a_head() -> None:
    entries = [Entry(f"q{number}", "one", "a", ("two", "three")) for number in range(10)]
    matcher = matcher_of(entries, np.tile(random_rows(3, 8, 0), (10, 1)))
    ranking = matcher.rank("one", random_rows(1, 8, 1)[0], 10)
    assert matcher.head is not None
    assert sorted(ids(ranking)) == sorted(entry.id for entry in entries)
    assert [hit.terms.head for hit in ranking.hits] == pytest.approx([0.1] * 10, abs=1e-4)
    assert ranking.confidence == pytest.approx(ranking.hits[0].relevance, abs=1e-4)


def test_one_entry_leads_nobody() -> None:
    matcher = matcher_of(entries_of([3]))
    ranking = matcher.rank("ask", hashed(["ask?"])[0], 3)
    assert ids(ranking) == ["q0"]
    assert matcher.head is None
    assert ranking.confidence == ranking.hits[0].relevance > 0


@pytest.mark.parametrize(("sizes", "has_head"), [([1] * 20, False), (BIG, True), ([9] * 7, False), ([1, 1, 1], False)])
def test_a_head_needs_several_phrasings_an_entry_and_enough_to_measure_it(
    sizes: list[int],
    has_head: bool,  # noqa: FBT001
) -> None:
    matcher = matcher_of(entries_of(sizes))
    assert (matcher.head is not None) is has_head
    for number, text in enumerate(matcher.corpus.texts):
        best = matcher.rank(text, matcher.embeddings[number], 1).hits[0]
        assert best.phrasing == text
        assert (best.terms.head > 0) is has_head


def test_a_huge_faq_does_without_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = sum(BIG) * len(BIG)
    monkeypatch.setattr(module, "_LARGEST_HEAD", cells)
    assert matcher_of(entries_of(BIG)).head is not None
    monkeypatch.setattr(module, "_LARGEST_HEAD", cells - 1)
    assert matcher_of(entries_of(BIG)).head is None


def test_an_empty_faq_finds_nothing() -> None:
    matcher = Matcher(build_corpus([]), np.zeros((0, 0), dtype=np.float32))
    assert matcher.rank("anything", random_rows(1, 8, 0)[0], 3) == Ranking((), 0.0)
    assert matcher.confidences(["a", "b"], random_rows(2, 8, 0)).tolist() == [0, 0]
    assert matcher.read("pasword") == "pasword"
    assert matcher.head is None


def test_one_entry_of_thousands_of_phrasings_leaves_the_others_their_questions() -> None:
    sizes = [2000] + [1] * 9
    embeddings = clustered_rows(sizes, 8, 0.2, seed=4)
    matcher = matcher_of(entries_of(sizes), embeddings)
    assert matcher.head is not None
    for row in range(2000, 2009):
        assert matcher.rank("?", embeddings[row], 1).hits[0].entry.id == f"q{row - 1999}"
    assert ids(matcher.rank("?", embeddings[777], 1)) == ["q0"]


STRANGE = [
    Entry("q1", "refund", "a"),
    Entry("q2", " ".join(["how"] * 300 + ["many"] * 300), "a", ("how many",)),
    Entry("q3", "\U0001f600\U0001f680", "a"),
    Entry("q4", "<:custom:123>", "a", ("***",)),
    Entry("q5", "密码在哪里", "a"),
]


@pytest.mark.parametrize(
    ("text", "entry_id"),
    [
        *(("Refund", "q1"), ("how many", "q2"), ("how " * 600, "q2"), ("\U0001f680", "q3"), ("密码", "q5")),
        *(("", "q4"), ("где мой пароль", None), ("?" * 2000, "q4")),
    ],
)
def test_strange_phrasings_and_queries_are_ranked(text: str, entry_id: str | None) -> None:
    ranking = matcher_of(STRANGE).rank(text, hashed([f"{text.rstrip('?')}?"])[0], 9)
    assert sorted(ids(ranking)) == ["q1", "q2", "q3", "q4", "q5"]
    assert all(np.isfinite([hit.relevance, hit.similarity]).all() for hit in ranking.hits)
    assert entry_id in (None, ranking.hits[0].entry.id)


def test_the_id_in_words_may_be_what_was_found() -> None:
    matcher = matcher_of([Entry("lost-card", "It is gone", "a"), Entry("q2", "Anything else", "a")])
    (hit,) = matcher.rank("lost card", hashed(["lost card?"])[0], 1).hits
    assert (hit.entry.id, hit.phrasing) == ("lost-card", "lost card")


def test_slips_are_read_past() -> None:
    matcher = matcher_of([Entry("q1", "reset my password", "a")], vocabulary=Vocabulary.of(["the", "lost"]))
    assert matcher.read("lost the pasword") == "lost the password"


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_the_wrong_number_of_rows_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match=f"{rows} embeddings for 2 phrasings"):
        matcher_of(entries_of([2]), random_rows(rows, 8, 0))


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(broken: float) -> None:
    embeddings = random_rows(2, 8, 0)
    embeddings[1, 3] = broken
    with pytest.raises(ValueError, match="not finite"):
        matcher_of(entries_of([2]), embeddings)


def test_nobody_can_change_a_matcher_afterwards() -> None:
    embeddings, query = random_rows(sum(BIG), 8, 0), random_rows(1, 8, 1)[0]
    matcher = matcher_of(entries_of(BIG), embeddings)
    before = matcher.rank("ask", query, 9)
    embeddings[:] = 0
    assert matcher.rank("ask", query, 9) == before
    with pytest.raises(ValueError, match="read-only"):
        matcher.embeddings[0] = 0


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_come_in_any_order_and_precision(order: str) -> None:
    embeddings = random_rows(sum(BIG), 8, 0)
    other = np.array(embeddings.astype(np.float64), order="F" if order == "F" else "C")
    matcher = matcher_of(entries_of(BIG), other)  # pyright: ignore[reportArgumentType] - on purpose
    assert matcher.embeddings.dtype == np.float32
    assert matcher.embeddings.flags.c_contiguous
    query = random_rows(1, 8, 1)[0]
    assert matcher.rank("ask", query, 9) == matcher_of(entries_of(BIG), embeddings).rank("ask", query, 9)


def test_the_same_faq_gives_the_same_ranking() -> None:
    embeddings, query = clustered_rows(BIG, 16, 1.0, seed=2), random_rows(1, 16, 3)[0]
    one, other = (matcher_of(entries_of(BIG), embeddings) for _ in range(2))
    assert one.rank("ask", query, 9) == other.rank("ask", query, 9)


@pytest.mark.parametrize("sizes", [[2], [1, 1], [3, 2, 1], BIG])
def test_many_queries_at_once_are_as_sure_as_one_at_a_time(sizes: list[int]) -> None:
    matcher = matcher_of(entries_of(sizes), clustered_rows(sizes, 8, 0.5, seed=2))
    queries = random_rows(1500, 8, 7)
    texts = [matcher.corpus.texts[number % len(matcher.corpus.texts)] for number in range(1500)]
    together = matcher.confidences(texts, queries)
    assert together.shape == (1500,)
    assert together.dtype == np.float64
    for at in (0, 1, 700, 1023, 1024, 1499):
        assert together[at] == pytest.approx(matcher.rank(texts[at], queries[at], 1).confidence, abs=TOLERANCE)
    assert matcher.confidences([], queries[:0]).shape == (0,)

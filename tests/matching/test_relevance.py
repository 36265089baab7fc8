import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from bot.core.types import Embeddings, Terms
from bot.matching import WEIGHTS, weigh_terms
from bot.matching import relevance as module
from bot.matching.lexicon import Lexicon
from bot.matching.relevance import WEIGHT_MARGIN, Relevance, confidence
from bot.matching.threads import one_thread
from tests.matching.made import clustered_rows, random_rows

WORDS = ["card", "lost card", "price", "what price", "refund", "get refund"]
LABELS = np.array([0, 0, 1, 1, 2, 2])
LEXICON = Lexicon(WORDS)


def fit(embeddings: Embeddings, *, with_head: bool = True) -> Relevance:
    return Relevance(embeddings, LABELS, LEXICON.rows, with_head=with_head)


def test_each_term_says_what_it_is_for() -> None:
    embeddings = clustered_rows([2, 2, 2], 8, 0.5, seed=1)
    evidence = fit(embeddings).weigh(embeddings, LEXICON.rows)
    own = np.arange(6), LABELS
    assert evidence.cosine[own] == pytest.approx(1, abs=1e-6)
    assert evidence.spelling[own] == pytest.approx(1, abs=1e-6)
    assert evidence.head.sum(axis=1) == pytest.approx(1, abs=1e-5)
    means = np.array([embeddings[at : at + 2].mean(axis=0) for at in (0, 2, 4)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    assert evidence.centroid == pytest.approx(embeddings @ means.T, abs=1e-6)
    for term in (evidence.cosine, evidence.centroid, evidence.head, evidence.spelling):
        assert term.shape == (6, 3)
        assert term.argmax(axis=1).tolist() == LABELS.tolist()


def test_relevance_is_the_weighted_sum() -> None:
    evidence = fit(random_rows(6, 8, 0)).weigh(random_rows(4, 8, 1), LEXICON.weigh(["a", "b", "c", "card"]))
    expected = 0.35 * evidence.cosine + 0.15 * evidence.centroid + 0.5 * evidence.head + 0.2 * evidence.spelling
    assert evidence.relevance == pytest.approx(expected, abs=1e-6)
    assert evidence.relevance.dtype == np.float32


def test_opposite_phrasings_have_no_centre_and_break_nothing() -> None:
    row = random_rows(1, 8, 0)
    evidence = fit(np.concatenate([row, -row] * 3), with_head=False).weigh(row, LEXICON.weigh(["x"]))
    assert evidence.centroid.tolist() == [[0, 0, 0]]
    assert evidence.cosine == pytest.approx(1)


def test_similarity_never_leaves_its_range() -> None:
    slightly_long = np.full((6, 8), 0.3537, dtype=np.float32)
    fitted = fit(slightly_long, with_head=False)
    assert fitted.weigh(slightly_long[:1], LEXICON.weigh(["x"])).cosine.tolist() == [[1, 1, 1]]
    assert fitted.weigh(-slightly_long[:1], LEXICON.weigh(["x"])).cosine.tolist() == [[-1, -1, -1]]


@pytest.mark.parametrize(
    ("labels", "with_head", "learnt"),
    [
        ([0, 0, 1, 1, 2, 2], True, True),
        ([0, 0, 1, 2, 3, 4], True, True),
        ([0, 0, 1, 1, 2, 2], False, False),
        ([0, 1, 2, 3, 4, 5], True, False),  # nothing to learn from one row an entry
        ([0, 0, 0, 0, 0, 0], True, False),  # nor from one entry
    ],
)
def test_a_head_takes_part_where_there_is_something_to_learn(
    labels: list[int],
    with_head: bool,  # noqa: FBT001
    learnt: bool,  # noqa: FBT001
) -> None:
    fitted = Relevance(random_rows(6, 8, 0), np.array(labels), LEXICON.rows, with_head=with_head)
    assert (fitted.head is not None) is learnt
    head = fitted.weigh(random_rows(3, 8, 1), LEXICON.weigh(["x", "y", "z"])).head
    assert head.sum(axis=1) == pytest.approx(1 if learnt else 0, abs=1e-5)


def test_the_nearest_row_is_one_of_the_entry_and_the_first_of_equals() -> None:
    ways = np.eye(4, dtype=np.float32)
    fitted = fit(ways[[0, 1, 2, 2, 3, 0]], with_head=False)
    assert [fitted.nearest_row(ways[1], entry) for entry in range(3)] == [1, 2, 4]
    assert [fitted.nearest_row(ways[0], entry) for entry in range(3)] == [0, 2, 5]


def test_many_queries_are_weighed_in_blocks_and_none_in_no_time() -> None:
    fitted = fit(clustered_rows([2, 2, 2], 8, 0.5, seed=1))
    queries = random_rows(2500, 8, 5)
    spellings = LEXICON.weigh([WORDS[number % 6] for number in range(2500)])
    together = fitted.relevance(queries, spellings)
    assert together.shape == (2500, 3)
    for at in (0, 1023, 1024, 2047, 2048, 2499):
        assert together[at] == pytest.approx(
            fitted.relevance(queries[at : at + 1], spellings[at : at + 1])[0], abs=1e-5
        )
    nothing = fitted.relevance(queries[:0], spellings[:0])
    assert nothing.shape == (0, 3)
    assert nothing.dtype == np.float32


@settings(deadline=None)
@given(rows=st.integers(1, 5), entries=st.integers(1, 6), seed=st.integers(0, 2**16))
def test_confidence_is_the_best_relevance_and_its_lead(rows: int, entries: int, seed: int) -> None:
    relevance = np.asarray(np.random.default_rng(seed).integers(0, 4, (rows, entries)) / 4, dtype=np.float32)
    ordered = np.sort(relevance, axis=1)[:, ::-1]
    lead = ordered[:, 0] - ordered[:, 1] if entries > 1 else np.zeros(rows)
    assert confidence(relevance) == pytest.approx(ordered[:, 0] + WEIGHT_MARGIN * lead)


def test_terms_that_took_no_part_are_not_told() -> None:
    terms = Terms(cosine=0.5, centroid=0.4, head=0.0, spelling=0.1)
    assert weigh_terms(terms) == [("cosine", 0.5), ("centroid", 0.4), ("head", 0.0), ("spelling", 0.1)]
    reranked = Terms(cosine=0.5, centroid=0.4, head=0.3, spelling=0.1, rerank=0.0)
    assert [name for name, _ in weigh_terms(reranked)] == list(WEIGHTS)


def test_small_products_take_one_thread_and_leave_things_as_they_were() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with one_thread():
        assert set(threads()) == {1}
    assert threads() == before


@pytest.mark.parametrize("cells", [1, 13, 10**6])
def test_many_queries_are_compared_in_blocks_with_the_same_result(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    fitted = fit(random_rows(len(LABELS), 8, 0))
    queries, spellings = random_rows(5, 8, 1), LEXICON.weigh(["a", "b c", "ask", "x", "y"])
    whole = fitted.weigh(queries, spellings).relevance
    monkeypatch.setattr(module, "_BLOCK_CELLS", cells)
    assert fitted.relevance(queries, spellings) == pytest.approx(whole, abs=1e-6)

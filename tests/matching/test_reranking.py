from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.core.types import Entry, Hit, Terms
from bot.matching import KEPT, rank_hits, rerank_hits
from bot.matching.relevance import WEIGHT_MARGIN, WEIGHT_RERANK
from bot.matching.reranking import add_rerank
from tests.matching.made import entries_of, hashed, matcher_of

TERMS = Terms(cosine=0.5, centroid=0.5, head=0.0, spelling=0.5)
HITS = [
    Hit(Entry(name, name, "a"), f"phrasing of {name}", similarity=0.5, relevance=relevance, terms=TERMS)
    for name, relevance in (("first", 0.75), ("second", 0.625), ("third", 0.625))
]


def scores(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def names(hits: Sequence[Hit]) -> list[str]:
    return [hit.entry.id for hit in hits]


def test_what_the_model_says_is_added_and_told() -> None:
    reranked = rerank_hits(HITS, scores(0, 1, 0.5))
    assert names(reranked) == names(HITS)
    assert [hit.relevance for hit in reranked] == pytest.approx(
        [0.75, 0.625 + WEIGHT_RERANK, 0.625 + WEIGHT_RERANK / 2]
    )
    assert [hit.terms for hit in reranked] == [replace(TERMS, rerank=score) for score in (0, 1, 0.5)]
    assert HITS[0].terms.rerank is None


def test_hits_that_it_was_not_asked_about_stay_as_they_are() -> None:
    reranked = rerank_hits(HITS, scores(1))
    assert reranked[0].relevance == pytest.approx(0.75 + WEIGHT_RERANK)
    assert reranked[1:] == HITS[1:]
    assert rerank_hits([], scores()) == []


def test_ranking_hits_sorts_them_and_keeps_the_order_of_equals() -> None:
    ranking = rank_hits([HITS[1], HITS[2], HITS[0]], 2)
    assert names(ranking.hits) == ["first", "second"]
    assert ranking.confidence == pytest.approx(0.75 + WEIGHT_MARGIN * 0.125)
    assert rank_hits(HITS, 1).confidence == ranking.confidence
    assert rank_hits(HITS[1:], 2).confidence == 0.625
    assert rank_hits(HITS[:1], 2).confidence == 0.75
    assert rank_hits([], 3).hits == ()
    assert rank_hits([], 3).confidence == 0


def test_many_queries_are_put_to_the_model_at_once() -> None:
    asked = list[tuple[str, str]]()

    def rerank(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        asked.extend(pairs)
        return scores(0, 1, 0.5, 0, 0, 0)

    top = np.array([[0.5, 0.4, 0.4], [0.5, 0.5, 0.5]], dtype=np.float32)
    scored, order = add_rerank(top, ["x", "y"], [["a", "b", "c"], ["d", "e", "f"]], rerank)
    assert asked == [("x", "a"), ("x", "b"), ("x", "c"), ("y", "d"), ("y", "e"), ("y", "f")]
    assert order.tolist() == [[1, 2, 0], [0, 1, 2]]
    assert scored == pytest.approx(np.array([[0.7, 0.55, 0.5], [0.5, 0.5, 0.5]]), abs=1e-6)
    assert scored.dtype == np.float32


@pytest.mark.parametrize("sizes", [[3], [1, 2, 1], [3] * 10])
def test_confidences_after_reranking_are_those_of_one_query_at_a_time(sizes: list[int]) -> None:
    matcher = matcher_of(entries_of(sizes))
    texts = [*matcher.corpus.texts, "something else"]
    embeddings = hashed(texts)

    def rerank(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return scores(*(len(set(query) & set(phrasing)) / 30 for query, phrasing in pairs))

    together = matcher.confidences(texts, embeddings, rerank)
    assert together.dtype == np.float64
    for text, embedding, found in zip(texts, embeddings, together, strict=True):
        hits = matcher.rank(text, embedding, KEPT).hits
        own = rerank([(text, hit.phrasing) for hit in hits])
        assert found == pytest.approx(rank_hits(rerank_hits(hits, own), KEPT).confidence, abs=1e-6)


def test_no_queries_ask_the_model_nothing() -> None:
    def rerank(_: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        raise AssertionError

    assert matcher_of(entries_of([2, 2])).confidences([], hashed(["x"])[:0], rerank).shape == (0,)
    assert matcher_of([]).confidences(["x"], hashed(["x"]), rerank).tolist() == [0]

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.matching.lexicon import Lexicon, likeness
from bot.matching.sparse import SparseRows

TEXTS = ["how do i reset my password?", "error e4053 on start?", "what does shipping cost?", "?"]
texts = st.text(max_size=30)


def lengths(rows: SparseRows) -> list[float]:
    return np.linalg.norm(rows.to_dense(), axis=1).tolist()


def alike(lexicon: Lexicon, query: str) -> list[float]:
    return likeness(lexicon.weigh([query]), lexicon.rows.transpose())[0].tolist()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(TEXTS)


def test_every_phrasing_is_most_like_itself(lexicon: Lexicon) -> None:
    table = likeness(lexicon.weigh(TEXTS), lexicon.rows.transpose())
    assert table.shape == (4, 4)
    assert table.dtype == np.float32
    assert np.diag(table) == pytest.approx(1)
    assert table.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert lengths(lexicon.rows) == pytest.approx([1, 1, 1, 1])


@pytest.mark.parametrize(
    ("query", "nearest"),
    [("E4053".lower(), 1), ("how do i rest my pasword?", 0), ("shiping csot?", 2), ("?", 3), ("e4053e4053 e4053", 1)],
)
def test_codes_and_slips_are_recognised(lexicon: Lexicon, query: str, nearest: int) -> None:
    assert int(np.argmax(alike(lexicon, query))) == nearest


@pytest.mark.parametrize("query", ["", "пароль", "密码", "\U0001f600", "qqq", " "])
def test_a_text_of_strange_ngrams_is_like_nothing(lexicon: Lexicon, query: str) -> None:
    assert lengths(lexicon.weigh([query])) == [0]
    assert alike(lexicon, query) == [0, 0, 0, 0]


@settings(deadline=None, max_examples=60)
@given(corpus=st.lists(texts, max_size=5), query=st.one_of(texts, st.text("abc ?", max_size=40)))
def test_one_text_weighs_the_same_alone_as_among_others(corpus: list[str], query: str) -> None:
    lexicon = Lexicon([*corpus, "abc cab?"])
    alone, among = lexicon.weigh([query]), lexicon.weigh([query, "abc"])
    assert alone.weights.dtype == among.weights.dtype == np.float32
    assert alone.to_dense()[0] == pytest.approx(among.to_dense()[0], abs=1e-6)
    assert lengths(alone)[0] in (0, pytest.approx(1))


@settings(deadline=None, max_examples=60)
@given(
    corpus=st.lists(texts, max_size=5),
    queries=st.lists(st.one_of(texts, st.text("abc\t\u3000 ?", max_size=40)), min_size=1, max_size=4),
)
def test_weights_are_those_of_scikit_learn(corpus: list[str], queries: list[str]) -> None:
    corpus = [text.lower() for text in [*corpus, "abc cab?"]]
    reference = cast("Any", TfidfVectorizer)(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, lowercase=False)
    rows = reference.fit_transform(corpus)
    lexicon = Lexicon(corpus)
    assert (len(lexicon.rows), lexicon.rows.width) == rows.shape
    assert lexicon.rows.to_dense() == pytest.approx(rows.toarray(), abs=1e-6)
    assert lexicon.weigh(queries).to_dense() == pytest.approx(reference.transform(queries).toarray(), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(corpus=st.lists(texts, min_size=1, max_size=5), queries=st.lists(texts, min_size=1, max_size=3))
def test_likeness_is_within_0_and_1(corpus: list[str], queries: list[str]) -> None:
    # As the matcher does: a question mark at the end gives every text at least one n-gram.
    lexicon = Lexicon([f"{text}?" for text in corpus])
    table = likeness(lexicon.weigh(queries), lexicon.rows.transpose())
    assert table.shape == (len(queries), len(corpus))
    assert table.min() >= 0
    assert table.max() <= 1 + 1e-6

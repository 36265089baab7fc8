"""What every Embedder must do."""

import asyncio

import numpy as np
import pytest

from bot.core.ports import Embedder
from bot.core.types import Embeddings
from tests.fakes.embedder import HashEmbedder

TEXTS = ["How do I sign up?", "no", "", "what does it cost for a whole year?", "\N{SNOWMAN} \N{HIRAGANA LETTER A}"]
CLOSE = 1e-5
"""Texts of different lengths are padded to one, which changes the last digits."""
CLOSE_IN_INT8 = 5e-3
"""Of those digits some decide to which of 255 levels a number is rounded."""
ADAPTERS = [
    pytest.param("real", marks=pytest.mark.model),
    pytest.param("real_onnx", marks=pytest.mark.model),
    "tiny",
    "tiny_onnx",
    "tiny_int8",
    "fake",
]


@pytest.fixture
def close(request: pytest.FixtureRequest) -> float:
    return CLOSE_IN_INT8 if "int8" in request.node.name else CLOSE


@pytest.fixture(params=ADAPTERS)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return HashEmbedder() if request.param == "fake" else request.getfixturevalue(request.param)


def expect_embeddings(embeddings: Embeddings, embedder: Embedder, count: int) -> None:
    assert embeddings.shape == (count, embedder.dim)
    assert embeddings.dtype == np.float32
    assert embeddings.flags.c_contiguous
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), np.ones(count), atol=1e-3)


async def test_one_embedding_a_text(embedder: Embedder) -> None:
    expect_embeddings(await embedder.embed_queries(TEXTS), embedder, len(TEXTS))
    expect_embeddings(await embedder.embed_corpus(TEXTS), embedder, len(TEXTS))


async def test_no_texts_no_rows(embedder: Embedder) -> None:
    expect_embeddings(await embedder.embed_queries([]), embedder, 0)
    expect_embeddings(await embedder.embed_corpus(()), embedder, 0)


async def test_texts_keep_their_order_and_do_not_depend_on_their_company(embedder: Embedder, close: float) -> None:
    together = await embedder.embed_queries(TEXTS)
    alone = np.concatenate([await embedder.embed_queries([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=close)


async def test_the_same_text_has_the_same_embedding(embedder: Embedder) -> None:
    one, other = await embedder.embed_corpus(TEXTS), await embedder.embed_corpus(TEXTS)
    np.testing.assert_array_equal(one, other)


async def test_a_text_that_is_there_twice_has_two_rows(embedder: Embedder) -> None:
    embeddings = await embedder.embed_queries([*TEXTS, TEXTS[3], *TEXTS])
    np.testing.assert_array_equal(embeddings[: len(TEXTS)], embeddings[len(TEXTS) + 1 :])
    np.testing.assert_array_equal(embeddings[len(TEXTS)], embeddings[3])


async def test_different_texts_have_different_embeddings(embedder: Embedder) -> None:
    embeddings = await embedder.embed_queries(TEXTS)
    similarities = embeddings @ embeddings.T
    assert (similarities[~np.eye(len(TEXTS), dtype=bool)] < 1 - CLOSE).all()


async def test_concurrent_callers_get_their_own(embedder: Embedder, close: float) -> None:
    expected = await embedder.embed_queries(TEXTS)
    rows = await asyncio.gather(*(embedder.embed_queries([text]) for text in TEXTS))
    np.testing.assert_allclose(np.concatenate(rows), expected, atol=close)


async def test_the_model_has_a_name(embedder: Embedder) -> None:
    assert embedder.model_id
    assert embedder.dim > 0


async def test_a_symmetric_model_makes_the_same_of_questions_and_of_the_faq(embedder: Embedder) -> None:
    queries, corpus = await embedder.embed_queries(TEXTS), await embedder.embed_corpus(TEXTS)
    assert np.allclose(queries, corpus, atol=CLOSE) == embedder.is_symmetric


async def test_the_words_that_a_model_knows_are_words_in_lower_case_and_each_stands_once(embedder: Embedder) -> None:
    words = embedder.vocabulary
    assert len(words) == len(set(words))
    assert all(word.isalpha() and word == word.casefold() for word in words)

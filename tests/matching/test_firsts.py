import numpy as np
import pytest

from bot.core.text import as_question
from bot.matching import Matcher, build_corpus
from tests.fakes.embedder import HashEmbedder
from tests.services.faqs import BIG, CHATTER

QUESTIONS = [*(f"please tell me: {text.lower()}" for entry in BIG for text in entry.phrasings), *CHATTER]


async def test_many_queries_at_once_find_the_first_of_the_ranking() -> None:
    corpus = build_corpus(BIG)
    embedder = HashEmbedder()
    matcher = Matcher(corpus, await embedder.embed_corpus(corpus.to_embed))
    texts = [matcher.read(text) for text in QUESTIONS]
    embeddings = await embedder.embed_queries([as_question(text) for text in texts])
    firsts, confidences = matcher.firsts(texts, embeddings)
    for text, embedding, first, confidence in zip(texts, embeddings, firsts, confidences, strict=True):
        ranking = matcher.rank(text, embedding, 1)
        assert ranking.hits[0].entry is BIG[first]
        assert ranking.confidence == pytest.approx(confidence, abs=1e-5)
    nothing = Matcher(build_corpus(()), np.zeros((0, 0), dtype=np.float32))
    for found in (matcher.firsts([], embeddings[:0]), nothing.firsts(texts[:2], embeddings[:2])):
        assert [len(one) for one in found] == [len(found[0])] * 2
        assert not np.any(found)

"""What is kept of a fit is what was fitted, and only for the FAQ that it was fitted to."""

from dataclasses import fields

import numpy as np
import pytest

from bot.core.types import Entry
from bot.matching import Corpus, Fit, Samples, Taken, build_corpus, name_embeddings, name_fit, pack_fit, unpack_fit
from bot.matching.fallback import SAFE_SAMPLES
from bot.matching.head import Head, fit_head
from bot.matching.lexicon import Lexicon
from tests.matching.made import random_rows

CHATTER = ["hello", "nice weather"]
LEXICON = Lexicon(["how do i reset my password?", "straße \ud800 密码?"])
HEAD = fit_head(random_rows(6, 4, 0), np.array([0, 0, 1, 1, 2, 2]))


def corpus_of(*phrasings: str, entry_id: str = "a") -> Corpus:
    return build_corpus([Entry(entry_id, phrasings[0], "x", phrasings[1:])])


def named(
    corpus: Corpus | None = None,
    model: str = "model",
    chatter: list[str] = CHATTER,
    reranker: str | None = None,
) -> str:
    return name_fit(corpus or corpus_of("Q one?", "two"), model, chatter, reranker)


def same(one: Samples, other: Samples) -> bool:
    names = [field.name for field in fields(Samples) if field.name != "taken"]
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    pairs += [(one.taken.rows, other.taken.rows), (one.taken.entries, other.taken.entries)]
    return all(left.dtype == right.dtype and np.array_equal(left, right) for left, right in pairs)


@pytest.mark.parametrize("head", [HEAD, None])
def test_a_fit_comes_back_whole(head: Head | None) -> None:
    taken = Taken(np.array([1, 2], dtype=np.intp), np.array([0, 1], dtype=np.intp))
    samples = Samples(**{**vars(SAFE_SAMPLES), "taken": taken})
    back = unpack_fit(pack_fit(Fit(head, samples, LEXICON)))
    assert back is not None
    assert same(back.samples, samples)
    assert back.lexicon.rows.to_dense().tolist() == LEXICON.rows.to_dense().tolist()
    query = ["reset 密码, straße?"]
    assert back.lexicon.weigh(query).to_dense().tolist() == LEXICON.weigh(query).to_dense().tolist()
    if head is None:
        assert back.head is None
        return
    assert back.head is not None
    for name in ("centre", "weights", "bias"):
        found, wanted = getattr(back.head, name), getattr(head, name)
        assert found.dtype == wanted.dtype
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize("content", [b"", b"PK", b"nonsense", pack_fit(Fit(HEAD, SAFE_SAMPLES, LEXICON))[:-40]])
def test_damaged_bytes_are_no_fit(content: bytes) -> None:
    assert unpack_fit(content) is None


def test_the_name_differs_wherever_the_fit_might() -> None:
    names = {
        named(),
        named(reranker="reranker"),
        named(chatter=[*CHATTER, "more"]),
        named(model="another"),
        named(corpus_of("Q one?", "three")),
        named(corpus_of("Q one?", "two", entry_id="b")),
    }
    assert len(names) == 6
    assert named(corpus_of("Q one?", "two"), "model", list(CHATTER)) in names


def test_the_embeddings_name_differs_with_the_texts_and_the_model() -> None:
    corpora = corpus_of("Q one?", "two"), corpus_of("Q one?", "three"), corpus_of("Q one?", "two", "three")
    names = [name_embeddings(corpus, model) for corpus in corpora for model in ("model", "another")]
    assert len({*names}) == 6
    # What is not embedded makes no difference.
    assert name_embeddings(corpus_of("Q one?", "two", entry_id="b"), "model") == names[0]

"""Samples that are kept are those that were taken, and only for the FAQ that they were taken from."""

from dataclasses import fields

import numpy as np
import pytest

from bot.core.types import Entry
from bot.matching import Matcher, Samples, Taken, build_corpus, name_samples, pack_samples, unpack_samples
from bot.matching.fallback import SAFE_SAMPLES

CHATTER = ["hello", "nice weather"]


def matcher_of(*phrasings: str, entry_id: str = "a", fill: float = 1.0) -> Matcher:
    corpus = build_corpus([Entry(entry_id, phrasings[0], "x", phrasings[1:])])
    return Matcher(corpus, np.full((len(corpus.texts), 2), fill, dtype=np.float32))


def same(one: Samples, other: Samples) -> bool:
    names = [field.name for field in fields(Samples) if field.name != "taken"]
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    pairs += [(one.taken.rows, other.taken.rows), (one.taken.entries, other.taken.entries)]
    return all(left.dtype == right.dtype and np.array_equal(left, right) for left, right in pairs)


def test_samples_come_back_whole() -> None:
    taken = Taken(np.array([1, 2], dtype=np.intp), np.array([0, 1], dtype=np.intp))
    samples = Samples(**{**vars(SAFE_SAMPLES), "taken": taken})
    back = unpack_samples(pack_samples(samples))
    assert back is not None
    assert same(back, samples)


@pytest.mark.parametrize("content", [b"", b"PK", b"nonsense", pack_samples(SAFE_SAMPLES)[:-40]])
def test_damaged_bytes_are_no_samples(content: bytes) -> None:
    assert unpack_samples(content) is None


def test_the_name_differs_wherever_the_samples_might() -> None:
    queries = np.ones((2, 2), dtype=np.float32)
    matcher = matcher_of("Q one?", "two")
    names = {
        name_samples(matcher, queries, CHATTER, None),
        name_samples(matcher, queries, CHATTER, "reranker"),
        name_samples(matcher, queries, [*CHATTER, "more"], None),
        name_samples(matcher, 2 * queries, CHATTER, None),
        name_samples(matcher_of("Q one?", "three"), queries, CHATTER, None),
        name_samples(matcher_of("Q one?", "two", entry_id="b"), queries, CHATTER, None),
        name_samples(matcher_of("Q one?", "two", fill=0.5), queries, CHATTER, None),
    }
    assert len(names) == 7
    assert name_samples(matcher_of("Q one?", "two"), queries.copy(), list(CHATTER), None) in names

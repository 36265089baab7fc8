import numpy as np
import pytest

from bot.core.types import Embeddings
from bot.embedders.settings import FLOAT32, INT8
from bot.embedders.verifying import TEXTS, find_fault, verify

DIM = 8


def right() -> Embeddings:
    rows = np.random.default_rng(1).standard_normal((len(TEXTS), DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def turned(row: Embeddings, cosine: float) -> Embeddings:
    """Return a row at an angle to another."""
    other = np.roll(row, 1)
    other -= (other @ row) * row
    return (cosine * row + np.sqrt(1 - cosine**2) * other / np.linalg.norm(other)).astype(np.float32)


def verified(expected: Embeddings, made: Embeddings) -> str | None:
    rows = dict(zip(TEXTS, made, strict=True))
    return find_fault(verify(lambda texts: np.stack([rows[text] for text in texts]), expected), FLOAT32)


def test_what_is_the_same_is_accepted() -> None:
    assert verified(right(), right()) is None


@pytest.mark.parametrize("at", [0, 5, len(TEXTS) - 1])
def test_one_text_that_is_off_is_enough(at: int) -> None:
    expected, made = right(), right()
    made[at] = turned(expected[at], 0.99995)
    assert verified(expected, made) is None
    made[at] = turned(expected[at], 0.9998)
    assert "embeds differently: cosine similarity to the original 0.9998" in str(verified(expected, made))


def test_what_is_no_number_is_refused() -> None:
    made = right()
    made[3, 2] = np.nan
    assert verified(right(), made)


def test_texts_alone_are_compared_too() -> None:
    expected = right()
    rows = dict(zip(TEXTS, expected, strict=True))

    def alone_is_broken(texts: list[str]) -> Embeddings:
        return np.stack([rows[text] if len(texts) > 1 else -rows[text] for text in texts])

    found = verify(alone_is_broken, expected)
    assert found.lowest == pytest.approx(-1)
    assert found.texts > len(TEXTS)
    assert find_fault(found, FLOAT32)


def test_eight_bits_may_differ_more() -> None:
    expected = right()
    rows = {text: turned(row, 0.99) for text, row in zip(TEXTS, expected, strict=True)}
    found = verify(lambda texts: np.stack([rows[text] for text in texts]), expected)
    assert find_fault(found, FLOAT32)
    assert find_fault(found, INT8) is None
    rows = {text: turned(row, 0.95) for text, row in zip(TEXTS, expected, strict=True)}
    found = verify(lambda texts: np.stack([rows[text] for text in texts]), expected)
    assert "0.9500 on average" in str(find_fault(found, INT8))


def test_the_texts_are_different_and_some_are_longer_than_models_read() -> None:
    assert len({*TEXTS}) == len(TEXTS)
    assert max(len(text.split()) for text in TEXTS) > 512
    assert "" in TEXTS

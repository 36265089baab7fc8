"""Thresholds from an FAQ's own phrasings."""

import numpy as np
import pytest

from bot.mining import DEFAULT_THRESHOLD, derive_threshold, thresholds
from tests.mining.made import groups, random_rows


def by_hand(rows: np.ndarray, labels: list[int]) -> float:
    """Return the best F1 of any threshold to two decimals."""
    above = np.triu_indices(len(rows), 1)
    similarities = (rows @ rows.T)[above]
    same = np.equal.outer(labels, labels)[above]

    def f1(threshold: float) -> float:
        found = similarities >= threshold
        return float(2 * (found & same).sum() / (found.sum() + same.sum()))

    return max(f1(number / 100) for number in range(100))


@pytest.mark.parametrize("spread", [0.3, 0.8, 1.2])
def test_it_is_the_one_with_the_best_f1(spread: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "_BLOCK", 7)
    rows, labels = groups([4] * 12, spread=spread)
    found = derive_threshold(rows, [f"entry-{label}" for label in labels])
    similarities, same = rows @ rows.T, np.equal.outer(labels, labels)
    above = np.triu(np.ones_like(same), 1)
    hits = (similarities >= found) & above
    reached = 2 * (hits & same).sum() / (hits.sum() + (same & above).sum())
    assert reached == pytest.approx(by_hand(rows, labels), abs=0.01)


def test_looser_faqs_get_a_lower_one() -> None:
    found = [
        derive_threshold(rows, list(map(str, labels)))
        for rows, labels in (groups([4] * 12, spread=s) for s in (0.3, 1.2))
    ]
    assert found[0] > found[1] + 0.2


@pytest.mark.parametrize(
    ("count", "entries"),
    [(0, []), (1, ["a"]), (30, [str(number) for number in range(30)]), (30, ["a"] * 30), (12, [*"aabbccddeeff"])],
)
def test_too_little_to_tell_gives_the_default(count: int, entries: list[str]) -> None:
    assert derive_threshold(random_rows(count), entries) == DEFAULT_THRESHOLD


def test_it_is_never_below_zero() -> None:
    rows = np.concatenate([random_rows(8, 3, 1), -random_rows(8, 3, 1)])
    assert derive_threshold(rows, ["a"] * 8 + ["b"] * 8) >= 0
    assert derive_threshold(-rows, [*"ab"] * 8) >= 0

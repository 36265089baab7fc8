"""How good the answers are: predictions for labelled queries, and the figures that they come to."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

BUDGETS = (1, 2, 5, 10)
"""Per cent of all queries that may get a false answer where the figures tell the coverage."""
SHOWN_HITS = 3
"""As many hits as somebody is shown who asks "did you mean"."""
BINS = 10
"""Of equal width, for calibration; fewer hide faults, more leave too few queries in each."""
_ROUNDING = 1e-6
"""A confidence may leave its range by so little, as sums of single-precision numbers do."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was found for a labelled query.

    Attributes:
        entry: The entry that answers the query, None where the FAQ has none (out of scope).
        predicted: The best entry found, None where there was nothing to find or nothing to read.
        confidence: Probability that `predicted` is right, 0 to 1.
        answered: Whether the bot would answer, at the thresholds it is set to.
        rank: Where `entry` stands among the hits, from 0; None where it is not among those kept.
    """

    entry: str | None
    predicted: str | None
    confidence: float
    answered: bool
    rank: int | None = None

    @property
    def right(self) -> bool:
        """Whether `predicted` answers the query; out of scope nothing does."""
        return self.entry is not None and self.entry == self.predicted


@dataclass(frozen=True, slots=True)
class Figures:
    """What predictions come to, in per cent unless said otherwise.

    A *false answer* is one with a wrong entry, or any answer to a query out of scope.

    Attributes:
        queries: How many there are.
        in_scope: How many of them the FAQ answers.
        top1: In-scope queries whose best entry is right.
        recall3: In-scope queries whose entry is among the first `SHOWN_HITS`.
        auroc: How well confidence tells in scope from out of scope: how often, of a random query of each kind, the
            one in scope has the higher confidence, a tie counting half. None unless there are both kinds.
        cov1: In-scope queries answered rightly at the lowest threshold, the same for all queries, with which at most
            1 % of all queries get a false answer.
        cov2: The same for 2 %.
        cov5: The same for 5 %.
        cov10: The same for 10 %.
        answered: Queries answered at the bot's own setting, as are all figures below but `ece`.
        precision: Answers that are right; None if nothing is answered.
        false_answers: Queries that get a false answer.
        coverage: In-scope queries answered rightly.
        ece: Expected calibration error, over all queries: how far confidence and the share of right predictions are
            apart, on average over `BINS` bins weighted by their queries.
        mcc: Matthews correlation of answering with being right, -1 to 1; 0 where one of them never varies.
    """

    queries: int
    in_scope: int
    top1: float
    recall3: float
    auroc: float | None
    cov1: float
    cov2: float
    cov5: float
    cov10: float
    answered: float
    precision: float | None
    false_answers: float
    coverage: float
    ece: float
    mcc: float


class Curve(NamedTuple):
    """What each threshold that makes a difference would bring, from the highest to the lowest.

    Attributes:
        coverage: In-scope queries answered rightly, per cent; never falls.
        precision: Answers that are right, per cent.
        threshold: The lowest confidence that is answered, 0 to 1.
    """

    coverage: Floats
    precision: Floats
    threshold: Floats


class Point(NamedTuple):
    """One point of a `Curve`."""

    coverage: float
    precision: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The predictions whose confidence lies above `low` and not above `high`; a confidence of 0 is in the first bin.

    Attributes:
        low: Lower edge, 0 to 1.
        high: Upper edge, 0 to 1.
        confidence: Their mean confidence, 0 to 1.
        right: The share of them that is right, 0 to 1; the same as `confidence` where that is well calibrated.
        count: How many they are, at least one.
    """

    low: float
    high: float
    confidence: float
    right: float
    count: int


def evaluate(predictions: Sequence[Prediction]) -> Figures:
    """Return the figures.

    Raises:
        ValueError: There are no predictions, none is in scope, or a confidence is not between 0 and 1.
    """
    found = _Outcomes.of(predictions)
    queries, in_scope = len(predictions), int(found.in_scope.sum())
    among_first = sum(one.right or _is_shown(one) for one in predictions)
    answered, answered_rightly = int(found.answered.sum()), int((found.answered & found.right).sum())
    points = {budget: _within_budget(found, budget) for budget in BUDGETS}
    coverage = {budget: point.coverage if point else 0.0 for budget, point in points.items()}
    return Figures(
        queries=queries,
        in_scope=in_scope,
        top1=100 * int(found.right.sum()) / in_scope,
        recall3=100 * among_first / in_scope,
        auroc=_auroc(found),
        cov1=coverage[1],
        cov2=coverage[2],
        cov5=coverage[5],
        cov10=coverage[10],
        answered=100 * answered / queries,
        precision=100 * answered_rightly / answered if answered else None,
        false_answers=100 * (answered - answered_rightly) / queries,
        coverage=100 * answered_rightly / in_scope,
        ece=100 * sum(one.count * abs(one.confidence - one.right) for one in _bins(found, BINS)) / queries,
        mcc=_mcc(found.answered, found.right),
    )


def precision_coverage(predictions: Sequence[Prediction]) -> Curve:
    """Return what each threshold would bring.

    Queries of one confidence are answered together or not at all, so that each confidence that occurs is one point.

    Raises:
        ValueError: As `evaluate`.
    """
    found = _Outcomes.of(predictions)
    thresholds, right, false = _descend(found)
    return Curve(100 * (right / found.in_scope.sum()), 100 * right / (right + false), thresholds)


def within_budget(predictions: Sequence[Prediction], budget: float) -> Point | None:
    """Return the last point of the curve with at most so many false answers; None if the first has more already.

    Args:
        predictions: The predictions.
        budget: Per cent of all queries.

    Raises:
        ValueError: As `evaluate`.
    """
    return _within_budget(_Outcomes.of(predictions), budget)


def reliability(predictions: Sequence[Prediction], bins: int = BINS) -> list[Bin]:
    """Return how right the predictions are that are equally confident, bins without predictions left out.

    Over all queries; out of scope no prediction is right. The bins are those of Guo et al., On Calibration of Modern
    Neural Networks (2017), section 2.

    Args:
        predictions: The predictions.
        bins: How many bins of equal width.

    Raises:
        ValueError: As `evaluate`, or for less than one bin.
    """
    if bins < 1:
        raise ValueError(f"expected at least 1 bin, not {bins}")
    return _bins(_Outcomes.of(predictions), bins)


def sample(entries: Sequence[str], k: int | None, seed: int) -> list[int]:
    """Return the row numbers of at most k phrasings of each entry: the same for the same seed, entry after entry.

    Args:
        entries: The entry of each row.
        k: How many rows an entry keeps, at least 1; None keeps all.
        seed: Another one draws other rows.

    Raises:
        ValueError: k is below 1.
    """
    if k is not None and k < 1:
        raise ValueError(f"expected at least 1 phrasing an entry, not {k}")
    rows_of: dict[str, list[int]] = {}
    for row, entry in enumerate(entries):
        rows_of.setdefault(entry, []).append(row)
    # Drawn in the order of the names, so that the order of the file's entries changes nothing.
    rng = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    drawn = (
        rows_of[entry] if k is None else rng.sample(rows_of[entry], min(k, len(rows_of[entry])))
        for entry in sorted(rows_of)
    )
    return [row for rows in drawn for row in rows]


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Predictions as columns, one element a query."""

    in_scope: Flags
    right: Flags
    answered: Flags
    confidence: Floats

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> _Outcomes:
        if not predictions:
            raise ValueError("there are no predictions to evaluate")
        for number, one in enumerate(predictions, start=1):
            if not -_ROUNDING <= one.confidence <= 1 + _ROUNDING:  # nor is NaN
                raise ValueError(f"the confidence of prediction {number} is {one.confidence}, not between 0 and 1")
        in_scope = np.array([one.entry is not None for one in predictions])
        if not in_scope.any():
            raise ValueError("no query is in scope, so that nothing could be answered rightly")
        return cls(
            in_scope=in_scope,
            right=np.array([one.right for one in predictions]),
            answered=np.array([one.answered for one in predictions]),
            confidence=np.array([one.confidence for one in predictions], dtype=np.float64),
        )


def _is_shown(prediction: Prediction) -> bool:
    return prediction.entry is not None and prediction.rank is not None and prediction.rank < SHOWN_HITS


def _descend(found: _Outcomes) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return each confidence from high to low, and how many right and false answers it would bring as a threshold."""
    levels, level_of = np.unique(found.confidence, return_inverse=True)
    right, false = (np.bincount(level_of[which], minlength=len(levels)) for which in (found.right, ~found.right))
    return levels[::-1], right[::-1].cumsum(), false[::-1].cumsum()


def _within_budget(found: _Outcomes, budget: float) -> Point | None:
    thresholds, right, false = _descend(found)
    # Whole numbers on the left, so that a share that is exactly the budget is within it.
    affordable = int(np.count_nonzero(100 * false <= budget * len(found.right)))
    if not affordable:
        return None
    rightly, falsely = int(right[affordable - 1]), int(false[affordable - 1])
    return Point(
        coverage=100 * (rightly / int(found.in_scope.sum())),
        precision=100 * rightly / (rightly + falsely),
        threshold=float(thresholds[affordable - 1]),
    )


def _auroc(found: _Outcomes) -> float | None:
    """Return the area under the ROC curve as the share of pairs in order (the Mann-Whitney U statistic)."""
    levels, level_of = np.unique(found.confidence, return_inverse=True)
    inside, outside = (
        np.bincount(level_of[which], minlength=len(levels)) for which in (found.in_scope, ~found.in_scope)
    )
    pairs = int(inside.sum()) * int(outside.sum())
    if not pairs:
        return None
    below = outside.cumsum() - outside
    return 100 * int((inside * (2 * below + outside)).sum()) / (2 * pairs)


def _bins(found: _Outcomes, bins: int) -> list[Bin]:
    edges = np.arange(bins + 1) / bins
    bin_of = np.searchsorted(edges[1:-1], found.confidence, side="left")
    members = ((number, bin_of == number) for number in np.unique(bin_of).tolist())
    return [
        Bin(
            low=float(edges[number]),
            high=float(edges[number + 1]),
            confidence=float(found.confidence[inside].mean()),
            right=float(found.right[inside].mean()),
            count=int(inside.sum()),
        )
        for number, inside in members
    ]


def _mcc(said: Flags, true: Flags) -> float:
    """Return the correlation of two yes-or-no columns: Matthews (1975), in the form for a table of two by two."""
    both, neither = int((said & true).sum()), int((~said & ~true).sum())
    only_said, only_true = int((said & ~true).sum()), int((~said & true).sum())
    sides = (both + only_said) * (both + only_true) * (neither + only_said) * (neither + only_true)
    return (both * neither - only_said * only_true) / math.sqrt(sides) if sides else 0.0

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.decision import MAX_SUGGESTIONS, Limits, Odds, decide
from bot.core.types import Answer, Entry, Hit, NoMatch, Suggest, Terms, VerdictName

LIMITS = Limits(answer=0.7, suggest=0.5)
shares = st.floats(0, 1)
odds = st.builds(Odds, shares, shares)
limits = st.builds(Limits, shares, shares)


def hits_of(count: int) -> list[Hit]:
    terms = Terms(cosine=0.5, centroid=0.5, head=0.0, spelling=0.1)
    return [Hit(Entry(f"e{number}", "q", "a"), "q", 0.5, 0.9 - number / 10, terms) for number in range(count)]


@pytest.mark.parametrize(
    ("right", "found", "verdict"),
    [
        (0.0, 0.0, VerdictName.NO_MATCH),
        (0.49, 0.49, VerdictName.NO_MATCH),
        (0.1, 0.5, VerdictName.SUGGEST),
        (0.69, 0.99, VerdictName.SUGGEST),
        (0.7, 0.7, VerdictName.ANSWER),
        (0.7, 0.1, VerdictName.ANSWER),
        (1.0, 1.0, VerdictName.ANSWER),
    ],
)
def test_the_odds_decide(right: float, found: float, verdict: VerdictName) -> None:
    assert VerdictName.of(decide(hits_of(2), Odds(right, found), LIMITS)) is verdict


@given(odds, limits)
def test_without_a_hit_there_is_nothing_to_say(sure: Odds, limits: Limits) -> None:
    assert decide([], sure, limits) == NoMatch()


def test_an_answer_is_the_first_hit_and_suggestions_are_the_first_three() -> None:
    hits = hits_of(5)
    assert decide(hits, Odds(0.8, 0.9), LIMITS) == Answer(hits[0])
    assert MAX_SUGGESTIONS == 3
    assert decide(hits, Odds(0.6, 0.6), LIMITS) == Suggest(tuple(hits[:3]))
    assert decide(hits[:2], Odds(0.6, 0.6), LIMITS) == Suggest(tuple(hits[:2]))


@given(odds, limits, shares, shares)
def test_raising_a_limit_never_makes_the_bot_say_more(sure: Odds, low: Limits, answer: float, suggest: float) -> None:
    high = Limits(max(low.answer, answer), max(low.suggest, suggest))
    before, after = decide(hits_of(3), sure, low), decide(hits_of(3), sure, high)
    if isinstance(after, Answer):
        assert before == after
    if isinstance(before, NoMatch):
        assert isinstance(after, NoMatch)


@given(odds, limits, shares, shares)
def test_better_odds_never_make_the_bot_say_less(sure: Odds, limits: Limits, right: float, found: float) -> None:
    better = Odds(max(sure.right, right), max(sure.found, found))
    before, after = decide(hits_of(3), sure, limits), decide(hits_of(3), better, limits)
    if isinstance(before, Answer):
        assert before == after
    if isinstance(after, NoMatch):
        assert isinstance(before, NoMatch)


@pytest.mark.parametrize(
    ("answer", "suggest"), [(1.1, 0.5), (0.5, 1.1), (-0.1, 0.5), (0.5, -0.1), (nan, 0.1), (1, nan)]
)
def test_limits_that_make_no_sense_are_refused(answer: float, suggest: float) -> None:
    with pytest.raises(ValueError, match="expected limits from 0 to 1"):
        Limits(answer, suggest)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.decision import MAX_SUGGESTIONS, Thresholds, decide
from bot.core.types import Answer, Entry, Hit, NoMatch, Suggest, VerdictName

similarities = st.lists(st.floats(-1, 1), max_size=8).map(lambda found: sorted(found, reverse=True))
thresholds = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(lambda pair: Thresholds(max(pair), min(pair)))


def hits_with(found: list[float]) -> list[Hit]:
    return [Hit(Entry(f"e{number}", "q", "a"), "q", similarity) for number, similarity in enumerate(found)]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], VerdictName.NO_MATCH),
        ([0.49], VerdictName.NO_MATCH),
        ([0.5], VerdictName.SUGGEST),
        ([0.69, 0.68], VerdictName.SUGGEST),
        ([0.7], VerdictName.ANSWER),
        ([0.9, 0.9], VerdictName.ANSWER),
    ],
)
def test_the_best_similarity_decides(found: list[float], verdict: VerdictName) -> None:
    assert VerdictName.of(decide(hits_with(found), Thresholds(answer=0.7, suggest=0.5))) is verdict


def test_suggestions_are_the_close_ones_at_most_three() -> None:
    hits = hits_with([0.65, 0.6, 0.4, 0.3])
    assert decide(hits, Thresholds(0.7, 0.5)) == Suggest(tuple(hits[:2]))
    assert decide(hits_with([0.6] * 5), Thresholds(0.7, 0.5)) == Suggest(tuple(hits_with([0.6] * MAX_SUGGESTIONS)))


@given(similarities, thresholds, st.floats(0, 2))
def test_raising_a_threshold_never_adds_an_answer(found: list[float], low: Thresholds, more: float) -> None:
    high = Thresholds(min(1.0, low.answer + more), low.suggest)
    before, after = decide(hits_with(found), low), decide(hits_with(found), high)
    if isinstance(after, Answer):
        assert before == after
    if isinstance(before, NoMatch):
        assert isinstance(after, NoMatch)


@pytest.mark.parametrize(("answer", "suggest"), [(0.5, 0.6), (1.1, 0.5), (0.5, -1.1), (float("nan"), 0.1)])
def test_thresholds_that_make_no_sense_are_refused(answer: float, suggest: float) -> None:
    with pytest.raises(ValueError, match="expected -1 <= suggest"):
        Thresholds(answer, suggest)

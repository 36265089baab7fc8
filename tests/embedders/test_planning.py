import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.embedders.planning import plan

TEXTS = st.lists(st.text(max_size=30), max_size=60)


@given(TEXTS, st.integers(1, 200))
def test_every_text_is_embedded_once_and_each_that_was_given_finds_its_row(texts: list[str], piece: int) -> None:
    planned = plan(texts, piece)
    assert len({*planned.texts}) == len(planned.texts)
    assert {*planned.texts} == {*texts}
    assert [planned.texts[place] for place in planned.places] == texts
    assert planned.places.dtype == np.intp


@given(TEXTS, st.integers(1, 200))
def test_pieces_follow_each_other_and_only_a_text_alone_may_be_too_big(texts: list[str], piece: int) -> None:
    planned = plan(texts, piece)
    starts = [0, *planned.ends[:-1]]
    pieces = [planned.texts[start:end] for start, end in zip(starts, planned.ends, strict=True)] if texts else []
    assert [text for one in pieces for text in one] == planned.texts
    for one in pieces:
        assert one
        assert len(one) == 1 or sum(len(text.encode(errors="replace")) for text in one) <= piece


@given(TEXTS)
def test_texts_of_like_length_lie_side_by_side(texts: list[str]) -> None:
    sizes = [len(text.encode(errors="replace")) for text in plan(texts).texts]
    assert sizes == sorted(sizes)


def test_short_texts_do_not_make_pieces_without_end() -> None:
    # Each has tokens around it, so that a thousand empty ones are work as well.
    assert len(plan([f"{number}" for number in range(2000)]).ends) > 2


def test_nothing_is_planned_for_nothing() -> None:
    planned = plan([])
    assert (planned.texts, planned.ends, planned.places.shape) == ([], [], (0,))

"""What a topic means follows from what became of its questions, and from what the FAQ says now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.reports import Asked, TopicKind
from bot.core.types import VerdictName
from bot.services.topics import Meaning, Standing, find_meaning, is_answered
from tests.stores.records import START

UNKNOWN = Standing(VerdictName.NO_MATCH, "closest")
NEAR = Standing(VerdictName.SUGGEST, "card")
KNOWN = Standing(VerdictName.ANSWER, "card")
HOUR = 60


def asked(
    number: int,
    minutes: int,
    *,
    entry: str | None = "card",
    verdict: VerdictName = VerdictName.ANSWER,
    replied: bool = True,
    author: int = 0,
    channel: int = 0,
) -> Asked:
    return Asked(
        id=number,
        text_id=number,
        text=f"question {number}",
        asked_at=START + timedelta(minutes=minutes),
        channel_id=channel or 100 + number,
        message_id=number,
        author_hash=bytes([author or number]) * 32,
        addressed=False,
        replied=replied,
        verdict=verdict,
        entry_id=entry,
    )


def silent(number: int, *, entry: str | None = "closest", verdict: VerdictName = VerdictName.NO_MATCH) -> Asked:
    return asked(number, number * HOUR, entry=entry, verdict=verdict, replied=False)


def test_only_an_answer_that_was_given_counts() -> None:
    assert is_answered(asked(1, 0))
    assert not is_answered(asked(1, 0, replied=False))
    assert not is_answered(asked(1, 0, verdict=VerdictName.SUGGEST))


def test_what_nothing_is_close_to_has_no_entry_yet() -> None:
    questions = [silent(1), silent(2), silent(3)]
    assert find_meaning(questions, UNKNOWN) == Meaning(TopicKind.NO_ENTRY, None, None, 3)


def test_what_an_entry_nearly_answers_is_a_missed_phrasing() -> None:
    questions = [silent(1), silent(2), silent(3)]
    assert find_meaning(questions, NEAR) == Meaning(TopicKind.MISSED_PHRASING, "card", None, 3)


def test_what_was_answered_now_and_then_is_a_missed_phrasing_of_that_entry() -> None:
    questions = [silent(1), silent(2), asked(3, 3 * HOUR)]
    assert find_meaning(questions, UNKNOWN) == Meaning(TopicKind.MISSED_PHRASING, "card", None, 2)


def test_what_the_faq_has_learnt_since_needs_nothing() -> None:
    questions = [silent(1), silent(2), silent(3)]
    assert find_meaning(questions, KNOWN) == Meaning(TopicKind.ANSWERED, "card", None, 0)


def test_what_was_answered_is_only_counted() -> None:
    questions = [asked(number, number * HOUR) for number in (1, 2, 3)]
    assert find_meaning(questions, KNOWN) == Meaning(TopicKind.ANSWERED, "card", None, 0)


def test_what_went_to_two_entries_collides() -> None:
    questions = [asked(1, 0), asked(2, HOUR), asked(3, 2 * HOUR, entry="replacement"), silent(4)]
    assert find_meaning(questions, KNOWN) == Meaning(TopicKind.COLLIDING, "card", "replacement", 2)


def test_one_stray_among_many_does_not_collide() -> None:
    questions = [asked(number, number * HOUR) for number in range(1, 9)] + [asked(9, 9 * HOUR, entry="other")]
    assert find_meaning(questions, KNOWN).kind is TopicKind.ANSWERED


def test_unanswered_questions_say_nothing_about_colliding() -> None:
    questions = [asked(1, 0), asked(2, HOUR), silent(3, entry="other")]
    assert find_meaning(questions, KNOWN).kind is TopicKind.ANSWERED


@pytest.mark.parametrize(
    ("minutes", "author", "channel", "again"),
    [
        (30, 1, 0, True),  # the same asker, elsewhere
        (30, 0, 101, True),  # somebody else in the same channel
        (31, 1, 101, False),  # much later
        (0, 1, 101, False),  # at the same moment: nobody has read the answer
        (30, 0, 0, False),  # somebody else, elsewhere
    ],
)
def test_who_asks_again_soon_was_not_helped(minutes: int, author: int, channel: int, *, again: bool) -> None:
    questions = [asked(1, 0), asked(2, minutes, author=author, channel=channel), asked(3, 9 * HOUR)]
    meaning = find_meaning(questions, KNOWN)
    assert meaning.kind is (TopicKind.ASKED_AGAIN if again else TopicKind.ANSWERED)
    assert meaning.saves == again


@pytest.mark.parametrize(("message", "again"), [(1, False), (2, True), (None, True)])
def test_a_message_that_the_bot_is_shown_once_more_is_not_asked_again(message: int | None, *, again: bool) -> None:
    first = asked(1, 0)
    second = replace(asked(2, 20, author=1, channel=101), message_id=message)
    if message is None:
        first = replace(first, message_id=None)
    meaning = find_meaning([first, second, asked(3, 9 * HOUR)], KNOWN)
    assert meaning.kind is (TopicKind.ASKED_AGAIN if again else TopicKind.ANSWERED)


verdicts = st.sampled_from(VerdictName)
entries = st.none() | st.sampled_from(["a", "b", "c"])
standings = st.builds(Standing, verdicts, entries)


@given(
    st.lists(
        st.tuples(st.integers(0, 500), entries, verdicts, st.booleans(), st.integers(1, 3), st.integers(1, 3)),
        min_size=1,
        max_size=12,
    ),
    standings,
)
def test_acting_never_saves_more_than_was_asked(
    rows: list[tuple[int, str | None, VerdictName, bool, int, int]], standing: Standing
) -> None:
    questions = sorted(
        (
            asked(number, minutes, entry=entry, verdict=verdict, replied=replied, author=author, channel=channel)
            for number, (minutes, entry, verdict, replied, author, channel) in enumerate(rows, start=1)
        ),
        key=lambda question: question.asked_at,
    )
    meaning = find_meaning(questions, standing)
    assert 0 <= meaning.saves <= len(questions)
    assert (meaning.kind is TopicKind.ANSWERED) == (meaning.saves == 0)
    assert (meaning.other_entry_id is not None) == (meaning.kind is TopicKind.COLLIDING)
    assert meaning.kind is not TopicKind.NO_ENTRY or meaning.entry_id is None

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cells import read_text
from bot.core.reports import Asked, Report
from bot.core.types import VerdictName
from bot.services.report_lists import COLUMNS, MAX_BYTES, to_csv, to_json
from tests.services.made_reports import CHANNEL, GUILD, NOON, made_question, made_report

SIZES = st.lists(st.integers(1, 6), max_size=6)
ASKERS = ("zoe", "ben", "cem")


def rows_of(table: bytes) -> list[dict[str, str]]:
    """The rows as a spreadsheet would show them, by the columns."""
    head, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), strict=True)
    assert head == list(COLUMNS)
    return [dict(zip(head, row, strict=True)) for row in rows]


def questions_of(document: bytes) -> list[dict[str, Any]]:
    return json.loads(document)["questions"]


def all_questions(report: Report) -> list[Asked]:
    return [
        made_question(number, f"Why {number}?", ASKERS[number % 3])
        for topic in report.topics
        for number in topic.question_ids
    ]


def test_a_row_says_everything_about_a_question_but_who_asked() -> None:
    report = made_report([1, 1, 2])
    asked = [made_question(4, "And 4?", replied=False), made_question(3, "And 3?")]
    titles = {3: "Why?"}
    expected = {
        "topic": "3",
        "kind": "colliding",
        "entry": "entry-3",
        "other_entry": "other",
        "topic_question": "Why?",
        "asker": "1",
        "question": "And 3?",
        "asked_at": "2026-11-14T12:00:03+00:00",
        "channel": f"<#{CHANNEL}>",
        "link": f"https://discord.com/channels/{GUILD}/{CHANNEL}/{CHANNEL + 3}",
        "answered": "yes",
    }
    first, second = rows_of(to_csv(report, asked, titles))
    assert first == expected
    assert (second["question"], second["answered"]) == ("And 4?", "no")
    first, second = questions_of(to_json(report, asked, titles))
    assert first == expected | {"topic": 3, "asker": 1, "channel": str(CHANNEL), "answered": True}
    assert second["answered"] is False


def test_what_there_is_not_is_empty() -> None:
    asked = [made_question(1, channel_id=None, message_id=None), made_question(2, message_id=None)]
    report = made_report([2])
    for row in rows_of(to_csv(report, asked, {})):
        assert row["entry"] == row["other_entry"] == row["link"] == row["topic_question"] == ""
    outside, slash = questions_of(to_json(report, asked, {}))
    assert outside["entry"] is outside["other_entry"] is outside["link"] is outside["channel"] is slash["link"] is None
    assert rows_of(to_csv(report, asked, {}))[0]["channel"] == ""


def test_the_document_says_which_report_it_is() -> None:
    document = json.loads(to_json(made_report([]), [], {}))
    assert document == {
        "server": str(GUILD),
        "day": "2026-11-21",
        "since": "2026-11-14T12:00:00+00:00",
        "until": NOON.isoformat(),
        "left_out": {},
        "questions": [],
    }
    assert rows_of(to_csv(made_report([]), [], {})) == []


@pytest.mark.parametrize(
    ("verdict", "replied", "answered"),
    [
        (VerdictName.ANSWER, True, "yes"),
        (VerdictName.ANSWER, False, "no"),
        (VerdictName.SUGGEST, True, "no"),
        (VerdictName.NO_MATCH, True, "no"),
    ],
)
def test_a_question_is_answered_if_the_bot_said_the_answer(verdict: VerdictName, replied: bool, answered: str) -> None:  # noqa: FBT001 - a table
    asked = made_question(1, verdict=verdict, replied=replied)
    assert rows_of(to_csv(made_report([1]), [asked], {}))[0]["answered"] == answered


def test_askers_are_numbered_within_a_topic_and_named_nowhere() -> None:
    report = made_report([3, 2])
    askers = ["zoe", "ben", "zoe", "ben", "zoe"]
    asked = [made_question(number, asker=asker) for number, asker in enumerate(askers, start=1)]
    table, document = to_csv(report, asked, {}), to_json(report, asked, {})
    assert [row["asker"] for row in rows_of(table)] == ["1", "2", "1", "1", "2"]
    assert [row["asker"] for row in questions_of(document)] == [1, 2, 1, 1, 2]
    for asker in {*askers}:
        for secret in (asker.encode(), asker.encode().hex().encode()):
            assert secret not in table
            assert secret not in document


def test_questions_that_were_deleted_since_are_not_listed_and_others_neither() -> None:
    asked = [made_question(1), made_question(3), made_question(99)]
    assert len(rows_of(to_csv(made_report([2, 1]), asked, {}))) == 2


def test_questions_are_in_the_order_of_topics_and_then_of_time() -> None:
    asked = [made_question(1, "late", asked_at=NOON), made_question(3, "other"), made_question(2, "early")]
    assert [row["question"] for row in rows_of(to_csv(made_report([2, 1]), asked, {}))] == ["early", "late", "other"]


@given(text=st.text(), title=st.text(alphabet="=+-@'\r\n\t\",;ä€\U0001f600"))
def test_texts_are_read_back_as_they_were(text: str, title: str) -> None:
    report, asked = made_report([1]), [made_question(1, text)]
    (row,) = rows_of(to_csv(report, asked, {1: title}))
    assert (read_text(row["question"]), read_text(row["topic_question"])) == (text, title)
    (item,) = questions_of(to_json(report, asked, {1: title}))
    assert (item["question"], item["topic_question"]) == (text, title)


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "＝1", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = rows_of(to_csv(made_report([1]), [made_question(1, text)], {1: text}))
    assert row["question"] == row["topic_question"] == f"'{text}"
    assert questions_of(to_json(made_report([1]), [made_question(1, text)], {1: text}))[0]["question"] == text


def test_spreadsheets_are_told_the_encoding() -> None:
    assert to_csv(made_report([]), [], {}).startswith(b"\xef\xbb\xbf")


@given(sizes=SIZES)
def test_a_file_that_just_fits_is_whole(sizes: list[int]) -> None:
    report = made_report(sizes)
    asked = all_questions(report)
    for write in (to_csv, to_json):
        whole = write(report, asked, {})
        assert write(report, asked, {}, max_bytes=len(whole)) == whole


@given(sizes=SIZES.filter(any), share=st.floats(0, 1))
def test_whatever_the_limit_the_file_keeps_it_and_says_what_is_left_out(sizes: list[int], share: float) -> None:
    report = made_report(sizes)
    asked = all_questions(report)
    wanted = Counter({topic.number: len(topic.question_ids) for topic in report.topics})

    whole, empty = len(to_json(report, asked, {})), 450
    limit = round(empty + share * (whole - 1 - empty))
    if limit < whole:
        document = to_json(report, asked, {}, max_bytes=limit)
        assert len(document) <= limit
        kept = Counter(row["topic"] for row in questions_of(document))
        left_out = {int(number): count for number, count in json.loads(document)["left_out"].items()}
        assert left_out == dict(wanted - kept) != {}

    whole, empty = len(to_csv(report, asked, {})), 550
    limit = round(empty + share * (whole - 1 - empty))
    if limit < whole:
        table = to_csv(report, asked, {}, max_bytes=limit)
        assert len(table) <= limit
        *rows, last = rows_of(table)
        kept = Counter(int(row["topic"]) for row in rows)
        topics = ", ".join(f"{count} of topic {number}" for number, count in sorted((wanted - kept).items()))
        note = (
            f"Left out, because the file would be larger than {limit} bytes: the oldest questions of the largest topics"
        )
        assert last == dict.fromkeys(COLUMNS, "") | {"question": f"{note}, {topics}"}


def test_the_oldest_of_the_largest_topics_are_left_out_and_no_more_than_needed() -> None:
    report = made_report([2, 30, 32])
    asked = [made_question(number, "x" * 1000) for number in range(1, 65)]
    for write in (to_csv, to_json):
        whole = len(write(report, asked, {}))
        content = write(report, asked, {}, max_bytes=whole - 5_000)
        rows = rows_of(content)[:-1] if write is to_csv else questions_of(content)
        kept = Counter(int(row["topic"]) for row in rows)
        # Four rows of a good thousand bytes, or five with the note: of the largest topic down to the size of the next,
        # then in turn, and of two topics of one size first of the one that the report has further down.
        assert kept in ({1: 2, 2: 29, 3: 28}, {1: 2, 2: 29, 3: 29})
        stamps = [row["asked_at"] for row in rows if int(row["topic"]) == 3]
        assert stamps == [question.asked_at.isoformat() for question in asked[-kept[3] :]]


def test_no_file_is_larger_than_discord_takes() -> None:
    assert MAX_BYTES == 10 * 1024 * 1024
    report = made_report([12])
    asked = [made_question(number, "x" * 1024 * 1024) for number in range(1, 13)]
    for write in (to_csv, to_json):
        assert 9 * 1024 * 1024 < len(write(report, asked, {})) <= MAX_BYTES


def test_a_limit_that_nothing_can_keep_is_refused() -> None:
    report = made_report([1])
    for write in (to_csv, to_json):
        for some in (report, replace(report, topics=())):
            with pytest.raises(ValueError, match=r"needs \d+ bytes more"):
                write(some, [made_question(1)], {}, max_bytes=100)

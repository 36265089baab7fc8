"""All questions of a report's topics as files: CSV for spreadsheets, JSON for programs.

Who asked is in neither, not even as a pseudonym: that is nobody's business but the log's. Askers are numbered within a
topic, so that one can see whether many people asked or one person often; across topics the numbers mean nothing.
"""

from __future__ import annotations

import csv
import heapq
import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.cells import write_text
from ..core.types import VerdictName
from .cooldown import ReplyRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..core.reports import Asked, Report, Topic

MAX_BYTES = 10 * 1024 * 1024
"""What Discord takes as one file from everybody; its API reference, "Uploading Files"."""
COLUMNS = (
    "topic",
    "kind",
    "entry",
    "other_entry",
    "topic_question",
    "asker",
    "question",
    "asked_at",
    "channel",
    "link",
    "answered",
)
_NOTE_COLUMN = COLUMNS.index("question")
_ENCODING = "utf-8-sig"
"""With a byte order mark; without it Excel takes UTF-8 for the encoding of its own language and spoils umlauts."""
_MARK_BYTES = len("".encode(_ENCODING))
_BETWEEN = ",\n    "
"""Between the objects of the JSON."""


def to_csv(report: Report, asked: Iterable[Asked], titles: Mapping[int, str], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the questions of a report's topics as a table, one a row, by topics and then by time.

    Texts that a spreadsheet would take for a formula have an apostrophe in front (see `core.cells`). Channels are
    written as Discord does it, `<#id>`: a spreadsheet would take the bare id for a number and round it, because it
    keeps 15 digits. If questions had to be left out, the last row says how many, and of which topics.

    Args:
        report: The report.
        asked: Its questions, as far as they are still there; others are ignored.
        titles: The question that stands for a topic, by the topic's number; empty for a topic that is not there.
        max_bytes: How large the file may be. If it would be larger, the oldest questions of the largest topics are left
            out.

    Raises:
        ValueError: Not even a file without any question is that small.
    """
    rows = _list_rows(report, asked, titles)
    head, lines = _to_line(COLUMNS), [_to_line(_to_cells(row)) for row in rows]
    table = "".join([head, *lines]).encode(_ENCODING)
    if len(table) <= max_bytes:
        return table
    fixed, note = _MARK_BYTES + _size(head), _size(_to_line(_note(_count_topics(rows), max_bytes)))
    left_out = _choose_left_out(rows, [_size(line) for line in lines], max_bytes - fixed - note)
    kept = [line for at, line in enumerate(lines) if at not in left_out]
    last = _to_line(_note(_count_topics(rows[at] for at in left_out), max_bytes))
    return "".join([head, *kept, last]).encode(_ENCODING)


def to_json(report: Report, asked: Iterable[Asked], titles: Mapping[int, str], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the questions of a report's topics as JSON: an object with the list `questions`, one object a question.

    Discord's ids are texts, because they have more digits than a number in JavaScript holds; what there is not is null.
    `left_out` holds how many questions had to be left out, by the numbers of their topics.

    Args:
        report: See `to_csv`.
        asked: See `to_csv`.
        titles: See `to_csv`.
        max_bytes: See `to_csv`.

    Raises:
        ValueError: See `to_csv`.
    """
    rows = _list_rows(report, asked, titles)
    items = [json.dumps(_to_object(row), ensure_ascii=False) for row in rows]
    document = _to_document(report, items, Counter()).encode()
    if len(document) <= max_bytes:
        return document
    fixed = _size(_to_document(report, [], _count_topics(rows)))
    left_out = _choose_left_out(rows, [_size(f"{_BETWEEN}{item}") for item in items], max_bytes - fixed)
    kept = [item for at, item in enumerate(items) if at not in left_out]
    return _to_document(report, kept, _count_topics(rows[at] for at in left_out)).encode()


@dataclass(frozen=True, slots=True)
class _Row:
    """One question of a topic.

    Attributes:
        topic: The topic.
        title: The question that stands for the topic.
        asker: Who asked, numbered within the topic from 1.
        asked: The question.
        link: Its message, None where it has none.
    """

    topic: Topic
    title: str
    asker: int
    asked: Asked
    link: str | None

    @property
    def is_answered(self) -> bool:
        """Whether the bot answered; "did you mean" is no answer, nor is an answer that it kept to itself."""
        return self.asked.replied and self.asked.verdict == VerdictName.ANSWER


def _list_rows(report: Report, asked: Iterable[Asked], titles: Mapping[int, str]) -> list[_Row]:
    found = {one.id: one for one in asked}
    rows = list[_Row]()
    for topic in report.topics:
        questions = [found[number] for number in topic.question_ids if number in found]
        questions.sort(key=lambda one: (one.asked_at, one.id))
        numbers = dict[bytes, int]()
        for one in questions:
            asker = numbers.setdefault(one.author_hash, len(numbers) + 1)
            place = place_of(one, report.guild_id)
            rows.append(_Row(topic, titles.get(topic.number, ""), asker, one, place.url if place else None))
    return rows


def place_of(asked: Asked, guild_id: int) -> ReplyRef | None:
    """Return where a question stands, None if it was no message."""
    if asked.channel_id is None or asked.message_id is None:
        return None
    return ReplyRef(guild_id, asked.channel_id, asked.message_id)


def _count_topics(rows: Iterable[_Row]) -> Counter[int]:
    return Counter(row.topic.number for row in rows)


def _choose_left_out(rows: Sequence[_Row], sizes: Sequence[int], room: int) -> set[int]:
    """Return the places of the rows to be left out: always the oldest of the topic that is the largest by then.

    Args:
        rows: By topics and then by time.
        sizes: Bytes of each row.
        room: Bytes for all of them.

    Raises:
        ValueError: There is no room even without any.
    """
    if room < 0:
        raise ValueError(f"a list without any question needs {-room} bytes more")
    queues = dict[int, list[int]]()
    for at in reversed(range(len(rows))):
        queues.setdefault(rows[at].topic.number, []).append(at)
    # Of topics of one size the one that matters less, which is the one that the report has further down.
    heap = [(-len(queue), -number) for number, queue in queues.items()]
    heapq.heapify(heap)
    left_out, excess = set[int](), sum(sizes) - room
    while excess > 0:
        size, number = heap[0]
        at = queues[-number].pop()
        left_out.add(at)
        excess -= sizes[at]
        heapq.heapreplace(heap, (size + 1, number))
    return left_out


def _to_cells(row: _Row) -> tuple[str, ...]:
    asked = row.asked
    return (
        str(row.topic.number),
        row.topic.kind.value,
        row.topic.entry_id or "",
        row.topic.other_entry_id or "",
        write_text(row.title),
        str(row.asker),
        write_text(asked.text),
        asked.asked_at.isoformat(),
        "" if asked.channel_id is None else f"<#{asked.channel_id}>",
        row.link or "",
        "yes" if row.is_answered else "no",
    )


def _to_object(row: _Row) -> dict[str, object]:
    asked = row.asked
    return {
        "topic": row.topic.number,
        "kind": row.topic.kind.value,
        "entry": row.topic.entry_id,
        "other_entry": row.topic.other_entry_id,
        "topic_question": row.title,
        "asker": row.asker,
        "question": asked.text,
        "asked_at": asked.asked_at.isoformat(),
        "channel": None if asked.channel_id is None else str(asked.channel_id),
        "link": row.link,
        "answered": row.is_answered,
    }


def _to_line(cells: Sequence[str]) -> str:
    # Everything in quotes, or a spreadsheet could split a text where its language has another separator. With the
    # line ends of RFC 4180; with others the writer would leave a \r in a text as it is.
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()


def _note(left_out: Counter[int], max_bytes: int) -> tuple[str, ...]:
    topics = ", ".join(f"{count} of topic {number}" for number, count in sorted(left_out.items()))
    cells = [""] * len(COLUMNS)
    cells[_NOTE_COLUMN] = (
        f"Left out, because the file would be larger than {max_bytes} bytes: "
        f"the oldest questions of the largest topics, {topics}"
    )
    return tuple(cells)


def _to_document(report: Report, items: Sequence[str], left_out: Counter[int]) -> str:
    head = {
        "server": str(report.guild_id),
        "day": report.day.isoformat(),
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "left_out": {str(number): count for number, count in sorted(left_out.items())},
    }
    start = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    # The questions one a line: people can read them, and indented lists would be much larger.
    return f'{start},\n  "questions": [{_BETWEEN[1:]}{_BETWEEN.join(items)}\n  ]\n}}\n'


def _size(text: str) -> int:
    return len(text.encode())

"""The picture of the nightly report, for a dark background: what keeps coming back, and how many questions a day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

from ..core.reports import TopicKind
from .page import BACKGROUND, DARK, FAINT, GAP, LEGEND_HEIGHT, LINE, MARGIN, MUTED, PAD, RIGHT, ROOM, SMALL, TEXT, Page
from .report_words import ReportWords
from .style import to_png

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ..core.reports import Report, Topic

MOST_SHOWN = 10
"""Topics; with more of them the picture would be so high that Discord makes it, and its letters, smaller."""
# Okabe and Ito's colours, as in `style`; their blue is too dark for a dark background.
ANSWERED_COLOUR = "#009e73"
KIND_COLOURS = {
    TopicKind.NO_ENTRY: "#d55e00",
    TopicKind.MISSED_PHRASING: "#e69f00",
    TopicKind.COLLIDING: "#cc79a7",
    TopicKind.ASKED_AGAIN: "#56b4e9",
    TopicKind.ANSWERED: ANSWERED_COLOUR,
}
_TINT = 0.3
"""How much of its colour a bar has, so that light letters can be read on all of them."""
_TITLE, _LEAST_TITLE = 36, 28
"""Sizes of fonts: a long title is set smaller, then in two lines, before it is cut."""
_STRIPE, _ROW_GAP = 4, 3
"""What is below each bar, in its full colour, and below that."""
_MOST_COLUMN = 190
"""Width of a column of numbers; a longer heading is cut."""
_FEW_TOPICS = 5
"""Up to so many topics there is room for two lines of each question."""
_DAYS_HEIGHT, _STUB = 84, 3
"""Of the largest day's bar, and of what stands for a day without questions."""
_MOST_SLOT, _BAR_OF_SLOT = 150, 0.72
"""Width of a day at most, so that a single one is no giant, and of its bar, in days."""


def plot_report(report: Report, titles: Mapping[int, str], words: ReportWords | None = None) -> bytes:
    """Draw the largest topics of a report, and its days, into one PNG, 1100 pixels wide and as high as it needs.

    Call it in a thread: it takes a fraction of a second, and another one the first time, when matplotlib is loaded.

    Args:
        report: The report.
        titles: The question that stands for a topic, by the topic's number. A topic without one has an ellipsis, as has
            what the font lacks (see `Lettering`).
        words: What it says, English unless given.
    """
    words, page = words or ReportWords(), Page()
    title = page.bold.readable(words.title)
    size = max(_LEAST_TITLE, min(_TITLE, int(_TITLE * ROOM / page.bold.width(title, _TITLE))))
    page.write_lines(page.bold.wrap(title, size, ROOM, 2), size, bold=True)
    page.y += 2 * PAD
    if report.topics:
        _draw_topics(page, report.topics, titles, words)
    else:
        page.write_lines(page.regular.wrap(page.regular.readable(words.nothing), TEXT, ROOM, 2), TEXT)
    page.y += GAP
    if report.by_day:
        _draw_days(page, report, words)
    return to_png(page.finish())


@dataclass(frozen=True, slots=True)
class _Column:
    """Numbers at the right.

    Attributes:
        heading: What they are.
        numbers: One for each topic that is shown.
        left: Its left side.
        right: Its right side.
    """

    heading: str
    numbers: Sequence[str]
    left: float
    right: float


def _draw_topics(page: Page, topics: Sequence[Topic], titles: Mapping[int, str], words: ReportWords) -> None:
    ranked = sorted(topics, key=lambda topic: (-_size(topic), topic.number))
    # A line that says "and 1 more" would take as much room as that one.
    shown = ranked if len(ranked) <= MOST_SHOWN + 1 else ranked[:MOST_SHOWN]
    askers = _lay_out(page, words.askers, [topic.askers for topic in shown], RIGHT)
    questions = _lay_out(page, words.questions, [_size(topic) for topic in shown], askers.left - GAP)
    right = questions.left - GAP
    kinds = [kind for kind in TopicKind if any(topic.kind == kind for topic in shown)]
    page.draw_legend([(KIND_COLOURS[kind], words.kinds[kind]) for kind in kinds], right)
    for column in (questions, askers):
        page.write(column.right, page.y - LEGEND_HEIGHT / 2, column.heading, SMALL, MUTED, align="right")
    page.y += PAD
    badge = max(page.bold.width(str(topic.number), TEXT) for topic in shown) + 4 * PAD
    left = MARGIN + badge
    for at, topic in enumerate(shown):
        title = page.regular.readable(titles.get(topic.number, ""))
        lines = page.regular.wrap(title, TEXT, right - left - 4 * PAD, 2 if len(shown) <= _FEW_TOPICS else 1)
        room, colour = len(lines) * LINE * TEXT, KIND_COLOURS[topic.kind]
        length = (right - left) * _size(topic) / max(1, _size(shown[0]))
        page.fill(left, page.y, length, room, tint(colour))
        page.fill(left, page.y + room, length, _STRIPE, colour)
        page.fill(MARGIN, page.y, badge, room + _STRIPE, colour)
        middle = page.y + room / 2
        page.write(MARGIN + badge / 2, middle, str(topic.number), TEXT, DARK, align="center", bold=True)
        for column in (questions, askers):
            page.write(column.right, middle, column.numbers[at], TEXT, align="right", bold=True)
        for number, line in enumerate(lines):
            page.write(left + 2 * PAD, page.y + (number + 0.5) * LINE * TEXT, line, TEXT)
        page.y += room + _STRIPE + _ROW_GAP
    if rest := ranked[len(shown) :]:
        more = page.regular.readable(words.more.format(count=len(rest), questions=sum(map(_size, rest))))
        page.write_lines([page.regular.cut(more, TEXT, ROOM)], TEXT, MUTED)


def _size(topic: Topic) -> int:
    return len(topic.question_ids)


def _lay_out(page: Page, heading: str, numbers: Sequence[int], right: float) -> _Column:
    said, written = page.regular.cut(page.regular.readable(heading), SMALL, _MOST_COLUMN), [*map(str, numbers)]
    widest = max(page.regular.width(said, SMALL), *(page.bold.width(number, TEXT) for number in written))
    return _Column(said, written, right - widest, right)


def _draw_days(page: Page, report: Report, words: ReportWords) -> None:
    keys = [
        (MUTED, f"{words.questions}: {report.questions}"),
        (ANSWERED_COLOUR, f"{words.answered}: {report.answered}"),
    ]
    page.draw_legend(keys)
    page.y += LINE * SMALL
    days, slot = report.by_day, min(_MOST_SLOT, ROOM / len(report.by_day))
    most, width = max(asked for _, asked, _ in days), _BAR_OF_SLOT * slot
    bottom = page.y + (_DAYS_HEIGHT if most else _STUB)
    numbers_fit = max(page.regular.width(str(asked), SMALL) for _, asked, _ in days) < slot - PAD
    for at, (_, asked, answered) in enumerate(days):
        middle = MARGIN + (at + 0.5) * slot
        height, part = (_DAYS_HEIGHT * number / max(1, most) for number in (asked, answered))
        height = max(_STUB, height)
        page.fill(middle - width / 2, bottom - height, width, height, MUTED if asked else FAINT)
        page.fill(middle - width / 2, bottom - part, width, part, ANSWERED_COLOUR)
        if numbers_fit or asked == most:
            page.write(middle, bottom - height - LINE * SMALL / 2, str(asked), SMALL, align="center")
    page.y = bottom + PAD
    _name_days(page, [day for day, _, _ in days], slot, words)


def _name_days(page: Page, days: Sequence[date], slot: float, words: ReportWords) -> None:
    """Write weekdays and dates below the bars: of as many days as there is room for, always of the last one."""
    names = [_name(day, words) for day in days]
    if max(_width(page, " ".join(name)) for name in names) < slot - 2 * PAD:
        labels = [(" ".join(name),) for name in names]
    else:
        labels = names
    widest = max(_width(page, line) for label in labels for line in label)
    # At the sides, labels that are wider than their day are moved towards the next one.
    needed = widest + max(0, widest - slot) / 2 + 2 * PAD
    # Every day, every other one, else the same weekday.
    step = next(step for step in chain((1, 2), count(7, 7)) if needed <= step * slot or step >= len(days))
    for at in range(len(days) - 1, -1, -step):
        middle = MARGIN + (at + 0.5) * slot
        middle = min(max(middle, MARGIN + widest / 2), RIGHT - widest / 2)
        for number, line in enumerate(labels[at]):
            y = page.y + (number + 0.5) * LINE * SMALL
            page.write(middle, y, page.regular.readable(line), SMALL, MUTED, align="center")
    page.y += max(map(len, labels)) * LINE * SMALL


def _name(day: date, words: ReportWords) -> tuple[str, ...]:
    return words.weekdays[day.weekday()], words.date.format(day=day.day, month=words.months[day.month - 1])


def _width(page: Page, text: str) -> float:
    return page.regular.width(page.regular.readable(text), SMALL)


def tint(colour: str) -> str:
    """Return a colour as dark as bars are."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(BACKGROUND[1:]), strict=True)
    return f"#{bytes(round(_TINT * one + (1 - _TINT) * other) for one, other in pairs).hex()}"

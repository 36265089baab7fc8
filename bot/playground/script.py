"""What a server says in a busy week, read from the file beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

WEEK = Path(__file__).parent / "week.txt"
PLACES = ("help", "lounge", "questions")
"""The channels in which something is said: one that is watched, one that is not, and the forum."""
_DAY = re.compile(r"= day (\d+)")
_LINE = re.compile(r"(\d\d):(\d\d) (\w+) (\w+): (.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that somebody says.

    Attributes:
        day: 0 to 6, from the day on which the week begins.
        minute: Of that day.
        person: Who.
        place: Where, one of `PLACES`.
        text: What; in the forum the title, and behind a bar the rest.
    """

    day: int
    minute: int
    person: str
    place: str
    text: str


def read_script(text: str) -> tuple[Line, ...]:
    """Return the lines of a script, in the order of their times.

    A line ``= day 1`` begins a day; below it stand lines like ``08:15 kim help: where is my card?``. What begins with
    ``#`` is for whoever reads the file.

    Raises:
        ValueError: A line cannot be read, or stands before an earlier one.
    """
    lines: list[Line] = []
    day = 0
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        if begun := _DAY.fullmatch(row):
            day = int(begun[1]) - 1
            continue
        said = _LINE.fullmatch(row)
        if said is None or said[4] not in PLACES:
            raise ValueError(f"line {number}: expected 'hh:mm person place: text', found {row!r}")
        line = Line(day, int(said[1]) * 60 + int(said[2]), said[3], said[4], said[5])
        if lines and (lines[-1].day, lines[-1].minute) > (line.day, line.minute):
            raise ValueError(f"line {number}: is earlier than the line before it")
        lines.append(line)
    return tuple(lines)

"""Lists of questions: text files with one a line, CSV files and JSON lines; and tables of what was found in them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..core.cells import write_text
from ..core.errors import FaqInvalidError, Problem
from ..core.speech import verbatim
from .replacing import write_file
from .tables import Table, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

TEXT_COLUMNS = ("text", "question")
"""Where the question stands in a CSV file or in a JSON object; the first that is there counts."""
ASKER_COLUMNS = ("asker", "author")
"""Where it stands who asked, likewise; a file needs none of them."""
SUFFIXES = (".txt", ".csv", ".jsonl")
_LINE_END = re.compile(r"\r\n|\n|\r")
"""Not `str.splitlines`, which ends a line at a form feed and at Unicode's own separators, too."""


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    """A question of a list.

    Attributes:
        text: As it stands there.
        asker: Who asked, in whatever way the list names people; None if it does not say.
    """

    text: str
    asker: str | None = None


def read_questions(path: Path, asker_column: str | None = None) -> list[ListedQuestion]:
    """Return the questions of a file as they stand in it, empty ones left out.

    The name says how it is built: ``.csv`` has a header with a column `text` or `question`, ``.jsonl`` one JSON object
    with such a member a line, ``.txt`` one question a line. Other columns and members than these and that of the askers
    are not looked at.

    Args:
        path: The file.
        asker_column: The column, or member, that says who asked, which has to be there; by default the first of
            `ASKER_COLUMNS` that is.

    Raises:
        FaqInvalidError: The file cannot be read or used, or holds no question; with every problem.
    """
    readers = {".txt": _read_lines, ".csv": _read_csv, ".jsonl": _read_jsonl}
    read = readers.get(path.suffix.casefold())
    if read is None:
        fault = f"is none of {', '.join(SUFFIXES)}; name it after what it is: one question a line is .txt"
        raise FaqInvalidError([Problem(str(path), 0, verbatim(fault))])
    questions = [one for one in read(path, asker_column) if one.text.strip()]
    if not questions:
        raise FaqInvalidError([Problem(str(path), 0, verbatim("holds no questions; there has to be at least one"))])
    return questions


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file; texts that a spreadsheet would take for formulas get an apostrophe before them.

    Args:
        path: The file; it is replaced when the new one is complete.
        columns: Its header.
        rows: One field a column.

    Raises:
        InvalidInputError: The file cannot be written.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows([write_text(field) for field in row] for row in rows)
    write_file(path, table.getvalue().encode())


def _read_lines(path: Path, asker_column: str | None) -> list[ListedQuestion]:
    if asker_column is not None:
        fault = f"has lines and no column {asker_column!r}; name a .csv or .jsonl file, or no column"
        raise FaqInvalidError([Problem(str(path), 0, verbatim(fault))])
    return [ListedQuestion(line) for line in _LINE_END.split(read_text(path))]


def _read_csv(path: Path, asker_column: str | None) -> list[ListedQuestion]:
    table = Table(path)
    column = next((name for name in TEXT_COLUMNS if name in table.header), TEXT_COLUMNS[0])
    named = (asker_column or "").strip().casefold()
    asker = named or next((name for name in ASKER_COLUMNS if name in table.header), None)
    if asker is None:
        return [ListedQuestion(fields[0]) for _, fields in table.select((column,), filled=())]
    return [
        ListedQuestion(fields[0], fields[1].strip() or None) for _, fields in table.select((column, asker), filled=())
    ]


def _read_jsonl(path: Path, asker_column: str | None) -> list[ListedQuestion]:
    problems: list[Problem] = []
    questions: list[ListedQuestion] = []
    names = ASKER_COLUMNS if asker_column is None else (asker_column,)
    has_askers = False
    for number, found in _parse_lines(read_text(path)):
        members = found if isinstance(found, dict) else dict[str, object]()
        text = next((members[name] for name in TEXT_COLUMNS if name in members), None)
        asker = next((members[name] for name in names if name in members), None)
        has_askers = has_askers or any(name in members for name in names)
        if not isinstance(text, str):
            fault = found if isinstance(found, str) else 'has no text; each line is an object like {"text": "Why?"}'
            problems.append(Problem(str(path), number, verbatim(fault)))
        elif not isinstance(asker, str | int | None) or isinstance(asker, bool):
            fault = "names its asker by neither a text nor a whole number; write one of them, or null"
            problems.append(Problem(str(path), number, verbatim(fault)))
        else:
            questions.append(ListedQuestion(text, None if asker is None else str(asker).strip() or None))
    if asker_column is not None and questions and not has_askers:
        fault = f"has no object with {asker_column!r}; name the member that says who asked, or none"
        problems.append(Problem(str(path), 0, verbatim(fault)))
    if problems:
        raise FaqInvalidError(problems)
    return questions


def _parse_lines(text: str) -> Iterator[tuple[int, dict[str, object] | str | None]]:
    """Yield, of each line that is not empty, its number and its object, None if it is none, or what is wrong."""
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except (ValueError, RecursionError):
            yield number, 'is not JSON; each line is an object like {"text": "Why?"}'
        else:
            yield number, cast("dict[str, object]", value) if isinstance(value, dict) else None

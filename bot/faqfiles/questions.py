"""Lists of questions: text files with one a line, CSV files and JSON lines; and tables of what was found in them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, cast

from ..core.cells import write_text
from ..core.errors import FaqInvalidError, Problem
from ..core.speech import verbatim
from .replacing import write_file
from .tables import read_rows, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

TEXT_COLUMNS = ("text", "question")
"""Where the question stands in a CSV file or in a JSON object; the first that is there counts."""
SUFFIXES = (".txt", ".csv", ".jsonl")
_LINE_END = re.compile(r"\r\n|\n|\r")
"""Not `str.splitlines`, which ends a line at a form feed and at Unicode's own separators, too."""


def read_questions(path: Path) -> list[str]:
    """Return the questions of a file as they stand in it, empty ones left out.

    The name says how it is built: ``.csv`` has a header with a column `text` or `question`, ``.jsonl`` one JSON object
    with such a member a line, ``.txt`` one question a line. Other columns and members are not looked at.

    Raises:
        FaqInvalidError: The file cannot be read or used, or holds no question; with every problem.
    """
    readers = {".txt": _read_lines, ".csv": _read_csv, ".jsonl": _read_jsonl}
    read = readers.get(path.suffix.casefold())
    if read is None:
        fault = f"is none of {', '.join(SUFFIXES)}; name it after what it is: one question a line is .txt"
        raise FaqInvalidError([Problem(str(path), 0, verbatim(fault))])
    questions = [text for text in read(path) if text.strip()]
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


def _read_lines(path: Path) -> list[str]:
    return _LINE_END.split(read_text(path))


def _read_csv(path: Path) -> list[str]:
    text = read_text(path)
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), strict=True), list[str]())
    except csv.Error:
        header = []  # told below, with its line
    column = next((name for name in TEXT_COLUMNS if name in header), TEXT_COLUMNS[0])
    return [fields[0] for _, fields in read_rows(path, (column,), filled=())]


def _read_jsonl(path: Path) -> list[str]:
    problems: list[Problem] = []
    questions: list[str] = []
    for number, found in _parse_lines(read_text(path)):
        text = next((found[name] for name in TEXT_COLUMNS if name in found), None) if isinstance(found, dict) else None
        if isinstance(text, str):
            questions.append(text)
        else:
            fault = found if isinstance(found, str) else 'has no text; each line is an object like {"text": "Why?"}'
            problems.append(Problem(str(path), number, verbatim(fault)))
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

"""Labelled tables for measuring: CSV files (RFC 4180, in Unicode) with phrasings, queries and predictions."""

from __future__ import annotations

import csv
import io
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from ..core.errors import FaqInvalidError, Problem
from ..core.speech import verbatim
from ..yamlfile import show, unreadable
from .encodings import find_encoding
from .replacing import write_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

MAX_BYTES = 64 * 2**20
"""Half a million questions; a larger file is something else."""
PHRASING_COLUMNS = ("entry", "phrasing")
QUERY_COLUMNS = ("text", "entry")
PREDICTION_COLUMNS = ("text", "entry", "predicted", "confidence", "verdict")
PredictionRow: TypeAlias = tuple[str, str | None, str | None, float, str]
"""A row of predictions; an entry that is None becomes an empty field."""
_SHOWN_COLUMNS = 20
_FIRST_LINE = re.compile(r"[\r\n]*[^\r\n]*")
_Record: TypeAlias = tuple[int, list[str]]
"""The line in which it starts, from 1, and its fields."""


class LabelledQueries(list[tuple[str, str | None]]):
    """Queries, each with the entry that answers it or None, and where they stand.

    Args:
        path: Their file, as problems name it.
        rows: Line, text and entry of each.
    """

    def __init__(self, path: str, rows: Iterable[tuple[int, str, str | None]]) -> None:
        rows = list(rows)
        super().__init__((text, entry) for _, text, entry in rows)
        self.path = path
        self.lines = [line for line, _, _ in rows]


def read_phrasings(path: Path) -> list[tuple[str, str]]:
    """Return the entry and the phrasing of each row of a file with the columns `entry` and `phrasing`.

    Raises:
        FaqInvalidError: The file cannot be read or used; with every problem.
    """
    rows = Table(path).select(PHRASING_COLUMNS, filled=PHRASING_COLUMNS)
    return [(entry.strip(), phrasing) for _, (entry, phrasing) in rows]


def read_queries(path: Path) -> LabelledQueries:
    """Return the text and the entry of each row of a file with the columns `text` and `entry`.

    An empty entry says that the FAQ does not answer the query; it becomes None.

    Raises:
        FaqInvalidError: The file cannot be read or used; with every problem.
    """
    rows = Table(path).select(QUERY_COLUMNS, filled=("text",))
    return LabelledQueries(str(path), ((line, text, entry.strip() or None) for line, (text, entry) in rows))


def check_labels(queries: LabelledQueries, entries: Collection[str]) -> None:
    """Make sure that the FAQ has the entries that queries are labelled with.

    Args:
        queries: As `read_queries` returned them.
        entries: The FAQ's entries.

    Raises:
        FaqInvalidError: It has not; with the first place of each entry that is missing.
    """
    lines: dict[str, list[int]] = {}
    for line, (_, entry) in zip(queries.lines, queries, strict=True):
        if entry is not None and entry not in entries:
            lines.setdefault(entry, []).append(line)
    problems = [
        Problem(queries.path, found[0], verbatim(_unknown(entry, len(found), entries)))
        for entry, found in lines.items()
    ]
    if problems:
        raise FaqInvalidError(problems)


def write_predictions(path: Path, rows: Iterable[PredictionRow]) -> None:
    """Write text, entry, predicted entry, confidence and verdict of each query, with a header.

    The file is replaced when the new one is complete, so that nobody reads half of it. Confidences keep all their
    digits: whoever reads them gets the same numbers.

    Raises:
        InvalidInputError: The file cannot be written.
    """
    # The writer's line ends are \r\n, as RFC 4180 has them; with others it would leave a \r in a text without quotes.
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(PREDICTION_COLUMNS)
    writer.writerows(
        (text, entry or "", predicted or "", repr(float(confidence)), verdict)
        for text, entry, predicted, confidence, verdict in rows
    )
    write_file(path, table.getvalue().encode())


class Table:
    """A CSV file with a header.

    Args:
        path: The file.

    Attributes:
        header: The names of its columns, in lower case; what no record could be made of is told by `select`.

    Raises:
        FaqInvalidError: As for `read_text`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        records, self._problems = _read_records(path)
        self._header_line, names = records[0] if records else (0, [])
        self._records = records[1:]
        # Without what people write differently.
        self.header = [name.strip().casefold() for name in names]

    def select(self, columns: Sequence[str], filled: Collection[str]) -> list[_Record]:
        """Return, of each row, the line and the fields in some columns.

        Args:
            columns: The columns to return, in lower case; there may be others.
            filled: Those that must not be empty.

        Raises:
            FaqInvalidError: The file cannot be used; with every problem.
        """
        problems, header = [*self._problems], self.header
        # What no record could be made of may have been the header.
        if problems and (not header or problems[0].line < self._header_line):
            raise FaqInvalidError(problems)
        if faults := list(_find_header_faults(header, columns)):
            raise FaqInvalidError([self._problem(self._header_line, fault) for fault in faults])
        rows: list[_Record] = []
        for line, fields in self._records:
            row = [fields[header.index(column)] for column in columns] if len(fields) == len(header) else []
            faults = (
                _find_row_faults(dict(zip(columns, row, strict=True)), filled) if row else [_miscounted(fields, header)]
            )
            problems += (self._problem(line, fault) for fault in faults)
            rows.append((line, row))
        if not rows and not problems:
            problems.append(self._problem(0, "has no rows below its header; add some"))
        if problems:
            raise FaqInvalidError(problems)
        return rows

    def _problem(self, line: int, fault: str) -> Problem:
        return Problem(str(self._path), line, verbatim(fault))


def read_text(path: Path) -> str:
    """Return what a file holds that is in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        FaqInvalidError: It cannot be read, is larger than `MAX_BYTES`, or is in another encoding.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise FaqInvalidError([Problem(name, 0, verbatim("there is no such file; mend its name"))]) from error
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        raise FaqInvalidError([Problem(name, 0, unreadable(error))]) from error
    if len(content) > MAX_BYTES:
        fault = f"is larger than {MAX_BYTES // 2**20} MiB; leave some rows out"
        raise FaqInvalidError([Problem(name, 0, verbatim(fault))])
    kind = "as CSV " if path.suffix.casefold() == ".csv" else ""
    advice = f"save it {kind}with the encoding UTF-8"
    encoding = find_encoding(content)
    if encoding is None:
        raise FaqInvalidError([Problem(name, 0, verbatim(f"is in UTF-32; {advice}"))])
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"is not {'UTF-16' if encoding == 'utf-16' else 'UTF-8'} text; {advice}"
        raise FaqInvalidError([Problem(name, line, verbatim(fault))]) from error


def _unknown(entry: str, count: int, entries: Collection[str]) -> str:
    rows = f" (in {count} rows)" if count > 1 else ""
    close = get_close_matches(entry, entries, n=1)
    advice = f"did you mean {close[0]!r}?" if close else "mend it, or leave it empty if the FAQ does not answer this"
    return f"the FAQ has no entry {show(entry)}{rows}; {advice}"


def _read_records(path: Path) -> tuple[list[_Record], list[Problem]]:
    """Return what a file holds, the header included and empty lines left out, and what is no CSV in it."""
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    records: list[_Record] = []
    problems: list[Problem] = []
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return records, problems
        except csv.Error as error:
            problems.append(Problem(str(path), line, verbatim(_explain(error))))
        else:
            if fields:
                records.append((line, fields))


def _find_delimiter(text: str) -> str:
    """Return what stands between the columns: where commas mark decimals, spreadsheets write semicolons instead."""
    [header] = _FIRST_LINE.findall(text)[:1]
    return "," if "," in header else next((mark for mark in ";\t" if mark in header), ",")


def _explain(error: csv.Error) -> str:
    # The module has no other way to tell them apart.
    if "unexpected end" in str(error):
        return "a quotation mark opens a text here, and none closes it; add it, or remove this one"
    if "field limit" in str(error):
        return f"has a cell with more than {csv.field_size_limit():,} characters; a quotation mark may not be closed"
    return f"is not valid CSV ({error}); inside a text in quotes, write each quotation mark twice"


def _find_header_faults(header: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    if not header:
        yield f"is empty; its first line has to be: {','.join(columns)}"
        return
    for column in columns:
        if column not in header:
            found = ", ".join(str(show(name)) for name in header[:_SHOWN_COLUMNS])
            more = " and more" if len(header) > _SHOWN_COLUMNS else ""
            yield f"there is no column {column!r} (found: {found}{more}); the first line has to name it"
        elif header.count(column) > 1:
            yield f"the column {column!r} is there {header.count(column)} times; keep one"


def _find_row_faults(row: Mapping[str, str], filled: Collection[str]) -> list[str]:
    return [f"the {column} is empty; fill it in, or remove the row" for column in filled if not row[column].strip()]


def _miscounted(fields: Sequence[str], header: Sequence[str]) -> str:
    if len(fields) > len(header):
        return f"has {len(fields)} fields for {len(header)} columns; put a text with a comma in it into quotes"
    plural = "s" if len(fields) > 1 else ""
    return f"has only {len(fields)} field{plural} for {len(header)} columns; add what is missing"

"""Tables of text: CSV (RFC 4180) with commas, semicolons or tabs, as spreadsheets and other programs write it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...core.errors import Problem
from ...core.speech import labelled, sentence
from ...yamlfile import show
from .model import MAX_ROWS, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...core.speech import Sentence

QNA_COLUMNS = frozenset({"metadata", "suggestedquestions", "iscontextonly", "prompts", "qnaid"})
"""Each tells, beside a question and an answer, that QnA Maker wrote the table."""
MAX_COLUMNS = 500
"""As many attributes as Amazon Kendra lets an index have; all other formats have a dozen columns."""
_PAIRS = (("question", "answer"), ("_question", "_answer"), ("name", "text"))
"""The columns without which no format can do."""
_DELIMITERS = ",;\t"
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n")
"""What Excel reads, and some programs write, to say which delimiter follows."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty: the line in which it begins, or its number in the sheet, and its cells."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its header among the rows.

    Attributes:
        rows: The rows.
        sheet: The name of the sheet, None for a table that is a file.
        problems: What could not be read of it.
    """

    rows: list[Row]
    sheet: str | None = None
    problems: list[Problem] = field(default_factory=list[Problem])

    @property
    def columns(self) -> list[str]:
        """The names of the columns, as `canonical` spells them, up to the last that has one."""
        names = [canonical(cell) for cell in self.rows[0].cells] if self.rows else []
        while names and not names[-1]:
            names.pop()
        return names

    def with_header(self, columns: Sequence[str]) -> Table:
        """Return the table with a header in front; cells that are missing at the end of a row are empty."""
        rows = [Row(row.line, [*row.cells, *[""] * (len(columns) - len(row.cells))]) for row in self.rows]
        return Table([Row(0, columns), *rows], self.sheet)


@dataclass(frozen=True, slots=True)
class Record:
    """A row by the names of its columns.

    Attributes:
        line: See Row.
        cells: The cells; a column that the table does not have is not there.
        labels: For a sheet, how people find each cell.
    """

    line: int
    cells: Mapping[str, str]
    labels: Mapping[str, Sentence]

    def get(self, column: str) -> str:
        """Return a cell without the spaces around it; empty where the table has no such column."""
        return self.cells.get(column, "").strip()


def canonical(column: str) -> str:
    """Return the name of a column as it is compared: "Follow ups" is `follow_ups`."""
    return column.strip().casefold().replace(" ", "_")


def is_header(cells: Sequence[str]) -> bool:
    """Return whether cells are the header of a table that one of the formats has."""
    columns = {canonical(cell) for cell in cells}
    return any(columns.issuperset(pair) for pair in _PAIRS)


def first_fields(text: str) -> Sequence[str]:
    """Return the fields of the first record of a text, separated by whichever delimiter fits best."""
    marked = _SEPARATOR_LINE.match(text)
    if marked:
        return _first_record(text[marked.end() :], marked[1])
    return max((_first_record(text, delimiter) for delimiter in _DELIMITERS), key=_fitness)


def _first_record(text: str, delimiter: str) -> Sequence[str]:
    rows = _read_rows(text, delimiter, 0, "", [])
    return next((row.cells for row in rows if row.cells), ())


def _fitness(fields: Sequence[str]) -> tuple[bool, int]:
    return is_header(fields), len(fields)


def read_table(text: str, name: str) -> Table:
    """Return the rows of a text that are not empty.

    Raises:
        FaqInvalidError: There are too many, or none.
    """
    marked = _SEPARATOR_LINE.match(text)
    body = text[marked.end() :] if marked else text
    delimiter = marked[1] if marked else max(_DELIMITERS, key=lambda one: _fitness(_first_record(text, one)))
    lines_before = 1 if marked else 0
    if delimiter == "\t" and QNA_COLUMNS & {canonical(cell) for cell in _first_record(body, delimiter)}:
        return Table(_limit(_read_unquoted(body), name))
    problems: list[Problem] = []
    rows = _limit(_read_rows(body, delimiter, lines_before, name, problems), name)
    return Table(rows, problems=problems)


def _read_rows(text: str, delimiter: str, lines_before: int, name: str, problems: list[Problem]) -> Iterator[Row]:
    # Strict, or a quotation mark that nobody closed would swallow half of the file without a word. Amazon's own
    # examples have a space behind each comma.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1 + lines_before
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(name, line, _explain(error)))
        else:
            yield Row(line, fields)


def _read_unquoted(text: str) -> Iterator[Row]:
    """Yield the rows of a table by QnA Maker: quotation marks mean nothing, unless a spreadsheet saved it again."""
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        fields = line.split("\t")
        yield Row(number, [_unquoted(field) for field in fields])


def _unquoted(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return quoted[1].replace('""', '"') if quoted else text


def _limit(rows: Iterator[Row], name: str) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        if not any(cell and not cell.isspace() for cell in row.cells):
            continue
        if len(kept) > MAX_ROWS:
            raise invalid(name, too_many_rows())
        kept.append(row)
    return kept


def too_many_rows() -> Sentence:
    """Return that a table is too long."""
    return sentence("has more than {most:,} rows; split it into several files", most=MAX_ROWS)


def _explain(error: csv.Error) -> Sentence:
    # The module has no other way to tell them apart.
    if "unexpected end" in str(error):
        return sentence("a quotation mark opens a text here, and none closes it; add it, or remove this one")
    if "field limit" in str(error):
        return sentence(
            "has a cell with more than {most:,} characters; a quotation mark may not be closed",
            most=csv.field_size_limit(),
        )
    return sentence(
        "is not valid CSV ({reason}); inside a text in quotes, write each quotation mark twice", reason=error
    )


def read_records(table: Table, name: str, columns: Sequence[str]) -> tuple[list[Record], list[Problem]]:
    """Return the rows below the header by the names of their columns, and the rows that do not fit it.

    Args:
        table: The table.
        name: The file, as problems name it.
        columns: The columns that have to be there.
    """
    header = table.columns
    if faults := list(_find_header_faults(header, columns)):
        line = table.rows[0].line if table.rows else 0
        return [], [Problem(name, line, _in_sheet(table, fault)) for fault in faults]
    problems: list[Problem] = []
    records: list[Record] = []
    for row in table.rows[1:]:
        cells = list(row.cells)
        while len(cells) > len(header) and not cells[-1].strip():
            del cells[-1]
        if table.sheet is not None:
            cells += [""] * (len(header) - len(cells))
        if len(cells) != len(header):
            problems.append(Problem(name, row.line, _in_sheet(table, _miscounted(len(cells), len(header)))))
            continue
        named = {column: cell for column, cell in zip(header, cells, strict=True) if column}
        records.append(Record(row.line, named, _labels(table, header, row.line)))
    return records, problems


def _in_sheet(table: Table, fault: Sentence) -> Sentence:
    return fault if table.sheet is None else labelled(name_sheet(table.sheet), fault)


def _labels(table: Table, header: Sequence[str], line: int) -> Mapping[str, Sentence]:
    if table.sheet is None:
        return {}
    return {column: name_cell(table.sheet, at, line) for at, column in enumerate(header)}


def name_sheet(title: str) -> Sentence:
    """Return a sheet as people name it."""
    return sentence("sheet {sheet!r}", sheet=title)


def name_cell(sheet: str, column: int, row: int) -> Sentence:
    """Return a cell as people name it; its column is counted from 0, its row from 1."""
    return sentence("cell {cell}", cell=f"{sheet}!{column_letter(column)}{row}")


def column_letter(index: int) -> str:
    """Return what spreadsheets call a column, counted from 0: A to Z, then AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _find_header_faults(header: Sequence[str], columns: Sequence[str]) -> Iterator[Sentence]:
    if len(header) > MAX_COLUMNS:
        yield sentence(
            "has {count:,} columns; leave out those that are no part of the FAQ (at most {most} fit)",
            count=len(header),
            most=MAX_COLUMNS,
        )
        return
    for column in columns:
        if column not in header:
            yield sentence("there is no column {column!r}; the first row has to name it", column=column)
    for column in dict.fromkeys(header):
        if column and (count := header.count(column)) > 1:
            yield sentence("the column {column} is there {count} times; keep one", column=show(column), count=count)


def _miscounted(cells: int, columns: int) -> Sentence:
    if cells > columns:
        return sentence(
            "has {cells} cells for {columns} columns; put a text with a separator in it into quotes",
            cells=cells,
            columns=columns,
        )
    return sentence("has only {cells} of {columns} cells; add what is missing", cells=cells, columns=columns)

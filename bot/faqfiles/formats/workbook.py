"""Workbooks (.xlsx): their sheets as tables. Nothing in them is calculated, and no file in them is trusted.

openpyxl parses XML by defusedxml where it is installed, which refuses entities. Source: openpyxl's documentation,
"Security".
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, cast

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from ...core.errors import FaqInvalidError, Problem
from ...core.speech import labelled, sentence
from .model import MAX_ROWS, invalid
from .tables import Row, Table, name_cell, name_sheet, too_many_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...core.speech import Sentence

MAX_UNPACKED = 16 * 2**20
"""Bytes of all files of a workbook together; five thousand entries with long answers take 12 MB."""
MAX_RATIO = 200
"""How much smaller than its content a file may be: sheets reach 30, an attack 1,000."""
MAX_FILES = 500
"""Files in a workbook; one with twenty sheets and some pictures has fifty."""
MAX_COLUMNS = 20
"""What stands farther right is not looked at; the largest of our tables has eight columns."""
_LAST_ROW = 2**20
"""Excel's own limit. openpyxl fills up whatever a row's number leaves out, and that number can lie."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_NO_WORKBOOK = sentence(
    "is a ZIP archive, but no .xlsx workbook; if it holds the FAQ, unpack it and take the file in it"
)


def read_workbook(content: bytes, name: str) -> list[Table]:
    """Return the sheets of a workbook that are not empty.

    Raises:
        FaqInvalidError: It is broken, too large, or no workbook.
    """
    has_formulas = _check_archive(content, name)
    try:
        values = _rows_by_sheet(content, data_only=True)
        # A cell without a value may have a formula that nobody has calculated; only a second look can tell.
        formulas = _rows_by_sheet(content, data_only=False) if has_formulas else None
        sheets = [
            _read_sheet(title, name, rows, formulas[title] if formulas else None) for title, rows in values.items()
        ]
    except FaqInvalidError:
        raise
    except Exception as error:  # openpyxl passes on whatever the XML of a file that no program wrote makes it raise
        reason = f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}".splitlines()[0]
        raise invalid(name, _broken(reason)) from error
    return [sheet for sheet in sheets if sheet.rows or sheet.problems]


def _rows_by_sheet(content: bytes, *, data_only: bool) -> dict[str, Iterable[tuple[object, ...]]]:
    """Return the rows of each sheet, not read yet: values as they were last calculated, or formulas.

    No matter what a sheet says about its size, rows and columns end where the limits are.
    """
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    return {
        sheet.title: sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS, values_only=True)
        for sheet in book.worksheets
    }


def _check_archive(content: bytes, name: str) -> bool:
    """Make sure that unpacking cannot use up the memory; return whether there are formulas.

    The sizes in the directory can lie, but only downwards: `zipfile` reads no more of a file than the directory says,
    and then finds that the checksum is wrong.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_directory(archive.infolist(), name)
            sheets = [file for file in archive.namelist() if file.startswith("xl/worksheets/")]
            return any(_FORMULA.search(archive.read(file)) for file in sheets)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, OverflowError) as error:
        raise invalid(name, _broken(error)) from error


def _broken(reason: object) -> Sentence:
    return sentence("is a broken workbook ({reason}); open it in a spreadsheet and save it again", reason=reason)


def _check_directory(files: Sequence[zipfile.ZipInfo], name: str) -> None:
    if "xl/workbook.xml" not in {file.filename for file in files}:
        raise invalid(name, _NO_WORKBOOK)
    if any(file.flag_bits & 1 for file in files):
        raise invalid(name, sentence("has a password; remove it and save it again"))
    swollen = any(file.file_size > MAX_RATIO * max(file.compress_size, 1) for file in files)
    if len(files) > MAX_FILES or sum(file.file_size for file in files) > MAX_UNPACKED or swollen:
        fault = sentence(
            "unpacks to more than a workbook with an FAQ has ({most} MiB); save it as CSV UTF-8 instead",
            most=MAX_UNPACKED // 2**20,
        )
        raise invalid(name, fault)


def _read_sheet(
    title: str, name: str, values: Iterable[tuple[object, ...]], formulas: Iterable[tuple[object, ...]] | None
) -> Table:
    table = Table([], sheet=title)
    twins = ((row, row) for row in values) if formulas is None else zip(values, formulas, strict=True)
    for number, (row, twin) in enumerate(twins, start=1):
        # Counting is fast; a sheet can have a million rows with nothing in them.
        if row.count(None) == len(row) and twin.count(None) == len(twin):
            continue
        if len(table.rows) > MAX_ROWS:
            raise invalid(name, labelled(name_sheet(title), too_many_rows()))
        faults = [
            Problem(name, number, labelled(name_cell(title, at, number), fault))
            for at, (value, formula) in enumerate(zip(row, twin, strict=True))
            if formula is not None and (fault := _find_fault(value))
        ]
        # Most cells are empty.
        cells = ["" if value is None else _to_text(value) for value in row]
        table.problems.extend(faults)
        if not faults and any(cell.strip() for cell in cells):
            table.rows.append(Row(number, cells))
    _cut_columns(table)
    return table


def _find_fault(value: object) -> Sentence | None:
    """Return what is wrong with a cell in which something stands; nothing as its value is that of a formula."""
    if value is None:
        return sentence(
            "holds a formula without a result; open the workbook in a spreadsheet and save it, or write the text"
        )
    if isinstance(value, str) and value in cast("Sequence[str]", ERROR_CODES):
        return sentence("holds the error {error}; mend the formula, or write the text", error=value)
    return None


def _to_text(value: object) -> str:
    """Return a value as its cell shows it: whole numbers without a point, switches as words."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cut_columns(table: Table) -> None:
    """Leave out the columns right of the last one that has anything in it."""
    width = max((at for row in table.rows for at, cell in enumerate(row.cells, start=1) if cell), default=0)
    table.rows[:] = [Row(row.line, row.cells[:width]) for row in table.rows]

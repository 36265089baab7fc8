"""Workbooks, sound and hostile."""

import io
import re
import struct
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest
from openpyxl.xml import DEFUSEDXML

from bot.faqfiles.formats import Format, workbook
from bot.faqfiles.formats.tables import column_letter
from tests.faqfiles.formats.helpers import notes_of, pairs, problem_of, problems_of, read

SHEET = "xl/worksheets/sheet1.xml"
SECONDS = 30
"""See test_reading."""


def book(**sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def rebuilt(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The workbook with its files changed by hand."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def with_rows(rows: bytes) -> bytes:
    """A workbook whose sheet has other rows, written as XML."""

    def change(name: str, content: bytes) -> bytes:
        if name != SHEET:
            return content
        return re.sub(
            rb"<sheetData.*</sheetData>", lambda _: b"<sheetData>" + rows + b"</sheetData>", content, flags=re.DOTALL
        )

    return rebuilt(book(FAQ=[["x"]]), change)


def text_cell(place: str, text: str) -> bytes:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


HEADER = b'<row r="1">' + text_cell("A1", "question") + text_cell("B1", "answer") + b"</row>"


def test_a_sheet_is_a_table() -> None:
    content = book(
        FAQ=[[], ["Question", "Answer", "Tags"], ["How?", "'=So.", "a, b"], [None, None], ["Who?", 13, None]]
    )
    imported = read(content, "faq.xlsx")
    assert imported.format is Format.XLSX
    assert pairs(imported) == [("How?", "=So."), ("Who?", "13")]
    assert imported.entries[0].tags == ("a", "b")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13, "13"),
        (13.0, "13"),
        (1.5, "1.5"),
        (True, "True"),
        (datetime(2026, 5, 1, tzinfo=UTC).replace(tzinfo=None), "2026-05-01 00:00:00"),
    ],
)
def test_values_are_texts(value: object, text: str) -> None:
    assert pairs(read(book(FAQ=[["question", "answer"], ["How?", value]]), "faq.xlsx")) == [("How?", text)]


def test_switches_may_be_those_of_the_spreadsheet() -> None:
    content = book(FAQ=[["question", "answer", "enabled"], ["How?", "So.", False]])
    assert not read(content, "faq.xlsx").entries[0].enabled


def test_other_sheets_are_left_out() -> None:
    content = book(
        Notes=[["hello"]],
        FAQ=[["question", "answer"], ["How?", "So."]],
        Empty=[],
        More=[["question", "answer"], ["Why?", "So."]],
    )
    imported = read(content, "faq.xlsx")
    assert pairs(imported) == [("How?", "So."), ("Why?", "So.")]
    assert notes_of(imported) == ["The sheet “Notes” was left out: it has other columns."]


def test_the_formats_of_other_programs_come_as_workbooks_too() -> None:
    qna = book(QnAs=[["Question", "Answer", "QnaId"], ["How?", "So.", 1], ["in what way", "So.", 1]])
    assert read(qna, "kb.xlsx").entries[0].alternates == ("in what way",)
    assistant = book(embeddings=[["name", "text", "created", "ai_created"], ["rules", "Be nice.", None, False]])
    assert read(assistant, "embeddings-export.xlsx", "assistant").format is Format.ASSISTANT


def test_problems_name_the_cell() -> None:
    content = book(FAQ=[["question", "answer"], ["How?", "So."], ["how", "So."], ["Who?", None]])
    first, second = problems_of(content, "faq.xlsx")
    assert first.startswith("faq.xlsx:3: cell FAQ!A3: the same phrasing belongs to entry 'how' at cell FAQ!A2; the bot")
    assert second == "faq.xlsx:4: cell FAQ!B4: answer should not be empty, found ''"
    assert "faq.xlsx:1: sheet 'FAQ': there is no column 'answer'" in problem_of(
        book(FAQ=[["question"], ["x"]]), "faq.xlsx"
    )
    content = book(FAQ=[["question", "answer"], ["How?", "So.", "more"]])
    assert "faq.xlsx:2: sheet 'FAQ': has 3 cells for 2 columns" in problem_of(content, "faq.xlsx")
    content = book(QnAs=[["Question", "Answer", "Prompts"], ["How?", "So.", "{}"]])
    assert "faq.xlsx:2: cell QnAs!C2: the prompts are no JSON list" in problem_of(content, "faq.xlsx")


def test_formulas_are_never_calculated() -> None:
    content = book(FAQ=[["question", "answer"], ["How?", '=HYPERLINK("https://a.org")']])
    assert "faq.xlsx:2: cell FAQ!B2: holds a formula without a result" in problems_of(content, "faq.xlsx")[0]
    rows = HEADER + b'<row r="2">' + text_cell("A2", "How?") + b'<c r="B2" t="str"><f>1+1</f><v>two</v></c></row>'
    assert pairs(read(with_rows(rows), "faq.xlsx")) == [("How?", "two")]


def test_errors_in_cells_are_told() -> None:
    rows = HEADER + b'<row r="2">' + text_cell("A2", "How?") + b'<c r="B2" t="e"><v>#REF!</v></c></row>'
    assert "cell FAQ!B2: holds the error #REF!" in problem_of(with_rows(rows), "faq.xlsx")


@pytest.mark.no_cover
def test_a_million_empty_rows_take_no_time() -> None:
    started = time.process_time()
    rows = HEADER + b'<row r="2">' + text_cell("A2", "How?") + text_cell("B2", "So.") + b"</row>"
    far = b'<row r="1048576"><c r="A1048576"/></row>'
    assert pairs(read(with_rows(rows + far), "faq.xlsx")) == [("How?", "So.")]
    beyond = b'<row r="999999999999">' + text_cell("A999999999999", "x") + b"</row>"
    assert pairs(read(with_rows(rows + beyond), "faq.xlsx")) == [("How?", "So.")]
    empty = b"".join(b'<row r="%d"/>' % number for number in range(3, 600_000))
    assert pairs(read(with_rows(rows + empty), "faq.xlsx")) == [("How?", "So.")]
    assert time.process_time() - started < SECONDS


def test_columns_far_to_the_right_are_not_looked_at() -> None:
    rows = (
        HEADER
        + b'<row r="2">'
        + text_cell("A2", "How?")
        + text_cell("B2", "So.")
        + text_cell("XFD2", "far")
        + b"</row>"
    )
    assert pairs(read(with_rows(rows), "faq.xlsx")) == [("How?", "So.")]


@pytest.mark.no_cover
def test_too_many_rows_are_told() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (number, number) for number in range(1, 100_003))
    assert "sheet 'FAQ': has more than 100,000 rows" in problem_of(with_rows(rows), "faq.xlsx")


def test_a_bomb_is_not_unpacked() -> None:
    def swell(name: str, content: bytes) -> bytes:
        return content + b" " * 2**26 if name == SHEET else content

    assert "unpacks to more than a workbook with an FAQ has" in problem_of(rebuilt(book(FAQ=[["x"]]), swell), "a.xlsx")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    def swell(name: str, content: bytes) -> bytes:
        return content.replace(b"</worksheet>", b" " * 2**26 + b"</worksheet>") if name == SHEET else content

    content = bytearray(rebuilt(book(FAQ=[["question", "answer"], ["a", "b"]]), swell))
    # The uncompressed size in the central directory, 24 bytes behind its signature.
    entry = content.find(b"PK\x01\x02")
    while content[entry + 46 : entry + 46 + len(SHEET)] != SHEET.encode():
        entry = content.find(b"PK\x01\x02", entry + 4)
    struct.pack_into("<I", content, entry + 24, 1000)
    assert "is a broken workbook" in problem_of(bytes(content), "a.xlsx")


def test_too_many_files_are_not_read() -> None:
    made = io.BytesIO(book(FAQ=[["x"]]))
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(workbook.MAX_FILES):
            archive.writestr(f"x{number}", "")
    assert "unpacks to more" in problem_of(made.getvalue(), "a.xlsx")


def test_files_with_a_password_are_told() -> None:
    content = bytearray(book(FAQ=[["x"]]))
    entry = content.find(b"PK\x01\x02")
    content[entry + 8] |= 1
    assert "has a password; remove it" in problem_of(bytes(content), "a.xlsx")


def test_entities_are_refused() -> None:
    assert DEFUSEDXML

    def change(name: str, content: bytes) -> bytes:
        if name != SHEET:
            return content
        bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        return bomb + content.replace(b"<v>0</v>", b"<v>&b;</v>")

    assert "is a broken workbook (EntitiesForbidden" in problem_of(rebuilt(book(FAQ=[["x"]]), change), "a.xlsx")


@pytest.mark.parametrize("name", ["xl/workbook.xml", SHEET, "xl/styles.xml", "[Content_Types].xml"])
def test_workbooks_that_no_program_wrote_are_told(name: str) -> None:
    content = rebuilt(book(FAQ=[["x"]]), lambda other, old: b"<a><b>" if other == name else old)
    assert "is a broken workbook" in problem_of(content, "a.xlsx")


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_columns_have_the_names_that_spreadsheets_give_them(index: int, letter: str) -> None:
    assert column_letter(index) == letter

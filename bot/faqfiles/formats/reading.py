"""Reading an FAQ, whichever format it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ...core.errors import FaqInvalidError
from ...core.speech import sentence
from ...yamlfile import MAX_BYTES as MAX_YAML_BYTES
from ...yamlfile import Document, parse_document, too_large
from . import assistant, cells, kendra, qnamaker
from .decoding import Container, decode, find_container, is_workbook
from .finishing import finish
from .jsonfile import parse_json
from .model import MAX_BYTES, Format, Found, Imported, invalid
from .own import read_own_document, read_own_records
from .tables import QNA_COLUMNS, Table, is_header, read_records, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIALECTS = (Format.QNA_MAKER, Format.KENDRA, Format.ASSISTANT)
"""Formats that are named after a program, and that come as a table, a workbook or JSON."""
_NO_FAQ = sentence(
    "has no FAQ in a form that is known: a list of entries, 'entries', 'qnaDocuments', 'assets' with 'qnas', "
    "'FaqDocuments', or texts by name"
)


def read_faq(content: bytes, name: str, *, format: str | None = None) -> Imported:  # noqa: A002 - the word that callers know
    """Return the FAQ of a file in any of the formats. This is work for the processor: call it in a thread.

    Args:
        content: The file's content.
        name: Its name, by which problems call it, and whose ending says what kind of file it is.
        format: One of `Format`; by default it is found from name and content.

    Raises:
        FaqInvalidError: It cannot be used; with every problem.
        ValueError: There is no such format.
    """
    wanted = Format(format) if format is not None else None
    if len(content) > MAX_BYTES:
        raise invalid(name, too_large(MAX_BYTES))
    return finish(_read(content, name, wanted), name)


def _read(content: bytes, name: str, wanted: Format | None) -> Found:
    if is_workbook(content, name, wanted):
        if wanted not in {None, Format.XLSX, *_DIALECTS}:
            fault = sentence(
                "is a workbook or an archive, not {format}; leave the format out, or name xlsx", format=wanted
            )
            raise invalid(name, fault)
        # What reads Excel's files takes a twentieth of a second to import and 8 MB for good; few files are such.
        from .workbook import read_workbook  # noqa: PLC0415

        return _read_tables(read_workbook(content, name), name, Format.XLSX, wanted)
    text = decode(content, name)
    container = find_container(text, name, wanted)
    match container:
        case Container.JSON:
            return _read_json(parse_json(text, name), name, wanted)
        case Container.YAML:
            return _read_yaml(text, name, len(content))
        case Container.MARKDOWN:
            from .markdown import read_markdown  # noqa: PLC0415 - likewise

            return read_markdown(text, name)
        case Container.TABLE:
            return _read_tables([read_table(text, name)], name, Format.CSV, wanted)


def _read_yaml(text: str, name: str, size: int) -> Found:
    if size > MAX_YAML_BYTES:
        raise invalid(name, too_large(MAX_YAML_BYTES))
    document, problems = parse_document(text, name)
    if document is None or problems:
        raise FaqInvalidError(problems)
    return read_own_document(document, Format.YAML)


def _read_json(value: Any, name: str, wanted: Format | None) -> Found:  # noqa: ANN401 - whatever the file holds
    kind = wanted if wanted in _DIALECTS else None
    pairs = qnamaker.find_pairs(value)
    if pairs is not None and kind in {None, Format.QNA_MAKER}:
        return qnamaker.read_qna_document(pairs)
    mapping = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if "FaqDocuments" in mapping and kind in {None, Format.KENDRA}:
        return kendra.read_kendra_document(mapping)
    if "entries" in mapping or isinstance(value, list):
        if kind is None:
            return read_own_document(Document(name, value, {}), Format.JSON)
    elif assistant.is_assistant_export(mapping) and kind in {None, Format.ASSISTANT}:
        return assistant.read_assistant_document(mapping)
    if kind is None:
        raise invalid(name, _NO_FAQ)
    fault = sentence(
        "does not have the form of {format}; name the right format, or leave it out to have it found", format=kind
    )
    raise invalid(name, fault)


def _read_tables(tables: Sequence[Table], name: str, container: Format, wanted: Format | None) -> Found:
    """Return the entries of the tables that are an FAQ; in a workbook there may be others beside them."""
    kinds = [_find_kind(table, wanted) for table in tables]
    chosen = next((kind for kind in kinds if kind is not None), None)
    if chosen is None:
        fault = sentence(
            "has no columns 'question' and 'answer' ({known} are known); write them into the first row, or name the "
            "format if it has others",
            known=", ".join(cells.COLUMNS),
        )
        raise invalid(name, fault)
    found = Found(chosen if chosen in _DIALECTS else container)
    for table, kind in zip(tables, kinds, strict=True):
        if kind is chosen:
            _read_one(table, name, chosen, found)
        else:
            found.notes.append(sentence("The sheet “{sheet}” was left out: it has other columns.", sheet=table.sheet))
    return found


def _find_kind(table: Table, wanted: Format | None) -> Format | None:
    """Return which program's columns a table has, `CSV` for our own; None if none of those, or not the wanted."""
    columns = set(table.columns)
    if columns.issuperset(kendra.COLUMNS):
        found = Format.KENDRA
    elif columns.issuperset(qnamaker.COLUMNS) and columns & QNA_COLUMNS:
        found = Format.QNA_MAKER
    elif columns.issuperset(assistant.COLUMNS) and not columns & {*cells.COLUMNS}:
        found = Format.ASSISTANT
    elif columns & {"question", "answer"}:
        found = Format.CSV
    elif wanted is Format.KENDRA or kendra.is_basic(table.rows):
        found = Format.KENDRA
    else:
        return None
    if found is Format.CSV and wanted is Format.QNA_MAKER:
        return Format.QNA_MAKER  # the simplest of its files have nothing but questions and answers
    return found if found is wanted or wanted not in _DIALECTS else None


def _read_one(table: Table, name: str, kind: Format, found: Found) -> None:
    found.problems += table.problems
    if not table.rows:
        return  # nothing of it could be read, as the problems say
    if kind is Format.KENDRA and not is_header(table.rows[0].cells):
        table = table.with_header(kendra.BASIC_COLUMNS)
    columns = {Format.KENDRA: kendra.COLUMNS, Format.ASSISTANT: assistant.COLUMNS}.get(kind, qnamaker.COLUMNS)
    records, problems = read_records(table, name, columns)
    found.problems += problems
    match kind:
        case Format.QNA_MAKER:
            drafts, notes, more = qnamaker.read_qna_records(records, name)
            found.problems += more
        case Format.KENDRA:
            drafts, notes = kendra.read_kendra_records(records)
        case Format.ASSISTANT:
            drafts, notes = assistant.read_assistant_records(records)
        case _:
            drafts, notes = read_own_records(records)
    found.drafts += drafts
    found.notes += notes

"""Our own form: what a file of ours says, as YAML, as JSON, or as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ...core.cells import read_text
from ...core.errors import FaqInvalidError
from ...core.speech import counted, sentence
from ...yamlfile import Document, validate
from ..schema import FaqModel
from .cells import COLUMNS, read_lines, read_links, read_switch, read_words
from .model import Draft, Format, Found, list_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...core.speech import Sentence
    from ...yamlfile import Location
    from .tables import Record

_MAX_KEYS = 30
"""An entry of ours has eight; each that is unknown is compared with all of them, which has to end some time."""


def read_own_document(document: Document, format_: Format) -> Found:
    """Return the entries of a file of ours, or of a bare list of entries.

    Raises:
        FaqInvalidError: The entries are not there, or not a list of keys and values.
    """
    bare = isinstance(document.value, list)
    value: Any = {"entries": document.value} if bare else document.value
    lines = {("entries", *at): line for at, line in document.lines.items()} if bare else document.lines
    # A title is for people who keep several files; for one to be imported, its entries are enough.
    head: Any = {"title": "FAQ", **cast("dict[str, object]", value)} if isinstance(value, dict) else value
    document = Document(document.name, head, lines)
    model, problems = validate(FaqModel, document)
    if model is None:
        raise FaqInvalidError(problems)
    own_lines = _lines_by_entry(lines)
    found = Found(format_, title=None if bare or "title" not in value else model.title)
    if not bare and "language" in value:
        found.notes.append(sentence("The file's language ({language}) was left out.", language=model.language))
    for number, raw in enumerate(model.entries):
        location: Location = ("entries", number)
        if not isinstance(raw, dict) or len(cast("dict[object, object]", raw)) > _MAX_KEYS:
            fault = sentence(
                "{where} should have an entry's keys below it: {keys}",
                where=document.spell_out(location),
                keys=", ".join(COLUMNS),
            )
            problems.append(document.problem(location, fault))
            continue
        found.drafts.append(
            Draft(
                dict(cast("dict[str, object]", raw)),
                line=document.line_of(location),
                lines=own_lines.get(number, {}),
                strict=True,
            )
        )
    if problems:
        raise FaqInvalidError(problems)
    return found


def _lines_by_entry(lines: Mapping[Location, int]) -> dict[int, dict[Location, int]]:
    """Return the lines of what is in each entry, by location within it."""
    found: dict[int, dict[Location, int]] = {}
    for location, line in lines.items():
        match location:
            case ("entries", int(number), *rest):
                found.setdefault(number, {})[tuple(rest)] = line
            case _:
                pass
    return found


def read_own_records(records: Sequence[Record]) -> tuple[list[Draft], list[Sentence]]:
    """Return the entries of a table that has a question and an answer in each row."""
    drafts = [_read_record(record) for record in records]
    unknown = {column for record in records[:1] for column in record.cells} - set(COLUMNS)
    notes = [sentence("The columns that no entry has were left out: {columns}.", columns=list_names(unknown))]
    made = sum(1 for record in records for line in record.get("links").split("\n") if line.strip().startswith("http"))
    if made:
        notes.append(
            counted(
                "{count} link without a label got the name of its site.",
                "{count} links without a label got the names of their sites.",
                made,
            )
        )
    return drafts, notes if unknown else notes[1:]


def _read_record(record: Record) -> Draft:
    raw: dict[str, object] = {
        "id": read_text(record.get("id")),
        "question": read_text(record.get("question")),
        "alternates": read_lines(record.get("alternates")),
        "answer": read_text(record.get("answer")),
        "tags": read_words(record.get("tags")),
        "links": [{"label": label, "url": url} for label, url in read_links(record.get("links"))],
        "follow_ups": read_words(record.get("follow_ups")),
        "enabled": read_switch(record.get("enabled")),
    }
    return Draft(raw, record.line, labels=record.labels)

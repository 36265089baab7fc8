"""Writing an FAQ: YAML for people, JSON for programs, CSV for spreadsheets. All are read back without a loss."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from ...core.cells import write_text
from ...core.entries import to_plain
from .cells import COLUMNS, write_lines, write_links, write_words
from .model import Format
from .yamltext import write_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...core.types import Entry

WRITABLE = (Format.YAML, Format.JSON, Format.CSV)


def write_faq(entries: Iterable[Entry], format: Format, *, title: str = "FAQ") -> bytes:  # noqa: A002 - the word that callers know
    """Return entries as the content of a file, which `read_faq` reads back as they are.

    Args:
        entries: Valid entries of one FAQ.
        format: One of `WRITABLE`.
        title: What the FAQ is called; tables have no place for it.

    Raises:
        ValueError: The format cannot be written.
    """
    match format:
        case Format.YAML:
            return write_yaml(title, [to_mapping(entry) for entry in entries]).encode()
        case Format.JSON:
            document = {"title": title, "entries": [to_mapping(entry) for entry in entries]}
            return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode()
        case Format.CSV:
            return _write_csv(entries)
        case _:
            raise ValueError(f"{format} can be read only; write one of {', '.join(WRITABLE)}")


def to_mapping(entry: Entry) -> dict[str, object]:
    """Return an entry by the keys of our files, in the order in which people read them; what is empty is not there."""
    mapping = to_plain(entry)
    enabled = mapping.pop("enabled")
    mapping = {key: value for key, value in mapping.items() if value}
    return mapping if enabled else {**mapping, "enabled": False}


def _write_csv(entries: Iterable[Entry]) -> bytes:
    # Everything in quotes, or a spreadsheet could split a text where its language has another separator. With the
    # line ends of RFC 4180; with others the writer would leave a \r in a text as it is.
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow(
            (
                entry.id,
                write_text(entry.question),
                write_lines(entry.alternates),
                write_text(entry.answer),
                write_words(entry.tags),
                write_links([(link.label, link.url) for link in entry.links]),
                write_words(entry.follow_ups),
                "true" if entry.enabled else "false",
            )
        )
    # Without the byte order mark Excel takes UTF-8 for the encoding of its own language.
    return table.getvalue().encode("utf-8-sig")

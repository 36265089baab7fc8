r"""What an entry's values look like in the cells of a table, there and back without a loss.

- **Text**: as it is, with an apostrophe in front where a spreadsheet would take it for a formula (`core.cells`).
- **Lists**: one item a line; tags and follow-ups are separated by commas too. A list that cannot be written so,
  because an item holds the separator, is a JSON array.
- **Links**: one a line, ``[label](address)``; else a JSON array of arrays with label and address.
- **enabled**: ``true`` or ``false``; empty is true.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ...core.cells import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("id", "question", "alternates", "answer", "tags", "links", "follow_ups", "enabled")
_LINES = re.compile(r"\n")
_LINES_AND_COMMAS = re.compile(r"[\n,]")
_LINK = re.compile(r"\[(.*)\]\((\S+)\)")
_MAX_LINK = 1000
"""Label, address and brackets have less; in a longer line nobody looks for them."""
_YES = frozenset({"", "true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


def write_lines(items: Sequence[str]) -> str:
    """Return a list of texts as a cell."""
    cell = "\n".join(items)
    return write_text(cell if _split(cell, _LINES) == list(items) and _array(cell) is None else _dump(items))


def read_lines(cell: str) -> list[str]:
    """Return the texts of a cell, one a line."""
    return _read_list(cell, _LINES)


def write_words(items: Sequence[str]) -> str:
    """Return a list of tags or ids as a cell."""
    cell = ", ".join(items)
    return write_text(cell if _split(cell, _LINES_AND_COMMAS) == list(items) and _array(cell) is None else _dump(items))


def read_words(cell: str) -> list[str]:
    """Return the tags or ids of a cell."""
    return _read_list(cell, _LINES_AND_COMMAS)


def write_links(links: Sequence[tuple[str, str]]) -> str:
    """Return links, each a label and an address, as a cell."""
    cell = "\n".join(f"[{label}]({url})" for label, url in links)
    return write_text(cell if read_links(cell) == list(links) else _dump(links))


def read_links(cell: str) -> list[tuple[str, str]]:
    """Return the links of a cell; an address by itself gets the name of its site as the label."""
    text = read_text(cell)
    pairs = _array(text)
    if pairs is not None and all(_is_pair(pair) for pair in pairs):
        return [(label, url) for label, url in pairs]
    return [_read_link(line) for line in _split(text, _LINES)]


def read_switch(cell: str) -> object:
    """Return true or false, or the text where it is neither, which will not pass for a switch."""
    word = cell.strip().casefold()
    return True if word in _YES else False if word in _NO else cell


def name_site(url: str) -> str:
    """Return the name of an address's site, to show it as a link; the address where it has none."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:  # an open bracket
        return url


def _read_link(line: str) -> tuple[str, str]:
    found = _LINK.fullmatch(line) if len(line) <= _MAX_LINK else None
    return (found[1].strip(), found[2]) if found else (name_site(line), line)


def _read_list(cell: str, separator: re.Pattern[str]) -> list[str]:
    text = read_text(cell)
    items = _array(text)
    if items is not None and all(isinstance(item, str) for item in items):
        return items
    return _split(text, separator)


def _split(text: str, separator: re.Pattern[str]) -> list[str]:
    return [item.strip() for item in separator.split(text) if item.strip()]


def _array(text: str) -> list[Any] | None:
    """Return the items of a text that is a JSON array, None for any other text, such as “[solved] It fails”."""
    if not text.lstrip().startswith("["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_pair(value: object) -> bool:
    if not isinstance(value, list):
        return False
    pair = cast("list[object]", value)
    return [type(item) for item in pair] == [str, str]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

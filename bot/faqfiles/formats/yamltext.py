"""YAML as people write it: texts without quotes where they need none, answers as blocks, short lists in one line.

PyYAML's own writer puts every text with a tab or a space at the end of a line into quotes, and folds long lines. What
is written here means the same to YAML 1.1 and 1.2 (https://yaml.org/spec/1.2.2/).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Words that mean something else without quotes, to this or that version."""
_ESCAPED = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON leaves as it is, but ends a line in YAML 1.1, cannot be seen, or is not allowed."""
_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What cannot stand in a text without quotes or a block."""
_WORD = re.compile(r"[A-Za-z][\w-]*(?: [\w-]+)*", re.ASCII)
"""What needs no quotes between brackets either."""
_FLOW_KEYS = frozenset({"tags", "follow_ups"})


def write_yaml(title: str, entries: Sequence[Mapping[str, object]]) -> str:
    """Return a file of ours.

    Args:
        title: Its title.
        entries: The keys of each entry, in order: texts, false, lists of texts, and lists of mappings to texts.
    """
    if not entries:
        return f"title: {_scalar(title)}\nentries: []\n"
    written = ("\n".join(_entry(entry)) for entry in entries)
    return f"title: {_scalar(title)}\nentries:\n" + "\n\n".join(written) + "\n"


def _entry(entry: Mapping[str, object]) -> Iterator[str]:
    lines = [line for key, value in entry.items() for line in _pair(key, value)]
    yield f"  - {lines[0]}"
    yield from (f"    {line}" if line else "" for line in lines[1:])


def _pair(key: str, value: object) -> Iterator[str]:
    """Yield the lines of a key and its value, not yet indented."""
    match value:
        case str():
            yield from _text(f"{key}: ", value)
        case list():
            items = cast("list[object]", value)
            if key in _FLOW_KEYS and all(isinstance(item, str) and _is_word(item) for item in items):
                yield f"{key}: [{', '.join(cast('list[str]', items))}]"
                return
            yield f"{key}:"
            for item in items:
                yield from (f"  {line}" if line else "" for line in _item(item))
        case _:
            yield f"{key}: {str(value).lower()}"


def _item(item: object) -> Iterator[str]:
    if isinstance(item, str):
        yield from _text("- ", item)
        return
    lines = [line for key, value in cast("dict[str, object]", item).items() for line in _pair(key, value)]
    yield f"- {lines[0]}"
    yield from (f"  {line}" if line else "" for line in lines[1:])


def _text(before: str, text: str) -> Iterator[str]:
    """Yield the lines of a text behind a key or a hyphen: a block where it has several."""
    if "\n" not in text or _SPECIAL.search(text) or text != text.strip():
        yield before + _scalar(text)
        return
    yield f"{before}|"
    yield from (f"  {line}" if line else "" for line in text.split("\n"))


def _scalar(text: str) -> str:
    if _is_plain(text):
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_plain(text: str) -> bool:
    return (
        text[:1].isalpha()
        and text.casefold() not in _RESERVED
        and not text.endswith((":", " "))
        and not any(mark in text for mark in (": ", " #", "\n", "\t"))
        and not _SPECIAL.search(text)
    )


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and text.casefold() not in _RESERVED

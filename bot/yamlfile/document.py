"""Strict YAML with line numbers, for every file that a person writes.

Only what people mean is read: mappings, lists, texts, numbers, true, false and null as YAML 1.2's core schema has them
(https://yaml.org/spec/1.2.2/#103-core-schema). So `no`, `on`, dates and `12:30` stay texts. Anchors and aliases are
refused (a few lines of them can stand for gigabytes), tags, double keys and second documents likewise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import yaml

from ..core.errors import Problem
from ..core.speech import sentence
from .wording import SHOWN, cut, name_char, show, too_large, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ..core.speech import Sentence

MAX_BYTES = 4 * 2**20
"""A thousand entries with ten phrasings and long answers take about 2 MiB."""
MAX_DEPTH = 20
"""Our files need five levels; a file that nests deeper was not written by a person."""
_LINE_BREAK = re.compile(r"\r\n?|\n")
"""What editors count as a line's end. YAML 1.1 has more (U+2028 for one), which come along in pasted texts."""
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, that only escapes in quotes can bring in."""
_BYTE_ORDER_MARK = "\ufeff"
_FAST_LOADER = getattr(yaml, "CSafeLoader", None)
"""PyYAML's loader on top of libyaml, which its wheels bring along."""
Location = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], int | float | bool | None]], ...] = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.casefold() == "true"),
    # Only what YAML 1.1 and 1.2 agree on: 08 may be a key's digits, 1E5 a product's name, and what 1.1 writes without
    # quotes is a text. Python refuses to read absurdly long numbers; such a one is a text by accident.
    (re.compile(rf"[-+]?(?:0|[1-9][0-9]{{0,{SHOWN}}})"), int),
    (re.compile(r"(?:\.[0-9]+|[-+]?[0-9]+\.[0-9]*)(?:[eE][-+][0-9]+)?"), float),
)
"""What plain scalars mean that are not texts; quoted ones and blocks always are."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where.

    Attributes:
        name: The file as problems name it.
        value: Its content: dicts, lists, texts, numbers, booleans and None.
        lines: Line numbers from 1, by location.
    """

    name: str
    value: Any
    lines: Mapping[Location, int]

    def line_of(self, location: Location) -> int:
        """Return the line of a value, or of the nearest thing around it; 0 if there are no lines."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 0)

    def problem(self, location: Location, message: Sentence) -> Problem:
        """Return a problem with the value at a location."""
        return Problem(self.name, self.line_of(location), message)

    def spell_out(self, location: Location) -> str | Sentence:
        """Return a location as people write it: entries[2].links[0].url, list positions from 1."""
        steps = (f"[{step + 1}]" if isinstance(step, int) else f".{cut(step)}" for step in location)
        return "".join(steps).removeprefix(".") or sentence("the file")


def read_document(path: Path, name: str | None = None) -> tuple[Document | None, list[Problem]]:
    """Return what a file says, or None where nothing of it can be relied on, and what is wrong with it.

    There can be problems with a document too: what stands beside a double key is checked all the same.

    Args:
        path: The file.
        name: How problems name it; the path by default.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return None, [Problem(name, 0, unreadable(error))]
    if len(content) > MAX_BYTES:
        return None, [Problem(name, 0, too_large(MAX_BYTES))]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Problem(name, line, sentence("is not UTF-8 text; save it with the encoding UTF-8"))]
    return parse_document(text, name)


def parse_document(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """Return what a text says and what is wrong with it, as `read_document` does."""
    reading = _read_fast(text, name) or _read(text, name)
    if reading.problems:
        return None, reading.problems
    return Document(name, reading.build(()) if reading.ahead else None, reading.lines), reading.problems


def _read_fast(text: str, name: str) -> _Reading | None:
    """Read a text with libyaml, which takes a twentieth of the time.

    Returns:
        None where it is not at hand, would count characters otherwise, or found a fault, which it puts into words of
        its own. It lets `?` stand inside brackets, as in addresses, which PyYAML's own reader does not.
    """
    if _FAST_LOADER is None or _BYTE_ORDER_MARK in text:
        return None
    reading = _Reading(text, name)
    try:
        reading.collect(_FAST_LOADER(text))
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    return reading


def _read(text: str, name: str) -> _Reading:
    reading = _Reading(text, name)
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        code = name_char(error.character)
        reading.tell(
            error.position, sentence("holds a character that YAML does not allow ({code}); remove it", code=code)
        )
        return reading
    try:
        reading.collect(loader)
    except yaml.MarkedYAMLError as error:
        at = (mark := error.problem_mark or error.context_mark) and mark.index
        fault = sentence(
            "this is not valid YAML ({reason}); check the indentation, and put texts that hold ': ' or ' #', or a '?' "
            "inside [brackets], into quotes",
            reason=error.problem,
        )
        reading.tell(at or 0, fault)
    except (ValueError, OverflowError):
        # PyYAML hands whatever digits follow \U or %YAML to Python's own functions.
        fault = sentence("an escape (\\U…) or %YAML has a number that is too large; mend or remove it")
        reading.tell(loader.index, fault)
    return reading


class _Reading:
    """A text on its way to a value; every key and item keeps its line, and of two equal keys the first counts."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._breaks = [found.end() for found in _LINE_BREAK.finditer(text)]
        self.ahead: deque[yaml.Event] = deque()
        self.lines: dict[Location, int] = {}
        self.problems: list[Problem] = []

    def tell(self, index: int, message: Sentence) -> None:
        self.problems.append(Problem(self._name, self._line(index), message))

    def collect(self, loader: yaml.SafeLoader) -> None:
        """Take the events one by one, so that nothing can explode or nest too deep before it is refused."""
        depth = 0
        while loader.check_event():
            event = cast("yaml.Event", loader.get_event())  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.DocumentStartEvent) and self.ahead:
                second = sentence("a second document begins here (---); put it into a file of its own")
                self.tell(_index(event), second)
                return
            if depth > MAX_DEPTH:
                deep = sentence("is nested more than {most} levels deep; a bracket may not be closed", most=MAX_DEPTH)
                self.tell(_index(event), deep)
                return
            for unsupported in _find_unsupported(event):
                self.tell(_index(event), unsupported)
            if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                self.ahead.append(event)

    def build(self, location: Location) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return the value that the events ahead stand for."""
        event = self.ahead.popleft()
        self.lines.setdefault(location, self._line(_index(event)))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(self._text(event), event.implicit)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(self.ahead[0], yaml.SequenceEndEvent):
                items.append(self.build((*location, len(items))))
            self.ahead.popleft()
            return items
        mapping: dict[str, Any] = {}
        while not isinstance(self.ahead[0], yaml.MappingEndEvent):
            self._build_pair(mapping, location)
        self.ahead.popleft()
        return mapping

    def _build_pair(self, mapping: dict[str, Any], location: Location) -> None:
        event = self.ahead[0]
        if not isinstance(event, yaml.ScalarEvent):
            self.tell(_index(event), sentence("a key must be a text; put it into quotes"))
            for _ in ("key", "value"):
                self.build((*location, ""))
            return
        key = self._text(cast("yaml.ScalarEvent", self.ahead.popleft()))
        first = self.lines.setdefault((*location, key), self._line(_index(event)))
        if key in mapping:
            fault = sentence(
                "the key {key} stands here again (first in line {line}); keep one", key=show(key), line=first
            )
            self.tell(_index(event), fault)
        mapping.setdefault(key, self.build((*location, key)))

    def _text(self, event: yaml.ScalarEvent) -> str:
        if found := _UNSHOWABLE.search(event.value):
            fault = sentence(
                "holds a control character or half of a character ({code}), which cannot be shown; remove it, or write "
                "the character itself",
                code=name_char(ord(found[0])),
            )
            self.tell(_index(event), fault)
        return _UNSHOWABLE.sub("\ufffd", event.value)

    def _line(self, index: int) -> int:
        return bisect_right(self._breaks, index) + 1


def _find_unsupported(event: yaml.Event) -> Iterator[Sentence]:
    """Yield what an event has of YAML's further arts."""
    if mark := getattr(event, "anchor", None):
        if isinstance(event, yaml.AliasEvent):
            yield sentence("the alias *{mark} is not supported; write the plain value instead", mark=cut(mark))
        else:
            yield sentence("the anchor &{mark} is not supported; write the plain value instead", mark=cut(mark))
    if mark := getattr(event, "tag", None):
        yield sentence("the tag {mark} is not supported; write the plain value instead", mark=cut(mark))


def _index(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _scalar(text: str, implicit: tuple[bool, bool]) -> str | int | float | bool | None:
    """Return what a scalar means; `implicit` tells whether it stands there plain, or in quotes or as a block."""
    for pattern, meaning in _PLAIN if implicit[0] else ():
        if pattern.fullmatch(text):
            return meaning(text)
    return text

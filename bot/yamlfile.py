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
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from .core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES = 4 * 2**20
"""A thousand entries with ten phrasings and long answers take about 2 MiB."""
MAX_DEPTH = 20
"""Our files need five levels; a file that nests deeper was not written by a person."""
_SHOWN = 60
"""Characters of a wrong value that a problem repeats."""
_LINE_BREAK = re.compile(r"\r\n?|\n")
"""What editors count as a line's end. YAML 1.1 has more (U+2028 for one), which come along in pasted texts."""
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, that only escapes in quotes can bring in."""
_Model = TypeVar("_Model", bound=BaseModel)
Location = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], int | float | bool | None]], ...] = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.casefold() == "true"),
    # Only what YAML 1.1 and 1.2 agree on: 08 may be a key's digits, 1E5 a product's name, and what 1.1 writes without
    # quotes is a text. Python refuses to read absurdly long numbers; such a one is a text by accident.
    (re.compile(rf"[-+]?(?:0|[1-9][0-9]{{0,{_SHOWN}}})"), int),
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

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem with the value at a location."""
        return Problem(self.name, self.line_of(location), message)


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
        return None, [Problem(name, 0, f"cannot be read: {getattr(error, 'strerror', None) or error}")]
    if len(content) > MAX_BYTES:
        return None, [Problem(name, 0, f"is larger than {MAX_BYTES // 2**20} MiB; split it into several files")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Problem(name, line, "is not UTF-8 text; save it with the encoding UTF-8")]
    return parse_document(text, name)


def parse_document(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """Return what a text says and what is wrong with it, as `read_document` does."""
    reading = _Reading(text, name)
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        reading.tell(error.position, f"holds a character that YAML does not allow (U+{error.character:04X}); remove it")
        return None, reading.problems
    try:
        reading.collect(loader)
    except yaml.MarkedYAMLError as error:
        at = (mark := error.problem_mark or error.context_mark) and mark.index
        hint = "check the indentation, and put texts that hold ': ' or ' #', or a '?' inside [brackets], into quotes"
        reading.tell(at or 0, f"this is not valid YAML ({error.problem}); {hint}")
    except (ValueError, OverflowError):
        # PyYAML hands whatever digits follow \U or %YAML to Python's own functions.
        reading.tell(loader.index, "an escape (\\U…) or %YAML has a number that is too large; mend or remove it")
    if reading.problems:
        return None, reading.problems
    return Document(name, reading.build(()) if reading.ahead else None, reading.lines), reading.problems


class _Reading:
    """A text on its way to a value; every key and item keeps its line, and of two equal keys the first counts."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._breaks = [found.end() for found in _LINE_BREAK.finditer(text)]
        self.ahead: deque[yaml.Event] = deque()
        self.lines: dict[Location, int] = {}
        self.problems: list[Problem] = []

    def tell(self, index: int, message: str) -> None:
        self.problems.append(Problem(self._name, self._line(index), message))

    def collect(self, loader: yaml.SafeLoader) -> None:
        """Take the events one by one, so that nothing can explode or nest too deep before it is refused."""
        depth = 0
        while loader.check_event():
            event = cast("yaml.Event", loader.get_event())  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.DocumentStartEvent) and self.ahead:
                self.tell(_index(event), "a second document begins here (---); put it into a file of its own")
                return
            if depth > MAX_DEPTH:
                self.tell(_index(event), f"is nested more than {MAX_DEPTH} levels deep; a bracket may not be closed")
                return
            kind = "alias *" if isinstance(event, yaml.AliasEvent) else "anchor &"
            for what, mark in ((kind, getattr(event, "anchor", None)), ("tag ", getattr(event, "tag", None))):
                if mark:
                    self.tell(_index(event), f"the {what}{_cut(mark)} is not supported; write the plain value instead")
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
            self.tell(_index(event), "a key must be a text; put it into quotes")
            for _ in ("key", "value"):
                self.build((*location, ""))
            return
        key = self._text(cast("yaml.ScalarEvent", self.ahead.popleft()))
        first = self.lines.setdefault((*location, key), self._line(_index(event)))
        if key in mapping:
            self.tell(_index(event), f"the key {show(key)} stands here again (first in line {first}); keep one")
        mapping.setdefault(key, self.build((*location, key)))

    def _text(self, event: yaml.ScalarEvent) -> str:
        if found := _UNSHOWABLE.search(event.value):
            what = f"a control character or half of a character (U+{ord(found[0]):04X})"
            self.tell(_index(event), f"holds {what}, which cannot be shown; remove it, or write the character itself")
        return _UNSHOWABLE.sub("\ufffd", event.value)

    def _line(self, index: int) -> int:
        return bisect_right(self._breaks, index) + 1


def _index(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _scalar(text: str, implicit: tuple[bool, bool]) -> str | int | float | bool | None:
    """Return what a scalar means; `implicit` tells whether it stands there plain, or in quotes or as a block."""
    for pattern, meaning in _PLAIN if implicit[0] else ():
        if pattern.fullmatch(text):
            return meaning(text)
    return text


def show(value: object) -> str:
    """Return a value as a problem shows it: cut, and never what is inside it, which may be a secret."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    if isinstance(value, dict | list | tuple):
        return "keys and values" if isinstance(value, dict) else "a list"
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def validate(model: type[_Model], document: Document, location: Location = ()) -> tuple[_Model | None, list[Problem]]:
    """Return a document as a pydantic model, or None and everything that does not fit, each with its line.

    Args:
        model: The model.
        document: The document.
        location: Where in the document the model begins, for a document that is checked piece by piece.
    """
    value = document.value
    for step in location:
        value = value[step]
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [_to_problem(model, document, location, detail) for detail in error.errors(include_url=False)]


_IN_PLAIN_WORDS = {
    "string_type": "should be a text (put it into quotes)",
    "string_too_short": "should not be empty",
    "string_too_long": "should have at most {max_length} characters",
    "bool_type": "should be true or false",
    "int_type": "should be a whole number",
    "float_type": "should be a number",
    "path_type": "should be the path of a file or folder",
    "list_type": "should be a list",
    "tuple_type": "should be a list",
    "dict_type": "should have keys below it",
    "model_type": "should have keys below it",
    "too_short": "should have at least {min_length} in it",
    "too_long": "should have at most {max_length} items",
    "greater_than": "should be above {gt:g}",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
    "finite_number": "should be a finite number",
}
"""pydantic's types of errors as somebody reads them who has never heard of it."""


def _to_problem(model: type[BaseModel], document: Document, start: Location, detail: ErrorDetails) -> Problem:
    # pydantic marks a wrong key of a mapping by a last step called "[key]"; the line is that of the key itself.
    inner = tuple(step for step in detail["loc"] if step != "[key]")
    location = (*start, *inner)
    where = _spell_out(location) or "the file"
    if detail["type"] == "extra_forbidden":
        known = _keys_at(model, inner[:-1])
        close = get_close_matches(str(inner[-1]), known, n=1)
        advice = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
        return document.problem(location, f"unknown key {where!r}; {advice}")
    if detail["type"] == "missing":
        return document.problem(location[:-1], f"the key {where!r} is missing; add it")
    if detail["type"] == "value_error":
        return document.problem(location, f"{where}: {detail['msg'].removeprefix('Value error, ')}")
    plain = _IN_PLAIN_WORDS.get(detail["type"])
    message = plain.format_map(detail.get("ctx", {})) if plain else detail["msg"]
    return document.problem(location, f"{where} {message}, found {show(detail['input'])}")


def _spell_out(location: Location) -> str:
    """Return a location as people write it: entries[2].links[0].url, list positions from 1."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{_cut(step)}" for step in location).removeprefix(
        "."
    )


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a model knows at a location."""
    found = model
    for step in location:
        # Any other step picks an item of a list or of a mapping, whose model the step before has found.
        if step in found.model_fields:
            found = _model_within(found.model_fields[str(step)].annotation) or found
    return list(found.model_fields)


def _model_within(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type annotation
    """Return the model that an annotation is or holds: in an optional, a list or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((one for inner in get_args(annotation) if (one := _model_within(inner))), None)

"""Strict YAML with line numbers, for every file that a person writes.

Only what people mean is read: mappings, lists, texts, numbers, true, false and null as YAML 1.2's core schema has them
(https://yaml.org/spec/1.2.2/#103-core-schema). So `no`, `on`, dates and `12:30` stay texts. Anchors and aliases are
refused (a few lines of them can stand for gigabytes), tags, double keys and second documents likewise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from .core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES = 4 * 2**20
"""A thousand entries with ten phrasings and long answers take about 2 MiB."""
MAX_DEPTH = 20
"""Our files need five levels; a file that nests deeper was not written by a person."""
_SHOWN = 60
"""Characters of a wrong value that a problem repeats."""

_Model = TypeVar("_Model", bound=BaseModel)
Location = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""


class _Loader(yaml.SafeLoader):
    """PyYAML's loader with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern, _first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    # A point is required, which YAML 1.1 and 1.2 agree on; 1E5 may be a product's name.
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+][0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs leave it untyped
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )


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
    """Return the document of a file, or None and what is wrong with it.

    Args:
        path: The file.
        name: How problems name it; the path by default.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return None, [Problem(name, 0, f"cannot be read: {error.strerror or error}")]
    if len(content) > MAX_BYTES:
        return None, [Problem(name, 0, f"is larger than {MAX_BYTES // 2**20} MiB; split it into several files")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Problem(name, line, "is not UTF-8 text; save it with the encoding UTF-8")]
    return parse_document(text, name)


def parse_document(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """Return the document that a text is, or None and what is wrong with it."""
    try:
        # The events first: they come one by one, so nothing can explode or nest too deep before it is refused.
        if extras := list(_refuse_extras(text, name)):
            return None, extras
        node = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Problem(name, line, f"holds a character that YAML does not allow (U+{error.character:04X})")]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "check the indentation, and put texts that hold ': ' or ' #', or a '?' inside [brackets], into quotes"
        return None, [Problem(name, mark.line + 1 if mark else 0, f"this is not valid YAML ({error.problem}); {hint}")]
    lines: dict[Location, int] = {}
    problems: list[Problem] = []
    value = _convert(node, (), lines, problems, name) if node else None
    return (None, problems) if problems else (Document(name, value, lines), [])


def _refuse_extras(text: str, name: str) -> Iterator[Problem]:
    """Yield a problem for everything that our files do not need; stop where reading on could be endless."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    yield Problem(name, line, "a second document begins here (---); put it into a file of its own")
                    return
            case yaml.AliasEvent():
                yield Problem(name, line, f"the alias *{event.anchor} is not supported; write the value out")
            case yaml.NodeEvent():
                yield from _refuse_marks(event, name, line)
            case _:
                pass
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield Problem(name, line, f"is nested more than {MAX_DEPTH} levels deep; a bracket may not be closed")
            return


def _refuse_marks(event: yaml.NodeEvent, name: str, line: int) -> Iterator[Problem]:
    if event.anchor:
        yield Problem(name, line, f"the anchor &{event.anchor} is not supported; remove it")
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
        yield Problem(name, line, f"the tag {event.tag} is not supported; remove it")


def _convert(
    node: yaml.Node, location: Location, lines: dict[Location, int], problems: list[Problem], name: str
) -> Any:  # noqa: ANN401 - whatever the file holds
    lines.setdefault(location, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, (*location, at), lines, problems, name) for at, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(Problem(name, line, "a key must be a text"))
                continue
            key = key_node.value
            if key in mapping:
                first = lines[*location, key]
                problems.append(
                    Problem(name, line, f"the key {key!r} stands here again (first in line {first}); keep one")
                )
                continue
            lines[*location, key] = line
            mapping[key] = _convert(value_node, (*location, key), lines, problems, name)
        return mapping
    return _scalar(node)


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return node.value.casefold() == "true"
        case "int":
            # Python refuses to read absurdly long numbers; such a one is a text by accident.
            return int(node.value) if len(node.value) <= _SHOWN else node.value
        case "float":
            return float(node.value)
        case _:
            return node.value


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
    "too_short": "should have at least {min_length} items",
    "too_long": "should have at most {max_length} items",
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
    message = _IN_PLAIN_WORDS.get(detail["type"], detail["msg"]).format_map(detail.get("ctx", {}))
    found = "nothing" if detail["input"] is None else repr(detail["input"])
    found = found if len(found) <= _SHOWN else found[:_SHOWN] + "…"
    return document.problem(location, f"{where} {message}, found {found}")


def _spell_out(location: Location) -> str:
    """Return a location as people write it: entries[2].links[0].url, list positions from 1."""
    text = ""
    for step in location:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a model knows at a location."""
    found: Any = model
    for step in location:
        if isinstance(step, str) and isinstance(found, type) and issubclass(found, BaseModel):
            field = found.model_fields.get(step)
            found = _model_within(field.annotation) if field else None
    return list(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else []


def _model_within(annotation: Any) -> Any:  # noqa: ANN401 - any type annotation
    """Return the model inside an optional, a list or a mapping of models; the annotation itself if there is none."""
    if get_origin(annotation) in {Union, UnionType, tuple, list, dict}:
        models = [_model_within(argument) for argument in get_args(annotation)]
        return next((one for one in models if isinstance(one, type) and issubclass(one, BaseModel)), annotation)
    return annotation

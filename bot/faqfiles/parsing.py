"""The entries of all scopes, parsed and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from ..core.errors import FaqInvalidError, Problem
from ..core.speech import sentence
from ..yamlfile import Document, read_document, validate
from .schema import EntryModel, FaqModel, salvage
from .scope import Placed, find_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..core.types import Entry, FaqScope
    from .finding import Finder


@dataclass(frozen=True, slots=True)
class _Content:
    """What a file, or several, gave.

    Attributes:
        placed: The entries, also those that are not valid.
        complete: False if something could not be read, so that there may be more entries.
    """

    placed: list[Placed]
    complete: bool


def parse_files(scopes: Mapping[FaqScope, Sequence[str]], finder: Finder) -> Mapping[FaqScope, Sequence[Entry]]:
    """Return the entries of each scope, those that are not enabled too. Each file is read once, whoever names it.

    Args:
        scopes: For each scope the files, as paths or patterns.
        finder: Finds them.

    Raises:
        FaqInvalidError: With every problem of every file.
    """
    problems: set[Problem] = set()
    between: dict[Problem, list[FaqScope]] = {}
    files: dict[Path, _Content] = {}
    read: dict[FaqScope, list[Entry]] = {}
    for scope, patterns in scopes.items():
        found = _read_scope(patterns, finder, files, problems)
        for problem in find_problems(found.placed, complete=found.complete):
            between.setdefault(problem, []).append(scope)
        read[scope] = [one.entry for one in found.placed]
    problems.update(_name_servers(problem, where) for problem, where in between.items())
    if problems:
        raise FaqInvalidError(list(problems))
    return read


def _read_scope(
    patterns: Sequence[str], finder: Finder, files: dict[Path, _Content], problems: set[Problem]
) -> _Content:
    """Return the entries of a scope's files, each file once, those of one pattern sorted by name."""
    placed: list[Placed] = []
    seen: set[Path] = set()
    complete = True
    for pattern in patterns:
        missing: set[Problem] = set()
        paths = finder.find(pattern, missing)
        problems.update(missing)
        complete = complete and not missing
        for path in paths:
            if (resolved := path.resolve()) in seen:
                continue
            seen.add(resolved)
            if resolved not in files:
                files[resolved] = _read_file(path, finder.name(path), problems)
            placed += files[resolved].placed
            complete = complete and files[resolved].complete
    return _Content(placed, complete)


def _name_servers(problem: Problem, scopes: Sequence[FaqScope]) -> Problem:
    """Return a problem between entries with the servers in whose FAQ alone it is one."""
    if None in scopes:
        return problem
    servers = ", ".join(str(scope) for scope in scopes)
    told = sentence("{problem} (in the FAQ of server {servers})", problem=problem.message, servers=servers)
    return replace(problem, message=told)


def _read_file(path: Path, name: str, problems: set[Problem]) -> _Content:
    document, found = read_document(path, name)
    problems.update(found)
    if document is None:
        return _Content([], complete=False)
    _, found = validate(FaqModel, document)
    problems.update(found)
    # Each entry by itself, and also where the file's head is wrong, so that people hear of everything at once.
    entries = _entries_of(document)
    placed = [_read_entry(document, number, entry, problems) for number, entry in enumerate(entries)]
    return _Content(placed, complete=True)


def _entries_of(document: Document) -> list[object]:
    entries = _mapping(document.value).get("entries")
    return cast("list[object]", entries) if isinstance(entries, list) else []


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _read_entry(document: Document, number: int, value: object, problems: set[Problem]) -> Placed:
    location = ("entries", number)
    entry, found = validate(EntryModel, document, location)
    problems.update(found)
    if entry is None:
        raw = _mapping(value)
        return Placed(salvage(raw), document, location)
    return Placed(entry.to_core(), document, location)

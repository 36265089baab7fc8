"""Reading the FAQ files of every scope."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from glob import glob, has_magic
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, cast

from ..core.errors import FaqInvalidError, Problem
from ..core.speech import sentence
from ..yamlfile import Document, read_document, unreadable, validate
from .schema import EntryModel, FaqModel, salvage
from .scope import Placed, find_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..core.speech import Sentence
    from ..core.types import Entry, FaqScope

_NO_FILE = sentence("no FAQ file is here; write one (the README shows the form), or mend faq.files in the config")


@dataclass(frozen=True, slots=True)
class _Content:
    """What a file, or several, gave.

    Attributes:
        placed: The entries, also those that are not valid.
        complete: False if something could not be read, so that there may be more entries.
    """

    placed: list[Placed]
    complete: bool


class FaqFiles:
    """A FaqSource over YAML files.

    Args:
        scopes: For each scope the files, as paths or glob patterns; the scope None has to be there.
        base: The folder that relative paths start from.
    """

    def __init__(self, scopes: Mapping[FaqScope, Sequence[str]], base: Path) -> None:
        self._scopes = {scope: tuple(patterns) for scope, patterns in scopes.items()}
        self._base = base

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        """See FaqSource. Files are read in a thread, each once however many scopes name it."""
        return await asyncio.to_thread(self._read)

    async def read_stamp(self) -> str:
        """See FaqSource. Names, sizes and times of change; nothing is read."""
        return await asyncio.to_thread(self._read_stamp)

    def _read_stamp(self) -> str:
        stamps: list[str] = []
        for pattern in sorted({pattern for patterns in self._scopes.values() for pattern in patterns}):
            for path in self._find(pattern, set()) or [self._base / pattern]:
                try:
                    status = path.stat()
                except (OSError, ValueError):
                    stamps.append(f"{path} is not there")
                else:
                    stamps.append(f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
        return "\n".join(stamps)

    def _read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        problems: set[Problem] = set()
        between: dict[Problem, list[FaqScope]] = {}
        files: dict[Path, _Content] = {}
        scopes: dict[FaqScope, list[Entry]] = {}
        for scope, patterns in self._scopes.items():
            found = self._read_scope(patterns, files, problems)
            for problem in find_problems(found.placed, complete=found.complete):
                between.setdefault(problem, []).append(scope)
            scopes[scope] = [one.entry for one in found.placed]
        problems.update(_name_servers(problem, where) for problem, where in between.items())
        if problems:
            raise FaqInvalidError(list(problems))
        return scopes

    def _read_scope(self, patterns: Sequence[str], files: dict[Path, _Content], problems: set[Problem]) -> _Content:
        """Return the entries of a scope's files, each file once, those of one pattern sorted by name."""
        placed: list[Placed] = []
        seen: set[Path] = set()
        complete = True
        for pattern in patterns:
            paths = self._find(pattern, problems)
            complete = complete and bool(paths)
            for path in paths:
                if (resolved := path.resolve()) in seen:
                    continue
                seen.add(resolved)
                if resolved not in files:
                    files[resolved] = _read_file(path, self._name(path), problems)
                placed += files[resolved].placed
                complete = complete and files[resolved].complete
        return _Content(placed, complete)

    def _find(self, pattern: str, problems: set[Problem]) -> list[Path]:
        path = self._base / pattern
        fault = _find_fault(path)
        # A file may be called "faq [old].yaml": what is there is meant, even if it could be a pattern.
        if fault == _NO_FILE and has_magic(pattern):
            # Only the pattern is one: a folder above it may be called "my [bot]".
            names = sorted(glob(pattern, root_dir=self._base, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
            if found := [path for name in names if _find_fault(path := self._base / name) is None]:
                return found
        if fault is None:
            return [path]
        problems.add(Problem(pattern, 0, fault))
        return []

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._base)) if path.is_relative_to(self._base) else str(path)


def _find_fault(path: Path) -> Sentence | None:
    """Return why a path is no file that can be read, None if it is one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _NO_FILE
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        return unreadable(error)
    if S_ISDIR(mode):
        return sentence("is a folder; name the files in it, like '{name}/*.yaml'", name=path.name)
    return None if S_ISREG(mode) else _NO_FILE


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

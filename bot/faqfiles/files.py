"""Reading the FAQ files of every scope."""

from __future__ import annotations

import asyncio
from glob import glob, has_magic
from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError, Problem
from ..yamlfile import read_document, validate
from .schema import EntryModel, FaqModel
from .scope import Placed, find_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..core.types import Entry, FaqScope


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

    def _read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        problems: set[Problem] = set()
        files: dict[Path, list[Placed]] = {}
        scopes: dict[FaqScope, list[Entry]] = {}
        for scope, patterns in self._scopes.items():
            placed: list[Placed] = []
            for path in self._find(patterns, problems):
                if path not in files:
                    files[path] = _read_file(path, self._name(path), problems)
                placed += files[path]
            # Two servers may share a file, and so its problems: a set tells each once.
            problems.update(find_problems(placed))
            scopes[scope] = [one.entry for one in placed if one.enabled]
        if problems:
            raise FaqInvalidError(list(problems))
        return scopes

    def _find(self, patterns: Sequence[str], problems: set[Problem]) -> Iterator[Path]:
        """Yield the files of some patterns, each once, those of one pattern sorted by name."""
        seen: set[Path] = set()
        for pattern in patterns:
            # Only the pattern is one: a folder above it may be called "my [bot]".
            names = sorted(glob(pattern, root_dir=self._base, recursive=True)) if has_magic(pattern) else [pattern]  # noqa: PTH207 - Path.glob takes no absolute patterns
            found = [path for name in names if (path := self._base / name).is_file()]
            if not found:
                advice = "no FAQ file is here; write one (the README shows the form), or mend faq.files in the config"
                problems.add(Problem(pattern, 0, advice))
            for path in found:
                if (resolved := path.resolve()) not in seen:
                    seen.add(resolved)
                    yield path

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._base)) if path.is_relative_to(self._base) else str(path)


def _read_file(path: Path, name: str, problems: set[Problem]) -> list[Placed]:
    document, found = read_document(path, name)
    if document is None:
        problems.update(found)
        return []
    head, found = validate(FaqModel, document)
    problems.update(found)
    placed: list[Placed] = []
    # Each entry by itself, so that the sound ones can be compared with those of other files all the same.
    for number in range(len(head.entries) if head else 0):
        location = ("entries", number)
        entry, found = validate(EntryModel, document, location)
        problems.update(found)
        if entry is not None:
            placed.append(Placed(entry.to_core(), entry.enabled, document, location))
    return placed

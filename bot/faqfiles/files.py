"""Reading the FAQ files of every scope."""

from __future__ import annotations

import asyncio
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError, Problem
from ..yamlfile import read_document, validate
from .schema import FaqModel
from .scope import Placed, find_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
            whole = str(self._base / pattern)
            found = sorted(map(Path, glob(whole, recursive=True))) if has_magic(pattern) else [Path(whole)]  # noqa: PTH207 - patterns may be absolute
            found = [path for path in found if not path.is_dir()]
            if not found or not found[0].exists():
                advice = (
                    "no FAQ file is here; write one (the README shows the form), or mend faq.files in the configuration"
                )
                problems.add(Problem(pattern, 0, advice))
                continue
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
    model, found = validate(FaqModel, document)
    problems.update(found)
    if model is None:
        return []
    return [
        Placed(entry.to_core(), entry.enabled, document, ("entries", number))
        for number, entry in enumerate(model.entries)
    ]

"""Reading the FAQ files of every scope."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .finding import Finder
from .keeping import name_entries, pack_entries, unpack_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..core.types import Entry, FaqScope
    from .keeping import Cache


class FaqFiles:
    """A FaqSource over YAML files.

    Args:
        scopes: For each scope the files, as paths or glob patterns; the scope None has to be there.
        base: The folder that relative paths start from.
        cache: Keeps what sound files say, which need not be parsed again until one of them changes.
    """

    def __init__(self, scopes: Mapping[FaqScope, Sequence[str]], base: Path, cache: Cache | None = None) -> None:
        self._scopes = {scope: tuple(patterns) for scope, patterns in scopes.items()}
        self._finder = Finder(base)
        self._cache = cache

    async def read(self) -> Mapping[FaqScope, Sequence[Entry]]:
        """See FaqSource. Files are read in a thread, each once however many scopes name it.

        Raises:
            StoreUnavailableError: The cache could not be read or written.
        """
        name = await asyncio.to_thread(self._name) if self._cache else None
        if self._cache is None or name is None:
            return await asyncio.to_thread(self._parse)
        content = await self._cache.read_kept(name)
        known = None if content is None else await asyncio.to_thread(unpack_entries, content)
        if known is not None:
            return known
        scopes = await asyncio.to_thread(self._parse)
        # A file that was changed meanwhile may have been parsed after it was named, or before.
        if await asyncio.to_thread(self._name) == name:
            await self._cache.keep(name, await asyncio.to_thread(pack_entries, scopes))
        return scopes

    async def read_stamp(self) -> str:
        """See FaqSource. Names, sizes and times of change; nothing is read."""
        return await asyncio.to_thread(self._read_stamp)

    def _read_stamp(self) -> str:
        stamps: list[str] = []
        problems: set[Problem] = set()
        for pattern in sorted({pattern for patterns in self._scopes.values() for pattern in patterns}):
            for path in self._finder.find(pattern, problems) or [self._finder.base / pattern]:
                try:
                    status = path.stat()
                except (OSError, ValueError):
                    stamps.append(f"{path} is not there")
                else:
                    stamps.append(f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
        return "\n".join([*stamps, *sorted(map(str, problems))])

    def _parse(self) -> Mapping[FaqScope, Sequence[Entry]]:
        # With all that it needs it takes a tenth of a second to import, for which files that are known need not wait.
        from .parsing import parse_files  # noqa: PLC0415

        return parse_files(self._scopes, self._finder)

    def _name(self) -> str | None:
        """Return the name under which the entries are kept, None if a file cannot be read: who parses says why."""
        try:
            return name_entries(self._list_parts())
        except (OSError, ValueError):
            return None

    def _list_parts(self) -> Iterator[str | bytes]:
        """Yield everything that the entries depend on.

        Raises:
            OSError, ValueError: A file cannot be read.
        """
        problems = set[Problem]()
        for scope, patterns in self._scopes.items():
            yield f"scope {scope}"
            for pattern in patterns:
                yield f"pattern {pattern}"
                for path in self._finder.find(pattern, problems):
                    # The same file under two names counts once.
                    yield f"file {self._finder.name(path)} {path.resolve()}"
                    yield path.read_bytes()
        if problems:
            raise FileNotFoundError("a file that is meant cannot be read")

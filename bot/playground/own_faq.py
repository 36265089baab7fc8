"""Somebody's own FAQ, as files that were dropped on the page: read like any other, with every problem in its line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError, Problem
from ..core.speech import verbatim
from ..faqfiles import FaqFiles
from ..faqfiles.formats import Format, read_faq, write_faq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_FILES = 20
"""As many as a folder of FAQ files has where one topic has one file."""
_MAX_NAME = 100
"""Characters of a file's name; file systems take 255 bytes, and its ending is still to come."""
_YAML = (".yaml", ".yml")
SHELVED = "*"
"""The files of a folder that was filled here: they keep their names, whatever they were before they became YAML."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name, with or without folders before it, and what is in it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shelved:
    """Files that can be used.

    Attributes:
        names: As people call them.
        notes: By name, what could not be kept of a file in another format.
    """

    names: tuple[str, ...]
    notes: Mapping[str, tuple[str, ...]]


async def shelve(uploads: Sequence[Upload], folder: Path) -> Shelved:
    """Write files into an empty folder as FAQ files of ours, and check all of them together.

    YAML stays as it is, so that problems name its lines; what is in another format is converted.

    Args:
        uploads: The files.
        folder: Where to.

    Raises:
        FaqInvalidError: They cannot be used; with every problem, by the names and lines that people know.
    """
    return await asyncio.to_thread(_write, uploads, folder)


def _write(uploads: Sequence[Upload], folder: Path) -> Shelved:
    problems: list[Problem] = []
    notes: dict[str, tuple[str, ...]] = {}
    taken: list[str] = []
    for upload in uploads:
        name = plain_name(upload.name)
        if name in taken:
            problems.append(Problem(name, 0, verbatim("is there twice; rename one of them")))
            continue
        taken.append(name)
        if name.lower().endswith(_YAML):
            (folder / name).write_bytes(upload.content)
            continue
        try:
            found = read_faq(upload.content, name)
        except FaqInvalidError as error:
            problems += error.problems
            continue
        notes[name] = tuple(map(str, found.notes))
        (folder / name).write_bytes(write_faq(found.entries, Format.YAML, title=found.title or name))
    # Of what was converted people have other lines.
    problems += [replace(problem, line=0) if problem.path in notes else problem for problem in _check(folder)]
    if problems:
        raise FaqInvalidError(problems)
    return Shelved(tuple(taken), notes)


def _check(folder: Path) -> tuple[Problem, ...]:
    if not any(folder.iterdir()):
        return ()
    try:
        asyncio.run(FaqFiles({None: (SHELVED,)}, folder).read())
    except FaqInvalidError as error:
        return error.problems
    return ()


def plain_name(name: str) -> str:
    """Return the last part of a name, with nothing in it that could lead elsewhere or would not be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip().lstrip(".")
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[:_MAX_NAME]}{dot}{ending[:_MAX_NAME]}" if stem else shown[:_MAX_NAME] or "unnamed"

"""Somebody's own FAQ, as files that were dropped on the page: read like any other, with every problem in its line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError, Problem
from ..core.speech import verbatim
from ..faqfiles import FaqFiles
from ..faqfiles.formats import Format, read_faq, write_faq
from .town import FAQ_FILES, shipped_faq

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


_TABLES = (".csv", ".tsv", ".xlsx")
"""What people keep an FAQ in beside YAML. A folder may hold all sorts of Markdown and JSON that is none."""


@dataclass(frozen=True, slots=True)
class FaqChoice:
    """An FAQ to play with.

    Attributes:
        name: What people call it.
        folder: Where its files are.
        pattern: Which of the files there are meant.
        own: Whether it was dropped on the page.
    """

    name: str
    folder: Path
    pattern: str = FAQ_FILES
    own: bool = False


SHIPPED = FaqChoice("the shipped FAQ", shipped_faq())


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


async def choose_first(faq: Path | None, shelf: Path) -> FaqChoice:
    """Return the FAQ to begin with.

    Args:
        faq: A folder; None for the shipped FAQ. If there are tables in it, they count as well as its YAML.
        shelf: An empty folder for what has to be converted.

    Raises:
        FaqInvalidError: The tables, or the YAML beside them, cannot be used.
    """
    if faq is None:
        return SHIPPED
    name, files = await asyncio.to_thread(_read_folder, faq)
    if not any(upload.name.lower().endswith(_TABLES) for upload in files):
        return FaqChoice(name, faq)
    try:
        await shelve(files, shelf)
    except FaqInvalidError as error:
        problems = [replace(problem, path=str(faq / problem.path)) for problem in error.problems]
        raise FaqInvalidError(problems) from error
    return FaqChoice(name, shelf, SHELVED)


def _read_folder(folder: Path) -> tuple[str, list[Upload]]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    wanted = [file for file in files if file.name.lower().endswith((*_YAML, *_TABLES)) and file.is_file()]
    return folder.resolve().name, [Upload(file.name, file.read_bytes()) for file in wanted]


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

"""Bring the catalogues up to date: add what the bot says and a catalogue lacks, drop what is said no more.

    python tools/catalogue.py

What is new has an empty translation; the tests fail until somebody has filled it in.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polib
from discord import app_commands
from discord.ext import commands

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.cogs.translator import NAME_CONTEXT  # noqa: E402 - the package lies beside this folder
from bot.core.speech import LANGUAGES  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_WORDINGS = {"sentence": 1, "counted": 2}
"""Functions that make sentences, and how many of their arguments are wordings."""
WIDTH = 110


@dataclass(frozen=True, order=True)
class Message:
    """Something to be translated: its English wording, that for numbers other than 1, and where it stands."""

    text: str
    plural: str = ""
    context: str = ""


def collect() -> set[Message]:
    """Return everything that the bot says.

    Raises:
        ValueError: Somewhere a sentence is made of something other than a literal.
    """
    return {*_from_texts(), *_from_code(), *_from_commands()}


def find_texts() -> dict[str, str]:
    """Return the texts of the modules that hold nothing but what the bot says, by module and name."""
    return {
        f"{module.__name__.removeprefix('bot.cogs.')}.{name}": value
        for module in _modules("*texts.py")
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }


def _from_texts() -> Iterator[Message]:
    return (Message(text) for text in find_texts().values())


def _from_code() -> Iterator[Message]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        # What the command line says stays English: whoever runs a bot reads its log too.
        if not path.is_relative_to(ROOT / "bot" / "cli"):
            yield from read_sentences(path.read_text(encoding="utf-8"), path.name)


def read_sentences(code: str, name: str) -> Iterator[Message]:
    """Yield the sentences that a module makes.

    Raises:
        ValueError: One of them is no literal, so that no catalogue could know it.
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WORDINGS:
            wordings = node.args[: _WORDINGS[node.func.id]]
            said = [one.value for one in wordings if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(said) != _WORDINGS[node.func.id]:
                raise ValueError(f"{name}:{node.lineno}: what `{node.func.id}` says has to be a literal")
            yield Message(*said)


def _from_commands() -> Iterator[Message]:
    for cog in _cogs():
        if cog.__cog_is_app_commands_group__:
            yield Message(str(cog.__cog_group_name__), context=NAME_CONTEXT)
            yield Message(str(cog.__cog_group_description__))
        for command in cog.__cog_app_commands__:
            yield from said_by_command(command)


def said_by_command(command: Any) -> Iterator[Message]:  # noqa: ANN401 - a command of any cog, or a group
    """Yield what people see of a command: names, descriptions, and choices that are words."""
    yield Message(command.name, context=NAME_CONTEXT)
    yield Message(command.description)
    if isinstance(command, app_commands.Group):
        for inner in command.commands:
            yield from said_by_command(inner)
        return
    for parameter in command.parameters:
        yield Message(str(parameter.display_name), context=NAME_CONTEXT)
        described = str(parameter.description)
        # Where nothing is described stands an ellipsis of discord.py's own.
        yield from [Message(described)] if any(map(str.isalpha, described)) else []
        # YAML is YAML everywhere.
        yield from (Message(choice.name) for choice in parameter.choices if not choice.name.isupper())


def find_commands() -> list[str]:
    """Return the full names of all commands and their groups, such as "faq" and "faq add"."""
    names: list[str] = []
    for cog in _cogs():
        group = str(cog.__cog_group_name__) if cog.__cog_is_app_commands_group__ else ""
        names += [group] if group else []
        for command in cog.__cog_app_commands__:
            names += _full_names(command, group)
    return names


def _full_names(command: Any, group: str) -> Iterator[str]:  # noqa: ANN401 - likewise
    name = f"{group} {command.name}".strip()
    yield name
    for inner in command.commands if isinstance(command, app_commands.Group) else ():
        yield from _full_names(inner, name)


def _cogs() -> Iterator[Any]:
    for module in _modules("*.py"):
        for cog in vars(module).values():
            if isinstance(cog, type) and issubclass(cog, commands.Cog) and cog.__module__ == module.__name__:
                yield cog


def _modules(pattern: str) -> list[ModuleType]:
    paths = sorted((ROOT / "bot" / "cogs").rglob(pattern))
    names = (path.relative_to(ROOT).with_suffix("").parts for path in paths if path.stem != "__init__")
    return [import_module(".".join(name)) for name in names]


def path_of(language: str) -> Path:
    """Return the catalogue of a language."""
    return ROOT / "bot" / "resources" / "locales" / f"{language}.po"


def key_of(entry: polib.POEntry) -> Message:
    """Return what an entry of a catalogue translates."""
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def update(catalogue: polib.POFile, wanted: set[Message]) -> polib.POFile:
    """Return a catalogue with what it lacks, and without what is said no more."""
    known = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
    updated = polib.POFile(wrapwidth=WIDTH)
    updated.header, updated.metadata = catalogue.header, catalogue.metadata
    for message in sorted(wanted, key=lambda one: (one.context, one.text, one.plural)):
        updated.append(known.get(message) or _empty(message))
    return updated


def _empty(message: Message) -> polib.POEntry:
    if not message.plural:
        return polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    return polib.POEntry(msgid=message.text, msgid_plural=message.plural, msgstr_plural={0: "", 1: ""})


def main() -> None:
    """Update every catalogue."""
    wanted = collect()
    for language in LANGUAGES[1:]:
        catalogue = polib.pofile(str(path_of(language)), wrapwidth=WIDTH)
        updated = update(catalogue, wanted)
        updated.save(str(path_of(language)))
        empty = sum(not entry.translated() for entry in updated)
        dropped = len({key_of(entry) for entry in catalogue} - wanted)
        print(f"{language}: {len(wanted)} texts, {empty} to translate, {dropped} dropped")  # noqa: T201 - printing is what it is for


if __name__ == "__main__":
    main()

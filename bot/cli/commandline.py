"""Slash commands as one line of text: ``/ask question: where is it private: true``, or short, ``/ask where is it``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SUBCOMMAND, _GROUP, _STRING, _INTEGER, _BOOLEAN = 1, 2, 3, 4, 5
"""Option types. Source: Discord's documentation, "Application Command Option Type"."""
_CHAT_INPUT = 1


@dataclass(frozen=True, slots=True)
class Call:
    """A slash command that somebody typed.

    Attributes:
        name: The command.
        subcommand: Its subcommand, with the group before it; None without one.
        options: The values of its options, by name.
        completing: The option that is to be completed and the text typed so far; None to run the command.
    """

    name: str
    subcommand: str | None = None
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict[str, "str | int | float | bool"])
    completing: tuple[str, str] | None = None


def parse_command(line: str, known: Mapping[str, Mapping[str, Any]]) -> Call:
    """Return the call that a line without its slash stands for.

    Args:
        line: The name, subcommands, then either ``option: value`` pairs or the value of the first text option. A
            question mark behind the name asks for completion of that option.
        known: The commands by name, as Discord lists them.

    Raises:
        ValueError: There is no such command, or a value does not fit its option.
    """
    name, _, rest = line.partition(" ")
    name, completing = name.removesuffix("?"), name.endswith("?")
    command = known.get(name)
    if command is None or command.get("type", _CHAT_INPUT) != _CHAT_INPUT:
        commands = " ".join(f"/{one['name']}" for one in known.values() if one.get("type", 1) == _CHAT_INPUT)
        raise ValueError(f"there is no command /{name}; there are {commands}")
    options: Sequence[Mapping[str, Any]] = command.get("options", ())
    path: list[str] = []
    while options and options[0]["type"] in {_SUBCOMMAND, _GROUP}:
        word, _, rest = rest.strip().partition(" ")
        found = next((option for option in options if option["name"] == word), None)
        if found is None:
            raise ValueError(f"/{name} goes on with one of: {' '.join(option['name'] for option in options)}")
        path.append(word)
        options = found.get("options", ())
    subcommand = " ".join(path) or None
    if completing:
        return Call(name, subcommand, completing=(_first_text(name, options), rest.strip()))
    return Call(name, subcommand, _parse_options(name, rest.strip(), options))


def _parse_options(name: str, text: str, options: Sequence[Mapping[str, Any]]) -> dict[str, str | int | float | bool]:
    names = "|".join(re.escape(option["name"]) for option in options)
    parts = re.split(rf"(?:^|\s)({names}):\s*", text) if names else [text]
    given = dict(zip(parts[1::2], (value.strip() for value in parts[2::2]), strict=True))
    if parts[0].strip():
        given[_first_text(name, options)] = parts[0].strip()
    types = {option["name"]: option["type"] for option in options}
    return {option: _to_value(option, value, types[option]) for option, value in given.items()}


def _first_text(name: str, options: Sequence[Mapping[str, Any]]) -> str:
    found = next((option["name"] for option in options if option["type"] == _STRING), None)
    if found is None:
        raise ValueError(f"/{name} takes no text")
    return found


def _to_value(option: str, text: str, kind: int) -> str | int | float | bool:
    if kind == _BOOLEAN:
        if text.casefold() not in {"true", "false", "yes", "no"}:
            raise ValueError(f"{option}: takes true or false")
        return text.casefold() in {"true", "yes"}
    if kind == _INTEGER:
        if not re.fullmatch(r"-?\d+", text):
            raise ValueError(f"{option}: takes a whole number")
        return int(text)
    return text

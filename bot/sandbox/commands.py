"""Application commands: registering them, and checking what a member fills in.

Source: Discord's documentation, "Application Commands".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ._json import as_list
from .errors import ApiError, not_found
from .forms import Form

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Application
    from .guild import Guild
    from .world import World

MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_NAME = 32
MAX_DESCRIPTION = 100
MAX_CHOICE_NAME = 100
MAX_STRING = 6000

_SLASH_NAME = re.compile(r"^[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}$")


class CommandType(IntEnum):
    """How a command is called (documentation: "Application Command Types")."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


MAX_COMMANDS = {CommandType.CHAT_INPUT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
"""Commands of each type in one scope."""


class OptionType(IntEnum):
    """Option types (documentation: "Application Command Option Type")."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = frozenset({OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP})


@dataclass(eq=False)
class Command:
    """A registered command; `body` is what its application sent, completed. Global where `guild` is None."""

    id: int
    application: Application
    guild: Guild | None
    body: Json
    version: int

    @property
    def type(self) -> int:
        """Slash, user menu or message menu."""
        return self.body["type"]

    @property
    def name(self) -> str:
        """The name members see."""
        return self.body["name"]

    def payload(self) -> Json:
        """The command object."""
        payload = {
            "id": str(self.id),
            "application_id": str(self.application.id),
            "version": str(self.version),
            "default_member_permissions": None,
            "description": "",
            "nsfw": False,
        } | {key: value for key, value in self.body.items() if key != "id" and value is not None}
        if payload["default_member_permissions"] is not None:
            payload["default_member_permissions"] = str(payload["default_member_permissions"])
        if self.guild is not None:
            payload["guild_id"] = str(self.guild.id)
        return payload


def of_scope(world: World, application: Application, guild: Guild | None) -> list[Command]:
    """An application's commands, global or of one guild."""
    return [each for each in world.commands.values() if each.application is application and each.guild is guild]


def usable_in(world: World, guild: Guild | None) -> list[Command]:
    """What can be called in a guild (or, without one, in direct messages): its own commands and the global ones."""
    installed = {app.id for app in world.applications.values() if guild is None or app.id in guild.members}
    return [
        each
        for each in world.commands.values()
        if each.application.id in installed
        and (each.guild is None or each.guild is guild)
        and (guild is not None or _in_dms(each))
    ]


def _in_dms(command: Command) -> bool:
    contexts = command.body.get("contexts")
    if contexts is not None:
        return 1 in contexts
    return command.body.get("dm_permission") is not False


def check(body: Json, form: Form, prefix: str = "") -> None:
    """Note in the form whatever Discord would refuse in a command."""
    if body.get("type", 1) == CommandType.CHAT_INPUT:
        _check_name(body, form, prefix)
        form.length(f"{prefix}description", body.get("description"), MAX_DESCRIPTION, 1)
        _check_options(as_list(body.get("options")), form, f"{prefix}options")
    else:
        form.length(f"{prefix}name", body.get("name"), MAX_NAME, 1)
        if body.get("description"):
            form.add(f"{prefix}description", "APPLICATION_COMMAND_INVALID", "Context menu commands have none")


def _check_name(body: Json, form: Form, prefix: str) -> None:
    name = body.get("name")
    form.length(f"{prefix}name", name, MAX_NAME, 1)
    if isinstance(name, str) and (not _SLASH_NAME.match(name) or name != name.lower()):
        form.add(f"{prefix}name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(options: list[Json], form: Form, path: str) -> None:
    form.count(path, options, MAX_OPTIONS)
    names: set[object] = set()
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{path}.{index}."
        _check_name(option, form, here)
        form.length(f"{here}description", option.get("description"), MAX_DESCRIPTION, 1)
        form.choice(f"{here}type", option.get("type"), set(map(int, OptionType)))
        if option.get("name") in names:
            form.add(f"{here}name", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", "Option name is not unique")
        names.add(option.get("name"))
        if option.get("required") and optional_seen:
            form.add(f"{here}required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first")
        optional_seen |= not option.get("required")
        _check_choices(as_list(option.get("choices")), form, f"{here}choices")
        _check_options(as_list(option.get("options")), form, f"{here}options")


def _check_choices(choices: list[Json], form: Form, path: str) -> None:
    form.count(path, choices, MAX_CHOICES)
    for index, choice in enumerate(choices):
        form.length(f"{path}.{index}.name", choice.get("name"), MAX_CHOICE_NAME, 1)


def register(world: World, application: Application, guild: Guild | None, body: Json) -> tuple[Command, bool]:
    """Create a command, or replace the one of the same name and type. The second value: whether it is new.

    Raises:
        ApiError: 400 for an invalid command or one too many.
    """
    form = Form()
    check(body, form)
    form.close()
    kind = int(body.get("type") or CommandType.CHAT_INPUT)
    siblings = [each for each in of_scope(world, application, guild) if each.type == kind]
    known = next((each for each in siblings if each.name == body["name"]), None)
    if known is None and len(siblings) >= MAX_COMMANDS[CommandType(kind)]:
        raise ApiError(400, 30032, "Maximum number of application commands reached")
    command_id = known.id if known else world.snowflakes.next()
    command = Command(command_id, application, guild, {**body, "type": kind}, world.snowflakes.next())
    world.commands[command_id] = command
    return command, known is None


def overwrite(world: World, application: Application, guild: Guild | None, bodies: list[Json]) -> list[Command]:
    """Replace a whole scope, as a sync does. Commands that stay keep their ids.

    Raises:
        ApiError: 400; the old commands then stay.
    """
    form = Form()
    seen: set[tuple[Any, ...]] = set()
    for index, body in enumerate(bodies):
        check(body, form, f"{index}.")
        key = (body.get("type") or 1, body.get("name"))
        if key in seen:
            form.add(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add(key)
    form.close()
    for command in of_scope(world, application, guild):
        if (command.type, command.name) not in seen:
            del world.commands[command.id]
    return [register(world, application, guild, body)[0] for body in bodies]


def get(world: World, application: Application, guild: Guild | None, command_id: int) -> Command:
    """A command by id.

    Raises:
        ApiError: 404 with code 10063.
    """
    command = world.commands.get(command_id)
    if command is None or command.application is not application or command.guild is not guild:
        raise not_found("Application Command")
    return command

"""Application commands: registering them, and checking what a member fills in.

Source: Discord's documentation, "Application Commands".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import command_checks
from .command_types import CONTEXT_BOT_DM, CONTEXT_GUILD, CommandType
from .errors import ApiError, not_found
from .forms import Form

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Application
    from .guild import Guild
    from .world import World

MAX_COMMANDS = {CommandType.CHAT_INPUT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
"""Commands of each type in one scope."""


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
        and _fits(each, in_guild=guild is not None)
    ]


def _fits(command: Command, *, in_guild: bool) -> bool:
    contexts = command.body.get("contexts")
    if contexts is not None:
        return (CONTEXT_GUILD if in_guild else CONTEXT_BOT_DM) in contexts
    return in_guild or command.body.get("dm_permission") is not False


def register(world: World, application: Application, guild: Guild | None, body: Json) -> tuple[Command, bool]:
    """Create a command, or replace the one of the same name and type. The second value: whether it is new.

    Raises:
        ApiError: 400 for an invalid command or one too many.
    """
    form = Form()
    command_checks.check(body, form)
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
        command_checks.check(body, form, f"{index}.")
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

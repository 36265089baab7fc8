"""Routes that register application commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import command_checks, commands, locales
from ._json import as_list
from .errors import ApiError, not_found
from .forms import Form
from .routing import NO_CONTENT, Call, Reply, Routes

if TYPE_CHECKING:
    from ._json import Json
    from .commands import Command
    from .guild import Guild

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
_ROLE = 1
"""What a permission is for (documentation: "Application Command Permission Type")."""

routes = Routes()


def _scope(call: Call) -> Guild | None:
    return call.guild() if "guild_id" in call.params else None


@routes.add("GET", _GLOBAL)
@routes.add("GET", _GUILD)
def listing(call: Call) -> Reply:
    """All commands of a scope; without their translations, unless they are asked for."""
    found = [each.payload() for each in commands.of_scope(call.world, call.application, _scope(call))]
    if call.query.get("with_localizations") in {"true", "True", "1"}:
        return Reply(body=found)
    # A bot has no language of its own.
    return Reply(body=[locales.in_language(each, None) for each in found])


@routes.add("POST", _GLOBAL)
@routes.add("POST", _GUILD)
def create(call: Call) -> Reply:
    """Register one command; 200 where it replaces one of the same name."""
    command, is_new = commands.register(call.world, call.application, _scope(call), call.body)
    return Reply(201 if is_new else 200, command.payload())


@routes.add("PUT", _GLOBAL)
@routes.add("PUT", _GUILD)
def overwrite(call: Call) -> Reply:
    """Replace all commands of a scope."""
    bodies = call.json
    if type(bodies) is not list:
        raise ApiError(400, 50109, "The request body contains invalid JSON.")
    registered = commands.overwrite(call.world, call.application, _scope(call), as_list(bodies))
    return Reply(body=[each.payload() for each in registered])


@routes.add("GET", _GLOBAL + "/{command_id}")
@routes.add("GET", _GUILD + "/{command_id}")
def read(call: Call) -> Reply:
    """One command."""
    return Reply(body=commands.get(call.world, call.application, _scope(call), call.id("command_id")).payload())


@routes.add("PATCH", _GLOBAL + "/{command_id}")
@routes.add("PATCH", _GUILD + "/{command_id}")
def update(call: Call) -> Reply:
    """Change one command."""
    command = commands.get(call.world, call.application, _scope(call), call.id("command_id"))
    changed = command.body | call.body
    form = Form()
    command_checks.check(changed, form)
    form.close()
    command.body = changed
    command.version = call.world.snowflakes.next()
    return Reply(body=command.payload())


@routes.add("DELETE", _GLOBAL + "/{command_id}")
@routes.add("DELETE", _GUILD + "/{command_id}")
def delete(call: Call) -> Reply:
    """Remove one command."""
    command = commands.get(call.world, call.application, _scope(call), call.id("command_id"))
    del call.world.commands[command.id]
    return NO_CONTENT


@routes.add("GET", _GUILD + "/permissions")
def all_permissions(call: Call) -> Reply:
    """The commands whose default permissions the guild's admins have changed."""
    guild = call.guild()
    found = [each for each in _callable(call, guild) if each.name in guild.open_commands]
    return Reply(body=[_permissions(each, guild) for each in found])


@routes.add("GET", _GUILD + "/{command_id}/permissions")
def permissions(call: Call) -> Reply:
    """What the guild's admins have changed for one command; 404 (10066) where that is nothing."""
    guild = call.guild()
    command = next((each for each in _callable(call, guild) if each.id == call.id("command_id")), None)
    if command is None:
        raise not_found("Application Command")
    if command.name not in guild.open_commands:
        raise not_found("application command permissions")
    return Reply(body=_permissions(command, guild))


def _callable(call: Call, guild: Guild) -> list[Command]:
    application = call.application
    return [each for each in commands.usable_in(call.world, guild) if each.application is application]


def _permissions(command: Command, guild: Guild) -> Json:
    everybody = {"id": str(guild.id), "type": _ROLE, "permission": True}
    return {
        "id": str(command.id),
        "application_id": str(command.application.id),
        "guild_id": str(guild.id),
        "permissions": [everybody],
    }

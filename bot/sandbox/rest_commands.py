"""Routes that register application commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import commands
from ._json import as_list
from .errors import ApiError
from .forms import Form
from .routing import NO_CONTENT, Call, Reply, Routes

if TYPE_CHECKING:
    from .guild import Guild

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"

routes = Routes()


def _scope(call: Call) -> Guild | None:
    return call.guild() if "guild_id" in call.params else None


@routes.add("GET", _GLOBAL)
@routes.add("GET", _GUILD)
def listing(call: Call) -> Reply:
    """All commands of a scope."""
    return Reply(body=[each.payload() for each in commands.of_scope(call.world, call.application, _scope(call))])


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
    commands.check(changed, form)
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

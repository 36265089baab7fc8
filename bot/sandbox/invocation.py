"""What people fill into commands: checked as Discord checks it before an application ever hears of it.

Source: Discord's documentation, "Application Commands" and "Receiving and Responding", "Interaction Data".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import commands, locales
from ._json import as_list
from .command_types import MAX_STRING, NESTING, CommandType, OptionType
from .errors import missing_permissions, not_found
from .forms import Form, snowflake
from .permissions import Permission, permissions_in
from .resolving import REFERENCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json
    from .commands import Command
    from .entities import Channel, User
    from .resolving import Resolver
    from .world import World

_NUMERIC = {OptionType.INTEGER: int, OptionType.NUMBER: (int, float)}


def allowed(command: Command, user: User, channel: Channel) -> bool:
    """Whether a client offers a command to a member in a channel, and the server takes it.

    An admin who opened a command under Integrations (`Guild.open_commands`) overrides its default permissions.
    """
    guild = channel.guild
    if guild is None:
        return True
    held = permissions_in(channel, user.id)
    if not held & Permission.USE_APPLICATION_COMMANDS:
        return False
    needed = command.body.get("default_member_permissions")
    if needed is None or command.name in guild.open_commands:
        return True
    # No permission at all means: for admins only (documentation, "Application Command Permissions").
    wanted = int(needed) or Permission.ADMINISTRATOR
    return held & wanted == wanted


def find(world: World, channel: Channel, user: User, sent: Json, application_id: int) -> Command:
    """The command that is called, by its id or by its name, as it is or as the user's client shows it.

    Raises:
        ApiError: 404 if there is none, 403 if this member may not use it here.
    """
    for command in commands.usable_in(world, channel.guild):
        if application_id in {0, command.application.id} and _is_called(command, sent, user.locale):
            break
    else:
        raise not_found("Application Command")
    if not allowed(command, user, channel):
        raise missing_permissions()
    return command


def _is_called(command: Command, sent: Json, locale: str) -> bool:
    if "id" in sent:
        return str(command.id) == sent["id"]
    names = {command.name, locales.shown_name(command.body, locale)}
    return command.type == sent.get("type", 1) and sent.get("name") in names


class Filling:
    """The options of one command call, checked and resolved. `partial`: it is still being typed."""

    def __init__(self, user: User, resolver: Resolver, *, partial: bool) -> None:
        self._locale = user.locale
        self._resolver = resolver
        self._partial = partial
        self._form = Form()

    def data(self, command: Command, sent: Json) -> Json:
        """The `data` of the interaction.

        Raises:
            ApiError: 400 for options that are missing, unknown or of the wrong kind; 404 for an unknown target.
        """
        data: Json = {"id": str(command.id), "name": command.name, "type": command.type}
        if command.guild is not None:
            data["guild_id"] = str(command.guild.id)
        if command.type == CommandType.CHAT_INPUT:
            options = self._fill(as_list(command.body.get("options")), as_list(sent.get("options")), "data.options")
            if options:
                data["options"] = options
        else:
            data["target_id"] = self._target(command, snowflake(sent.get("target_id"), "data.target_id"))
        self._form.close()
        if self._resolver.resolved:
            data["resolved"] = self._resolver.resolved
        return data

    def _fill(self, declared: list[Json], sent: list[Json], path: str) -> list[Json]:
        pairs = list(self._matched(declared, sent, path))
        given = [definition["name"] for definition, _ in pairs]
        if len(set(given)) < len(given):
            self._form.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", "Option name is not unique")
        nested = [option for option in declared if option["type"] in NESTING]
        if nested and len(given) != 1:
            self._form.add(path, "APPLICATION_COMMAND_SUBCOMMAND_REQUIRED", "One subcommand is required.")
        for option in declared:
            if option.get("required") and option["name"] not in given and not self._partial:
                self._form.required(f"{path}.{option['name']}")
        return [self._fill_one(definition, option, f"{path}.{definition['name']}") for definition, option in pairs]

    def _matched(self, declared: list[Json], sent: list[Json], path: str) -> Iterator[tuple[Json, Json]]:
        """The options that were sent, each with its definition; on the wire a name is never a translated one."""
        by_name = {locales.shown_name(option, self._locale): option for option in declared}
        by_name |= {option["name"]: option for option in declared}
        for option in sent:
            name = str(option.get("name"))
            if name in by_name:
                yield by_name[name], option
            else:
                self._form.add(f"{path}.{name}", "APPLICATION_COMMAND_OPTION_UNKNOWN", "Unknown option")

    def _fill_one(self, definition: Json, sent: Json, path: str) -> Json:
        kind = definition["type"]
        done: Json = {"name": definition["name"], "type": kind}
        if kind in NESTING:
            return done | {
                "options": self._fill(as_list(definition.get("options")), as_list(sent.get("options")), path)
            }
        value = sent.get("value")
        if sent.get("focused"):
            if not (self._partial and definition.get("autocomplete")):
                self._form.add(path, "APPLICATION_COMMAND_OPTION_NOT_AUTOCOMPLETED", "Suggests nothing.")
            return done | {"value": str(value), "focused": True}
        if kind in REFERENCES:
            types: list[int] = as_list(definition.get("channel_types"))
            return done | {"value": self._resolver.reference(kind, value, path, self._form, types)}
        self._check_value(definition, value, path)
        return done | {"value": value}

    def _check_value(self, definition: Json, value: Any, path: str) -> None:  # noqa: ANN401 - whatever was sent
        kind = definition["type"]
        if kind == OptionType.STRING:
            longest = definition.get("max_length") or MAX_STRING
            self._form.length(path, value, longest, definition.get("min_length") or 0)
        elif kind == OptionType.BOOLEAN:
            if not isinstance(value, bool):
                self._form.add(path, "BASE_TYPE_BAD_TYPE", f"{value!r} is of the wrong kind.")
        elif not isinstance(value, _NUMERIC[OptionType(kind)]) or isinstance(value, bool):
            self._form.add(path, "BASE_TYPE_BAD_TYPE", f"{value!r} is of the wrong kind.")
        elif not definition.get("min_value", value) <= value <= definition.get("max_value", value):
            self._form.add(path, "NUMBER_TYPE_RANGE", f"{value!r} is out of range.")
        choices = definition.get("choices")
        if choices:
            self._form.choice(path, value, {choice["value"] for choice in choices})

    def _target(self, command: Command, target: int) -> str:
        if command.type == CommandType.USER:
            if not self._resolver.user(target):
                raise not_found("User")
        elif not self._resolver.message(target, command.application.user):
            raise not_found("Message")
        return str(target)

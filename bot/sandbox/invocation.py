"""What people fill in and press: checked as Discord checks it before an application ever hears of it.

Source: Discord's documentation, "Application Commands" and "Receiving and Responding", "Interaction Data".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import components, message_payloads, payloads
from ._json import as_list
from .commands import MAX_STRING, NESTING, Command, CommandType, OptionType
from .errors import missing_permissions, not_found
from .forms import Form, snowflake
from .payloads import Viewer
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Channel, Message, User

_INTEGRAL = {OptionType.INTEGER: int, OptionType.NUMBER: (int, float), OptionType.BOOLEAN: bool}
_REFERENCES = frozenset({OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE})

_SELECTED: dict[int, OptionType] = {
    components.ComponentType.USER_SELECT: OptionType.USER,
    components.ComponentType.ROLE_SELECT: OptionType.ROLE,
    components.ComponentType.MENTIONABLE_SELECT: OptionType.MENTIONABLE,
    components.ComponentType.CHANNEL_SELECT: OptionType.CHANNEL,
}
"""What the selects that Discord fills itself offer."""

_RESOLVED_CHANNEL = frozenset(
    {"id", "name", "type", "last_message_id", "last_pin_timestamp", "nsfw", "parent_id", "guild_id", "flags"}
    | {"rate_limit_per_user", "topic", "position", "thread_metadata"}
)
"""What a channel in resolved data shows beside `permissions` (documentation: "Resolved Data Structure")."""


def may_use(command: Command, user: User, channel: Channel) -> None:
    """Check that a member may call a command here.

    Raises:
        ApiError: 403, if the channel or the command's default permissions forbid it.
    """
    guild = channel.guild
    if guild is None:
        return
    held = permissions_in(channel, user.id)
    if not held & Permission.USE_APPLICATION_COMMANDS:
        raise missing_permissions()
    if command.name in guild.open_commands:
        return
    needed = command.body.get("default_member_permissions")
    if needed is not None and (held & int(needed) != int(needed) or (int(needed) == 0 and guild.owner is not user)):
        raise missing_permissions()


class Filling:
    """Collects the options of a command call and the objects they point at."""

    def __init__(self, channel: Channel, user: User, *, partial: bool) -> None:
        self._channel = channel
        self._invoker = user
        self._partial = partial
        self._form = Form()
        self._resolved: Json = {}

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
            data["target_id"] = self._target(command.type, snowflake(sent.get("target_id"), "data.target_id"))
        self._form.close()
        if self._resolved:
            data["resolved"] = self._resolved
        return data

    def resolve(self, component_type: int, values: list[str]) -> Json:
        """What the values of a user, role, mentionable or channel select stand for.

        Raises:
            ApiError: 400 for a value that stands for nothing here.
        """
        for value in values:
            self._reference(_SELECTED[component_type], snowflake(value, "data.values"), "data.values")
        self._form.close()
        return self._resolved

    def _fill(self, declared: list[Json], sent: list[Json], path: str) -> list[Json]:
        by_name = {option["name"]: option for option in declared}
        given = {option.get("name") for option in sent}
        for option in declared:
            if option.get("required") and option["name"] not in given and not self._partial:
                self._form.required(f"{path}.{option['name']}")
        filled: list[Json] = []
        for option in sent:
            definition = by_name.get(option.get("name"))
            if definition is None:
                self._form.add(f"{path}.{option.get('name')}", "APPLICATION_COMMAND_OPTION_UNKNOWN", "Unknown option")
                continue
            filled.append(self._fill_one(definition, option, f"{path}.{option['name']}"))
        return filled

    def _fill_one(self, definition: Json, sent: Json, path: str) -> Json:
        kind = definition["type"]
        done: Json = {"name": definition["name"], "type": kind}
        if kind in NESTING:
            return done | {
                "options": self._fill(as_list(definition.get("options")), as_list(sent.get("options")), path)
            }
        value = sent.get("value")
        focused = bool(sent.get("focused"))
        if not focused:
            self._check_value(definition, value, path)
        if kind in _REFERENCES:
            self._reference(kind, snowflake(value, path), path)
            value = str(value)
        return done | {"value": value} | ({"focused": True} if focused else {})

    def _check_value(self, definition: Json, value: Any, path: str) -> None:  # noqa: ANN401 - whatever was sent
        kind = definition["type"]
        if kind == OptionType.STRING:
            longest = definition.get("max_length") or MAX_STRING
            self._form.length(path, value, longest, definition.get("min_length") or 0)
        elif kind in _INTEGRAL:
            if not isinstance(value, _INTEGRAL[OptionType(kind)]):
                self._form.add(path, "BASE_TYPE_BAD_TYPE", f"{value!r} is of the wrong kind.")
            elif not definition.get("min_value", value) <= value <= definition.get("max_value", value):
                self._form.add(path, "NUMBER_TYPE_RANGE", f"{value!r} is out of range.")
        choices = definition.get("choices")
        if choices:
            self._form.choice(path, value, {choice["value"] for choice in choices})

    def _reference(self, kind: int, target: int, path: str) -> None:
        guild = self._channel.guild
        found = False
        if kind in {OptionType.USER, OptionType.MENTIONABLE}:
            found = self._user(target)
        if not found and guild and kind in {OptionType.ROLE, OptionType.MENTIONABLE} and target in guild.roles:
            self._resolved.setdefault("roles", {})[str(target)] = payloads.role(guild.roles[target])
            found = True
        if guild and kind == OptionType.CHANNEL and target in guild.world.channels:
            channel = guild.world.channels[target]
            shown = {key: value for key, value in payloads.channel(channel).items() if key in _RESOLVED_CHANNEL}
            shown["permissions"] = str(permissions_in(channel, self._invoker.id))
            self._resolved.setdefault("channels", {})[str(target)] = shown
            found = True
        if not found:
            self._form.add(path, "APPLICATION_COMMAND_OPTION_UNRESOLVED", "Points at nothing that is here.")

    def _user(self, user_id: int) -> bool:
        guild = self._channel.guild
        people = list(self._channel.recipients)
        if guild is not None:
            people = [member.user for member in guild.members.values()]
        user = next((each for each in people if each.id == user_id), None)
        if user is None:
            return False
        self._resolved.setdefault("users", {})[str(user_id)] = payloads.user(user)
        if guild is not None:
            member = payloads.partial_member(guild.members[user_id])
            member["permissions"] = str(permissions_in(self._channel, user_id))
            for key in ("deaf", "mute"):
                del member[key]
            self._resolved.setdefault("members", {})[str(user_id)] = member
        return True

    def _target(self, kind: int, target: int) -> str:
        if kind == CommandType.USER:
            if not self._user(target):
                raise not_found("User")
            return str(target)
        message = self._channel.messages.get(target)
        if message is None:
            raise not_found("Message")
        # Whoever uses a message menu hands the message over: its content is readable without the intent.
        reader = Viewer(message.author, content=True)
        self._resolved["messages"] = {str(target): message_payloads.message(message, reader)}
        return str(target)


def component_data(message: Message, user: User, sent: Json) -> Json:
    """The `data` of a pressed button or a used select menu.

    Raises:
        ApiError: 400, if the message has no such component, it is switched off, or the values are not on offer.
    """
    form = Form()
    component = components.find(message.components, str(sent.get("custom_id")))
    if component is None or component.get("disabled"):
        form.add("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
        form.close()
        raise AssertionError  # pragma: no cover - close always raises here
    data: Json = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
    if component["type"] in components.SELECTS:
        values = [str(value) for value in as_list(sent.get("values"))]
        form.count("data.values", values, component["max_values"], component["min_values"])
        offered = [option["value"] for option in as_list(component.get("options"))]
        for value in values if component["type"] == components.ComponentType.STRING_SELECT else []:
            form.choice("data.values", value, offered)
        data["values"] = values
    form.close()
    if component["type"] in _SELECTED:
        data["resolved"] = Filling(message.channel, user, partial=True).resolve(component["type"], data["values"])
    return data


def modal_data(modal: Json, sent: Json, filling: Filling) -> Json:
    """The `data` of a submitted modal, in the shape of the modal itself.

    Raises:
        ApiError: 400, if a required input is empty or a text is too short or too long.
    """
    form = Form()
    values = {
        each["custom_id"]: each for _, each in components.walk(as_list(sent.get("components"))) if "custom_id" in each
    }
    shown = [_submitted(component, values, form) for component in components.complete(modal["components"], modal=True)]
    form.close()
    data: Json = {"custom_id": modal["custom_id"], "components": shown}
    for _, each in components.walk(shown):
        if each["type"] in _SELECTED and each["values"]:
            data["resolved"] = filling.resolve(each["type"], each["values"])
    return data


def _submitted(component: Json, values: dict[str, Json], form: Form) -> Json:
    done: Json = {"type": component["type"], "id": component["id"]}
    if "components" in component:
        done["components"] = [_submitted(child, values, form) for child in component["components"]]
    if "component" in component:
        done["component"] = _submitted(component["component"], values, form)
    if "custom_id" not in component:
        return done
    custom_id = component["custom_id"]
    done["custom_id"] = custom_id
    given = values.get(custom_id, {})
    if component["type"] in components.SELECTS:
        return done | {"values": as_list(given.get("values"))}
    value = given.get("value") or ""
    shortest = component.get("min_length") or int(component.get("required", True))
    if value or component.get("required", True):
        form.length(
            f"data.components.{custom_id}", value, component.get("max_length") or components.MAX_INPUT, shortest
        )
    return done | {"value": value}

"""Looks up the people, roles, channels and files that somebody chose, and writes them down as resolved data.

Source: Discord's documentation, "Receiving and Responding", "Resolved Data Structure".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import message_payloads, payloads
from .command_types import OptionType
from .component_types import ComponentType
from .forms import snowflake
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ._json import Json
    from .entities import Attachment, Channel, User
    from .forms import Form

REFERENCES = frozenset(
    {OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE, OptionType.ATTACHMENT}
)
"""Options whose value is an id, and what has that id is resolved."""

CHOSEN: dict[int, OptionType] = {
    ComponentType.USER_SELECT: OptionType.USER,
    ComponentType.ROLE_SELECT: OptionType.ROLE,
    ComponentType.MENTIONABLE_SELECT: OptionType.MENTIONABLE,
    ComponentType.CHANNEL_SELECT: OptionType.CHANNEL,
    ComponentType.FILE_UPLOAD: OptionType.ATTACHMENT,
}
"""What the values of a component stand for, where Discord or the user brings them."""

_CHANNEL = frozenset(
    {"id", "name", "type", "last_message_id", "last_pin_timestamp", "nsfw", "parent_id", "guild_id", "flags"}
    | {"rate_limit_per_user", "topic", "position", "thread_metadata"}
)
"""What a channel in resolved data shows beside `permissions` (documentation, the second note)."""


class Resolver:
    """Resolved data in the making, for what one user does in one channel. `files`: uploads by their numbers."""

    def __init__(self, channel: Channel, user: User, files: Mapping[str, Attachment] | None = None) -> None:
        self._channel = channel
        self._user = user
        self._files = files or {}
        self.resolved: Json = {}

    def reference(self, kind: int, value: object, path: str, form: Form, channel_types: Collection[int] = ()) -> str:
        """Resolve one value, note in the form if it stands for nothing here, and give its id.

        Raises:
            ApiError: 400 for something that is no id at all.
        """
        if kind == OptionType.ATTACHMENT:
            return self._file(str(value), path, form)
        target = snowflake(value, path)
        found = False
        if kind in {OptionType.USER, OptionType.MENTIONABLE}:
            found = self.user(target)
        if not found and kind in {OptionType.ROLE, OptionType.MENTIONABLE}:
            found = self._role(target)
        if kind == OptionType.CHANNEL:
            found = self._add_channel(target, channel_types)
        if not found:
            form.add(path, "APPLICATION_COMMAND_OPTION_UNRESOLVED", "Points at nothing that is here.")
        return str(target)

    def user(self, user_id: int) -> bool:
        """Resolve somebody who is here; false if nobody has the id."""
        guild = self._channel.guild
        people = list(self._channel.recipients)
        if guild is not None:
            people = [member.user for member in guild.members.values()]
        user = next((each for each in people if each.id == user_id), None)
        if user is None:
            return False
        self._put("users", user_id, payloads.user(user))
        if guild is not None:
            member = payloads.partial_member(guild.members[user_id])
            member["permissions"] = str(permissions_in(self._channel, user_id))
            for key in ("deaf", "mute"):
                del member[key]
            self._put("members", user_id, member)
        return True

    def message(self, message_id: int, reader: User) -> bool:
        """Resolve a message of the channel for a bot to read; false if there is none.

        Whoever uses a message menu hands the message over: its content is readable without the intent.
        """
        message = self._channel.messages.get(message_id)
        if message is None:
            return False
        self._put("messages", message_id, message_payloads.message(message, payloads.Viewer(reader)))
        return True

    def _role(self, role_id: int) -> bool:
        guild = self._channel.guild
        if guild is None or role_id not in guild.roles:
            return False
        self._put("roles", role_id, payloads.role(guild.roles[role_id]))
        return True

    def _add_channel(self, channel_id: int, types: Collection[int]) -> bool:
        guild = self._channel.guild
        channel = guild.world.channels.get(channel_id) if guild else None
        if channel is None or channel.guild is not guild or (types and channel.type not in types):
            return False
        held = permissions_in(channel, self._user.id)
        # Nobody is offered a channel that they do not see.
        if not held & Permission.VIEW_CHANNEL:
            return False
        shown = {key: value for key, value in payloads.channel(channel).items() if key in _CHANNEL}
        self._put("channels", channel_id, shown | {"permissions": str(held)})
        return True

    def _file(self, number: str, path: str, form: Form) -> str:
        file = self._files.get(number)
        if file is None:
            form.add(path, "APPLICATION_COMMAND_OPTION_UNRESOLVED", "Points at no file of this request.")
            return number
        self._put("attachments", file.id, message_payloads.attachment(file))
        return str(file.id)

    def _put(self, kind: str, key: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(key)] = payload

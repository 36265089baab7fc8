"""The gateway's field tables, taken down from Discord's documentation (repository discord/discord-api-docs).

`notation` explains how they are written. Each table names its page as its source. Only what the sandbox sends or takes
is here: anything else on the wire is a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import guilds, interactions, messages, people, sessions
from .notation import Choice, Table

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "COMPONENT_SCHEMAS",
    "EPHEMERAL",
    "EPHEMERAL_FLAG",
    "EVENTS",
    "INTERACTION_DATA",
    "RECEIVED",
    "SCHEMAS",
    "SCHEMAS_BY_TYPE",
    "SENT",
    "TABLES",
    "Choice",
    "Table",
]

COMPONENT_SCHEMAS = messages.COMPONENT_SCHEMAS
EPHEMERAL_FLAG = messages.EPHEMERAL_FLAG
INTERACTION_DATA = interactions.DATA
RECEIVED = sessions.RECEIVED


def _written_in(module: ModuleType) -> dict[str, Table | Choice]:
    return {
        name.lower(): value
        for name, value in vars(module).items()
        if name.isupper() and not name.startswith("_")
        if isinstance(value, Choice) or (isinstance(value, dict) and all(isinstance(key, str) for key in value))
    }


TABLES: dict[str, Table | Choice] = (
    _written_in(people)
    | _written_in(guilds)
    | _written_in(messages)
    | _written_in(interactions)
    | _written_in(sessions)
)
"""Every table, and every choice of tables, by the name that others use for it."""

EVENTS: dict[str, str] = {
    "READY": "ready",
    "RESUMED": "resumed",
    "GUILD_CREATE": "guild_create",
    "GUILD_DELETE": "deleted_guild",
    "GUILD_MEMBER_ADD": "guild_member_add",
    "GUILD_MEMBER_UPDATE": "guild_member_update",
    "GUILD_MEMBER_REMOVE": "guild_member_remove",
    "GUILD_MEMBERS_CHUNK": "guild_members_chunk",
    "GUILD_ROLE_CREATE": "guild_role",
    "GUILD_ROLE_UPDATE": "guild_role",
    "GUILD_ROLE_DELETE": "guild_role_delete",
    "CHANNEL_CREATE": "channel",
    "CHANNEL_UPDATE": "channel",
    "CHANNEL_DELETE": "channel",
    "THREAD_CREATE": "created_thread",
    "THREAD_UPDATE": "channel",
    "THREAD_DELETE": "deleted_thread",
    "THREAD_MEMBERS_UPDATE": "thread_members_update",
    "MESSAGE_CREATE": "message_event",
    "MESSAGE_UPDATE": "message_update",
    "MESSAGE_DELETE": "message_delete",
    "MESSAGE_DELETE_BULK": "message_delete_bulk",
    "MESSAGE_REACTION_ADD": "reaction_add",
    "MESSAGE_REACTION_REMOVE": "reaction_remove",
    "TYPING_START": "typing_start",
    "INTERACTION_CREATE": "interaction",
}
EPHEMERAL = {"MESSAGE_CREATE": "ephemeral_event", "MESSAGE_UPDATE": "ephemeral_update"}
"""The tables of the events of messages that only one person sees."""

SENT: dict[int, tuple[str, ...]] = {
    2: ("identify",),
    3: ("presence",),
    6: ("resume",),
    8: ("request_by_query", "request_by_id"),
}
"""What a client may send beside heartbeats, one of the tables. The sandbox knows no voice and no soundboard."""

SCHEMAS: dict[str, str] = {
    "user": "UserResponse",
    "own_user": "UserPIIResponse",
    "guild_event_member": "GuildMemberResponse",
    "guild_member_add": "GuildMemberResponse",
    "role": "GuildRoleResponse",
    "guild_create": "GuildResponse",
    "thread_member": "ThreadMemberResponse",
    "added_thread_member": "ThreadMemberResponse",
    "reaction_emoji": "MessageReactionEmojiResponse",
    "reference": "MessageReferenceResponse",
    "command_metadata": "ApplicationCommandInteractionMetadataResponse",
    "component_metadata": "MessageComponentInteractionMetadataResponse",
    "modal_metadata": "ModalSubmitInteractionMetadataResponse",
    "message": "MessageResponse",
    "message_event": "MessageResponse",
    "message_update": "MessageResponse",
    "ephemeral_event": "MessageResponse",
    "ephemeral_update": "MessageResponse",
}
"""The schema of the OpenAPI document that an object follows as well, where its shape is the same over REST.

Not among them: members without `pending` or without their user, the threads of GUILD_CREATE, and partial objects.
"""

_CHANNELS = (
    dict.fromkeys((0, 2, 4, 5, 13, 14, 15, 16), "GuildChannelResponse")
    | dict.fromkeys((10, 11, 12), "ThreadResponse")
    | {1: "PrivateChannelResponse", 3: "PrivateGroupChannelResponse"}
)
SCHEMAS_BY_TYPE: dict[str, dict[int, str]] = {"channel": _CHANNELS, "created_thread": _CHANNELS}
"""The same for objects whose type decides."""

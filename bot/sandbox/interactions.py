"""An interaction: what it is, and how its application and its user are told of it.

Source: Discord's documentation, "Receiving and Responding".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from . import message_payloads, payloads
from .attachments import MAX_ATTACHMENT_BYTES
from .command_types import CONTEXT_BOT_DM, CONTEXT_GUILD, NESTING
from .events import Event
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Application, Channel, Message, User

FIRST_RESPONSE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0

_GUILD_INSTALL = "0"
"""The key of `authorizing_integration_owners` for an application installed in a guild."""
_DM_PERMISSIONS = (
    Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE | Permission.USE_EXTERNAL_EMOJIS
)
"""What `app_permissions` says in a direct message with the bot (documentation: "Interaction Structure", third note)."""


class InteractionType(IntEnum):
    """Documentation: "Interaction Type"."""

    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass(eq=False)
class Interaction:
    """One use of a command, button, menu or modal. `created_at` is in seconds since 1970."""

    id: int
    token: str = field(repr=False)
    type: InteractionType
    application: Application
    user: User
    channel: Channel
    data: Json
    created_at: float
    nonce: str | None = None
    message: Message | None = None
    """The message whose component was used, or from which the modal came."""
    trigger: Interaction | None = None
    """For a modal, the interaction that opened it."""
    acknowledged: bool = False
    failed: bool = False
    original: Message | None = None
    """What `@original` stands for, once there is one."""
    response: Json = field(default_factory=dict[str, Any])
    modal: Json | None = None
    """The modal it was answered with."""

    def owners(self) -> Json:
        """Where the application is installed, as `authorizing_integration_owners`."""
        guild = self.channel.guild
        return {_GUILD_INSTALL: str(guild.id) if guild else "0"}

    def target(self, kind: Literal["messages", "users"]) -> str | None:
        """The id of the message or user that a context-menu command was used on."""
        target_id: str | None = self.data.get("target_id")
        return target_id if target_id in self.data.get("resolved", {}).get(kind, {}) else None

    def called(self) -> Json | None:
        """The command that was called, with its subcommands and who called it; None for anything but a command."""
        if self.type is not InteractionType.APPLICATION_COMMAND:
            return None
        names, options = [self.data["name"]], self.data.get("options", [])
        while options and options[0]["type"] in NESTING:
            names.append(options[0]["name"])
            options = options[0].get("options", [])
        name = " ".join(names)
        return {"id": str(self.id), "type": int(self.type), "name": name, "user": payloads.user(self.user)}

    def metadata(self) -> Json:
        """What a message tells of the interaction it answers."""
        payload: Json = {
            "id": str(self.id),
            "type": int(self.type),
            "user": payloads.user(self.user),
            "authorizing_integration_owners": self.owners(),
        }
        if (message_id := self.target("messages")) is not None:
            payload["target_message_id"] = message_id
        if (user_id := self.target("users")) is not None:
            payload["target_user"] = self.data["resolved"]["users"][user_id]
        if self.type is InteractionType.MESSAGE_COMPONENT and self.message is not None:
            payload["interacted_message_id"] = str(self.message.id)
        if self.trigger is not None:
            payload["triggering_interaction_metadata"] = self.trigger.metadata()
        return payload

    def payload(self) -> Json:
        """The interaction object that the application receives."""
        guild, channel = self.channel.guild, self.channel
        held = str(permissions_in(channel, self.user.id))
        payload: Json = {
            "id": str(self.id),
            "application_id": str(self.application.id),
            "type": int(self.type),
            "data": self.data,
            "channel": payloads.channel(channel, self.application.user),
            "channel_id": str(channel.id),
            "token": self.token,
            "version": 1,
            "app_permissions": str(int(permissions_in(channel, self.application.id) if guild else _DM_PERMISSIONS)),
            "locale": self.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": self.owners(),
            "context": CONTEXT_GUILD if guild else CONTEXT_BOT_DM,
            "attachment_size_limit": MAX_ATTACHMENT_BYTES,
        }
        if guild is not None:
            payload |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": []},
                "guild_locale": guild.preferred_locale,
                "member": payloads.member(guild.members[self.user.id]) | {"permissions": held},
            }
        else:
            payload["user"] = payloads.user(self.user)
        if self.message is not None:
            payload["message"] = message_payloads.message(self.message, payloads.Viewer(self.application.user))
        return payload


def to_application(interaction: Interaction) -> Event:
    """INTERACTION_CREATE as the application's own sessions receive it."""
    payload = interaction.payload()
    return Event(
        "INTERACTION_CREATE",
        lambda _: payload,
        guild=interaction.channel.guild,
        users=frozenset({interaction.application.id}),
    )


def to_user(interaction: Interaction, name: str, details: Json | None = None) -> Event:
    """What the client of the user is told; these events are for people's clients only and are documented nowhere."""
    payload: Json = {"id": str(interaction.id), "nonce": interaction.nonce} | (details or {})
    return Event(name, lambda _: payload, users=frozenset({interaction.user.id}))

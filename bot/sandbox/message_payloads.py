"""Writes messages the way Discord does, once for every reader: who may not read the content gets it empty.

Source: Discord's documentation of the message resource, and of the gateway, section "Message Content Intent".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import payloads
from .entities import MessageType
from .snowflakes import isoformat

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Attachment, Message
    from .payloads import Viewer


_RESOLVED = frozenset({MessageType.REPLY, MessageType.THREAD_STARTER_MESSAGE, MessageType.CONTEXT_MENU_COMMAND})
"""The message types that carry `referenced_message` (documentation: "Message Structure", note 4)."""


def readable(message: Message, viewer: Viewer) -> bool:
    """Whether a reader sees content, embeds, attachments and components of a message."""
    return (
        viewer.content
        or message.author is viewer.user
        or message.channel.is_dm
        or any(mentioned is viewer.user for mentioned in message.mentions.users)
    )


def message(which: Message, viewer: Viewer, *, gateway: bool = False, nested: bool = False) -> Json:
    """A message object.

    `gateway` adds the guild and member that only events carry; `nested` leaves out the message it replies to.
    """
    shown = readable(which, viewer)
    payload: Json = {
        "id": str(which.id),
        "type": int(which.type),
        "channel_id": str(which.channel.id),
        "author": payloads.user(which.author),
        "content": which.content if shown else "",
        "timestamp": isoformat(which.created_at),
        "edited_timestamp": isoformat(which.edited_at) if which.edited_at is not None else None,
        "tts": which.tts,
        "mention_everyone": which.mentions.everyone,
        "mentions": [payloads.user(user) for user in which.mentions.users],
        "mention_roles": [str(role_id) for role_id in which.mentions.roles],
        "attachments": [attachment(each) for each in which.attachments] if shown else [],
        "embeds": which.embeds if shown else [],
        "components": which.components if shown else [],
        "pinned": False,
        "flags": which.flags,
    }
    if which.nonce is not None:
        payload["nonce"] = which.nonce
    if which.thread is not None:
        payload["thread"] = payloads.channel(which.thread, viewer.user)
    if which.application is not None:
        payload["application_id"] = str(which.application.id)
    if which.interaction is not None:
        payload |= {
            "webhook_id": str(which.interaction.application.id),
            "interaction_metadata": interaction_metadata(which),
        }
        if (called := which.interaction.called()) is not None:
            # Deprecated, and the only field that tells everybody which command was used.
            payload["interaction"] = called
    payload |= _reference(which, viewer, nested=nested)
    if which.reactions and not nested:
        payload["reactions"] = _reactions(which, viewer)
    return payload | (_gateway_extras(which, payload) if gateway else {})


def _reference(which: Message, viewer: Viewer, *, nested: bool) -> Json:
    reference = which.reference
    if reference is None:
        return {}
    pointer: Json = {"type": 0, "channel_id": str(reference.channel.id)}
    if reference.message_id:
        pointer["message_id"] = str(reference.message_id)
    if reference.channel.guild is not None:
        pointer["guild_id"] = str(reference.channel.guild.id)
    payload: Json = {"message_reference": pointer}
    if which.type in _RESOLVED and not nested:
        target = reference.channel.messages.get(reference.message_id)
        payload["referenced_message"] = message(target, viewer, nested=True) if target else None
    return payload


def _gateway_extras(which: Message, payload: Json) -> Json:
    guild = which.channel.guild
    if guild is None or which.ephemeral_for is not None:
        return {}
    extras: Json = {"guild_id": str(guild.id)}
    if which.author.id in guild.members and which.interaction is None:
        extras["member"] = payloads.acting(payloads.partial_member(guild.members[which.author.id]))
    for mentioned in payload["mentions"]:
        member = guild.members.get(int(mentioned["id"]))
        if member is not None:
            mentioned["member"] = payloads.partial_member(member)
    return extras


def _reactions(which: Message, viewer: Viewer) -> list[Json]:
    return [
        {
            "emoji": {"id": None, "name": emoji},
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer.user.id in users,
        }
        for emoji, users in which.reactions.items()
    ]


def attachment(file: Attachment) -> Json:
    """An attachment object; its address is the sandbox's own."""
    payload: Json = {
        "id": str(file.id),
        "filename": file.filename,
        "size": len(file.content),
        "url": file.url,
        "proxy_url": file.url,
        "content_type": file.content_type,
    }
    if file.size is not None:
        payload["width"], payload["height"] = file.size
    if file.description is not None:
        payload["description"] = file.description
    if file.ephemeral:
        payload["ephemeral"] = True
    return payload


def interaction_metadata(which: Message) -> Json:
    """Who caused an application's response, and how."""
    interaction = which.interaction
    assert interaction is not None  # noqa: S101 - callers have asked
    payload = interaction.metadata()
    if interaction.original is not None and interaction.original is not which:
        payload["original_response_message_id"] = str(interaction.original.id)
    return payload

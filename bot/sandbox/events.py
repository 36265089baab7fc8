"""What happens in a world, as gateway events: name, who may receive it, and how it reads for one receiver.

Source: Discord's documentation, "Gateway Events", section "Receive Events".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import message_payloads, payloads
from .intents import Intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._json import Json
    from .entities import Channel, Member, Message, Role, User
    from .guild import Guild
    from .payloads import Viewer


@dataclass(frozen=True)
class Event:
    """One event. Every condition that is set must hold for a session to receive it."""

    name: str
    render: Callable[[Viewer], Json]
    intents: int = 0
    """The session asked for at least one of these; 0 asks for nothing."""
    exempt: int | None = None
    """An account that receives the event whatever its intents."""
    guild: Guild | None = None
    """The session's account is a member of it, and its shard serves it."""
    channel: Channel | None = None
    """The session's account can view it."""
    users: frozenset[int] | None = None
    """The session's account is one of these."""
    render_members: Callable[[Viewer, bool], Json] | None = None
    """Used in place of `render` where the payload depends on whether the session is told of all members."""


def message_event(name: str, message: Message) -> Event:
    """MESSAGE_CREATE or MESSAGE_UPDATE; of an ephemeral message only for its reader and its author."""

    def render(viewer: Viewer) -> Json:
        payload = message_payloads.message(message, viewer, gateway=True)
        # As documented, an update always says that the message is not read aloud.
        return payload | {"tts": False} if name == "MESSAGE_UPDATE" else payload

    return Event(name, render, **_message_audience(message))


def message_delete(message: Message) -> Event:
    """MESSAGE_DELETE."""
    payload: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
    if message.ephemeral_for is None:
        payload |= _guild_id(message.channel)
    return Event("MESSAGE_DELETE", lambda _: payload, **_message_audience(message))


def message_delete_bulk(channel: Channel, message_ids: list[int]) -> Event:
    """MESSAGE_DELETE_BULK."""
    payload: Json = {"ids": [str(each) for each in message_ids], "channel_id": str(channel.id)} | _guild_id(channel)
    return Event("MESSAGE_DELETE_BULK", lambda _: payload, channel=channel, **_audience(channel))


def reaction(name: str, message: Message, user: User, emoji: str) -> Event:
    """MESSAGE_REACTION_ADD or MESSAGE_REACTION_REMOVE."""
    payload: Json = {
        "user_id": str(user.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    } | _guild_id(message.channel)
    if name == "MESSAGE_REACTION_ADD":
        payload["message_author_id"] = str(message.author.id)
        if (guild := message.channel.guild) and user.id in guild.members:
            payload["member"] = payloads.acting(payloads.member(guild.members[user.id]))
    audience = _audience(message.channel, Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)
    return Event(name, lambda _: payload, channel=message.channel, **audience)


def typing(channel: Channel, user: User, seconds: int) -> Event:
    """TYPING_START at `seconds` since 1970."""
    payload: Json = {"channel_id": str(channel.id), "user_id": str(user.id), "timestamp": seconds}
    payload |= _guild_id(channel)
    if (guild := channel.guild) and user.id in guild.members:
        payload["member"] = payloads.acting(payloads.member(guild.members[user.id]))
    audience = _audience(channel, Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)
    return Event("TYPING_START", lambda _: payload, channel=channel, **audience)


def channel_event(name: str, channel: Channel) -> Event:
    """CHANNEL_CREATE, CHANNEL_UPDATE or CHANNEL_DELETE; a deleted channel reads as it was."""
    payload = payloads.channel(channel)
    return Event(name, lambda _: payload, Intent.GUILDS, guild=channel.guild, channel=channel)


def thread_create(thread: Channel) -> Event:
    """THREAD_CREATE of a new thread."""
    return Event(
        "THREAD_CREATE",
        lambda viewer: payloads.channel(thread, viewer.user) | {"newly_created": True},
        Intent.GUILDS,
        guild=thread.guild,
        channel=thread,
    )


def thread_update(thread: Channel) -> Event:
    """THREAD_UPDATE."""
    payload = payloads.channel(thread)
    return Event("THREAD_UPDATE", lambda _: payload, Intent.GUILDS, guild=thread.guild, channel=thread)


def thread_delete(thread: Channel) -> Event:
    """THREAD_DELETE: only the ids and the type."""
    full = payloads.channel(thread)
    payload = {key: full[key] for key in ("id", "guild_id", "parent_id", "type")}
    return Event("THREAD_DELETE", lambda _: payload, Intent.GUILDS, guild=thread.guild, channel=thread)


def thread_members_update(thread: Channel, *, added: int | None = None, removed: int | None = None) -> Event:
    """THREAD_MEMBERS_UPDATE, for sessions that ask for members and for the user it is about."""
    payload: Json = {"id": str(thread.id), **_guild_id(thread)}
    payload["member_count"] = min(payloads.MAX_COUNTED, len(thread.thread.members)) if thread.thread else 0
    if added is not None:
        member = payloads.thread_member(thread, added)
        if thread.guild is not None:
            member |= {"member": payloads.member(thread.guild.members[added]), "presence": None}
        payload["added_members"] = [member]
    if removed is not None:
        payload["removed_member_ids"] = [str(removed)]
    return Event(
        "THREAD_MEMBERS_UPDATE",
        lambda _: payload,
        Intent.GUILD_MEMBERS,
        exempt=added if added is not None else removed,
        guild=thread.guild,
        channel=thread,
    )


def role_event(name: str, guild: Guild, role: Role) -> Event:
    """GUILD_ROLE_CREATE or GUILD_ROLE_UPDATE."""
    payload: Json = {"guild_id": str(guild.id), "role": payloads.role(role)}
    return Event(name, lambda _: payload, Intent.GUILDS, guild=guild)


def role_delete(guild: Guild, role: Role) -> Event:
    """GUILD_ROLE_DELETE."""
    payload: Json = {"guild_id": str(guild.id), "role_id": str(role.id)}
    return Event("GUILD_ROLE_DELETE", lambda _: payload, Intent.GUILDS, guild=guild)


def member_event(name: str, member: Member) -> Event:
    """GUILD_MEMBER_ADD or GUILD_MEMBER_UPDATE, the latter for the member itself without any intent."""
    payload = payloads.member(member) | {"guild_id": str(member.guild.id)}
    exempt = None
    if name == "GUILD_MEMBER_UPDATE":
        del payload["flags"]  # the one field of a member that this event is not documented to carry
        exempt = member.user.id
    return Event(name, lambda _: payload, Intent.GUILD_MEMBERS, exempt=exempt, guild=member.guild)


def member_remove(guild: Guild, user: User) -> Event:
    """GUILD_MEMBER_REMOVE."""
    payload: Json = {"guild_id": str(guild.id), "user": payloads.user(user)}
    return Event("GUILD_MEMBER_REMOVE", lambda _: payload, Intent.GUILD_MEMBERS, guild=guild)


def guild_create(guild: Guild, user: User, *, joined: bool = False) -> Event:
    """GUILD_CREATE for somebody who is just connecting, or has just `joined`.

    Clients tell the two apart by `unavailable`, which only a guild has that READY has announced.
    """

    def render(viewer: Viewer, everyone: bool) -> Json:  # noqa: FBT001 - the signature of `render_members`
        payload = payloads.guild_create(guild, viewer.user, everyone=everyone)
        return payload if joined else payload | {"unavailable": False}

    users = frozenset({user.id})
    return Event("GUILD_CREATE", lambda _: {}, Intent.GUILDS, guild=guild, users=users, render_members=render)


def guild_delete(guild: Guild, user: User) -> Event:
    """GUILD_DELETE for somebody who is no longer a member: without `unavailable`, that is what it means."""
    payload: Json = {"id": str(guild.id)}
    return Event("GUILD_DELETE", lambda _: payload, Intent.GUILDS, users=frozenset({user.id}))


def _guild_id(channel: Channel) -> Json:
    return {"guild_id": str(channel.guild.id)} if channel.guild else {}


def _message_audience(message: Message) -> Json:
    if message.ephemeral_for is None:
        return _audience(message.channel) | {"channel": message.channel}
    # Sent past the channel to the two whom it concerns, under the intent of direct messages ("Messages", the warning).
    return {"intents": Intent.DIRECT_MESSAGES, "users": frozenset({message.ephemeral_for.id, message.author.id})}


def _audience(
    channel: Channel, in_guild: Intent = Intent.GUILD_MESSAGES, in_dm: Intent = Intent.DIRECT_MESSAGES
) -> Json:
    if channel.guild is not None:
        return {"intents": in_guild, "guild": channel.guild}
    return {"intents": in_dm, "users": frozenset(user.id for user in channel.recipients)}

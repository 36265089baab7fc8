"""Who may do what: Discord's permission bits and the documented way to add them up.

Source: Discord's documentation, topic "Permissions" (bitwise flags, hierarchy, overwrites).
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entities import Channel, Overwrite
    from .guild import Guild


class Permission(IntFlag):
    """The bits that something in the sandbox asks about."""

    NONE = 0
    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL_PERMISSIONS = (1 << 53) - 1

EVERYONE_DEFAULT = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What @everyone may do in a new guild, as far as the sandbox knows the bits. MENTION_EVERYONE is left out on purpose,
so that a test has to grant it."""

_SILENCED = Permission.SEND_MESSAGES | Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS


def base_permissions(guild: Guild, user_id: int) -> int:
    """A member's permissions before any channel is looked at; 0 for somebody who is not a member."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner.id == user_id:
        return ALL_PERMISSIONS
    total = guild.everyone.permissions
    for role_id in member.role_ids:
        total |= guild.roles[role_id].permissions
    return ALL_PERMISSIONS if total & Permission.ADMINISTRATOR else total


def permissions_in(channel: Channel, user_id: int) -> int:
    """A user's permissions in a channel; a thread takes those of the channel it hangs from."""
    guild = channel.guild
    if guild is None:
        return ALL_PERMISSIONS if any(user.id == user_id for user in channel.recipients) else 0
    total = base_permissions(guild, user_id)
    if total == 0 or total & Permission.ADMINISTRATOR:
        return total
    source = guild.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
    total = _apply_overwrites(total, source.overwrites, guild, user_id)
    if not total & Permission.VIEW_CHANNEL:
        return 0
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    return total if total & sending else total & ~_SILENCED


def _apply_overwrites(total: int, overwrites: dict[int, Overwrite], guild: Guild, user_id: int) -> int:
    """@everyone first, then all roles at once, then the member: the order in which the documentation adds them."""
    if everyone := overwrites.get(guild.id):
        total = (total & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for role_id in guild.members[user_id].role_ids:
        if role := overwrites.get(role_id):
            allow |= role.allow
            deny |= role.deny
    total = (total & ~deny) | allow
    if member := overwrites.get(user_id):
        total = (total & ~member.deny) | member.allow
    return total

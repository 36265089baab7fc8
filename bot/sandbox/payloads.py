"""Writes users, members, roles, channels and guilds the way Discord does.

Source: the resource pages of Discord's documentation; `MessageResponse`, `GuildResponse` and their kin in Discord's
OpenAPI document name the fields that are always there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .entities import ChannelType
from .permissions import permissions_in
from .snowflakes import isoformat

if TYPE_CHECKING:
    from ._json import Json
    from .entities import Application, Channel, Member, Role, User
    from .guild import Guild

# Application flags of unverified applications (documentation of the application resource).
_PRESENCE_LIMITED = 1 << 13
_MEMBERS_LIMITED = 1 << 15
_CONTENT_LIMITED = 1 << 19

_MAX_MEMBERS = 500_000
_MAX_VIDEO_USERS = 25
_MAX_STAGE_VIDEO_USERS = 50
_AFK_TIMEOUT_SECONDS = 300

MAX_COUNTED = 50
"""Where the member count of a thread stops (documentation of the channel resource)."""


@dataclass(frozen=True)
class Viewer:
    """Who reads a payload: the account, and whether it may read what other people wrote."""

    user: User
    content: bool = True


def user(who: User) -> Json:
    """A user object, the same for everybody."""
    payload: Json = {
        "id": str(who.id),
        "username": who.name,
        "discriminator": "0000" if who.bot else "0",
        "global_name": who.global_name,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    if who.bot:
        payload["bot"] = True
    return payload


def own_user(who: User) -> Json:
    """A user object with what only its owner sees."""
    return user(who) | {"mfa_enabled": False, "locale": who.locale, "verified": True, "email": None}


def partial_member(member: Member) -> Json:
    """A member without its user, as messages carry it."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "deaf": False,
        "flags": 0,
        "joined_at": isoformat(member.joined_at),
        "mute": False,
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in member.role_ids],
    }


def member(who: Member) -> Json:
    """A member with its user."""
    return partial_member(who) | {"user": user(who.user)}


def acting(payload: Json) -> Json:
    """A member in an event that it set off: only who is no longer pending can, and so `pending` is left out."""
    return {key: value for key, value in payload.items() if key != "pending"}


def role(which: Role) -> Json:
    """A role object."""
    payload: Json = {
        "id": str(which.id),
        "name": which.name,
        "permissions": str(int(which.permissions)),
        "position": which.position,
        "color": which.color,
        "colors": {"primary_color": which.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": which.managed_by is not None,
        "mentionable": which.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if which.managed_by is not None:
        payload["tags"] = {"bot_id": str(which.managed_by)}
    return payload


def channel(which: Channel, viewer: User | None = None) -> Json:
    """Any channel object. `viewer` decides who "the other one" of a direct-message channel is."""
    payload: Json = {
        "id": str(which.id),
        "type": int(which.type),
        "flags": 0,
        "last_message_id": str(which.last_message_id) if which.last_message_id else None,
    }
    if which.guild is None:
        others = [someone for someone in which.recipients if someone is not viewer]
        return payload | {"recipients": [user(someone) for someone in others]}
    payload |= {
        "guild_id": str(which.guild.id),
        "name": which.name,
        "parent_id": str(which.parent_id) if which.parent_id else None,
    }
    if which.type is not ChannelType.CATEGORY:
        payload["rate_limit_per_user"] = 0
    return payload | (_thread(which, viewer) if which.is_thread else _guild_channel(which))


def _guild_channel(which: Channel) -> Json:
    payload: Json = {
        "position": which.position,
        "permission_overwrites": [
            {
                "id": str(overwrite.id),
                "type": int(overwrite.member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for overwrite in which.overwrites.values()
        ],
        "nsfw": False,
    }
    if which.type is not ChannelType.CATEGORY:
        payload["topic"] = which.topic
    if which.type is ChannelType.FORUM:
        payload |= {
            "available_tags": [
                {"id": str(tag.id), "name": tag.name, "moderated": False, "emoji_id": None, "emoji_name": None}
                for tag in which.tags
            ],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return payload


def _thread(which: Channel, viewer: User | None) -> Json:
    state = which.thread
    assert state is not None  # noqa: S101 - every channel of a thread type has one
    payload: Json = {
        "owner_id": str(state.owner_id),
        "message_count": sum(not each.starts_thread for each in which.messages.values()),
        "member_count": min(MAX_COUNTED, len(state.members)),
        "total_message_sent": state.total_messages,
        "thread_metadata": {
            "archived": state.archived,
            "archive_timestamp": isoformat(state.archive_timestamp),
            "auto_archive_duration": state.auto_archive_minutes,
            "locked": state.locked,
            "create_timestamp": isoformat(state.created_at),
        },
    }
    if state.applied_tags:
        payload["applied_tags"] = [str(tag) for tag in state.applied_tags]
    if viewer is not None and viewer.id in state.members:
        payload["member"] = thread_member(which, viewer.id)
    return payload


def thread_member(thread: Channel, user_id: int) -> Json:
    """A user's membership in a thread."""
    assert thread.thread is not None  # noqa: S101 - callers hold a thread
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": isoformat(thread.thread.members[user_id]),
        "flags": 0,
    }


def _listed_thread(thread: Channel, viewer: User) -> Json:
    """A thread as GUILD_CREATE lists it: the viewer's membership goes without the ids."""
    payload = channel(thread, viewer)
    for key in ("id", "user_id"):
        payload.get("member", {}).pop(key, None)
    return payload


def guild(which: Guild) -> Json:
    """A guild object without its channels and members."""
    return {
        "id": str(which.id),
        "name": which.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(which.owner.id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": _AFK_TIMEOUT_SECONDS,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role(each) for each in which.roles.values()],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": _MAX_MEMBERS,
        "max_stage_video_channel_users": _MAX_STAGE_VIDEO_USERS,
        "max_video_channel_users": _MAX_VIDEO_USERS,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": which.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create(which: Guild, viewer: User, *, everyone: bool) -> Json:
    """The guild object of GUILD_CREATE. `everyone`: all members, not only the viewer's own membership."""
    shown = which.members.values() if everyone else [which.members[viewer.id]]
    threads = [thread for thread in which.threads.values() if permissions_in(thread, viewer.id)]
    return guild(which) | {
        "joined_at": isoformat(which.members[viewer.id].joined_at),
        "large": False,
        "member_count": len(which.members),
        "voice_states": [],
        "members": [member(each) for each in shown],
        "channels": [channel(each) for each in which.channels.values()],
        "threads": [_listed_thread(each, viewer) for each in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application(which: Application, guild_count: int) -> Json:
    """An application as its own bot sees it."""
    flags = (
        _PRESENCE_LIMITED * which.presences
        | _MEMBERS_LIMITED * which.guild_members
        | _CONTENT_LIMITED * which.message_content
    )
    return {
        "id": str(which.id),
        "name": which.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(which.user),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": f"{which.id:064x}",
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(which.owner),
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }

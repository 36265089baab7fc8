"""Guilds, channels, threads and emoji."""

from __future__ import annotations

from .notation import Table, without

# Page: developers/resources/channel.mdx ("Overwrite Structure", "Default Reaction Structure", "Forum Tag Structure").
OVERWRITE: Table = {"id": "id", "type": "int", "allow": "str", "deny": "str"}
DEFAULT_REACTION: Table = {"emoji_id": "?id", "emoji_name": "?str"}
TAG: Table = {"id": "id", "name": "str", "moderated": "bool", "emoji_id": "?id", "emoji_name": "?str"}

# Page: developers/resources/channel.mdx ("Thread Metadata Structure").
THREAD_METADATA: Table = {
    "archived": "bool",
    "auto_archive_duration": "int",
    "archive_timestamp": "time",
    "locked": "bool",
    "invitable?": "bool",
    "create_timestamp?": "?time",
}
# Page: developers/resources/channel.mdx ("Thread Member Structure" with its notes): GUILD_CREATE leaves the ids out,
# everything else has them; `member` belongs to REST.
LISTED_THREAD_MEMBER: Table = {"join_timestamp": "time", "flags": "int"}
THREAD_MEMBER: Table = LISTED_THREAD_MEMBER | {"id": "id", "user_id": "id"}
# Page: developers/events/gateway-events.mdx ("Thread Members Update Event Fields", the note).
ADDED_THREAD_MEMBER: Table = THREAD_MEMBER | {"member": "@member", "presence": "?@presence_event"}

# Page: developers/events/gateway-events.mdx ("Presence Update Event Fields"): of the user only the id is certain, and
# Discord checks nothing of what it passes on.
PRESENCE_EVENT: Table = {
    "user": "obj",
    "guild_id?": "any",
    "status?": "any",
    "activities?": "any",
    "client_status?": "any",
}

# Page: developers/resources/channel.mdx ("Channel Structure"), without `permissions` and `app_permissions`, which
# only resolved data has.
CHANNEL: Table = {
    "id": "id",
    "type": "int",
    "guild_id?": "id",
    "position?": "int",
    "permission_overwrites?": "[@overwrite]",
    "name?": "?str",
    "topic?": "?str",
    "nsfw?": "bool",
    "last_message_id?": "?id",
    "bitrate?": "int",
    "user_limit?": "int",
    "rate_limit_per_user?": "int",
    "recipients?": "[@user]",
    "icon?": "?str",
    "owner_id?": "id",
    "application_id?": "id",
    "managed?": "bool",
    "parent_id?": "?id",
    "last_pin_timestamp?": "?time",
    "rtc_region?": "?str",
    "video_quality_mode?": "int",
    "message_count?": "int",
    "member_count?": "int",
    "thread_metadata?": "@thread_metadata",
    "member?": "@thread_member",
    "default_auto_archive_duration?": "int",
    "flags?": "int",
    "total_message_sent?": "int",
    "available_tags?": "[@tag]",
    "applied_tags?": "[id]",
    "default_reaction_emoji?": "?@default_reaction",
    "default_thread_rate_limit_per_user?": "int",
    "default_sort_order?": "?int",
    "default_forum_layout?": "int",
}
LISTED_THREAD: Table = CHANNEL | {"thread_metadata": "@thread_metadata", "member?": "@listed_thread_member"}
del LISTED_THREAD["thread_metadata?"]
# Page: developers/events/gateway-events.mdx ("Thread Create", "Thread Delete").
CREATED_THREAD: Table = CHANNEL | {"newly_created?": "bool"}
DELETED_THREAD: Table = {"id": "id", "guild_id": "id", "parent_id": "id", "type": "int"}
# Page: developers/interactions/receiving-and-responding.mdx ("Resolved Data Structure", note on channels);
# `app_permissions` from developers/resources/channel.mdx.
RESOLVED_CHANNEL: Table = {
    "id": "id",
    "name": "?str",
    "type": "int",
    "permissions": "str",
    "app_permissions?": "str",
    "last_message_id?": "?id",
    "last_pin_timestamp?": "?time",
    "nsfw?": "bool",
    "parent_id?": "?id",
    "guild_id?": "id",
    "flags?": "int",
    "rate_limit_per_user?": "int",
    "topic?": "?str",
    "position?": "int",
    "thread_metadata?": "@thread_metadata",
}

# Page: developers/resources/emoji.mdx ("Emoji Structure"; "Standard Emoji Example" and the notes on reaction events).
EMOJI: Table = {
    "id": "?id",
    "name": "?str",
    "roles?": "[id]",
    "user?": "@user",
    "require_colons?": "bool",
    "managed?": "bool",
    "animated?": "bool",
    "available?": "bool",
}
REACTION_EMOJI: Table = {"id": "?id", "name": "?str", "animated?": "bool"}

# Page: developers/resources/guild.mdx ("Guild Structure"), without what the page gives to single REST answers only
# (`icon_hash`, `owner`, `permissions`, the approximate counts, `welcome_screen`).
GUILD: Table = {
    "id": "id",
    "name": "str",
    "icon": "?str",
    "splash": "?str",
    "discovery_splash": "?str",
    "owner_id": "id",
    "region?": "?str",
    "afk_channel_id": "?id",
    "afk_timeout": "int",
    "widget_enabled?": "bool",
    "widget_channel_id?": "?id",
    "verification_level": "int",
    "default_message_notifications": "int",
    "explicit_content_filter": "int",
    "roles": "[@role]",
    "emojis": "[@emoji]",
    "features": "[str]",
    "mfa_level": "int",
    "application_id": "?id",
    "system_channel_id": "?id",
    "system_channel_flags": "int",
    "rules_channel_id": "?id",
    "max_presences?": "?int",
    "max_members?": "int",
    "vanity_url_code": "?str",
    "description": "?str",
    "banner": "?str",
    "premium_tier": "int",
    "premium_subscription_count?": "int",
    "preferred_locale": "str",
    "public_updates_channel_id": "?id",
    "max_video_channel_users?": "int",
    "max_stage_video_channel_users?": "int",
    "nsfw_level": "int",
    "stickers?": "[#GuildStickerResponse]",
    "premium_progress_bar_enabled": "bool",
    "safety_alerts_channel_id": "?id",
    "incidents_data": "?@incidents_data",
    # Required by GuildResponse of the OpenAPI document, absent from the page.
    "home_header?": "?str",
    "nsfw?": "bool",
}
# Page: developers/resources/guild.mdx ("Incidents Data Structure").
INCIDENTS_DATA: Table = {
    "invites_disabled_until": "?time",
    "dms_disabled_until": "?time",
    "dm_spam_detected_at?": "?time",
    "raid_detected_at?": "?time",
}
# Page: developers/resources/guild.mdx ("Unavailable Guild Object", which only has an example); in GUILD_DELETE
# (developers/events/gateway-events.mdx) a missing `unavailable` says that the user was removed.
UNAVAILABLE_GUILD: Table = {"id": "id", "unavailable": "bool"}
DELETED_GUILD: Table = {"id": "id", "unavailable?": "bool"}
# Page: developers/events/gateway-events.mdx ("Guild Create Extra Fields"). The sandbox knows no
# voice and no scheduled events, and plays no outage, in which the event would be an unavailable guild.
GUILD_CREATE: Table = GUILD | {
    "joined_at": "time",
    "large": "bool",
    "unavailable?": "bool",
    "member_count": "int",
    "voice_states": "[obj]",
    "members": "[@guild_event_member]",
    "channels": "[@channel]",
    "threads": "[@listed_thread]",
    "presences": "[@presence_event]",
    "stage_instances": "[#StageInstanceResponse]",
    "guild_scheduled_events": "[obj]",
    "soundboard_sounds": "[#SoundboardSoundResponse]",
}

# Page: developers/interactions/receiving-and-responding.mdx ("Interaction Structure"): a partial channel and a partial
# guild. Which fields they keep the page does not say, so that all of them are optional here. `locale` of the guild is
# in no table of Discord's; its clients and discord.py know it.
PARTIAL_CHANNEL: Table = {name if name == "id" else f"{name.rstrip('?')}?": kind for name, kind in CHANNEL.items()}
PARTIAL_GUILD: Table = {
    name if name == "id" else f"{name.rstrip('?')}?": kind for name, kind in without(GUILD, "roles", "emojis").items()
} | {"locale?": "str"}

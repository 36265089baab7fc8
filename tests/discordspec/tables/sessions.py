"""What opens, keeps and ends a session, in both directions, and the events that belong to no other page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .notation import Table

# Page: developers/events/gateway-events.mdx ("Hello Structure", "Ready Event Fields"). The resumed event has no table;
# its data is taken to be empty.
HELLO: Table = {"heartbeat_interval": "int"}
READY: Table = {
    "v": "int",
    "user": "@own_user",
    "guilds": "[@unavailable_guild]",
    "session_id": "str",
    "resume_gateway_url": "str",
    "shard?": "[int]",
    "application": "@application",
}
APPLICATION: Table = {"id": "id", "flags": "int"}
RESUMED: Table = {}

# Pages: developers/topics/opcodes-and-status-codes.mdx ("Gateway Opcodes") for the opcodes that a client receives
# beside 0, and developers/events/gateway-events.mdx for their data. A heartbeat from Discord (1) has no structure.
RECEIVED: dict[int, str] = {1: "any", 7: "null", 9: "bool", 10: "@hello", 11: "null"}

# Page: developers/events/gateway-events.mdx ("Identify Structure", "Identify Connection Properties"). `capabilities`
# is newer than the stored version of that page; developers/topics/permissions.mdx and the change log name it.
IDENTIFY: Table = {
    "token": "str",
    "properties": "@properties",
    "compress?": "bool",
    "large_threshold?": "int",
    "shard?": "[int]",
    "presence?": "@first_presence",
    "intents": "int",
    "capabilities?": "int",
}
PROPERTIES: Table = {"os": "str", "browser": "str", "device": "str"}
# The same page ("Resume Structure").
RESUME: Table = {"token": "str", "session_id": "str", "seq": "int"}
# The same page ("Gateway Presence Update Structure", "Activity Structure"; a sender need not say when an activity was
# created). `since` is an integer there; discord.py sends 0.0 for it, which in JSON is the same number.
PRESENCE: Table = {"since": "?num", "activities": "[@activity]", "status": "str", "afk": "bool"}
# discord.py logs in with `game`, a field of older versions, where the page has `activities`; its `status` may be null.
FIRST_PRESENCE: Table = {
    "since": "?num",
    "activities?": "[@activity]",
    "game?": "?@activity",
    "status": "?str",
    "afk": "bool",
}
ACTIVITY: Table = {
    "name": "str",
    "type": "int",
    "url?": "?str",
    "created_at?": "int",
    "timestamps?": "obj",
    "application_id?": "id",
    "status_display_type?": "?int",
    "details?": "?str",
    "details_url?": "?str",
    "state?": "?str",
    "state_url?": "?str",
    "emoji?": "?obj",
    "party?": "obj",
    "assets?": "obj",
    "secrets?": "obj",
    "instance?": "bool",
    "flags?": "int",
    "buttons?": "[obj]",
    "platform?": "?str",  # not on the page; discord.py sends it with a game
}
# The same page ("Request Guild Members Structure"). discord.py sends ids as numbers, which Discord takes. One of
# `query` and `user_ids` has to be there; `limit` is needed with `query`.
REQUEST_BY_QUERY: Table = {
    "guild_id": "sent_id",
    "query": "str",
    "limit": "int",
    "presences?": "bool",
    "user_ids?": "null",
    "nonce?": "?str",
}
REQUEST_BY_ID: Table = {
    "guild_id": "sent_id",
    "user_ids": "sent_id|[sent_id]",
    "query?": "?str",
    "limit?": "int",
    "presences?": "bool",
    "nonce?": "?str",
}

# The same page ("Guild Member Update Event Fields"); unlike a member object it has no `flags`.
GUILD_MEMBER_UPDATE: Table = {
    "guild_id": "id",
    "roles": "[id]",
    "user": "@user",
    "nick?": "?str",
    "avatar": "?str",
    "banner": "?str",
    "joined_at": "?time",
    "premium_since?": "?time",
    "deaf?": "bool",
    "mute?": "bool",
    # Optional in this table, but always there in events of guilds (developers/resources/guild.mdx).
    "pending": "bool",
    "communication_disabled_until?": "?time",
    "avatar_decoration_data?": "?@avatar_decoration",
    "collectibles?": "?@collectibles",
}
# The same page ("Guild Members Chunk Event Fields"). What an id that was not found looks like it does not say.
GUILD_MEMBERS_CHUNK: Table = {
    "guild_id": "id",
    "members": "[@guild_event_member]",
    "chunk_index": "int",
    "chunk_count": "int",
    "not_found?": "[any]",
    "presences?": "[@presence_event]",
    "nonce?": "str",
}
# The same page ("Guild Member Remove", "Guild Role Create", "Guild Role Update", "Guild Role Delete").
GUILD_MEMBER_REMOVE: Table = {"guild_id": "id", "user": "@user"}
GUILD_ROLE: Table = {"guild_id": "id", "role": "@role"}
GUILD_ROLE_DELETE: Table = {"guild_id": "id", "role_id": "id"}
# The same page ("Thread Members Update Event Fields", "Typing Start Event Fields").
THREAD_MEMBERS_UPDATE: Table = {
    "id": "id",
    "guild_id": "id",
    "member_count": "int",
    "added_members?": "[@added_thread_member]",
    "removed_member_ids?": "[id]",
}
TYPING_START: Table = {
    "channel_id": "id",
    "guild_id?": "id",
    "user_id": "id",
    "timestamp": "int",
    "member?": "@acting_member",
}

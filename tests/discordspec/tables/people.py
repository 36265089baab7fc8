"""Users, members and roles."""

from __future__ import annotations

from .notation import Table, without

# Page: developers/resources/user.mdx ("User Structure" and the structures below it).
USER: Table = {
    "id": "id",
    "username": "str",
    "discriminator": "str",
    "global_name": "?str",
    "avatar": "?str",
    "bot?": "bool",
    "system?": "bool",
    "mfa_enabled?": "bool",
    "banner?": "?str",
    "accent_color?": "?int",
    "locale?": "str",
    "verified?": "bool",
    "email?": "?str",
    "flags?": "int",
    "premium_type?": "int",
    "public_flags?": "int",
    "avatar_decoration_data?": "?@avatar_decoration",
    "collectibles?": "?@collectibles",
    "primary_guild?": "?@primary_guild",
}
# Page: developers/events/gateway-events.mdx ("Ready Event Fields"): the bot's own user, with its email.
OWN_USER: Table = USER
AVATAR_DECORATION: Table = {"asset": "str", "sku_id": "id"}
COLLECTIBLES: Table = {"nameplate?": "@nameplate"}
NAMEPLATE: Table = {"sku_id": "id", "asset": "str", "label": "str", "palette": "str"}
PRIMARY_GUILD: Table = {"identity_guild_id": "?id", "identity_enabled": "?bool", "tag": "?str", "badge": "?str"}

# Page: developers/resources/guild.mdx ("Guild Member Structure"). `collectibles` is missing there; it is in
# GuildMemberResponse of the OpenAPI document and in the Guild Member Update event.
MEMBER: Table = {
    "user": "@user",
    "nick?": "?str",
    "avatar?": "?str",
    "banner?": "?str",
    "roles": "[id]",
    "joined_at": "?time",
    "premium_since?": "?time",
    "deaf": "bool",
    "mute": "bool",
    "flags": "int",
    "pending?": "bool",
    "communication_disabled_until?": "?time",
    "avatar_decoration_data?": "?@avatar_decoration",
    "collectibles?": "?@collectibles",
}
# The same page, the notes below the table: events of guilds always tell `pending`; events that a member sets off never
# do, because nobody who is still pending can.
GUILD_EVENT_MEMBER: Table = without(MEMBER, "pending?") | {"pending": "bool"}
GUILD_MEMBER_ADD: Table = GUILD_EVENT_MEMBER | {"guild_id": "id"}
ACTING_MEMBER: Table = without(MEMBER, "pending?")
# The same page: messages carry their author's and mentioned users' members without the user.
AUTHOR_MEMBER: Table = without(ACTING_MEMBER, "user")
MENTIONED_MEMBER: Table = without(MEMBER, "user")
# The same page: `permissions` is there in interactions only.
INTERACTION_MEMBER: Table = MEMBER | {"permissions": "str"}
# Page: developers/interactions/receiving-and-responding.mdx ("Resolved Data Structure", note on members).
RESOLVED_MEMBER: Table = without(MEMBER, "user", "deaf", "mute") | {"permissions?": "str"}
# Page: developers/events/gateway-events.mdx ("Message Create Extra Fields").
MENTIONED_USER: Table = USER | {"member?": "@mentioned_member"}

# Page: developers/topics/permissions.mdx ("Role Structure", "Role Tags Structure", "Role Colors Object"). A tag is
# there and null where it holds.
ROLE: Table = {
    "id": "id",
    "name": "str",
    "color": "int",
    "colors": "@role_colors",
    "hoist": "bool",
    "icon?": "?str",
    "unicode_emoji?": "?str",
    "position": "int",
    "permissions": "str",
    "managed": "bool",
    "mentionable": "bool",
    "tags?": "@role_tags",
    "flags": "int",
}
ROLE_COLORS: Table = {"primary_color": "int", "secondary_color": "?int", "tertiary_color": "?int"}
ROLE_TAGS: Table = {
    "bot_id?": "id",
    "integration_id?": "id",
    "premium_subscriber?": "null",
    "subscription_listing_id?": "id",
    "available_for_purchase?": "null",
    "guild_connections?": "null",
}

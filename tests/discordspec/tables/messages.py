"""Messages, as objects and as events."""

from __future__ import annotations

from .notation import Choice, Table, without

# Page: developers/resources/message.mdx ("Message Reference Structure"): when received, `channel_id` is always there;
# `fail_if_not_exists` is for sending.
REFERENCE: Table = {"type?": "int", "message_id?": "id", "channel_id": "id", "guild_id?": "id"}

# Page: developers/resources/message.mdx ("Message Interaction Metadata Object", its three structures).
_METADATA: Table = {
    "id": "id",
    "type": "int",
    "user": "@user",
    "authorizing_integration_owners": "{id}",
    "original_response_message_id?": "id",
}
COMMAND_METADATA: Table = _METADATA | {"target_user?": "@user", "target_message_id?": "id"}
COMPONENT_METADATA: Table = _METADATA | {"interacted_message_id": "id"}
MODAL_METADATA: Table = _METADATA | {"triggering_interaction_metadata": "@metadata"}
METADATA = Choice("type", {2: "command_metadata", 3: "component_metadata", 5: "modal_metadata"})
# Page: developers/interactions/receiving-and-responding.mdx ("Message Interaction Structure"), deprecated.
OLD_INTERACTION: Table = {
    "id": "id",
    "type": "int",
    "name": "str",
    "user": "@user",
    "member?": "@mentioned_member",
}

# Page: developers/resources/message.mdx ("Message Structure"). The objects inside that the sandbox writes, or that
# nothing else describes, are held against the OpenAPI document.
MESSAGE: Table = {
    "id": "id",
    "channel_id": "id",
    "author": "@user",
    "content": "str",
    "timestamp": "time",
    "edited_timestamp": "?time",
    "tts": "bool",
    "mention_everyone": "bool",
    "mentions": "[@user]",
    "mention_roles": "[id]",
    "mention_channels?": "[#MessageMentionChannelResponse]",
    "attachments": "[#MessageAttachmentResponse]",
    "embeds": "[#MessageEmbedResponse]",
    "reactions?": "[#MessageReactionResponse]",
    "nonce?": "int|str",
    "pinned": "bool",
    "webhook_id?": "id",
    "type": "int",
    "activity?": "#MessageActivityResponse",
    "application?": "obj",
    "application_id?": "id",
    "flags?": "int",
    "message_reference?": "@reference",
    "message_snapshots?": "[#MessageSnapshotResponse]",
    "referenced_message?": "?@message",
    "interaction_metadata?": "@metadata",
    "interaction?": "@old_interaction",
    "thread?": "@channel",
    "components?": "[@component]",
    "sticker_items?": "[#MessageStickerItemResponse]",
    "stickers?": "[obj]",
    "position?": "int",
    "role_subscription_data?": "#MessageRoleSubscriptionDataResponse",
    "resolved?": "@resolved",
    "poll?": "#PollResponse",
    "call?": "#MessageCallResponse",
    "shared_client_theme?": "#CustomClientThemeResponse",
}
# Page: developers/components/reference.mdx ("Component Types"), those that a message holds at its top level; their
# structures are held against the OpenAPI document.
COMPONENT_SCHEMAS = {
    1: "ActionRowComponentResponse",
    9: "SectionComponentResponse",
    10: "TextDisplayComponentResponse",
    12: "MediaGalleryComponentResponse",
    13: "FileComponentResponse",
    14: "SeparatorComponentResponse",
    17: "ContainerComponentResponse",
}

# Page: developers/events/gateway-events.mdx ("Messages", the warning; "Message Create Extra Fields"; "Message Update").
EPHEMERAL_FLAG = 1 << 6
MESSAGE_EVENT: Table = MESSAGE | {
    "mentions": "[@mentioned_user]",
    "guild_id?": "id",
    "member?": "@author_member",
}
MESSAGE_UPDATE: Table = MESSAGE_EVENT | {"tts": "false"}
EPHEMERAL_EVENT: Table = without(MESSAGE_EVENT, "guild_id?", "member?")
EPHEMERAL_UPDATE: Table = without(MESSAGE_UPDATE, "guild_id?", "member?")
MESSAGE_DELETE: Table = {"id": "id", "channel_id": "id", "guild_id?": "id"}
MESSAGE_DELETE_BULK: Table = {"ids": "[id]", "channel_id": "id", "guild_id?": "id"}

# Page: developers/events/gateway-events.mdx ("Message Reaction Add", "Message Reaction Remove").
REACTION_REMOVE: Table = {
    "user_id": "id",
    "channel_id": "id",
    "message_id": "id",
    "guild_id?": "id",
    "emoji": "@reaction_emoji",
    "burst": "bool",
    "type": "int",
}
REACTION_ADD: Table = REACTION_REMOVE | {
    "member?": "@acting_member",
    "message_author_id?": "id",
    "burst_colors?": "[str]",
}

"""Interactions and what they carry."""

from __future__ import annotations

from .notation import Choice, Table

# Page: developers/interactions/receiving-and-responding.mdx ("Interaction Structure"). `data` may be missing only in a
# PING and `locale` likewise; pings do not come over the gateway.
INTERACTION: Table = {
    "id": "id",
    "application_id": "id",
    "type": "int",
    "data": "obj",
    "guild?": "@partial_guild",
    "guild_id?": "id",
    "channel?": "@partial_channel",
    "channel_id?": "id",
    "member?": "@interaction_member",
    "user?": "@user",
    "token": "str",
    "version": "int",
    "message?": "@message",
    "app_permissions": "str",
    "locale": "str",
    "guild_locale?": "str",
    "entitlements": "[#EntitlementResponse]",
    "authorizing_integration_owners": "{id}",
    "context?": "int",
    "attachment_size_limit": "int",
}
DATA = {2: "command_data", 3: "component_data", 4: "command_data", 5: "modal_data"}
"""The table of `data` for a type of interaction ("Interaction Data")."""

# The same page ("Application Command Data Structure", "Application Command Interaction Data Option Structure"): a
# subcommand (1) or a group of them (2) has options, everything else a value.
COMMAND_DATA: Table = {
    "id": "id",
    "name": "str",
    "type": "int",
    "resolved?": "@resolved",
    "options?": "[@option]",
    "guild_id?": "id",
    "target_id?": "id",
}
NESTING_OPTION: Table = {"name": "str", "type": "int", "options": "[@option]"}
VALUE_OPTION: Table = {"name": "str", "type": "int", "value": "str|num|bool", "focused?": "bool"}
OPTION = Choice("type", {1: "nesting_option", 2: "nesting_option"}, "value_option")

# The same page ("Resolved Data Structure"). Messages are partial there, without a list of the fields that stay; the
# example in developers/interactions/application-commands.mdx has all that are required.
RESOLVED: Table = {
    "users?": "{@user}",
    "members?": "{@resolved_member}",
    "roles?": "{@role}",
    "channels?": "{@resolved_channel}",
    "messages?": "{@message}",
    "attachments?": "{#MessageAttachmentResponse}",
}

# The same page ("Message Component Data Structure"), and developers/components/reference.mdx for the `id` of buttons
# (their example) and of selects ("… Interaction Response Structure"; one of its examples lacks it).
BUTTON_DATA: Table = {"custom_id": "str", "component_type": "int", "id?": "int"}
STRING_SELECT_DATA: Table = BUTTON_DATA | {"values": "[str]"}
AUTO_SELECT_DATA: Table = BUTTON_DATA | {"values": "[id]", "resolved": "@resolved"}
COMPONENT_DATA = Choice(
    "component_type",
    {2: "button_data", 3: "string_select_data"} | dict.fromkeys((5, 6, 7, 8), "auto_select_data"),
)

# The same page ("Modal Submit Data Structure"), and developers/components/reference.mdx ("… Interaction Response
# Structure" of each component). What was selected is resolved beside the components, as the examples show. An action
# row in a modal is deprecated, and its shape no longer written down.
MODAL_DATA: Table = {"custom_id": "str", "components": "[@submitted]", "resolved?": "@resolved"}
_SUBMITTED: Table = {"type": "int", "id": "int"}
_INPUT: Table = _SUBMITTED | {"custom_id": "str"}
SUBMITTED_ROW: Table = _SUBMITTED | {"components": "[@submitted]"}
SUBMITTED_TEXT_DISPLAY: Table = _SUBMITTED
SUBMITTED_LABEL: Table = _SUBMITTED | {"component": "@submitted"}
SUBMITTED_TEXT: Table = _INPUT | {"value": "str"}
SUBMITTED_STRINGS: Table = _INPUT | {"values": "[str]"}
SUBMITTED_IDS: Table = _INPUT | {"values": "[id]"}
SUBMITTED_RADIO: Table = _INPUT | {"value": "?str"}
SUBMITTED_CHECKBOX: Table = _INPUT | {"value": "bool"}
SUBMITTED = Choice(
    "type",
    {
        1: "submitted_row",
        3: "submitted_strings",
        4: "submitted_text",
        10: "submitted_text_display",
        18: "submitted_label",
        21: "submitted_radio",
        22: "submitted_strings",
        23: "submitted_checkbox",
    }
    | dict.fromkeys((5, 6, 7, 8, 19), "submitted_ids"),
)

"""Routes about messages and their reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events, message_payloads, messaging
from ._json import as_list
from .entities import ChannelType, MessageFlag
from .errors import ApiError, cannot_dm, not_found, not_the_author, wrong_channel_type
from .forms import Form, snowflake
from .permissions import Permission, permissions_in
from .routing import NO_CONTENT, Call, Reply, Routes, require

if TYPE_CHECKING:
    from .entities import Message

DEFAULT_PAGE, MAX_PAGE = 50, 100
MIN_BULK, MAX_BULK = 2, 100
BULK_DAYS = 14
_DAY_SECONDS = 86_400

routes = Routes()


@routes.add("GET", "/channels/{channel_id}/messages")
def history(call: Call) -> Reply:
    """A page of a channel's messages, newest first."""
    channel = call.channel()
    limit = call.query.get("limit", str(DEFAULT_PAGE))
    form = Form()
    if not limit.isdecimal() or not 1 <= int(limit) <= MAX_PAGE:
        form.add("limit", "NUMBER_TYPE_RANGE", f"int value should be between 1 and {MAX_PAGE}.")
    form.close()
    # Without this permission Discord answers with an empty page, not with an error.
    readable = channel.is_dm or permissions_in(channel, call.user.id) & Permission.READ_MESSAGE_HISTORY
    ids = _page(sorted(channel.messages), call.query, int(limit)) if readable else []
    page = [channel.messages[each] for each in reversed(ids)]
    return Reply(body=[message_payloads.message(each, call.viewer) for each in page])


def _page(ids: list[int], query: dict[str, str], limit: int) -> list[int]:
    if "around" in query:
        centre = int(query["around"])
        older = [each for each in ids if each < centre][-(limit // 2) :]
        return (older + [each for each in ids if each >= centre])[:limit]
    if "after" in query:
        return [each for each in ids if each > int(query["after"])][:limit]
    before = int(query.get("before") or 0)
    return [each for each in ids if not before or each < before][-limit:]


@routes.add("GET", "/channels/{channel_id}/messages/{message_id}")
def read(call: Call) -> Reply:
    """One message."""
    return Reply(body=message_payloads.message(_message(call, Permission.READ_MESSAGE_HISTORY), call.viewer))


def _message(call: Call, needed: int = 0) -> Message:
    return messaging.of_channel(call.world, call.channel(needed), call.id("message_id"))


@routes.add("POST", "/channels/{channel_id}/messages")
def create(call: Call) -> Reply:
    """Send a message."""
    channel = call.channel()
    if channel.is_dm and all(user.bot for user in channel.recipients):
        raise cannot_dm()
    message = messaging.send(call.world, channel, call.user, call.body, call.uploads)
    return Reply(body=message_payloads.message(message, call.viewer))


@routes.add("PATCH", "/channels/{channel_id}/messages/{message_id}")
def edit(call: Call) -> Reply:
    """Edit one's own message; with MANAGE_MESSAGES, also hide the embeds of somebody else's."""
    message = _message(call)
    if message.author is not call.user:
        if set(call.body) != {"flags"}:
            raise not_the_author()
        require(message.channel, call.user, Permission.MANAGE_MESSAGES)
        message.flags = (message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | int(call.body["flags"])
        call.world.publish(events.message_event("MESSAGE_UPDATE", message))
    else:
        messaging.edit(call.world, message, call.body, call.uploads)
    return Reply(body=message_payloads.message(message, call.viewer))


@routes.add("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete(call: Call) -> Reply:
    """Delete one's own message, or with MANAGE_MESSAGES anybody's."""
    message = _message(call)
    if message.author is not call.user:
        require(message.channel, call.user, Permission.MANAGE_MESSAGES)
    messaging.delete(call.world, message)
    return NO_CONTENT


@routes.add("POST", "/channels/{channel_id}/messages/bulk-delete")
def bulk_delete(call: Call) -> Reply:
    """Delete 2 to 100 messages that are less than two weeks old."""
    channel = call.channel(Permission.MANAGE_MESSAGES)
    if channel.type is ChannelType.DM:
        raise wrong_channel_type()
    ids = [snowflake(each, "messages") for each in as_list(call.body.get("messages"))]
    form = Form()
    form.count("messages", ids, MAX_BULK, MIN_BULK)
    form.close()
    oldest = call.world.snowflakes.at(call.world.clock() - BULK_DAYS * _DAY_SECONDS)
    if any(each < oldest for each in ids):
        raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    messaging.delete_many(call.world, channel, ids)
    return NO_CONTENT


@routes.add("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
def react(call: Call) -> Reply:
    """React to a message; the first of its kind needs ADD_REACTIONS."""
    message = _message(call, Permission.READ_MESSAGE_HISTORY)
    emoji = call.params["emoji_name"]
    if emoji not in message.reactions:
        require(message.channel, call.user, Permission.ADD_REACTIONS)
    users = message.reactions.setdefault(emoji, [])
    if call.user.id not in users:
        users.append(call.user.id)
        call.world.publish(events.reaction("MESSAGE_REACTION_ADD", message, call.user, emoji))
    return NO_CONTENT


@routes.add("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me")
def unreact(call: Call) -> Reply:
    """Take one's own reaction back."""
    message = _message(call)
    emoji = call.params["emoji_name"]
    users = message.reactions.get(emoji, [])
    if call.user.id not in users:
        raise not_found("Message")
    users.remove(call.user.id)
    if not users:
        del message.reactions[emoji]
    call.world.publish(events.reaction("MESSAGE_REACTION_REMOVE", message, call.user, emoji))
    return NO_CONTENT

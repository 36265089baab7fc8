"""Sends, edits and deletes messages in a world, and tells it so.

Source: Discord's documentation of the message and channel resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import compose, events, mentions
from .entities import ChannelType, Message, MessageType, Reference
from .errors import missing_permissions, not_found, starter_missing, thread_archived, wrong_channel_type
from .forms import Form, snowflake
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from ._json import Json
    from .attachments import Upload
    from .entities import Application, Channel, User
    from .world import World

MAX_NONCE = 25


def send(world: World, channel: Channel, author: User, body: Json, uploads: list[Upload]) -> Message:
    """Send a message to a channel, as `POST /channels/{id}/messages` does.

    Raises:
        ApiError: when the author may not, or the body is not one Discord would take.
    """
    require_sendable(channel, author, body, uploads)
    message = new_message(world, channel, author)
    form = Form()
    form.length("nonce", str(body.get("nonce") or ""), MAX_NONCE)
    form.close()
    message.nonce = body.get("nonce")
    message.tts = bool(body.get("tts"))
    if reference := body.get("message_reference"):
        _reply(message, reference)
    compose.fill(message, body, uploads, world)
    ping(message, body)
    post(world, message)
    return message


def require_sendable(channel: Channel, author: User, body: Json, uploads: list[Upload]) -> None:
    """Check that an account may send this here.

    Raises:
        ApiError: if it may not.
    """
    if channel.type in {ChannelType.FORUM, ChannelType.CATEGORY}:
        raise wrong_channel_type()
    held = permissions_in(channel, author.id)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if body.get("message_reference"):
        needed |= Permission.READ_MESSAGE_HISTORY
    if uploads:
        needed |= Permission.ATTACH_FILES
    if body.get("embeds") and author.bot:
        needed |= Permission.EMBED_LINKS
    if held & needed != needed:
        raise missing_permissions()
    state = channel.thread
    if state is not None and state.starter is not None:
        raise starter_missing()
    if state is not None and state.locked and not held & Permission.MANAGE_THREADS:
        raise thread_archived()


def new_message(world: World, channel: Channel, author: User, message_id: int | None = None) -> Message:
    """An empty message that nobody has seen yet."""
    application = world.applications.get(author.id)
    return Message(message_id or world.snowflakes.next(), channel, author, world.clock(), application=application)


def _reply(message: Message, reference: Json) -> None:
    target_id = snowflake(reference.get("message_id"), "message_reference.message_id")
    if target_id not in message.channel.messages:
        if reference.get("fail_if_not_exists") is False:
            return
        form = Form()
        form.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        form.close()
    message.type = MessageType.REPLY
    message.reference = Reference(message.channel, target_id)


def ping(message: Message, body: Json) -> None:
    """Work out whom a message mentions."""
    replied_to = None
    if message.type is MessageType.REPLY and message.reference is not None:
        target = message.reference.channel.messages.get(message.reference.message_id)
        replied_to = target.author if target else None
    message.mentions = mentions.find(
        message.content, body.get("allowed_mentions"), message.channel, message.author, replied_to
    )


def post(world: World, message: Message) -> None:
    """Put a finished message where it belongs and announce it."""
    channel = message.channel
    if message.ephemeral_for is not None:
        world.ephemeral[message.id] = message
    else:
        channel.messages[message.id] = message
        channel.last_message_id = message.id
        if channel.thread is not None:
            channel.thread.total_messages += not message.starts_thread
            channel.thread.set_archived(archived=False, now=world.clock())
            join_thread(world, channel, message.author)
    world.publish(events.message_event("MESSAGE_CREATE", message))


def release_starters(world: World) -> int:
    """Post the first messages of forum posts that were held back. Returns how many."""
    held = [state for channel in list(world.channels.values()) if (state := channel.thread) and state.starter]
    for state in held:
        message, state.starter = state.starter, None
        if message is not None:
            post(world, message)
    return len(held)


def join_thread(world: World, thread: Channel, user: User) -> None:
    """Make a user a member of a thread, which whoever writes in it becomes."""
    if thread.thread is not None and user.id not in thread.thread.members:
        thread.thread.members[user.id] = world.clock()
        world.publish(events.thread_members_update(thread, added=user.id))


def edit(world: World, message: Message, body: Json, uploads: list[Upload], *, edited: bool = True) -> None:
    """Change a message and announce it. `edited` is false where readers see no "(edited)": the end of a deferral.

    Raises:
        ApiError: 400, when Discord would refuse the body.
    """
    compose.fill(message, body, uploads, world)
    ping(message, body)
    if edited:
        message.edited_at = world.clock()
    world.publish(events.message_event("MESSAGE_UPDATE", message))


def delete(world: World, message: Message) -> None:
    """Delete a message and announce it."""
    world.ephemeral.pop(message.id, None)
    message.channel.messages.pop(message.id, None)
    world.publish(events.message_delete(message))


def delete_many(world: World, channel: Channel, message_ids: list[int]) -> None:
    """Delete several messages of a channel at once; ids that it does not hold are passed over, as Discord does."""
    gone = [each for each in message_ids if channel.messages.pop(each, None) is not None]
    world.publish(events.message_delete_bulk(channel, gone))


def of_channel(world: World, channel: Channel, message_id: int, application: Application | None = None) -> Message:
    """A message by id. An ephemeral one is found only by the application that sent it.

    Raises:
        ApiError: 404 with code 10008.
    """
    message = world.message(channel, message_id)
    if message is None or (message.ephemeral_for is not None and message.application is not application):
        raise not_found("Message")
    return message

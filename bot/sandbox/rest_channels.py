"""Routes about channels, threads and forum posts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import compose, events, message_payloads, messaging, payloads
from ._json import as_list, as_object
from .entities import (
    DEFAULT_AUTO_ARCHIVE_MINUTES,
    Channel,
    ChannelType,
    MessageFlag,
    MessageType,
    Reference,
    ThreadState,
)
from .errors import missing_permissions, not_found, thread_exists, wrong_channel_type
from .forms import Form
from .permissions import Permission, permissions_in
from .routing import NO_CONTENT, Call, Reply, Routes, require

if TYPE_CHECKING:
    from .entities import Message

MAX_CHANNEL_NAME = 100
MAX_TOPIC = 1024
MAX_FORUM_TOPIC = 4096
MAX_APPLIED_TAGS = 5
ARCHIVE_MINUTES = frozenset({60, 1440, 4320, 10080})
MIN_ARCHIVED, MAX_ARCHIVED = 2, 100
"""Threads on a page of those that are archived."""

routes = Routes()


@routes.add("GET", "/channels/{channel_id}")
def read(call: Call) -> Reply:
    """A channel of any kind."""
    return Reply(body=payloads.channel(call.channel(), call.user))


@routes.add("PATCH", "/channels/{channel_id}")
def update(call: Call) -> Reply:
    """Change a channel's name and topic, or a thread's name, archiving and lock."""
    channel = call.channel()
    if channel.guild is None:
        raise wrong_channel_type()
    form = Form()
    if "name" in call.body:
        form.length("name", call.body["name"], MAX_CHANNEL_NAME, 1)
    form.length("topic", call.body.get("topic"), MAX_FORUM_TOPIC if channel.type is ChannelType.FORUM else MAX_TOPIC)
    form.close()
    own_thread = channel.thread is not None and channel.thread.owner_id == call.user.id
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    if not own_thread:
        require(channel, call.user, needed)
    channel.name = call.body.get("name", channel.name)
    if channel.thread is not None:
        if "locked" in call.body and not permissions_in(channel, call.user.id) & Permission.MANAGE_THREADS:
            raise missing_permissions()
        channel.thread.set_archived(
            archived=bool(call.body.get("archived", channel.thread.archived)), now=call.world.clock()
        )
        channel.thread.locked = bool(call.body.get("locked", channel.thread.locked))
        call.world.publish(events.thread_update(channel))
    else:
        channel.topic = call.body.get("topic", channel.topic)
        call.world.publish(events.channel_event("CHANNEL_UPDATE", channel))
    return Reply(body=payloads.channel(channel, call.user))


@routes.add("DELETE", "/channels/{channel_id}")
def delete(call: Call) -> Reply:
    """Delete a channel or thread; a direct-message channel is only closed, which changes nothing here."""
    channel = call.channel()
    payload = payloads.channel(channel, call.user)
    if channel.guild is not None:
        require(channel, call.user, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
        channel.guild.remove_channel(channel)
    return Reply(body=payload)


@routes.add("POST", "/channels/{channel_id}/typing")
def typing(call: Call) -> Reply:
    """Show that the account is typing."""
    channel = call.channel()
    messaging.require_sendable(channel, call.user, {}, [])
    call.world.publish(events.typing(channel, call.user, int(call.world.clock())))
    return NO_CONTENT


@routes.add("POST", "/channels/{channel_id}/messages/{message_id}/threads")
def create_from_message(call: Call) -> Reply:
    """Start a thread at a message; it gets the message's id."""
    parent = call.channel(Permission.CREATE_PUBLIC_THREADS | Permission.READ_MESSAGE_HISTORY)
    source = messaging.of_channel(call.world, parent, call.id("message_id"))
    if parent.type is not ChannelType.TEXT:
        raise wrong_channel_type()
    if source.thread is not None:
        raise thread_exists()
    thread = _create(call, parent, source.id)
    source.thread = thread
    source.flags |= MessageFlag.HAS_THREAD
    call.world.publish(events.message_event("MESSAGE_UPDATE", source))
    _announce(call, thread, MessageType.THREAD_STARTER_MESSAGE, Reference(parent, source.id))
    return Reply(201, payloads.channel(thread, call.user))


@routes.add("POST", "/channels/{channel_id}/threads")
def create(call: Call) -> Reply:
    """Start a thread without a message, or a forum post with its first message."""
    parent = call.channel()
    if parent.type is ChannelType.FORUM:
        return _create_post(call, parent)
    if parent.type is not ChannelType.TEXT:
        raise wrong_channel_type()
    private = call.body.get("type", ChannelType.PRIVATE_THREAD) == ChannelType.PRIVATE_THREAD
    require(parent, call.user, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    thread = _create(call, parent, None, ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD)
    if not private:
        _announce(call, parent, MessageType.THREAD_CREATED, Reference(thread, 0), thread.name)
    return Reply(201, payloads.channel(thread, call.user))


def _create_post(call: Call, forum: Channel) -> Reply:
    require(forum, call.user, Permission.SEND_MESSAGES)
    body = as_object(call.body.get("message"))
    # Everything is checked before the thread exists: a refused post leaves nothing behind.
    compose.check(body, v2=bool(int(body.get("flags") or 0) & MessageFlag.IS_COMPONENTS_V2), prefix="message.")
    draft = messaging.new_message(call.world, forum, call.user, call.world.snowflakes.next())
    compose.fill(draft, body, call.uploads, call.world, prefix="message.")
    thread = _create(call, forum, draft.id)
    draft.channel = thread
    messaging.ping(draft, body)
    if call.world.hold_starters and thread.thread is not None:
        thread.thread.starter = draft
    else:
        messaging.post(call.world, draft)
    message = message_payloads.message(draft, call.viewer)
    return Reply(201, payloads.channel(thread, call.user) | {"message": message})


def _create(
    call: Call, parent: Channel, thread_id: int | None, kind: ChannelType = ChannelType.PUBLIC_THREAD
) -> Channel:
    form = Form()
    form.length("name", call.body.get("name"), MAX_CHANNEL_NAME, 1)
    minutes = call.body.get("auto_archive_duration") or DEFAULT_AUTO_ARCHIVE_MINUTES
    form.choice("auto_archive_duration", minutes, ARCHIVE_MINUTES)
    tags = [int(tag) for tag in as_list(call.body.get("applied_tags"))]
    form.count("applied_tags", tags, MAX_APPLIED_TAGS)
    for tag in tags:
        form.choice("applied_tags", tag, {each.id for each in parent.tags})
    form.close()
    now = call.world.clock()
    state = ThreadState(call.user.id, now, int(minutes), members={call.user.id: now}, applied_tags=tags)
    thread = Channel(thread_id or call.world.snowflakes.next(), kind, call.body["name"])
    return call.world.add_thread(parent, thread, state)


def _announce(call: Call, where: Channel, kind: MessageType, reference: Reference, content: str = "") -> Message:
    message = messaging.new_message(call.world, where, call.user)
    message.application = None
    message.type, message.reference, message.content = kind, reference, content
    messaging.post(call.world, message)
    return message


@routes.add("GET", "/guilds/{guild_id}/threads/active")
def active(call: Call) -> Reply:
    """The threads of a guild that are not archived and that the account can see, newest first."""
    threads = [
        thread
        for thread in call.guild().threads.values()
        if thread.thread and not thread.thread.archived and permissions_in(thread, call.user.id)
    ]
    return _listed(call, sorted(threads, key=lambda each: -each.id))


@routes.add("GET", "/channels/{channel_id}/threads/archived/public")
def archived(call: Call) -> Reply:
    """A page of a channel's public threads, or of a forum's posts, that are archived; last archived first."""
    parent = call.channel(Permission.READ_MESSAGE_HISTORY)
    if parent.type not in {ChannelType.TEXT, ChannelType.FORUM} or parent.guild is None:
        raise wrong_channel_type()
    limit, before = call.query.get("limit", str(MAX_ARCHIVED)), call.query.get("before")
    form = Form()
    if not limit.isdecimal() or not MIN_ARCHIVED <= int(limit) <= MAX_ARCHIVED:
        form.add("limit", "NUMBER_TYPE_RANGE", f"int value should be between {MIN_ARCHIVED} and {MAX_ARCHIVED}.")
    end = _time(before, form) if before is not None else None
    form.close()
    # As precise as it is told: what comes back as `before` must not find its own thread again.
    states = [
        (datetime.fromtimestamp(thread.thread.archive_timestamp, UTC), thread)
        for thread in parent.guild.threads.values()
        if thread.thread and thread.thread.archived
        if thread.parent_id == parent.id and thread.type is ChannelType.PUBLIC_THREAD
    ]
    found = [(at, thread) for at, thread in states if end is None or at < end]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=True)
    page = [thread for _, thread in found[: int(limit)]]
    return _listed(call, page, has_more=len(found) > len(page))


def _time(text: str, form: Form) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        form.add("before", "DATE_TIME_TYPE_PARSE", f"Could not parse {text}. Should be ISO8601.")
        return None


def _listed(call: Call, threads: list[Channel], *, has_more: bool = False) -> Reply:
    joined = [thread for thread in threads if thread.thread and call.user.id in thread.thread.members]
    return Reply(
        body={
            "threads": [payloads.channel(each, call.user) for each in threads],
            "members": [payloads.thread_member(each, call.user.id) for each in joined],
            "has_more": has_more,
        }
    )


@routes.add("GET", "/channels/{channel_id}/thread-members")
def thread_members(call: Call) -> Reply:
    """Who is in a thread."""
    thread = call.thread()
    members = thread.thread.members if thread.thread else {}
    return Reply(body=[payloads.thread_member(thread, each) for each in members])


@routes.add("GET", "/channels/{channel_id}/thread-members/{user_id}")
def thread_member(call: Call) -> Reply:
    """Whether somebody is in a thread."""
    thread = call.thread()
    if thread.thread is None or call.id("user_id") not in thread.thread.members:
        raise not_found("Member")
    return Reply(body=payloads.thread_member(thread, call.id("user_id")))


@routes.add("PUT", "/channels/{channel_id}/thread-members/@me")
@routes.add("PUT", "/channels/{channel_id}/thread-members/{user_id}")
def join(call: Call) -> Reply:
    """Join a thread, or add a member of the guild to it."""
    thread = call.thread()
    joining = call.id("user_id") if "user_id" in call.params else call.user.id
    member = thread.guild.members.get(joining) if thread.guild else None
    if member is None:
        raise not_found("Member")
    messaging.join_thread(call.world, thread, member.user)
    return NO_CONTENT


@routes.add("DELETE", "/channels/{channel_id}/thread-members/@me")
@routes.add("DELETE", "/channels/{channel_id}/thread-members/{user_id}")
def leave(call: Call) -> Reply:
    """Leave a thread, or take somebody out of it."""
    thread = call.thread()
    leaving = call.id("user_id") if "user_id" in call.params else call.user.id
    if leaving != call.user.id:
        require(thread, call.user, Permission.MANAGE_THREADS)
    if thread.thread is None or thread.thread.members.pop(leaving, None) is None:
        raise not_found("Member")
    call.world.publish(events.thread_members_update(thread, removed=leaving))
    return NO_CONTENT

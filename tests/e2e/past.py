"""A server's past, written message by message while its clock goes forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox import Channel, ChannelType, messaging
from bot.sandbox.entities import MessageType, Reference, ThreadState

if TYPE_CHECKING:
    from bot.sandbox import ManualClock, Message, User, World

MINUTE = 60.0


@dataclass
class Past:
    """Writes into a world whose clock it moves, a minute with each message."""

    world: World
    clock: ManualClock

    def say(
        self, channel: Channel, author: User, text: str, *, to: Message | None = None, kind: MessageType | None = None
    ) -> Message:
        """Write a message.

        Args:
            channel: Where.
            author: Who.
            text: What.
            to: What it replies to, without pinging.
            kind: The type, where it is no ordinary message.
        """
        self.clock.advance(MINUTE)
        return self._post(messaging.new_message(self.world, channel, author), text, to, kind)

    def _post(self, message: Message, text: str, to: Message | None, kind: MessageType | None) -> Message:
        message.content = text
        if to is not None:
            message.type, message.reference = MessageType.REPLY, Reference(to.channel, to.id)
        message.type = kind or message.type
        messaging.ping(message, {"allowed_mentions": {"parse": ["users"]}})
        messaging.post(self.world, message)
        return message

    def thread(self, parent: Channel, name: str, owner: User, *, private: bool = False) -> Channel:
        """Start a thread."""
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        return self._thread(parent, Channel(self.world.snowflakes.next(), kind, name), owner)

    def post(self, forum: Channel, title: str, author: User, text: str) -> Channel:
        """Write a post into a forum."""
        self.clock.advance(MINUTE)
        draft = messaging.new_message(self.world, forum, author)
        draft.channel = self._thread(forum, Channel(draft.id, ChannelType.PUBLIC_THREAD, title), author)
        self._post(draft, text, None, None)
        return draft.channel

    def _thread(self, parent: Channel, thread: Channel, owner: User) -> Channel:
        now = self.clock()
        return self.world.add_thread(parent, thread, ThreadState(owner.id, now, members={owner.id: now}))

    def archive(self, thread: Channel) -> None:
        """Archive a thread."""
        self.clock.advance(MINUTE)
        assert thread.thread
        thread.thread.set_archived(archived=True, now=self.clock())

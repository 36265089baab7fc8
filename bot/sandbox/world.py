"""The whole state of a loopback Discord, and the builder API that tests and the demo set it up with.

world = World()
ann = world.add_user("Ann")
guild = world.add_guild("Test", owner=ann)
channel = guild.add_text_channel("help")
bot = world.add_application("Faqtotum", token="a token", message_content=True)
guild.install(bot)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import events
from .entities import Application, Attachment, Channel, ChannelType, Message, ThreadState, User
from .guild import Guild
from .snowflakes import TIMESTAMP_SHIFT, Clock, Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable

    from .commands import Command
    from .events import Event

_DAY_SECONDS = 86_400
_SHARD_COUNTS = 2520
"""Divisible by every number of shards up to ten: the first guild is always served by shard 0, the next by shard 1."""


class World:
    """Users, applications, guilds and channels. `clock` gives seconds since 1970; every id and time comes from it."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self.snowflakes = Snowflakes(clock)
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.commands: dict[int, Command] = {}
        self.ephemeral: dict[int, Message] = {}
        self.uploads: dict[int, Attachment] = {}
        """Files that came with a command or a modal, by id."""
        self.hold_starters = False
        """Whether first messages of forum posts stay out until `Sandbox.release_starters`, as they sometimes do in
        Discord: the thread is announced, its message is not there yet, and nobody may write in it (40058)."""
        self.base_url = "http://127.0.0.1"
        """Where uploaded files are found; the running sandbox puts its own address here."""
        self._subscribers: list[Callable[[Event], None]] = []
        yesterday = self.snowflakes.at(clock() - _DAY_SECONDS) >> TIMESTAMP_SHIFT
        self._born_ms = yesterday - yesterday % _SHARD_COUNTS

    def add_user(
        self, name: str, *, token: str | None = None, global_name: str | None = None, locale: str = "en-US"
    ) -> User:
        """Add a human account. Without a token it gets one of its own, found at `User.token`."""
        user_id = self.snowflakes.next()
        user = User(user_id, name, token or f"user-{user_id}", global_name=global_name, locale=locale)
        self.users[user_id] = user
        return user

    def add_application(
        self,
        name: str,
        *,
        token: str | None = None,
        owner: User | None = None,
        message_content: bool = False,
        guild_members: bool = False,
        presences: bool = False,
        shards: int = 1,
    ) -> Application:
        """Add an application and its bot user. The last four are the privileged intents and the recommended shards."""
        app_id = self.snowflakes.next()
        user = User(app_id, name, token or f"bot-{app_id}", bot=True)
        self.users[app_id] = user
        application = Application(
            app_id,
            name,
            user,
            owner or self.add_user(f"{name}-owner"),
            message_content=message_content,
            guild_members=guild_members,
            presences=presences,
            shards=shards,
        )
        self.applications[app_id] = application
        return application

    def add_guild(self, name: str, *, owner: User, preferred_locale: str = "en-US") -> Guild:
        """Add a guild with its owner as the first member. Guilds take turns over the shards of a sharded bot."""
        # Ids a millisecond apart, in the past: neighbours fall on different shards, and no id collides with a new one.
        guild_id = (self._born_ms + len(self.guilds)) << TIMESTAMP_SHIFT
        guild = Guild(self, guild_id, name, owner)
        guild.preferred_locale = preferred_locale
        self.guilds[guild_id] = guild
        guild.add_member(owner)
        return guild

    def dm(self, first: User, second: User) -> Channel:
        """The direct-message channel of two users, opened if there is none yet."""
        for channel in self.channels.values():
            if channel.is_dm and {first.id, second.id} == {user.id for user in channel.recipients}:
                return channel
        channel = Channel(self.snowflakes.next(), ChannelType.DM, recipients=(first, second))
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, channel: Channel, thread: Channel, state: ThreadState) -> Channel:
        """Hang a thread from a channel of a guild and announce it."""
        guild = channel.guild
        if guild is None:
            raise ValueError("a direct-message channel has no threads")
        thread.guild = guild
        thread.parent_id = channel.id
        thread.thread = state
        guild.threads[thread.id] = self.channels[thread.id] = thread
        self.publish(events.thread_create(thread))
        return thread

    def user_by_token(self, token: str, *, bot: bool) -> User | None:
        """The account that logs in with this token."""
        return next((user for user in self.users.values() if user.token == token and user.bot is bot), None)

    def message(self, channel: Channel, message_id: int) -> Message | None:
        """A message of a channel, ephemeral ones included."""
        hidden = self.ephemeral.get(message_id)
        if hidden is not None and hidden.channel is channel:
            return hidden
        return channel.messages.get(message_id)

    def subscribe(self, receiver: Callable[[Event], None]) -> None:
        """Have every event from now on."""
        self._subscribers.append(receiver)

    def unsubscribe(self, receiver: Callable[[Event], None]) -> None:
        """Have no more events."""
        self._subscribers.remove(receiver)

    def publish(self, event: Event) -> None:
        """Tell every subscriber what has happened."""
        for receiver in list(self._subscribers):
            receiver(event)

"""What a world is made of: users, applications, roles, members, channels and messages.

Plain records with ids as integers; `payloads` writes them down the way Discord does. Source of every field: the
resource pages of Discord's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._json import Json
    from .guild import Guild
    from .interactions import Interaction


class ChannelType(IntEnum):
    """The channel types the sandbox knows (documentation of the channel resource, "Channel Types")."""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


class MessageType(IntEnum):
    """The message types the sandbox writes (documentation of the message resource, "Message Types")."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    """Message flags (documentation of the message resource, "Message Flags")."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


THREAD_TYPES = frozenset({ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})
DEFAULT_AUTO_ARCHIVE_MINUTES = 4320


@dataclass(eq=False)
class User:
    """An account. `token` is what its client sends: raw for a human, after "Bot " for an application's bot."""

    id: int
    name: str
    token: str = field(repr=False)
    bot: bool = False
    global_name: str | None = None
    locale: str = "en-US"
    """The language that the account's client is set to."""


@dataclass(eq=False)
class Application:
    """An application with its bot user (they share an id) and the privileged intents switched on in its portal."""

    id: int
    name: str
    user: User
    owner: User
    message_content: bool = False
    guild_members: bool = False
    presences: bool = False
    shards: int = 1
    """How many shards `GET /gateway/bot` recommends."""


@dataclass(eq=False)
class Role:
    """A role; @everyone is the one whose id is the guild's."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    mentionable: bool = False
    managed_by: int | None = None
    """The application whose own role this is, if any."""


@dataclass(eq=False)
class Member:
    """A user in a guild. `joined_at` is in seconds since 1970."""

    user: User
    guild: Guild
    joined_at: float
    role_ids: list[int] = field(default_factory=list[int])
    nick: str | None = None


@dataclass(frozen=True)
class Overwrite:
    """What a channel allows or denies to one role or one member, as permission bits."""

    id: int
    member: bool
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True)
class ForumTag:
    """A tag that a forum offers for its posts."""

    id: int
    name: str


@dataclass(eq=False)
class ThreadState:
    """The part of a channel that only a thread has. `created_at` and the joining times are in seconds since 1970."""

    owner_id: int
    created_at: float
    auto_archive_minutes: int = DEFAULT_AUTO_ARCHIVE_MINUTES
    archived: bool = False
    locked: bool = False
    members: dict[int, float] = field(default_factory=dict[int, float])
    total_messages: int = 0
    applied_tags: list[int] = field(default_factory=list[int])
    archiving_changed_at: float | None = None
    """When it was last archived or brought back, in seconds since 1970; None if that never happened."""
    starter: Message | None = None
    """The first message of a forum post while it is held back (`World.hold_starters`)."""

    @property
    def archive_timestamp(self) -> float:
        """What Discord calls so: since when it is archived, or is not; a new thread is not from its beginning on."""
        return self.created_at if self.archiving_changed_at is None else self.archiving_changed_at

    def set_archived(self, *, archived: bool, now: float) -> None:
        """Archive the thread or bring it back; nothing changes where it is so already."""
        if archived is not self.archived:
            self.archived, self.archiving_changed_at = archived, now


@dataclass(eq=False)
class Channel:
    """A text channel, forum, category, thread or direct-message channel (the only one without a guild)."""

    id: int
    type: ChannelType
    name: str = ""
    guild: Guild | None = field(default=None, repr=False)
    topic: str | None = None
    parent_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite], repr=False)
    recipients: tuple[User, ...] = ()
    tags: list[ForumTag] = field(default_factory=list[ForumTag], repr=False)
    thread: ThreadState | None = field(default=None, repr=False)
    messages: dict[int, Message] = field(default_factory=dict[int, "Message"], repr=False)
    last_message_id: int | None = None

    @property
    def is_thread(self) -> bool:
        """Whether this channel hangs from another one as a thread or forum post."""
        return self.type in THREAD_TYPES

    @property
    def is_dm(self) -> bool:
        """Whether this is a direct-message channel."""
        return self.type is ChannelType.DM


@dataclass(eq=False)
class Attachment:
    """An uploaded file, kept in memory."""

    id: int
    filename: str
    content: bytes = field(repr=False)
    content_type: str
    url: str
    description: str | None = None
    ephemeral: bool = False
    size: tuple[int, int] | None = None
    """Width and height of a picture, in pixels."""


@dataclass(eq=False)
class Reference:
    """What a reply (or a thread's first message) points at."""

    channel: Channel
    message_id: int


@dataclass(eq=False)
class Mentions:
    """Whom a message mentions, after its allowed mentions were applied."""

    users: list[User] = field(default_factory=list[User])
    roles: list[int] = field(default_factory=list[int])
    everyone: bool = False


@dataclass(eq=False)
class Message:
    """A message. An ephemeral one (`ephemeral_for`) is in no channel's history. Times in seconds since 1970."""

    id: int
    channel: Channel
    author: User
    created_at: float
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    flags: int = 0
    tts: bool = False
    embeds: list[Json] = field(default_factory=list["Json"])
    components: list[Json] = field(default_factory=list["Json"])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    mentions: Mentions = field(default_factory=Mentions)
    reference: Reference | None = None
    edited_at: float | None = None
    nonce: str | int | None = None
    application: Application | None = None
    interaction: Interaction | None = None
    ephemeral_for: User | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    thread: Channel | None = None

    @property
    def starts_thread(self) -> bool:
        """Whether this is the message that a thread began with, which its counts leave out."""
        return self.type is MessageType.THREAD_STARTER_MESSAGE or self.id == self.channel.id

"""Who was told what, and when: so that the bot neither floods a channel nor repeats itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ..core.ports import Clock

_SWEEP_EVERY = 1024
"""Claims between two sweeps of what has expired: the memory stays bounded by the traffic of one cooldown."""


@dataclass(frozen=True, slots=True)
class ReplyRef:
    """Where a reply stands in Discord."""

    guild_id: int | None
    channel_id: int
    message_id: int

    @property
    def url(self) -> str:
        """The address that makes Discord jump to the reply."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


_Told: TypeAlias = tuple[int | None, int, str]
"""Server, asker, entry id."""


class Cooldowns:
    """Remembers, for as long as the cooldowns last, which channels were answered and who was told what."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._channels: dict[int, float] = {}
        self._told: dict[_Told, float] = {}
        self._replies: dict[_Told, ReplyRef] = {}
        self._lost: set[_Told] = set()
        self._claims = 0

    def was_told(self, guild_id: int | None, asker_id: int, entry_id: str) -> bool:
        """Return whether this asker was told this entry in this server and its cooldown still lasts."""
        return self._told.get((guild_id, asker_id, entry_id), -inf) > self._clock.monotonic()

    def find_reply(self, guild_id: int | None, asker_id: int, entry_id: str) -> ReplyRef | None:
        """Return where this asker was told this entry, None if it is not known (yet)."""
        return self._replies.get((guild_id, asker_id, entry_id))

    def is_lost(self, guild_id: int | None, asker_id: int, entry_id: str) -> bool:
        """Return whether somebody has deleted the reply by which this asker was told this entry."""
        return (guild_id, asker_id, entry_id) in self._lost

    def is_channel_quiet(self, channel_id: int) -> bool:
        """Return whether the channel still rests after the last overheard question that was answered in it."""
        return self._channels.get(channel_id, -inf) > self._clock.monotonic()

    def note_told(self, guild_id: int | None, asker_id: int, entry_id: str, seconds: float) -> None:
        """Remember for some seconds that this asker is being told this entry.

        It is noted when the answer is decided, not when it is sent, so that two messages at the same time get one.
        """
        self._sweep()
        told = (guild_id, asker_id, entry_id)
        self.forget_told(*told)
        self._told[told] = self._clock.monotonic() + seconds

    def note_reply(self, guild_id: int | None, asker_id: int, entry_id: str, reply: ReplyRef) -> None:
        """Remember where the answer stands that this asker was told; it is forgotten together with it."""
        self._replies[(guild_id, asker_id, entry_id)] = reply

    def forget_told(self, guild_id: int | None, asker_id: int, entry_id: str) -> None:
        """Forget that this asker was told this entry, because nothing of it reached them."""
        told = (guild_id, asker_id, entry_id)
        self._told.pop(told, None)
        self._replies.pop(told, None)
        self._lost.discard(told)

    def note_lost(self, channel_id: int, message_id: int) -> None:
        """Remember that a message was deleted, if it is a reply: it was read, perhaps, but cannot be read again."""
        self._lost |= self._find_told(channel_id, message_id)

    def forget_reply(self, channel_id: int, message_id: int) -> None:
        """Forget what was told by a reply that was taken back; its channel need not rest after it."""
        for told in self._find_told(channel_id, message_id):
            self.forget_told(*told)
            self._channels.pop(channel_id, None)

    def _find_told(self, channel_id: int, message_id: int) -> set[_Told]:
        place = channel_id, message_id
        return {told for told, reply in self._replies.items() if (reply.channel_id, reply.message_id) == place}

    def forget_channel(self, channel_id: int) -> None:
        """Let a channel rest no longer, because nothing was said in it."""
        self._channels.pop(channel_id, None)

    def note_channel(self, channel_id: int, seconds: float) -> None:
        """Remember for some seconds that an overheard question is being answered in this channel."""
        self._channels[channel_id] = self._clock.monotonic() + seconds

    def _sweep(self) -> None:
        self._claims += 1
        if self._claims % _SWEEP_EVERY:
            return
        now = self._clock.monotonic()
        self._told = {told: until for told, until in self._told.items() if until > now}
        self._replies = {told: reply for told, reply in self._replies.items() if told in self._told}
        self._lost.intersection_update(self._told)
        self._channels = {channel: until for channel, until in self._channels.items() if until > now}

"""Where a server's past messages come from, as the import of its history needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..core.errors import FaqtotumError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from ..core.types import Query


class HistoryError(FaqtotumError):
    """A server's history cannot be read, or not to its end; says why and what to do."""


class PlaceError(HistoryError):
    """The history of one channel or thread cannot be read; says why and what to do. Those of others can."""


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message of the past.

    Attributes:
        id: Its id; ids ascend with time.
        written_at: When it was written, aware, UTC.
        query: What it asks, None if it is not for the bot.
        replies_to: The message that it replies to if the bot itself wrote it, else None.
    """

    id: int
    written_at: datetime
    query: Query | None = None
    replies_to: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages of one place.

    Attributes:
        messages: Oldest first.
        is_last: Whether there are no newer ones.
    """

    messages: tuple[PastMessage, ...]
    is_last: bool


class Place(Protocol):
    """Where messages stand: a channel, a thread or a forum post."""

    @property
    def id(self) -> int:
        """Its id."""
        ...

    @property
    def channel_name(self) -> str:
        """What people call the channel that it is, or belongs to."""
        ...

    @property
    def newest(self) -> int | None:
        """The id of its newest message, which may be deleted by now; None if that is not known."""
        ...

    async def read_page(self, after: int) -> Page:
        """Return the oldest messages with larger ids, as many as can be had at once.

        Raises:
            PlaceError: They cannot be read.
            HistoryError: Nothing can be read at the moment.
        """
        ...


class History(Protocol):
    """The past messages of one server."""

    @property
    def guild_id(self) -> int:
        """The server."""
        ...

    async def is_elsewhere(self, channel_id: int) -> bool:
        """Return whether a channel is known and belongs to another server.

        Raises:
            HistoryError: As for `Place.read_page`.
        """
        ...

    def find_places(self, channel_id: int, since: datetime) -> AsyncGenerator[Place]:
        """Yield where messages of a channel stand: itself, its public threads, the posts of a forum.

        What nobody has written in since then may be left out.

        Raises:
            PlaceError: The channel is gone, or may not be read.
            HistoryError: As for `Place.read_page`.
        """
        ...

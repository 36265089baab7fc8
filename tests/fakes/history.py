"""A server's past that a test made up."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.core.types import Query
from bot.services import Page, PastMessage, PlaceError

GUILD = 7
_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT = 22


def make_id(time: datetime, number: int = 0) -> int:
    """Return the id of a message of that time, as Discord's documentation has it ("Snowflakes")."""
    return (round((time - _EPOCH) / timedelta(milliseconds=1)) << _TIME_SHIFT) + number


def make_message(
    time: datetime,
    text: str | None = None,
    *,
    channel: int = 10,
    asker: int = 100,
    number: int = 0,
    addressed: bool = False,
    replies_to: int | None = None,
) -> PastMessage:
    """Return a message.

    Args:
        time: When it was written.
        text: What somebody wrote; None where it is nothing for the bot.
        channel: Where.
        asker: Who.
        number: Tells messages of one moment apart.
        addressed: Whether it was put to the bot.
        replies_to: With a bot's message, the message that it replies to.
    """
    # No two places have a message with the same id.
    message_id = make_id(time, channel << 8 | number)
    query = None if text is None else Query(text, asker, GUILD, channel, message_id, addressed=addressed)
    return PastMessage(message_id, time, query, replies_to)


class FakePlace:
    """Holds messages, a few a page.

    Attributes:
        messages: What stands there.
        reads: After which messages was read.
        error: Raised by every read behind the page that it is told to be read after.
    """

    channel_name = "#made-up"

    def __init__(self, place_id: int, messages: Iterable[PastMessage] = (), size: int = 3) -> None:
        self.id = place_id
        self.messages = sorted(messages, key=lambda one: one.id)
        self.size = size
        self.reads: list[int] = []
        self.error: Exception | None = None
        self.good_reads = 0

    @property
    def newest(self) -> int | None:
        return self.messages[-1].id if self.messages else None

    async def read_page(self, after: int) -> Page:
        self.reads.append(after)
        if self.error and len(self.reads) > self.good_reads:
            raise self.error
        found = [one for one in self.messages if one.id > after]
        return Page(tuple(found[: self.size]), is_last=len(found) < self.size)


class FakeHistory:
    """Has the places that it was given, by channel; every other channel is gone, or in another server."""

    guild_id = GUILD

    def __init__(self, channels: Mapping[int, Sequence[FakePlace]], elsewhere: Iterable[int] = ()) -> None:
        self.channels = channels
        self.elsewhere = set(elsewhere)
        self.error: Exception | None = None

    async def is_elsewhere(self, channel_id: int) -> bool:
        return channel_id in self.elsewhere

    async def find_places(self, channel_id: int, since: datetime) -> AsyncGenerator[FakePlace]:
        del since
        if channel_id not in self.channels:
            raise PlaceError(f"channel {channel_id} is gone")
        for place in self.channels[channel_id]:
            yield place
        if self.error:
            raise self.error

"""What stands in the channels of a server, read over Discord's REST interface; the gateway is not needed."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord

from .cogs.incoming import is_spoken, read_query
from .services import HistoryError, Page, PastMessage, PlaceError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from datetime import datetime

PAGE = 100
"""Messages in one request; Discord allows no more (its documentation, "Get Channel Messages")."""
BLANK = 10
"""So many people's messages on a page, and nothing at all in any of them, are no accident: Discord holds back what was
written."""
_TURN_ON = (
    "Discord shows this bot no texts: enable the Message Content Intent at "
    "https://discord.com/developers/applications, page Bot, then run this again"
)
_NEEDED = discord.Permissions(view_channel=True, read_message_history=True)

_Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
_Threaded = discord.TextChannel | discord.ForumChannel


@asynccontextmanager
async def open_history(token: str, guild_id: int) -> AsyncGenerator[DiscordHistory]:
    """Log in, without connecting to the gateway, and log out on leaving.

    Args:
        token: The bot's.
        guild_id: The server to read.

    Raises:
        HistoryError: The bot is not in that server, may not read what people write, or does not reach Discord.
        discord.LoginFailure: The token is wrong.
    """
    async with discord.Client(intents=discord.Intents(guilds=True), max_messages=None) as client:
        with _explaining("the application"):
            await client.login(token)
        flags = client.application.flags if client.application else discord.ApplicationFlags()
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            raise HistoryError(_TURN_ON)
        with _explaining(f"server {guild_id}"):
            try:
                guild = await client.fetch_guild(guild_id, with_counts=False)
            except (discord.NotFound, discord.Forbidden) as error:
                raise HistoryError(
                    f"the bot is not in a server {guild_id}: check the id (right-click the server → Copy Server ID), "
                    "or invite the bot"
                ) from error
            me = await guild.fetch_member(client.user.id if client.user else 0)
        yield DiscordHistory(guild, me)


class DiscordHistory:
    """The History of a server.

    Args:
        guild: The server.
        me: The bot in it.
    """

    def __init__(self, guild: discord.Guild, me: discord.Member) -> None:
        self._guild = guild
        self._me = me

    @property
    def guild_id(self) -> int:
        """See History."""
        return self._guild.id

    async def is_elsewhere(self, channel_id: int) -> bool:
        """See History."""
        try:
            await self._find(channel_id)
        except discord.InvalidData:
            return True
        except PlaceError:
            # Gone, or hidden: `find_places` says so.
            return False
        return False

    async def find_places(self, channel_id: int, since: datetime) -> AsyncGenerator[DiscordPlace]:
        """See History."""
        try:
            channel = await self._find(channel_id)
        except discord.InvalidData as error:
            raise PlaceError(
                f"channel {channel_id} is none of server {self.guild_id} that holds messages: check the id"
            ) from error
        holder = channel
        if isinstance(channel, discord.Thread):
            holder = await self._find(channel.parent_id)
        if isinstance(channel, discord.CategoryChannel):
            raise PlaceError(f"{_shown(channel.name)} is a category: name its channels instead")
        if isinstance(holder, discord.Thread) or not holder.permissions_for(self._me) >= _NEEDED:
            # Discord would not refuse: who may not read the history is shown an empty one.
            raise PlaceError(_refused(f"#{_shown(holder.name)}"))
        name = f"#{_shown(holder.name)}"
        if isinstance(channel, _Readable):
            yield DiscordPlace(channel, self._me, name, is_post=isinstance(holder, discord.ForumChannel))
        if isinstance(channel, _Threaded):
            async for thread in self._find_threads(channel, since):
                yield DiscordPlace(thread, self._me, name, is_post=isinstance(channel, discord.ForumChannel))

    async def _find(self, channel_id: int) -> discord.abc.GuildChannel | discord.Thread:
        with _explaining(f"channel {channel_id}"):
            return await self._guild.fetch_channel(channel_id)

    async def _find_threads(self, channel: _Threaded, since: datetime) -> AsyncGenerator[discord.Thread]:
        with _explaining(f"the threads of #{_shown(channel.name)}"):
            active = await self._guild.active_threads()
        for thread in active:
            if thread.parent_id == channel.id and not thread.is_private():
                yield thread
        with _explaining(f"the archived threads of #{_shown(channel.name)}"):
            async for thread in channel.archived_threads(limit=None):
                # Those archived last come first. Whoever writes in a thread brings it back, so that nothing was
                # written in it after it was archived.
                if thread.archive_timestamp < since:
                    return
                # One that was archived since the others were listed comes twice, with nothing left to read.
                yield thread


class DiscordPlace:
    """A Place.

    Args:
        channel: The channel, thread or post.
        me: The bot.
        channel_name: What people call the channel, or that of the thread.
        is_post: Whether it is a forum post, whose title is half of the question.
    """

    def __init__(self, channel: _Readable, me: discord.abc.User, channel_name: str, *, is_post: bool = False) -> None:
        self._channel = channel
        self._me = me
        self.channel_name = channel_name
        self._is_post = is_post

    @property
    def id(self) -> int:
        """See Place."""
        return self._channel.id

    @property
    def newest(self) -> int | None:
        """See Place."""
        return self._channel.last_message_id

    async def read_page(self, after: int) -> Page:
        """See Place."""
        is_thread = isinstance(self._channel, discord.Thread)
        with _explaining(f"“{_shown(self._channel.name)}” in {self.channel_name}" if is_thread else self.channel_name):
            found = self._channel.history(limit=PAGE, after=discord.Object(after), oldest_first=True)
            messages = [message async for message in found]
        said = [message for message in messages if is_spoken(message) and self._me not in message.mentions]
        if len(said) >= BLANK and not any(map(_holds_anything, said)):
            raise HistoryError(_TURN_ON)
        return Page(tuple(map(self._to_past, messages)), is_last=len(messages) < PAGE)

    def _to_past(self, message: discord.Message) -> PastMessage:
        title = self._channel.name if self._is_post and message.id == self.id else None
        replied = message.reference.message_id if message.reference else None
        is_reply = message.type is discord.MessageType.reply and message.author.id == self._me.id
        return PastMessage(
            message.id,
            message.created_at,
            read_query(message, self._me, overheard=True, post_title=title),
            replied if is_reply else None,
        )


def _holds_anything(message: discord.Message) -> bool:
    """Return whether there is anything in a message that Discord holds back without the intent, or a sticker."""
    return bool(
        message.content
        or message.attachments
        or message.embeds
        or message.components
        or message.poll
        or message.message_snapshots
        or message.stickers
    )


def _refused(name: str) -> str:
    return f"{name}: the bot may not read it; allow it View Channel and Read Message History there, then run this again"


def _shown(name: str) -> str:
    """Return a name without the characters that would command the terminal instead of being shown in it."""
    return "".join(char for char in name if char.isprintable())


@contextmanager
def _explaining(name: str) -> Generator[None]:
    """Raise HistoryError for what discord.py raises inside, PlaceError where it concerns this place alone.

    Rate limits and single failures discord.py has waited out by then.
    """
    try:
        yield
    except discord.NotFound as error:
        raise PlaceError(f"{name} is gone: check the id, and take it out of the settings") from error
    except discord.Forbidden as error:
        raise PlaceError(_refused(name)) from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise HistoryError(
            f"Discord does not answer ({error or type(error).__name__}); what was read is kept: run this again later, "
            "and it goes on from there"
        ) from error

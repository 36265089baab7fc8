"""The channel in which reports are posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from ...core.speech import sentence
from ...services import BoardError
from ..failures import UNHEARD
from ..places import is_elsewhere
from ..speech import speech_in
from .rendering import name_report

if TYPE_CHECKING:
    from discord.ext import commands

    from ...app import App
    from ...core.reports import Posting, Report
    from .desk import ReportDesk

SEARCHED = 100
"""Messages of a channel among which a report is looked for that was posted by a process that died over it."""


class ChannelBoard:
    """See Board.

    Args:
        bot: Posts.
        app: The opened Faqtotum.
        desk: Renders the reports.
    """

    def __init__(self, bot: commands.Bot, app: App, desk: ReportDesk) -> None:
        self._bot = bot
        self._app = app
        self._desk = desk

    def is_elsewhere(self, guild_id: int, channel_id: int) -> bool:
        """See Board."""
        return is_elsewhere(channel_id, guild_id, self._bot.guilds)

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        """See Board."""
        name = name_report(posting.id, speech_in(self._app.settings.read(posting.guild_id).language))
        channel = self._channel(posting.guild_id, channel_id)
        if not channel.permissions_for(channel.guild.me).read_message_history:
            # Discord would answer as if nothing stood there, and the report would be posted once more.
            raise BoardError(
                sentence(
                    "the bot lacks Read Message History in channel {channel}; `/faq doctor` says what to do",
                    channel=channel_id,
                )
            )
        try:
            async for message in channel.history(limit=SEARCHED):
                footers = [embed.footer.text for embed in message.embeds]
                if self._bot.user and message.author.id == self._bot.user.id and name in footers:
                    return message.id
        except discord.HTTPException as error:
            raise _explain(channel_id, error) from error
        return None

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        """See Board."""
        speech = speech_in(self._app.settings.read(posting.guild_id).language)
        reply = await self._desk.render_whole(await self._desk.open(posting, report), speech)
        channel = self._channel(posting.guild_id, channel_id)
        # Whoever stood still for longer than a claim lasts, say in a machine that slept, comes after another process.
        if found := await self.find(posting, channel_id):
            return found
        try:
            # Discord takes the same nonce once within some minutes, should the answer to a first try have been lost.
            sent = await channel.send(nonce=f"report-{posting.id}", **reply.to_send())
        except discord.HTTPException as error:
            raise _explain(channel_id, error) from error
        return sent.id

    async def renew(self, posting: Posting, report: Report) -> bool:
        """See Board."""
        channel_id = posting.channel_id or 0
        speech = speech_in(self._app.settings.read(posting.guild_id).language)
        reply = await self._desk.render_whole(await self._desk.open(posting, report), speech)
        message = self._bot.get_partial_messageable(channel_id).get_partial_message(posting.message_id or 0)
        try:
            await message.edit(**reply.to_edit())
        except discord.NotFound:
            return False
        except UNHEARD as error:
            reason = sentence(
                "Discord does not take it in channel {channel} ({error})", channel=channel_id, error=error
            )
            raise BoardError(reason) from error
        return True

    def _channel(self, guild_id: int, channel_id: int) -> Any:  # noqa: ANN401 - whatever can be written into
        # Looked for in this server alone: another one's members must not read what was asked here.
        guild = self._bot.get_guild(guild_id)
        channel = guild and guild.get_channel_or_thread(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise BoardError(
                sentence(
                    "the channel {channel} is gone or hidden from the bot; choose another with `/settings`",
                    channel=channel_id,
                )
            )
        return channel


def _explain(channel_id: int, error: discord.HTTPException) -> BoardError:
    return BoardError(
        sentence(
            "Discord refuses it in channel {channel} ({error}); `/faq doctor` says what is missing",
            channel=channel_id,
            error=error,
        )
    )

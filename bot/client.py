"""The stand-alone bot: a discord.py client that carries the cogs and nothing else."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from .app import App

_log = logging.getLogger(__name__)

INVITE_PERMISSIONS = discord.Permissions(274878024704)
"""View Channels, Send Messages, Send Messages in Threads, Embed Links, Attach Files, Read Message History."""


class FaqtotumBot(commands.AutoShardedBot):
    """Connects to Discord and serves one App.

    Shards are opened as Discord recommends: one for a small bot, more from about a thousand servers on.

    Args:
        app: What it serves; the caller opened it and closes it.
    """

    def __init__(self, app: App) -> None:
        self.faqtotum_app = app
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=_intents(message_content=app.config.discord.message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            # Members and presences are not needed, and their caches would be the largest part of the memory.
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )

    async def setup_hook(self) -> None:
        """Load the cogs and, when the commands changed since the last start, tell Discord."""
        await self.load_extension(f"{__package__}.cogs")
        await self._sync_if_changed()

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the cogs: this bot has no commands with a prefix."""

    async def on_ready(self) -> None:
        """Say in the log that the bot is there; a reconnect says it again."""
        _log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def _sync_if_changed(self) -> None:
        """Sync the slash commands if they are not those that were synced last.

        Discord allows 200 command creations a day and server, and a sync at every start uses them up.
        """
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        fingerprint = hashlib.sha256(json.dumps(commands_now, sort_keys=True, default=str).encode()).hexdigest()
        note = f"synced_commands:{self.application_id}"
        if await self.faqtotum_app.store.read_note(note) == fingerprint:
            return
        synced = await self.tree.sync()
        await self.faqtotum_app.store.write_note(note, fingerprint)
        _log.info("told Discord about %d commands; open clients may show them after a restart (Ctrl+R)", len(synced))


def _intents(*, message_content: bool) -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = True
    intents.guild_messages = True
    intents.dm_messages = True
    intents.message_content = message_content
    return intents

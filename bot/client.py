"""The stand-alone bot: a discord.py client that carries the cogs and nothing else."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from .cogs.translator import FaqtotumTranslator

if TYPE_CHECKING:
    from pathlib import Path

    from .app import App

_log = logging.getLogger(__name__)

HEALTH_SECONDS = 20.0
"""Between two signs of life; the container's health check allows for several to be missed."""

INVITE_PERMISSIONS = discord.Permissions(274878024704)
"""View Channels, Send Messages, Send Messages in Threads, Embed Links, Attach Files, Read Message History."""


class FaqtotumBot(commands.AutoShardedBot):
    """Connects to Discord and serves one App.

    Shards are opened as Discord recommends: one for a small bot, more from about a thousand servers on.

    Args:
        app: What it serves; the caller opened it and closes it.
        health_file: A file to touch every `HEALTH_SECONDS` while the gateway answers, for whoever watches over the
            process; None for none.
        guild_ready_timeout: Seconds without a further server after which the bot counts as ready; discord.py's own
            default by default.
    """

    def __init__(self, app: App, *, health_file: Path | None = None, guild_ready_timeout: float = 2.0) -> None:
        self.faqtotum_app = app
        self._health_file = health_file
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=_intents(message_content=app.config.discord.message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            # Members, presences and past messages are not needed; their caches would be a large part of the memory.
            # Of what is deleted Discord sends the ids, and no more is asked.
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=guild_ready_timeout,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )

    async def setup_hook(self) -> None:
        """Load the cogs and, when the commands changed since the last start, tell Discord."""
        await self.tree.set_translator(FaqtotumTranslator())
        await self.load_extension(f"{__package__}.cogs")
        await self._sync_if_changed()
        if self._health_file is not None:
            self._touch_health_file.start()

    async def close(self) -> None:
        """Disconnect; what was opened by the caller stays open."""
        self._touch_health_file.cancel()
        await super().close()

    @tasks.loop(seconds=HEALTH_SECONDS)
    async def _touch_health_file(self) -> None:
        """Say to the outside that the bot lives: ready, and no heartbeat is overdue."""
        if self._health_file is not None and self.is_ready() and self.latency < HEALTH_SECONDS:
            self._health_file.touch()

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the cogs: this bot has no commands with a prefix."""

    async def on_ready(self) -> None:
        """Say in the log that the bot is there; a reconnect says it again."""
        _log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def _sync_if_changed(self) -> None:
        """Sync the slash commands if they are not those that were synced last.

        Discord allows 200 command creations a day and server, and a sync at every start uses them up.
        """
        translator = FaqtotumTranslator()
        commands_now = [
            await command.get_translated_payload(self.tree, translator) for command in self.tree.get_commands()
        ]
        fingerprint = hashlib.sha256(json.dumps(commands_now, sort_keys=True, default=str).encode()).hexdigest()
        note = f"synced_commands:{self.application_id}"
        if await self.faqtotum_app.store.read_note(note) == fingerprint and not await self._find_missing():
            return
        synced = await self.tree.sync()
        await self.faqtotum_app.store.write_note(note, fingerprint)
        _log.info("told Discord about %d commands; open clients may show them after a restart (Ctrl+R)", len(synced))

    async def _find_missing(self) -> set[str]:
        """Return the names of commands that Discord has lost since they were synced, as another program may do."""
        return {command.name for command in self.tree.get_commands()} - {
            command.name for command in await self.tree.fetch_commands()
        }


def _intents(*, message_content: bool) -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = True
    intents.guild_messages = True
    intents.dm_messages = True
    intents.message_content = message_content
    return intents

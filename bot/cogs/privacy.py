"""The command `/privacy`, for everybody: what is kept of the caller, and how to get rid of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from ..core.errors import StoreUnavailableError
from ..core.speech import counted
from . import limits
from . import privacy_texts as texts
from .apologies import apologise
from .events import STALE_EVENT
from .rendering import COLOUR, Reply
from .speech import speech_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from ..app import App
    from ..core.members import Holding
    from .speech import Speech

_log = logging.getLogger(__name__)

EXPIRE_HOURS = 1.0
"""Between two looks for what was kept long enough."""


class PrivacyCog(commands.GroupCog, name="FaqtotumPrivacy", group_name="privacy", group_description=texts.GROUP):
    """Lets members see and delete what is kept of them, and deletes what was kept long enough."""

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app

    async def cog_load(self) -> None:
        """Begin to delete what was kept long enough."""
        self._expire.start()

    async def cog_unload(self) -> None:
        """End it."""
        self._expire.cancel()

    @tasks.loop(hours=EXPIRE_HOURS)
    async def _expire(self) -> None:
        try:
            await self._app.privacy.forget_expired()
            await self._app.knowledge.forget_unused()
        except StoreUnavailableError:
            _log.exception("old questions cannot be deleted at the moment; the next hour tries again")

    @app_commands.command(name="show", description=texts.SHOW_COMMAND)
    async def show(self, interaction: discord.Interaction) -> None:
        """Tell what is kept, in plain words."""
        await _settle(interaction)
        holding = await self._app.privacy.describe(interaction.user.id)
        settings = self._app.settings.read(interaction.guild_id)
        reply = render_holding(
            holding, self._app.privacy.retention, self._speech(interaction), logged=settings.log_questions
        )
        await _send(interaction, reply)

    @app_commands.command(name="delete", description=texts.DELETE_COMMAND)
    async def delete(self, interaction: discord.Interaction) -> None:
        """Delete all of it."""
        await _settle(interaction)
        count = await self._app.privacy.forget(interaction.user.id)
        self._bot.dispatch(STALE_EVENT)
        await _send(interaction, Reply(say_deleted(count, self._speech(interaction))))

    @app_commands.command(name="opt-out", description=texts.OPT_OUT_COMMAND)
    async def opt_out(self, interaction: discord.Interaction) -> None:
        """Delete all of it, and keep nothing from now on."""
        await _settle(interaction)
        count = await self._app.privacy.opt_out(interaction.user.id)
        self._bot.dispatch(STALE_EVENT)
        speech = self._speech(interaction)
        await _send(interaction, Reply(f"{say_deleted(count, speech)} {speech.say(texts.OPTED_OUT)}"))

    @app_commands.command(name="opt-in", description=texts.OPT_IN_COMMAND)
    async def opt_in(self, interaction: discord.Interaction) -> None:
        """Keep questions again."""
        await _settle(interaction)
        changed = await self._app.privacy.opt_in(interaction.user.id)
        said = self._speech(interaction).say(texts.OPTED_IN if changed else texts.OPTED_IN_ALREADY)
        await _send(interaction, Reply(said))

    @app_commands.command(name="export", description=texts.EXPORT_COMMAND)
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand out all of it."""
        await _settle(interaction)
        speech = self._speech(interaction)
        contents = await self._app.privacy.export(interaction.user.id)
        if not contents:
            await _send(interaction, Reply(speech.say(texts.EXPORTED_NOTHING)))
            return
        for reply in render_export(contents, speech):
            await _send(interaction, reply)

    async def cog_app_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Apologise to the caller alone and log why."""
        _log.error("command /privacy failed", exc_info=error)
        await apologise(interaction, self._speech(interaction))

    def _speech(self, interaction: discord.Interaction) -> Speech:
        return speech_in(self._app.settings.read(interaction.guild_id).language)


async def _settle(interaction: discord.Interaction) -> None:
    # The database may be waiting for another process.
    await interaction.response.defer(ephemeral=True)


async def _send(interaction: discord.Interaction, reply: Reply) -> None:
    await interaction.followup.send(ephemeral=True, **reply.to_send())


def render_export(contents: Sequence[bytes], speech: Speech) -> list[Reply]:
    """Return the messages that hand out files; Discord takes only so many with one."""
    names = [f"questions-{number}.json" for number in range(1, len(contents) + 1)]
    files = list(zip(names if len(contents) > 1 else ["questions.json"], contents, strict=True))
    return [
        Reply(speech.say(texts.EXPORTED), files=tuple(files[at : at + limits.FILES]))
        for at in range(0, len(files), limits.FILES)
    ]


def say_deleted(count: int, speech: Speech) -> str:
    """Return how many questions were deleted."""
    if not count:
        return speech.say(texts.NOTHING_TO_DELETE)
    return speech.tell(counted("🗑️ Deleted {count} question of yours.", "🗑️ Deleted {count} questions of yours.", count))


def render_holding(holding: Holding, retention: timedelta, speech: Speech, *, logged: bool) -> Reply:
    """Return what is kept of somebody, in plain words.

    Args:
        holding: What it is.
        retention: For how long.
        speech: The language.
        logged: Whether questions are kept in this place.
    """
    if holding.opted_out:
        now = speech.say(texts.NOW_OPTED_OUT)
    elif holding.oldest is None:
        now = speech.say(texts.NOW_NONE)
    else:
        now = speech.tell(
            counted(
                "{count} question of yours, from {oldest}.",
                "{count} questions of yours, the oldest from {oldest}.",
                holding.questions,
                oldest=discord.utils.format_dt(holding.oldest, "D"),
            )
        )
    if not logged:
        now = f"{now} {speech.say(texts.NOW_NOT_LOGGED)}"
    embed = discord.Embed(title=speech.say(texts.TITLE), colour=COLOUR)
    for name, value in (
        (texts.NOW, now),
        (texts.WHAT, speech.say(texts.WHAT_TEXT)),
        (texts.WHY, speech.say(texts.WHY_TEXT)),
        (texts.HOW_LONG, speech.say(texts.HOW_LONG_TEXT, days=retention.days)),
        (texts.YOUR_CHOICE, speech.say(texts.YOUR_CHOICE_TEXT)),
        (texts.ADMINS, speech.say(texts.ADMINS_TEXT)),
    ):
        embed.add_field(name=speech.say(name), value=value, inline=False)
    return Reply(embeds=(embed,))

"""Answering an interaction, whichever way it came and whatever was said already."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from discord import app_commands

from ...core.errors import EditRefusedError, FaqInvalidError
from ..access import is_admin
from ..apologies import apologise
from . import texts
from .rendering import render_problems, render_refusal

if TYPE_CHECKING:
    import discord

    from ...app import App
    from ..rendering import Reply
    from ..speech import Speech

_log = logging.getLogger(__name__)


async def settle(interaction: discord.Interaction) -> None:
    """Give the first sign of life, before anything that may take longer than Discord's three seconds.

    What was asked from one of the bot's private messages is answered in that message; everything else in a new one
    that only the asker sees.
    """
    if interaction.response.is_done():
        return
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


async def show(interaction: discord.Interaction, reply: Reply) -> None:
    """Show something to the asker alone."""
    await settle(interaction)
    await interaction.edit_original_response(**reply.to_edit())


async def let_in(interaction: discord.Interaction, app: App, speech: Speech) -> bool:
    """Return whether somebody may administer; whoever may not is told, privately, who may."""
    if is_admin(interaction, app):
        return True
    said = texts.NOT_ALLOWED if interaction.guild_id else texts.SERVER_ONLY
    await interaction.response.send_message(speech.say(said), ephemeral=True)
    return False


async def answer_error(interaction: discord.Interaction, error: app_commands.AppCommandError, speech: Speech) -> None:
    """Say why a command could not be done; a check that refused it has spoken already."""
    if not isinstance(error, app_commands.CheckFailure):
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await fail(interaction, cause, speech)


async def fail(interaction: discord.Interaction, error: Exception, speech: Speech) -> None:
    """Say why something could not be done; what is nobody's mistake is logged and apologised for."""
    if isinstance(error, EditRefusedError):
        await show(interaction, render_refusal(error, speech))
    elif isinstance(error, FaqInvalidError):
        await show(interaction, render_problems(error, speech, texts.FILE_PROBLEMS))
    else:
        _log.error("an admin's command failed", exc_info=error)
        await apologise(interaction, speech)

"""Answering an interaction, whichever way it came and whatever was said already."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..core.errors import EditRefusedError, FaqInvalidError
from . import admin_texts as texts
from .admin_rendering import render_problems, render_refusal
from .apologies import apologise

if TYPE_CHECKING:
    import discord

    from .rendering import Reply
    from .speech import Speech

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


async def fail(interaction: discord.Interaction, error: Exception, speech: Speech) -> None:
    """Say why something could not be done; what is nobody's mistake is logged and apologised for."""
    if isinstance(error, EditRefusedError):
        await show(interaction, render_refusal(error, speech))
    elif isinstance(error, FaqInvalidError):
        await show(interaction, render_problems(error, speech, texts.FILE_PROBLEMS))
    else:
        _log.error("an admin's command failed", exc_info=error)
        await apologise(interaction, speech)

"""What the caller sees when something failed on our side."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from . import texts

if TYPE_CHECKING:
    from .speech import Speech

_log = logging.getLogger(__name__)


async def apologise(interaction: discord.Interaction, speech: Speech) -> None:
    """Apologise to the caller alone; the cause is in the log already."""
    said = speech.say(texts.FAILED)
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(said, ephemeral=True)
            return
        if interaction.type is discord.InteractionType.application_command:
            # A deferred reply keeps the visibility that it was deferred with; only a message of its own is private.
            await interaction.delete_original_response()
        await interaction.followup.send(said, ephemeral=True)
    except discord.HTTPException:
        _log.exception("the apology for a failed command could not be sent")

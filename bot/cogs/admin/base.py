"""What all cogs for admins have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from ..speech import speech_in
from .responding import answer_error, let_in

if TYPE_CHECKING:
    from ...app import App
    from ..speech import Speech


class ForAdmins:
    """Part of a cog whose commands are for admins alone."""

    _app: App

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let admins through; tell everybody else, privately, who may do that."""
        return await let_in(interaction, self._app, self._speech(interaction))

    async def cog_app_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Say why a command could not be done."""
        await answer_error(interaction, error, self._speech(interaction))

    def _speech(self, interaction: discord.Interaction) -> Speech:
        return speech_in(self._app.settings.read(interaction.guild_id).language)

    def _hint(self) -> discord.Permissions | None:
        """Return whom Discord should show the commands.

        Hidden from members, unless a role may administer without the permission that Discord would look for.
        """
        return None if self._app.config.names_admins else discord.Permissions(manage_guild=True)

"""Who may administer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from ..app import App


def is_admin(interaction: discord.Interaction, app: App) -> bool:
    """Return whether somebody may administer the FAQ of the server in which he does something.

    Discord itself checks a command's default permissions only where nobody has changed them, and those of buttons and
    forms never, so every handler asks here.
    """
    if interaction.guild_id is None or not isinstance(interaction.user, discord.Member):
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    roles = set(app.settings.read(interaction.guild_id).admin_roles)
    return any(role.id in roles for role in interaction.user.roles)


def guild_of(interaction: discord.Interaction) -> int:
    """Return the server in which an admin does something; whoever was found to be one is in a server."""
    return interaction.guild_id or 0

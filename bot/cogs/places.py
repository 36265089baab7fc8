"""What the ids in the settings stand for in one server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..services import GuildSettings


@dataclass(frozen=True, slots=True)
class Place:
    """A channel that the settings name.

    Attributes:
        id: Its id.
        held: What the bot may do there; None where there is no such channel (any more).
        is_forum: Whether it holds posts only.
    """

    id: int
    held: discord.Permissions | None
    is_forum: bool = False


def find_place(guild: discord.Guild, channel_id: int) -> Place:
    """Return what there is under the id of a channel."""
    channel = guild.get_channel(channel_id)
    if channel is None:
        return Place(channel_id, None)
    return Place(channel_id, channel.permissions_for(guild.me), isinstance(channel, discord.ForumChannel))


def is_elsewhere(place: int, guild_id: int, guilds: Iterable[discord.Guild]) -> bool:
    """Return whether a channel, a thread or a role belongs to another server.

    Args:
        place: Its id.
        guild_id: The server.
        guilds: All servers that the bot is in.
    """
    return any(
        one.id != guild_id and (one.get_channel_or_thread(place) is not None or one.get_role(place) is not None)
        for one in guilds
    )


def only_here(settings: GuildSettings, guild_id: int, guilds: Sequence[discord.Guild]) -> GuildSettings:
    """Return settings without what belongs to other servers, which the configuration may name for all of them.

    Args:
        settings: What is in force for a server.
        guild_id: That server.
        guilds: All servers that the bot is in.
    """
    report = settings.report_channel or None
    return replace(
        settings,
        watch=tuple(one for one in settings.watch if not is_elsewhere(one, guild_id, guilds)),
        admin_roles=tuple(one for one in settings.admin_roles if not is_elsewhere(one, guild_id, guilds)),
        report_channel=None if report is not None and is_elsewhere(report, guild_id, guilds) else report,
    )

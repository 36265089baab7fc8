"""What people who look after a server answered themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from discord.ext import commands

    from ...core.reports import Asked

FETCH_SECONDS = 1.5
"""For all of it: a form has to be open within three."""
FOLLOWING = 15
"""Messages behind a question among which an answer is looked for."""
AT_MOST = timedelta(hours=3)
"""After a question; what is written later answers something else."""
TRIED = 3
"""Questions of a topic, the last ones, behind which is looked."""


async def find_staff_reply(bot: commands.Bot, asked: Sequence[Asked], admin_roles: Collection[int]) -> str | None:
    """Return what somebody who may administer wrote after one of some questions, a reply to it before all else.

    Args:
        bot: Reads the channels.
        asked: The questions, oldest first.
        admin_roles: Roles that may administer, besides everybody who may manage the server.

    Returns:
        The text, None if there is none, or none can be read in time.
    """
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            for question in [one for one in reversed(asked) if one.message_id and one.channel_id][:TRIED]:
                if found := await _look_behind(bot, question, admin_roles):
                    return found
    except (discord.HTTPException, TimeoutError):
        return None
    return None


async def _look_behind(bot: commands.Bot, question: Asked, admin_roles: Collection[int]) -> str | None:
    channel = bot.get_channel(question.channel_id or 0)
    if not isinstance(channel, discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel):
        return None
    known: dict[int, bool] = {}
    before = discord.utils.snowflake_time(question.message_id or 0) + AT_MOST
    following: str | None = None
    async for message in channel.history(
        limit=FOLLOWING, after=discord.Object(question.message_id or 0), before=before, oldest_first=True
    ):
        author = message.author
        if author.bot or not message.content:
            continue
        if author.id not in known:
            known[author.id] = await _is_staff(channel.guild, author.id, admin_roles)
        if not known[author.id]:
            continue
        if message.reference and message.reference.message_id == question.message_id:
            return message.content
        following = following or message.content
    return following


async def _is_staff(guild: discord.Guild, user_id: int, admin_roles: Collection[int]) -> bool:
    # Without the privileged intent for members, messages that are fetched do not say what their authors may.
    try:
        member = guild.get_member(user_id) or await guild.fetch_member(user_id)
    except discord.NotFound:  # who has left the server
        return False
    return member.guild_permissions.manage_guild or any(role.id in admin_roles for role in member.roles)

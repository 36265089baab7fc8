"""From a Discord message to a query, or to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from ..core.types import Query

if TYPE_CHECKING:
    from collections.abc import Collection

_SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""The message types in which a person says something; the others announce joins, pins, boosts and the like."""


def to_query(message: discord.Message, me: discord.abc.User, watched: Collection[int]) -> Query | None:
    """Return the query that a message is, None if it is not for us.

    Args:
        message: Any message that the gateway delivered.
        me: The bot's own user.
        watched: Ids of the channels and forums in which the bot overhears questions; their threads and posts count.
    """
    post = _new_post(message)
    return read_query(
        message, me, overheard=_is_watched(message.channel, watched), post_title=post.name if post else None
    )


def read_query(
    message: discord.Message, me: discord.abc.User, *, overheard: bool, post_title: str | None
) -> Query | None:
    """Return the query that a message is, None if it is not for us.

    Args:
        message: Any message.
        me: The bot's own user.
        overheard: Whether the bot reads along where it stands; otherwise only what is put to the bot counts.
        post_title: Title of the forum post that the message opens, None if it opens none.
    """
    if not is_spoken(message):
        return None
    addressed = message.guild is None or me in message.mentions or _replies_to(message, me)
    if not addressed and not overheard:
        return None
    text = message.content if post_title is None else f"{post_title}\n{message.content}"
    if not text and not (message.guild is None or me in message.mentions):
        # Without the Message Content intent a reply that does not ping us arrives empty: nothing to go by.
        return None
    return Query(
        text=text,
        asker_id=message.author.id,
        guild_id=message.guild.id if message.guild else None,
        channel_id=message.channel.id,
        message_id=message.id,
        addressed=addressed,
        presumed_question=post_title is not None,
    )


def is_spoken(message: discord.Message) -> bool:
    """Return whether a person says something in a message: no bot, no webhook, no announcement."""
    return not message.author.bot and message.webhook_id is None and message.type in _SPOKEN


def _replies_to(message: discord.Message, user: discord.abc.User) -> bool:
    replied = message.reference.resolved if message.reference else None
    return isinstance(replied, discord.Message) and replied.author.id == user.id


def _is_watched(channel: discord.abc.MessageableChannel, watched: Collection[int]) -> bool:
    return channel.id in watched or (isinstance(channel, discord.Thread) and channel.parent_id in watched)


def _new_post(message: discord.Message) -> discord.Thread | None:
    """Return the forum post that this message opens; its title is half of the question."""
    channel = message.channel
    if (
        isinstance(channel, discord.Thread)
        and channel.id == message.id
        and isinstance(channel.parent, discord.ForumChannel)
    ):
        return channel
    return None

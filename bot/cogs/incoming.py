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
    return read_query(message, me, overheard=_is_watched(message.channel, watched), post_title=_post_title(message))


def read_text(message: discord.Message) -> str:
    """Return what a message says; of one that opens a forum post the title is a part."""
    return _join(_post_title(message), message.content)


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
    replies = _replies_to(message, me)
    addressed = message.guild is None or me in message.mentions or _names_role_of_bot(message) or replies
    if not addressed and not overheard:
        return None
    text = _join(post_title, message.content)
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
        # Discord counts who is replied to among those who are mentioned.
        plain_reply=replies and message.guild is not None and me.id not in message.raw_mentions,
    )


def is_spoken(message: discord.Message) -> bool:
    """Return whether a person says something in a message: no bot, no webhook, no announcement."""
    return not message.author.bot and message.webhook_id is None and message.type in _SPOKEN


def _join(post_title: str | None, content: str) -> str:
    return content if post_title is None else f"{post_title}\n{content}"


def _names_role_of_bot(message: discord.Message) -> bool:
    """Return whether the role is mentioned that Discord made for the bot and offers under the bot's own name."""
    role = message.guild.self_role if message.guild else None
    # It need not be one that members may ping.
    return role is not None and role.id in message.raw_role_mentions


def _replies_to(message: discord.Message, user: discord.abc.User) -> bool:
    replied = message.reference.resolved if message.reference else None
    return isinstance(replied, discord.Message) and replied.author.id == user.id


def _is_watched(channel: discord.abc.MessageableChannel, watched: Collection[int]) -> bool:
    return channel.id in watched or (isinstance(channel, discord.Thread) and channel.parent_id in watched)


def _post_title(message: discord.Message) -> str | None:
    """Return the title of the forum post that this message opens, which is half of the question; None if of none."""
    channel = message.channel
    if (
        isinstance(channel, discord.Thread)
        and channel.id == message.id
        and isinstance(channel.parent, discord.ForumChannel)
    ):
        return channel.name
    return None

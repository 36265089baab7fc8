"""Taking back replies whose question was deleted."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

import discord

from ..core.errors import StoreUnavailableError
from ..core.members import Retracted
from .events import STALE_EVENT
from .failures import UNHEARD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from discord.ext import commands

    from ..services import Privacy, ReplyRef

_log = logging.getLogger(__name__)

_KEPT_REPLIES = 5_000
"""Questions whose replies are found without the log, in which not everybody's questions stand."""


class Retractor:
    """Deletes the bot's replies to messages that were deleted, and what the log says of them.

    Args:
        bot: Deletes the replies.
        privacy: Deletes from the log.
        take_back: Is told channel and message of each reply, so that the same may be answered again.
    """

    def __init__(self, bot: commands.Bot, privacy: Privacy, take_back: Callable[[int, int], None]) -> None:
        self._bot = bot
        self._privacy = privacy
        self._take_back = take_back
        self._replies = OrderedDict[int, tuple[Retracted, ...]]()

    async def note(self, message_id: int | None, reply: ReplyRef | None) -> None:
        """Remember where the reply to a message stands, or take it back if the message is gone by now."""
        if message_id is None:
            return
        if reply is not None:
            # The context menu answers once more what was answered a while ago.
            earlier = self._replies.pop(message_id, ())
            self._replies[message_id] = (*earlier, Retracted(reply.channel_id, reply.message_id))
            if len(self._replies) > _KEPT_REPLIES:
                self._replies.popitem(last=False)
        if self._privacy.was_deleted(message_id):
            await self.retract([message_id])

    async def retract(self, message_ids: Collection[int]) -> None:
        """Take back everything that was said to messages that are gone, and forget that they were."""
        known = {reply for message_id in message_ids for reply in self._replies.pop(message_id, ())}
        try:
            known |= set(await self._privacy.retract(message_ids))
        except StoreUnavailableError:
            _log.exception("deleted messages could not be deleted from the log; /privacy delete does it later")
        self._bot.dispatch(STALE_EVENT)
        for reply in known:
            self._take_back(reply.channel_id, reply.reply_id)
            await self._delete(reply)

    async def _delete(self, reply: Retracted) -> None:
        message = self._bot.get_partial_messageable(reply.channel_id).get_partial_message(reply.reply_id)
        try:
            await message.delete()
        except discord.NotFound:
            pass  # somebody was faster
        except UNHEARD as error:
            # With it the other replies would stay, too, and nobody would know of them any more.
            _log.warning("reply %s in channel %s could not be taken back: %s", reply.reply_id, reply.channel_id, error)

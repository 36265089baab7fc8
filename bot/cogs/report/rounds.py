"""What goes on by itself: reports that are due, reports that are to be shown anew, questions of another model."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from discord.ext import tasks

from ...core.errors import FaqtotumError

if TYPE_CHECKING:
    from discord.ext import commands

    from ...app import App
    from .board import ChannelBoard

_log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""Between two looks whether a report is due, or is to be shown anew."""
RENEW_HOURS = 1.0
"""Between two looks for questions that another model has embedded; the first is right after the start."""


class Rounds:
    """Looks now and then for what is to be done, from when the bot is ready until it is told to stop.

    Args:
        bot: The bot.
        app: The opened Faqtotum.
        board: Where reports are posted.
    """

    def __init__(self, bot: commands.Bot, app: App, board: ChannelBoard) -> None:
        self._bot = bot
        self._app = app
        self._board = board
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()

    def start(self) -> None:
        """Begin."""
        for loop in (self._post, self._refresh, self._renew):
            loop.start()

    def stop(self) -> None:
        """End."""
        for loop in (self._post, self._refresh, self._renew):
            loop.cancel()

    def wake(self) -> None:
        """Have what is stale shown anew at once."""
        self._woken.set()

    @tasks.loop()
    async def _refresh(self) -> None:
        # A round of its own: building a report may take minutes, for which this should not wait.
        self._woken.clear()
        try:
            await self._app.refresher.refresh({guild.id for guild in self._bot.guilds}, self._board)
        except Exception:  # noqa: BLE001 - as below; which report failed stays claimed for a while, the others go on
            _log.exception("posted reports cannot be brought up to date at the moment; the next minute tries again")
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._woken.wait()

    @tasks.loop(seconds=LOOK_SECONDS)
    async def _post(self) -> None:
        await self.post_due()

    async def post_due(self) -> None:
        """Look for reports that are due, and post them; who looks meanwhile waits, and finds it done."""
        async with self._looking:
            for guild in list(self._bot.guilds):
                try:
                    await self._app.nightly.post_due(guild.id, self._board)
                except Exception:  # noqa: BLE001 - the loop would end for good, and with it the reports of all servers
                    _log.exception("the report of server %s failed", guild.id)

    @tasks.loop(hours=RENEW_HOURS)
    async def _renew(self) -> None:
        try:
            await self._app.renewer.renew()
        except FaqtotumError:
            _log.exception("questions of another model cannot be embedded at the moment; the next hour tries again")

    @_refresh.before_loop
    @_post.before_loop
    @_renew.before_loop
    async def _wait(self) -> None:
        await self._bot.wait_until_ready()

"""The bot of a playground: started, stopped and started again, while its model stays loaded."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Literal, Protocol, cast

from ..app import open_app
from ..client import FaqtotumBot
from ..cogs.report.buttons import REPORTS_COG_NAME
from ..core.errors import FaqtotumError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..app import App
    from ..config import Config
    from ..core.ports import Embedder
    from .clock import ShiftedClock

READY_SECONDS = 30.0
"""The bot connects in well under a second; after this long something is broken."""
_GUILDS_SECONDS = 0.1
"""How long discord.py waits for further servers before it is ready: on loopback they come at once."""


class NotNowError(FaqtotumError):
    """What is wanted cannot be done as things stand; the message says what to do first."""


BotState = Literal["running", "starting", "stopped"]


class _PostsReports(Protocol):
    async def post_due(self) -> None: ...


class BotRunner:
    """Runs the bot, one at a time.

    Args:
        token: The bot's token.
        clock: Tells the bot the time.
        prepare: Called with each app before its bot connects.

    Attributes:
        embedder: The model, opened by the caller, who closes it after the last `stop`; while there is none, each start
            loads one.
    """

    def __init__(self, token: str, clock: ShiftedClock, prepare: Callable[[App], None]) -> None:
        self._token = token
        self._clock = clock
        self.embedder: Embedder | None = None
        self._prepare = prepare
        self._stack: AsyncExitStack | None = None
        self._app: App | None = None
        self._bot: FaqtotumBot | None = None
        self._starting = False

    @property
    def app(self) -> App | None:
        """What the running bot serves; None while there is none."""
        return self._app

    @property
    def state(self) -> BotState:
        """How far the bot is."""
        if self._starting:
            return "starting"
        return "running" if self._app else "stopped"

    async def start(self, config: Config) -> None:
        """Start the bot and wait until it is ready; one that runs is left alone.

        Raises:
            FaqtotumError: It cannot start; the message says why.
        """
        if self.state != "stopped":
            return
        self._starting = True
        try:
            async with AsyncExitStack() as stack:
                app = await stack.enter_async_context(open_app(config, clock=self._clock, embedder=self.embedder))
                self._prepare(app)
                bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=_GUILDS_SECONDS))
                connection = asyncio.create_task(bot.start(self._token))
                stack.push_async_callback(_end, bot, connection)
                await _until_ready(bot, connection)
                self._app, self._bot, self._stack = app, bot, stack.pop_all()
        finally:
            self._starting = False

    async def stop(self) -> None:
        """Stop the bot, if it runs."""
        stack, self._stack, self._app, self._bot = self._stack, None, None, None
        if stack is not None:
            await stack.aclose()

    def require_app(self) -> App:
        """Return what the bot serves.

        Raises:
            NotNowError: It does not run.
        """
        if self._app is None:
            raise NotNowError("the bot does not run: start it first")
        return self._app

    async def post_reports(self) -> None:
        """Have the bot look now whether a report is due, as it does every minute by itself."""
        cog = self._bot.get_cog(REPORTS_COG_NAME) if self._bot else None
        if cog is not None:
            # Not by its class: discord.py imports an extension anew each time, and its classes with it.
            await cast("_PostsReports", cog).post_due()


async def _until_ready(bot: FaqtotumBot, connection: asyncio.Task[None]) -> None:
    ready = asyncio.create_task(bot.wait_until_ready())
    done, _ = await asyncio.wait({ready, connection}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if connection in done:
        ready.cancel()
        await connection
    if ready not in done:
        ready.cancel()
        raise FaqtotumError("the demo's bot did not connect to the demo's Discord; run it with --verbose to see why")


async def _end(bot: FaqtotumBot, connection: asyncio.Task[None]) -> None:
    await bot.close()
    await asyncio.wait([connection])

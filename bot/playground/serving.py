"""One server at one address: the loopback Discord, the page, and what the page asks beside Discord's own interface."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .._version import __version__
from ..app import build_embedder, build_source
from ..sandbox import Sandbox, redirected
from .clock import ShiftedClock
from .guard import Guard
from .page import read_asset, read_index
from .running import BotRunner
from .town import build_config, build_town

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from ..app import App
    from ..core.ports import Embedder
    from .town import Town

_TRY = (
    "/ask Do I need to pay more after a raise?",
    "how do I get a new card?",
    "nice weather today",
    "@Faqtotum what about the penalty",
)
"""What to try first, in the words of the shipped FAQ: a command, something overheard, no question, a mention."""


class Playground:
    """A loopback Discord with the bot in it, served to a browser.

    Attributes:
        town: The world.
        clock: Its time, and the bot's.
        runner: The bot.
        sandbox: The server.
    """

    def __init__(self, town: Town, clock: ShiftedClock, runner: BotRunner, *, host: str, port: int) -> None:
        self.town = town
        self.clock = clock
        self.runner = runner
        self._guard = Guard(host)
        self.sandbox = Sandbox(town.world, host=host, port=port, extend=self._extend)

    @property
    def address(self) -> str:
        """Where a browser finds the page; who knows the key in it may do everything here."""
        return f"{self.sandbox.base_url}/?key={self._guard.key}"

    def _extend(self, app: web.Application) -> None:
        self._guard.attach(app)
        app.router.add_get("/", self._index)
        app.router.add_get("/assets/{path:.+}", self._asset)
        app.router.add_get("/playground/session", self._session)
        app.router.add_get("/playground/state", self._state)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        if "key" not in request.query:
            return read_index()
        if not self._guard.opens(request.query["key"]):
            raise web.HTTPForbidden(text="This key is of another session: open the address that the demo printed.")
        # Away from the address bar, the history and whatever reads along there.
        response = web.Response(status=303, headers={"Location": "/"})
        self._guard.let_in(response)
        return response

    @staticmethod
    async def _asset(request: web.Request) -> web.StreamResponse:
        return read_asset(request.match_info["path"])

    async def _session(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "version": __version__,
                "guild_id": str(self.town.guild.id),
                "application_id": str(self.town.application.id),
                "seats": [
                    {"key": key, "user_id": str(user.id), "name": user.global_name, "token": user.token}
                    for key, user in self.town.people.items()
                ],
                "channels": {name: str(channel.id) for name, channel in self.town.channels.items()},
                "try": _TRY,
            }
        )

    async def _state(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self.describe())

    @property
    def knows(self) -> str:
        """What the bot knows, in one line."""
        return self.describe()["knows"]

    def describe(self) -> dict[str, Any]:
        """Return how things stand, see the package's docstring."""
        faqs = self.runner.app.knowledge.current.faqs.values() if self.runner.app else ()
        entries = sum(len(faq.entries) for faq in faqs)
        phrasings = sum(len(entry.phrasings) for faq in faqs for entry in faq.entries)
        return {
            "bot": self.runner.state,
            "knows": f"{entries} entries, {phrasings} phrasings",
            "now": self.clock.now().isoformat(),
            "week": False,
            "night": "the night cannot pass yet",
            "faq": {"name": "the shipped FAQ", "own": False, "entries": entries, "phrasings": phrasings},
        }

    def listens(self) -> None:
        """Take note of the port, once it is known."""
        self._guard.port = int(self.sandbox.base_url.rpartition(":")[2])


@asynccontextmanager
async def open_playground(
    faq: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    embedder: Embedder | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> AsyncGenerator[Playground]:
    """Open a playground with its bot at work, and close it again on leaving.

    Args:
        faq: Folder of FAQ files; None for the shipped ones.
        host: The address to bind to; anything but the loopback interface lets other machines in.
        port: The port; 0 takes any that is free.
        embedder: See `open_app`.
        on_progress: See `open_app`.

    Raises:
        FaqtotumError: Something is missing or wrong; the message says what to do.
    """
    clock = ShiftedClock()
    town = build_town(clock.seconds)

    def prepare(_: App) -> None:
        return

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faqtotum-demo-")))
        config = build_config(town, folder, faq)
        # What people mistype is told before the model costs them seconds.
        await build_source(config).read()
        if embedder is None:
            embedder = await stack.enter_async_context(build_embedder(config, on_progress=on_progress, apart=True))
        runner = BotRunner(town.application.user.token, clock, embedder, prepare)
        playground = Playground(town, clock, runner, host=host, port=port)
        sandbox = await stack.enter_async_context(playground.sandbox)
        playground.listens()
        stack.enter_context(redirected(sandbox))
        stack.push_async_callback(runner.stop)
        await runner.start(config)
        yield playground

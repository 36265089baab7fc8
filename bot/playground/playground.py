"""A playground: the town, its bot, its clock, and what whoever plays can do with them beside talking."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..app import build_embedder, build_source
from ..core.errors import FaqtotumError
from ..core.speech import size_of_faq
from ..sandbox import Sandbox, redirected
from .clock import ShiftedClock
from .endpoints import Endpoints
from .guard import Guard
from .own_faq import SHELVED, SHIPPED, FaqChoice, choose_first, shelve
from .passing import Passing
from .reasons import Reasons
from .running import BotRunner, NotNowError
from .script import WEEK, read_script
from .town import build_config, build_town

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Sequence

    from ..app import App
    from ..core.ports import Embedder
    from ..core.types import Entry
    from .own_faq import Shelved, Upload
    from .passing import Passed, Played

_NO_QUESTION = "nice weather today"
_SHIPPED_TRIES = (
    "/ask Do I need to pay more after a raise?",
    "how do I get a new card?",
    _NO_QUESTION,
    "@Faqtotum who pays",
)
"""What to try first with the shipped FAQ, see `Playground.tries`."""


@dataclass(slots=True)
class Known:
    """What the bot knew when it was started last."""

    entries: tuple[Entry, ...] = ()

    @property
    def phrasings(self) -> int:
        """How many phrasings all entries have."""
        return sum(len(entry.phrasings) for entry in self.entries)


class Playground:
    """See the module. Made by `open_playground`.

    Attributes:
        town: The world.
        clock: Its time, and the bot's.
        runner: The bot.
        reasons: What it decided.
        sandbox: The server.
    """

    def __init__(self, folder: Path, faq: FaqChoice, *, host: str, port: int) -> None:
        self.clock = ShiftedClock()
        self.town = build_town(self.clock.seconds)
        self.reasons = Reasons()
        self.runner = BotRunner(self.town.application.user.token, self.clock, self._prepare)
        self._guard = Guard(host)
        endpoints = Endpoints(self, self._guard)
        self.sandbox = Sandbox(self.town.world, host=host, port=port, extend=endpoints.attach)
        self._passing = Passing(self.town, self.clock, self.runner, self.sandbox, self.reasons)
        self._folder = folder
        self._first = self._faq = faq
        self._known = Known()
        self._has_week = False
        self._busy: str | None = None
        self._drops = 0

    @property
    def address(self) -> str:
        """Where a browser finds the page; who knows the key in it may do everything here."""
        return f"{self.sandbox.base_url}/?key={self._guard.key}"

    @property
    def knows(self) -> str:
        """What the bot knows, in one line."""
        return size_of_faq(len(self._known.entries), self._known.phrasings)

    async def serve(self, stack: AsyncExitStack) -> None:
        """Begin to serve; `stack` ends it.

        Raises:
            FaqtotumError: It cannot be served there.
        """
        try:
            sandbox = await stack.enter_async_context(self.sandbox)
        except OSError as error:
            # Its own words name the address.
            raise FaqtotumError(f"{error.strerror or error}; choose another --port or --host") from error
        self._guard.port = sandbox.port
        stack.enter_context(redirected(sandbox))

    async def start(self, stack: AsyncExitStack, embedder: Embedder) -> None:
        """Start the bot; `stack` stops it.

        Raises:
            FaqtotumError: It does not start.
        """
        self.runner.embedder = embedder
        stack.push_async_callback(self.runner.stop)
        await self._start()

    def describe_session(self) -> dict[str, Any]:
        """Return what stays as it is, see the package's docstring."""
        return {
            "version": __version__,
            "guild_id": str(self.town.guild.id),
            "application_id": str(self.town.application.id),
            "seats": [
                {"key": key, "user_id": str(user.id), "name": user.global_name, "token": user.token}
                for key, user in self.town.people.items()
            ],
            "channels": {name: str(channel.id) for name, channel in self.town.channels.items()},
            "try": self.tries,
        }

    def describe_state(self) -> dict[str, Any]:
        """Return how things stand, see the package's docstring."""
        return {
            "bot": self.runner.state,
            "busy": self._busy,
            "knows": self.knows,
            "now": self.clock.now().isoformat(),
            "week": self._has_week,
            "night": self._busy or (True if self.runner.app else "the bot does not run: start it first"),
            "faq": {
                "name": self._faq.name,
                "own": self._faq.own,
                "entries": len(self._known.entries),
                "phrasings": self._known.phrasings,
            },
        }

    async def play_week(self) -> Played:
        """Play the busy week.

        Raises:
            NotNowError: It was played, something else is going on, or the bot does not run.
        """
        with self._alone("the week is being played"):
            self.runner.require_app()
            if self._has_week:
                raise NotNowError("the week has been played already: start the demo anew for another one")
            script = read_script(WEEK.read_text(encoding="utf-8"))
            self._has_week = True
            return await self._passing.play_week(script, self._show_progress)

    def _show_progress(self, done: int, total: int) -> None:
        self._busy = f"the week is being played: {done} of {total} messages"

    async def pass_night(self) -> Passed:
        """Let the night pass.

        Raises:
            NotNowError: Something else is going on, or the bot does not run.
        """
        with self._alone("the night passes"):
            return await self._passing.pass_night()

    async def run_bot(self, *, running: bool) -> None:
        """Start the bot or stop it; what is so already stays so.

        Raises:
            FaqtotumError: It cannot start, or something else is going on.
        """
        with self._alone("the bot starts" if running else "the bot stops"):
            await (self._start() if running else self.runner.stop())

    async def use_faq(self, uploads: Sequence[Upload]) -> Shelved:
        """Have the bot answer from somebody's own files.

        Raises:
            FaqInvalidError: They cannot be used, with every problem; the bot goes on with what it has.
            NotNowError: Something else is going on.
        """
        with self._alone("the FAQ is being read"):
            self._drops += 1
            folder = self._folder / f"faq-{self._drops}"
            folder.mkdir()
            try:
                shelved = await shelve(uploads, folder)
                await self._change_faq(FaqChoice(", ".join(shelved.names), folder, SHELVED, own=True))
            except FaqtotumError:
                shutil.rmtree(folder)
                raise
            return shelved

    async def drop_faq(self) -> None:
        """Go back to the FAQ with which the playground was opened.

        Raises:
            NotNowError: Something else is going on.
        """
        with self._alone("the FAQ is being read"):
            await self._change_faq(self._first)

    async def _change_faq(self, choice: FaqChoice) -> None:
        """Restart the bot with another FAQ; where that fails, with the one before."""
        before, self._faq = self._faq, choice
        await self.runner.stop()
        try:
            await self._start()
        except FaqtotumError:
            self._faq = before
            await self._start()
            raise

    async def _start(self) -> None:
        await self.runner.start(build_config(self.town, self._folder, self._faq.folder, self._faq.pattern))

    def _prepare(self, app: App) -> None:
        app.answerer.observers.append(self.reasons)
        faqs = app.knowledge.current.faqs.values()
        self._known = Known(tuple(entry for faq in faqs for entry in faq.entries))

    @property
    def tries(self) -> list[str]:
        """Lines to try: a command, something overheard, what is no question, and a mention.

        For the shipped FAQ they are those that show most, else phrasings of its own.
        """
        if self._faq == SHIPPED or not self._known.entries:
            return list(_SHIPPED_TRIES)
        first, *_ = self._known.entries
        last = self._known.entries[-1]
        return [f"/ask {first.question}", first.phrasings[-1], _NO_QUESTION, f"@Faqtotum {last.phrasings[-1]}"]

    @contextmanager
    def _alone(self, doing: str) -> Generator[None]:
        """Refuse whatever else would change the playground, until this is done."""
        if self._busy is not None:
            raise NotNowError(f"{self._busy}: wait until that is done, then try again")
        self._busy = doing
        try:
            yield
        finally:
            self._busy = None


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
        faq: Folder of FAQ files, YAML or tables; None for the shipped ones.
        host: The address to bind to; anything but the loopback interface lets other machines in.
        port: The port; 0 takes any that is free.
        embedder: See `open_app`.
        on_progress: See `open_app`.

    Raises:
        FaqtotumError: Something is missing or wrong; the message says what to do.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faqtotum-demo-")))
        shelf = folder / "faq-0"
        shelf.mkdir()
        choice = await choose_first(faq, shelf)
        playground = Playground(folder, choice, host=host, port=port)
        # What people mistype is told before the model costs them seconds.
        await playground.serve(stack)
        config = build_config(playground.town, folder, choice.folder, choice.pattern)
        await build_source(config).read()
        if embedder is None:
            embedder = await stack.enter_async_context(build_embedder(config, on_progress=on_progress, apart=True))
        await playground.start(stack, embedder)
        yield playground

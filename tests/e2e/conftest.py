"""The whole product on a loopback Discord: real client, real HTTP and websocket, real model, real database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App, open_app
from bot.client import FaqtotumBot
from bot.config import Config
from bot.sandbox import Application, Channel, Guild, Sandbox, Seat, SeenMessage, User, World, redirected
from bot.sandbox.seat_gateway import DEFAULT_TIMEOUT
from tests.discordspec import Recorder
from tests.fakes.clock import FrozenClock

if TYPE_CHECKING:
    from bot.core.ports import Embedder
    from bot.core.types import Query
    from bot.services import Outcome, ReplyRef

DATABASE = "faqtotum.sqlite3"
ROOT = Path(__file__).parents[2]
CARD_QUESTION = "I lost my Medicare card, what now?"
"""A phrasing of the shipped FAQ, word for word."""
PATIENCE_SECONDS = 60
FENCE = "How and when do I sign up for Medicare?"


class Decisions:
    """Hears of each question once it is logged; the reply comes before that."""

    def __init__(self) -> None:
        self._messages: set[int | None] = set()
        self._more = asyncio.Event()
        self.is_told = False

    @contextmanager
    def told_by(self, app: App) -> Iterator[None]:
        app.answerer.observers.append(self)
        self.is_told = True
        try:
            yield
        finally:
            self.is_told = False

    def passed_over(self, query: Query, /) -> None:
        """See Observer."""

    def decided(self, outcome: Outcome, reply: ReplyRef | None, /) -> None:
        """See Observer."""
        self._messages |= {outcome.query.message_id, reply.message_id if reply else None}
        self._more.set()

    async def logged(self, message: SeenMessage) -> None:
        """Wait until a question is logged, or the one that a reply stands below."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while message.id not in self._messages:
                self._more.clear()
                await self._more.wait()


class Visitor(Seat):
    """A seat from which what a reply says is seen once its question is logged."""

    def __init__(self, town: Town, user: User) -> None:
        super().__init__(town.sandbox, user)
        self._town = town

    async def reply(self, message: SeenMessage, *, seconds: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """See Seat."""
        reply = await super().reply(message, seconds=seconds)
        if self._town.decisions.is_told and reply.author_id == self._town.application.id:
            await self._town.decisions.logged(reply)
        return reply


@dataclass
class Town:
    """A loopback Discord with a server in it, and a bot that can be started and stopped."""

    sandbox: Sandbox
    world: World
    application: Application
    guild: Guild
    help: Channel
    lounge: Channel
    ann: User
    ben: User
    folder: Path
    embedder: Embedder
    recorder: Recorder
    clock: FrozenClock = field(default_factory=FrozenClock)
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    decisions: Decisions = field(default_factory=Decisions)
    may_be_refused: bool = False
    """True where a test makes Discord refuse something; otherwise the bot must never send what Discord refuses."""

    def config(self) -> Config:
        settings = {
            "faq": {"files": [str(ROOT / "faq_data" / "*.yaml")]},
            "discord": {"watch": [self.help.id]},
            "cooldown": {"channel_seconds": 0},
            "store": {"path": str(self.folder / DATABASE)},
        }
        return Config.from_mapping(_merged(settings, self.settings))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        """Start the bot, give its app, stop it again."""
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(open_app(self.config(), clock=self.clock, embedder=self.embedder))
            stack.enter_context(self.decisions.told_by(app))
            bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=0.05))
            connection = asyncio.create_task(bot.start(self.application.user.token))
            stack.push_async_callback(asyncio.wait, [connection])
            stack.push_async_callback(bot.close)
            ready = asyncio.create_task(bot.wait_until_ready())
            await asyncio.wait({connection, ready}, return_when=asyncio.FIRST_COMPLETED)
            if connection.done():
                ready.cancel()
                await connection
            yield app

    def seat(self, user: User | None = None) -> Seat:
        return Visitor(self, user or self.ann)

    @property
    def mention(self) -> str:
        return f"<@{self.application.id}>"

    async def assert_silent(self, seat: Seat, message: SeenMessage) -> None:
        """Show that a message got no reply: one that was asked after it has got its own already."""
        fence = await seat.say(message.channel_id, f"{self.mention} {FENCE}")
        await seat.reply(fence)
        assert [each for each in seat.messages if each.reply_to == message.id] == []


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        merged[key] = _merged(merged[key], value) if isinstance(value, Mapping) and key in merged else value
    return merged


@pytest.fixture
async def town(tmp_path: Path, model: Embedder, seed: Path) -> AsyncIterator[Town]:
    shutil.copy(seed, tmp_path / DATABASE)
    world = World()
    ann, ben = world.add_user("ann"), world.add_user("ben")
    guild = world.add_guild("Test", owner=world.add_user("olga"))
    application = world.add_application("Faqtotum", message_content=True)
    for member in (ann, ben):
        guild.add_member(member)
    guild.install(application)
    channels = guild.add_text_channel("help"), guild.add_text_channel("lounge")
    async with Sandbox(world) as sandbox:
        recorder = Recorder.attached_to(sandbox)
        with redirected(sandbox):
            town = Town(sandbox, world, application, guild, *channels, ann, ben, tmp_path, model, recorder)
            yield town
    assert recorder.problems == []
    assert town.may_be_refused or recorder.refused == []
    assert sandbox.unimplemented == []

"""A loopback Discord in this process, and bots in processes of their own that can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bot.app import open_app
from bot.config import Config
from bot.core.privacy import author_hash
from bot.core.text import as_question
from bot.core.types import QuestionRecord, VerdictName
from bot.sandbox import Application, Channel, Guild, Sandbox, User, World
from bot.stores import open_sqlite
from tests.e2e.mortal import ENDED, LOOKED, STARTED, STEP, STEPS, Order
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.core.reports import Posting, Report

ROOT = Path(__file__).parents[2]
DATABASE = "faqtotum.sqlite3"
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
HOUR = 7
IN_DISCORD = "after Discord has it, before the answer is read"
"""The step to which a process does not come by itself, see `STEPS`."""
PARKING = ("where can I park my car", "where can I park the car", "where can we park our car", "where can I park a car")
DOGS = ("can I bring my dog along", "can I bring the dog along", "can we bring our dog along")
LONELY = "who designed that lovely poster"
FAQ = 'title: Zoo\nentries:\n  - {id: zebu, question: "Zebu?", answer: A humped ox.}\n'
"""Like nothing that is asked."""


class NoBoard:
    """Where nothing is due yet."""

    def is_elsewhere(self, guild_id: int, channel_id: int) -> bool:  # noqa: ARG002 - as Board has it
        return False

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        raise AssertionError(f"{posting.day} is not due in {channel_id}")

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        raise AssertionError(f"{report.day} ({posting.id}) is not due in {channel_id}")

    async def renew(self, posting: Posting, report: Report) -> bool:
        pytest.fail(f"a report {posting.id} was shown anew: {report}")


class Above:
    """The process that starts bots."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.e2e.mortal"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - our own script
        self._numbers = count(1)
        self._said: dict[tuple[int, str], str] = {}

    def order(self, **order: Any) -> int:  # noqa: ANN401 - see Order
        number = next(self._numbers)
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asdict(Order(number, **order))) + "\n")
        self._process.stdin.flush()
        return number

    async def until(self, number: int, word: str) -> str:
        """Wait until a bot has said something; give what it said of it."""
        while (number, word) not in self._said:
            line = await asyncio.to_thread(self._read)
            who, what, *rest = line.split()
            self._said[int(who), what] = rest[0] if rest else ""
            if what == ENDED and (number, word) != (int(who), what) and int(who) == number:
                pytest.fail(f"a bot ended before it said {word!r}")
        return self._said[number, word]

    def has_said(self, number: int, word: str) -> bool:
        return (number, word) in self._said

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline() or pytest.fail("the process above ended by itself")

    def close(self) -> None:
        self._process.communicate()


@dataclass
class Bot:
    """A process."""

    above: Above
    number: int
    pid: int

    async def dead(self) -> int:
        """Wait until it has ended; give the signal that did it."""
        return int(await self.above.until(self.number, ENDED))

    async def has_posted(self) -> bool:
        """Wait until it has looked for a report that is due; give whether it posted one."""
        return await self.above.until(self.number, LOOKED) == "True"

    async def at_its_step(self) -> None:
        await self.above.until(self.number, STEP)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


@dataclass
class Street:
    """A loopback Discord in this process; bots in others."""

    above: Above
    sandbox: Sandbox
    world: World
    application: Application
    guild: Guild
    lounge: Channel
    ann: User
    folder: Path
    bots: list[Bot] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "faq": {"files": [str(self.folder / "zoo.yaml")]},
            "store": {"path": str(self.folder / DATABASE)},
            "report": {"channel": self.lounge.id, "hour": HOUR, "time_zone": "UTC"},
        }

    async def begin(self) -> None:
        """Have a week of questions logged, and reports wanted since before the hour."""
        (self.folder / "zoo.yaml").write_text(FAQ, encoding="utf-8")
        clock, embedder = FrozenClock(NOON), HashEmbedder()
        async with open_app(Config.from_mapping(self.settings), clock=clock, embedder=embedder) as app:
            texts = (*PARKING, *DOGS, LONELY)
            embeddings = await embedder.embed_queries([as_question(text) for text in texts])
            for number, (text, embedding) in enumerate(zip(texts, embeddings, strict=True)):
                await app.store.add_question(
                    QuestionRecord(
                        asked_at=NOON - timedelta(hours=number),
                        guild_id=self.guild.id,
                        channel_id=self.lounge.id,
                        message_id=None,
                        reply_id=None,
                        author_hash=author_hash(b"k" * 32, number),
                        text=text,
                        embedding=np.asarray(embedding),
                        model_id=embedder.model_id,
                        addressed=False,
                        replied=False,
                        verdict=VerdictName.NO_MATCH,
                        entry_id=None,
                        similarity=0.5,
                        latency=0.1,
                    )
                )
            assert not await app.nightly.post_due(self.guild.id, NoBoard())

    async def start(self, now: datetime, step: str = "", by: signal.Signals = signal.SIGKILL) -> Bot:
        number = self.above.order(
            rest=self.sandbox.rest_url,
            gateway=self.sandbox.gateway_url,
            base=self.sandbox.base_url,
            token=self.application.user.token,
            settings=self.settings,
            now=now.isoformat(),
            step=step if step in STEPS else "",
            by=int(by),
        )
        bot = Bot(self.above, number, int(await self.above.until(number, STARTED)))
        self.bots.append(bot)
        if step == IN_DISCORD:
            self._kill_when_posted(bot)
        return bot

    def _kill_when_posted(self, bot: Bot) -> None:
        def look(event: Any) -> None:  # noqa: ANN401 - the sandbox's own
            # Discord has it, and has answered nothing yet.
            if event.name == "MESSAGE_CREATE" and event.channel is self.lounge:
                bot.send(signal.SIGKILL)
                self.world.unsubscribe(look)

        self.world.subscribe(look)

    async def die(self, now: datetime, step: str) -> None:
        """Have a process die at a step."""
        bot = await self.start(now, step)
        assert await bot.dead() == signal.SIGKILL
        # It did come to its step: who died there has not come to the end of its look, except where that is the step.
        assert not self.above.has_said(bot.number, LOOKED)
        if step in STEPS:
            await bot.at_its_step()

    async def kill_all(self) -> None:
        for bot in self.bots:
            if not self.above.has_said(bot.number, ENDED):
                bot.send(signal.SIGKILL)
                await bot.dead()

    def reports(self) -> list[int]:
        """Return the messages of the bot."""
        messages = self.lounge.messages.values()
        return [message.id for message in messages if message.author is self.application.user]

    async def read(self) -> Posting | None:
        async with open_sqlite(self.folder / DATABASE) as store:
            return await store.reports.find_last_posting(self.guild.id)


@asynccontextmanager
async def opened(above: Above, folder: Path) -> AsyncIterator[Street]:
    world = World()
    ann = world.add_user("ann")
    guild = world.add_guild("Test", owner=world.add_user("olga"))
    guild.add_member(ann)
    application = world.add_application("Faqtotum", message_content=True)
    guild.install(application)
    lounge = guild.add_text_channel("lounge")
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(world))
        street = Street(above, sandbox, world, application, guild, lounge, ann, folder)
        stack.push_async_callback(street.kill_all)
        await street.begin()
        yield street
    assert sandbox.unimplemented == []

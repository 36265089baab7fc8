"""At whatever step of a report's life the bot is killed: once somebody else has taken over, one report stands there."""

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
from bot.core.reports import Deed, ReportState
from bot.core.text import as_question
from bot.core.types import QuestionRecord, VerdictName
from bot.sandbox import Application, Channel, Guild, Sandbox, Seat, SeenMessage, User, World
from bot.services.nightly import LEASE
from bot.stores import open_sqlite
from tests.e2e.mortal import ENDED, LOOKED, STARTED, STEP, STEPS, Order
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.core.reports import Posting, Report

ROOT = Path(__file__).parents[2]
DATABASE = "faqtotum.sqlite3"
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
HOUR = 7
DUE = datetime(2026, 5, 11, HOUR, tzinfo=UTC)
LATER = LEASE + timedelta(seconds=1)
"""Until somebody may take over."""
IN_DISCORD = "after Discord has it, before the answer is read"
BEFORE_DISCORD, BEHIND_DISCORD = STEPS[:6], STEPS[6:]
ALL = (*BEFORE_DISCORD, IN_DISCORD, *BEHIND_DISCORD)
PARKING = ("where can I park my car", "where can I park the car", "where can we park our car", "where can I park a car")
DOGS = ("can I bring my dog along", "can I bring the dog along", "can we bring our dog along")
LONELY = "who designed that lovely poster"
FAQ = 'title: Zoo\nentries:\n  - {id: zebu, question: "Zebu?", answer: A humped ox.}\n'
"""Like nothing that is asked."""


class NoBoard:
    """Where nothing is due yet."""

    async def find(self, posting: Posting, channel_id: int) -> int | None:
        raise AssertionError(f"{posting.day} is not due in {channel_id}")

    async def post(self, posting: Posting, report: Report, channel_id: int) -> int:
        raise AssertionError(f"{report.day} ({posting.id}) is not due in {channel_id}")


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


@pytest.fixture(scope="module")
def above() -> Iterator[Above]:
    one = Above()
    yield one
    one.close()


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


@pytest.fixture
async def street(above: Above, tmp_path: Path) -> AsyncIterator[Street]:
    async with opened(above, tmp_path) as one:
        yield one


def labels(message: SeenMessage) -> list[str]:
    return [item["label"] for row in message.raw["components"] for item in row["components"]]


async def assert_one_that_works(street: Street, olga: Seat, ann: Seat) -> None:
    """Show that one report stands in the channel, whole, and that its buttons do what they say: once, for admins."""
    [message_id] = street.reports()
    posting = await street.read()
    assert posting
    assert (posting.state, posting.message_id) == (ReportState.POSTED, message_id)
    report = await olga.until(lambda each: each.id == message_id)
    assert "**8 questions** in 7 days" in report.embeds[0]["description"]
    assert [embed["title"] for embed in report.embeds[1:]] == ["1 · no entry yet", "2 · no entry yet"]
    assert len(report.raw["attachments"]) == 3
    refused = await ann.response(await ann.press(report, "1 · Ignore for good"))
    assert "may manage this server" in (refused.content or "")
    done = await olga.response(await olga.press(report, "1 · Ignore for good"))
    assert "🔕" in (done.content or "")
    changed = await olga.until(lambda each: each.id == message_id and "1 · Ignore for good" not in labels(each))
    assert f"<@{street.guild.owner.id}> wants it ignored" in changed.embeds[1]["description"]
    assert [label for label in labels(changed) if label.startswith("1")] == ["1 · Show all"]
    noted = await street.read()
    assert noted
    assert {number: one.deed for number, one in noted.done.items()} == {1: Deed.IGNORED}


@pytest.mark.parametrize("step", ALL)
async def test_whoever_takes_over_from_a_process_that_was_killed_posts_one_report(street: Street, step: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        await street.die(DUE, step)
        assert len(street.reports()) == (step not in BEFORE_DISCORD)
        heir = await street.start(DUE + LATER)
        # It posts, or finds what was posted; only of what was finished there is nothing left to do.
        assert await heir.has_posted() == (step != "after it is finished")
        await assert_one_that_works(street, olga, ann)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("in the middle of mining", "in the middle of mining"),
        ("after the claim", IN_DISCORD),
        (IN_DISCORD, "before it is finished"),
        ("after the report is kept", "before it is posted"),
    ],
)
async def test_even_if_its_heir_is_killed_too(street: Street, first: str, second: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        await street.die(DUE, first)
        await street.die(DUE + LATER, second)
        assert await (await street.start(DUE + 2 * LATER)).has_posted()
        await assert_one_that_works(street, olga, ann)


async def test_two_that_look_at_the_same_hour_post_one_report(street: Street) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        bots = [await street.start(DUE) for _ in range(2)]
        posted = [await bot.has_posted() for bot in bots]
        assert sorted(posted) == [False, True]
        # Both of a token's processes hear of a press, which Discord lets only one of them answer.
        idle = bots[posted.index(False)]
        idle.send(signal.SIGKILL)
        await idle.dead()
        await assert_one_that_works(street, olga, ann)


@pytest.mark.parametrize("step", STEPS)
async def test_who_stands_still_for_longer_than_a_lease_leaves_it_to_who_took_over(street: Street, step: str) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        slow = await street.start(DUE, step, signal.SIGSTOP)
        await slow.at_its_step()
        heir = await street.start(DUE + LATER)
        assert await heir.has_posted() == (step != "after it is finished")
        slow.send(signal.SIGCONT)
        assert await slow.has_posted() == (step == "after it is finished")
        slow.send(signal.SIGKILL)
        await slow.dead()
        await assert_one_that_works(street, olga, ann)


async def test_who_was_offline_at_the_hour_posts_it_when_back(street: Street) -> None:
    async with Seat(street.sandbox, street.guild.owner) as olga, Seat(street.sandbox, street.ann) as ann:
        assert not await (await street.start(DUE - timedelta(minutes=1))).has_posted()
        await street.kill_all()
        assert await (await street.start(DUE + timedelta(hours=5))).has_posted()
        await assert_one_that_works(street, olga, ann)

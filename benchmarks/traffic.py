"""Measure the bot itself: how soon it answers after its start, how fast under load, and what memory it takes.

    python benchmarks/traffic.py [--rates 1 10 50] [--seconds 20] [--hour 3600] [--precision float32 int8]

`faqtotum run` serves the shipped FAQs in a process of its own and is connected to a loopback Discord over real HTTP and
a real websocket. Members ask it in many channels; the time runs from the posting of a question to the arrival of the
reply on the member's own gateway connection, so it holds what the loopback Discord takes, which shares the cores.
Printed are, for each precision, the seconds from the start of the process to its first reply (the FAQ is embedded and
the model compiled by an earlier start), p50 and p99 at each rate, and the resident memory after the start, after the
first questions, and while as many are asked as a lively server asks in an hour, as fast as they are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.cold_start import installed_environment
from bot.sandbox import Bucket, Channel, Sandbox, Seat, World

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

ROOT = Path(__file__).parent.parent
FAQS = str(ROOT / "faq_data" / "*.yaml")
CHANNELS = 60
TOKEN = "benchmark"  # noqa: S105 - of a Discord that nobody else reaches
KNOCK_SECONDS = 0.05
"""Between two questions while the bot starts."""
FIRST = 60
"""Questions after which memory is read the first time: by then whatever is made once is made."""
REST_SECONDS = 5.0
"""Before memory is read: whoever asks as fast as answers come has replies before what was asked is in the log."""
AT_ONCE = 8
"""Questions under way at any time while memory is measured."""
STEPS = 6
KIBIBYTES_A_MEGABYTE = 1000 / 1.024
UNLIMITED = Bucket(1_000_000, 1.0)
BEFORE = ("", "hey ", "hi, ", "sorry, ", "quick question: ", "again: ", "um, ")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - what this program is for


class Street:
    """A loopback Discord with members who ask."""

    def __init__(self, sandbox: Sandbox, seat: Seat, channels: Sequence[Channel], questions: Sequence[str]) -> None:
        self.sandbox = sandbox
        self._seat = seat
        self._channels = channels
        self._questions = questions
        self._rng = random.Random(3)  # noqa: S311 - a repeatable choice, no secret
        self._number = 0

    def _next(self) -> tuple[int, str]:
        self._number += 1
        text = f"{self._rng.choice(BEFORE)}{self._rng.choice(self._questions)}"
        return self._channels[self._number % len(self._channels)].id, text

    async def ask(self, seconds: float = 60.0) -> float:
        """Ask the bot something; return the seconds until its reply was there."""
        channel_id, text = self._next()
        started = time.perf_counter()
        message = await self._seat.say(channel_id, f"<@{self.application_id}> {text}")
        await self._seat.reply(message, seconds=seconds)
        return time.perf_counter() - started

    application_id: int

    async def knock(self, started: float) -> float:
        """Ask until somebody answers; return the seconds since the start."""
        tasks: set[asyncio.Task[float]] = set()
        while True:
            tasks.add(asyncio.create_task(self.ask()))
            done, _ = await asyncio.wait(tasks, timeout=KNOCK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if done:
                took = time.perf_counter() - started
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                return took

    async def ask_at(self, rate: float, seconds: float) -> list[float]:
        """Ask at a steady rate; return the milliseconds that each reply took, ascending."""
        started = time.perf_counter()
        tasks = list[asyncio.Task[float]]()
        for number in range(max(10, int(rate * seconds))):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(self.ask()))
        return sorted([1000 * took for took in await asyncio.gather(*tasks)])

    async def ask_many(self, count: int) -> None:
        """Ask so many questions, a few at a time."""
        left = iter(range(count))

        async def work() -> None:
            for _ in left:
                await self.ask()

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


@asynccontextmanager
async def open_street(questions: Sequence[str]) -> AsyncGenerator[Street]:
    """Open a loopback Discord with a member in it."""
    world = World()
    application = world.add_application("Faqtotum", token=TOKEN, message_content=True)
    guild = world.add_guild("Benchmark", owner=world.add_user("olga"))
    ann = world.add_user("ann")
    guild.add_member(ann)
    guild.install(application)
    channels = [guild.add_text_channel(f"help-{number}") for number in range(CHANNELS)]
    async with Sandbox(world) as sandbox:
        # Members type by hand; Discord's limits would be what is measured.
        sandbox.rate_limits.default = sandbox.rate_limits.overall = UNLIMITED
        async with Seat(sandbox, ann) as seat:
            street = Street(sandbox, seat, channels, questions)
            street.application_id = application.id
            yield street


class Bot:
    """`faqtotum run` in a process of its own."""

    def __init__(self, street: Street, settings: dict[str, Any]) -> None:
        sandbox = street.sandbox
        order = {
            "rest_url": sandbox.rest_url,
            "gateway_url": sandbox.gateway_url,
            "base_url": sandbox.base_url,
            "settings": settings,
            "token": TOKEN,
        }
        self.started = time.perf_counter()
        command = [sys.executable, str(ROOT / "benchmarks" / "served.py"), json.dumps(order)]
        self._process = subprocess.Popen(command, env=installed_environment())  # noqa: S603 - ourselves

    def resident(self) -> float:
        """Return the megabytes that are in memory now."""
        text = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        sizes = dict(line.split(":") for line in text.splitlines())
        return int(sizes["VmRSS"].split()[0]) / KIBIBYTES_A_MEGABYTE

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


async def start(street: Street, settings: dict[str, Any], times: int) -> tuple[Bot, list[float]]:
    """Start the bot several times; return the last one, which still runs, and the seconds that each took."""
    # The first one embeds the FAQ, and compiles the model if nobody did.
    bot = Bot(street, settings)
    await street.knock(bot.started)
    seconds = list[float]()
    for _ in range(times):
        bot.stop()
        bot = Bot(street, settings)
        seconds.append(await street.knock(bot.started))
    return bot, seconds


class Traffic(NamedTuple):
    """What was measured at one precision.

    Attributes:
        starts: Seconds from the start of the process to its first reply, start by start.
        replies: Milliseconds that each reply took, ascending, by questions a second.
        resident: Megabytes in memory, by how many questions were asked before.
    """

    starts: list[float]
    replies: dict[float, list[float]]
    resident: dict[int, float]


async def read_questions() -> list[str]:
    """Return the phrasings of the shipped FAQs."""
    from bot.faqfiles import FaqFiles  # noqa: PLC0415 - only the parent asks

    entries = (await FaqFiles({None: [FAQS]}, Path()).read())[None]
    return [phrasing for entry in entries for phrasing in entry.phrasings]


async def measure_precision(
    street: Street,
    precision: str,
    folder: Path,
    *,
    rates: Sequence[float],
    seconds: float,
    hour: int,
    starts: int,
) -> Traffic:
    """Measure the bot at one precision.

    Args:
        street: Where it is asked.
        precision: The model's.
        folder: Its database goes here.
        rates: Questions a second.
        seconds: For how long at each rate.
        hour: Questions while memory is watched.
        starts: How often it is started.
    """
    settings = {
        "faq": {"files": [FAQS]},
        "cooldown": {"repeat_seconds": 0},
        "model": {"precision": precision},
        "store": {"path": str(folder / f"{precision}.sqlite3")},
    }
    bot, soonest = await start(street, settings, starts)
    resident = {0: bot.resident()}
    await street.ask_many(FIRST)
    asked = FIRST
    resident[asked] = bot.resident()
    replies: dict[float, list[float]] = {}
    for rate in rates:
        replies[rate] = await street.ask_at(rate, seconds)
        asked += len(replies[rate])
    for _ in range(STEPS):
        await street.ask_many(hour // STEPS)
        asked += hour // STEPS
        await asyncio.sleep(REST_SECONDS)
        resident[asked] = bot.resident()
    bot.stop()
    return Traffic(soonest, replies, resident)


async def measure(arguments: argparse.Namespace, folder: Path) -> None:
    """Print everything."""
    questions = await read_questions()
    for precision in arguments.precision:
        # Of its own: a seat looks through all that it has seen before it waits for a reply.
        async with open_street(questions) as street:
            traffic = await measure_precision(
                street,
                precision,
                folder,
                rates=arguments.rates,
                seconds=arguments.seconds,
                hour=arguments.hour,
                starts=arguments.starts,
            )
        say(f"\n{precision}: first reply {statistics.median(traffic.starts):.2f} s after the start of the process")
        for rate, took in traffic.replies.items():
            p50, p99 = took[len(took) // 2], took[int(0.99 * len(took))]
            say(f"  {rate:g} questions a second: p50 {p50:.0f} ms, p99 {p99:.0f} ms ({len(took)} questions)")
        for count, megabytes in traffic.resident.items():
            say(f"  resident after {count:,} questions: {megabytes:.0f} MB")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[1, 10, 50], metavar="N")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="N", help="at each rate (default: 20)")
    parser.add_argument("--hour", type=int, default=3600, metavar="N", help="questions for the memory (default: 3600)")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="how often it is started (default: 5)")
    parser.add_argument("--precision", nargs="+", default=["float32", "int8"], choices=["float32", "int8"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(arguments, Path(folder)))


if __name__ == "__main__":
    main()

"""Bots that die at a given step of a report's life, and the process above them that starts them.

Usage: python -m tests.e2e.mortal

Each line of its input is an `Order` as JSON. What it prints is a number, that of the order, and one of the words below;
`STARTED` with the number of the process. What takes long to import is imported once, before the first order.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from bot.app import open_app
from bot.client import FaqtotumBot
from bot.cogs.report.board import ChannelBoard
from bot.config import Config
from bot.plots import plot_report
from bot.sandbox import redirected
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.services.made_reports import made_report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import App
    from bot.sandbox import Sandbox

STARTED, STEP, LOOKED, ENDED = "started", "step", "looked", "ended"
"""`STEP`: the process has come to the step at which it is to die or to stop. `LOOKED`: it has looked whether a report
is due, and posted one or not. `ENDED`: with the signal that killed it."""
STEPS = (
    "before the claim",
    "after the claim",
    "in the middle of mining",
    "before the report is kept",
    "after the report is kept",
    "before it is posted",
    "before it is finished",
    "after it is finished",
)
"""Those to which a process comes by itself; that Discord has a message is for Discord to say."""


@dataclass(frozen=True)
class Order:
    """What a process is to do.

    Attributes:
        number: Names it.
        rest: Where Discord is, likewise `gateway` and `base`.
        gateway: See there.
        base: See there.
        token: The bot's.
        settings: The configuration.
        now: The time, in ISO format; it stands still.
        step: Where it dies, one of `STEPS`; empty for nowhere.
        by: The signal that does it: SIGKILL, or SIGSTOP for a process that goes on later.
    """

    number: int
    rest: str
    gateway: str
    base: str
    token: str
    settings: dict[str, Any]
    now: str
    step: str = ""
    by: int = signal.SIGKILL


@dataclass
class Discord:
    """Where a sandbox of another process is, for `redirected`."""

    rest_url: str
    gateway_url: str
    base_url: str


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


LATE = ("scipy.cluster.hierarchy", "sklearn.linear_model", "bot.cogs")
"""What bots import when they first need it, which here would be each of them again."""


def main() -> None:
    for name in LATE:
        importlib.import_module(name)
    # matplotlib looks through all fonts when it draws for the first time.
    plot_report(made_report([3]), {1: "Why?"})
    for line in sys.stdin:
        order = Order(**json.loads(line))
        if os.fork():
            continue
        # One process waits for another, so that this one can go on reading.
        if number := os.fork():
            say(order.number, STARTED, number)
            _, status = os.waitpid(number, 0)
            say(order.number, ENDED, os.WTERMSIG(status))
            os._exit(0)
        asyncio.run(live(order))
        os._exit(1)


async def live(order: Order) -> None:
    discord = cast("Sandbox", Discord(order.rest, order.gateway, order.base))
    clock = FrozenClock(datetime.fromisoformat(order.now))
    async with AsyncExitStack() as stack:
        stack.enter_context(redirected(discord))
        config = Config.from_mapping(order.settings)
        app = await stack.enter_async_context(open_app(config, clock=clock, embedder=HashEmbedder()))
        lay_traps(app, order)
        bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=0.05))
        await bot.start(order.token)


def lay_traps(app: App, order: Order) -> None:
    """Have the process say when it has looked for a report, and die at its step."""

    def trap(owner: object, name: str, *, before: str = "", after: str = "") -> None:
        work: Callable[..., Awaitable[object]] = getattr(owner, name)

        async def trapped(*args: Any, **more: Any) -> object:  # noqa: ANN401 - whatever it takes
            come_to(before, order)
            result = await work(*args, **more)
            come_to(after, order)
            return result

        setattr(owner, name, trapped)

    trap(app.reports, "claim_report", before=STEPS[0], after=STEPS[1])
    # Some pairs are kept by now, and not yet that their texts are mined.
    trap(app.reports, "keep_pairs", after=STEPS[2])
    trap(app.reports, "keep_report", before=STEPS[3], after=STEPS[4])
    trap(ChannelBoard, "post", before=STEPS[5])
    trap(app.reports, "finish_report", before=STEPS[6], after=STEPS[7])
    look = app.nightly.post_due

    async def look_and_say(*args: Any) -> bool:  # noqa: ANN401 - likewise
        posted = await look(*args)
        say(order.number, LOOKED, posted)
        return posted

    app.nightly.post_due = look_and_say  # type: ignore[method-assign]


_stopped = set[str]()


def come_to(step: str, order: Order) -> None:
    if step and step == order.step and step not in _stopped:
        _stopped.add(step)
        say(order.number, STEP)
        os.kill(os.getpid(), order.by)


if __name__ == "__main__":
    main()

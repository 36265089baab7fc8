"""``faqtotum demo``: the real bot on a Discord of its own, and a member's seat in this terminal."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ..app import open_app
from ..client import FaqtotumBot
from ..config import Config
from ..core.errors import FaqtotumError
from ..sandbox import Sandbox, Seat, World, redirected
from .common import describe, embedding_progress
from .run import connect
from .terminal import Terminal, lines_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from ..sandbox import Application, Channel, User

_TOKEN = "demo"  # noqa: S105 - the loopback Discord has no secrets
_READY_SECONDS = 30.0
"""The bot connects in well under a second; after this long something is broken."""
_GUILDS_SECONDS = 0.1
"""How long discord.py waits for further servers before it is ready: on loopback they come at once."""


@dataclass(frozen=True, slots=True)
class Town:
    """The demo's little world: one server, two channels and a forum, one member and the bot."""

    world: World
    you: User
    application: Application
    watched: Channel
    unwatched: Channel
    forum: Channel


def build_town() -> Town:
    """Return the demo's world as it is before anybody has said anything."""
    world = World()
    owner, you = world.add_user("olga", global_name="Olga"), world.add_user("you", global_name="You")
    guild = world.add_guild("Faqtotum's demo", owner=owner)
    application = world.add_application("Faqtotum", token=_TOKEN, message_content=True)
    guild.add_member(you)
    guild.install(application)
    return Town(
        world,
        you,
        application,
        watched=guild.add_text_channel("help", topic="Faqtotum reads along here"),
        unwatched=guild.add_text_channel("lounge", topic="Faqtotum only answers when it is asked"),
        forum=guild.add_forum("questions"),
    )


def build_config(town: Town, folder: Path, faq: Path | None) -> Config:
    """Return the configuration for the demo's bot.

    Args:
        town: Its channels are watched.
        folder: The database goes here.
        faq: Folder of FAQ files, None for the shipped ones.
    """
    return Config.from_mapping(
        {
            "faq": {"files": [str((faq or shipped_faq()).resolve() / "*.y*ml")]},
            "discord": {"watch": [town.watched.id, town.forum.id]},
            # Whoever tries things out asks quickly, and more than once.
            "cooldown": {"channel_seconds": 0, "repeat_seconds": 20},
            "replies": {"show_similarity": True},
            "store": {"path": str(folder / "demo.sqlite3")},
        }
    )


def shipped_faq() -> Path:
    """Return the folder of the shipped FAQ files: inside an installed package, beside the package in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "faq_data"
    return inside if inside.is_dir() else package.parent / "faq_data"


def run(arguments: Namespace) -> int:
    """Run the command until the input ends; return the exit status."""
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR)
    asyncio.run(_demo(arguments.faq))
    return 0


async def _demo(faq: Path | None) -> None:
    console = Console(highlight=False)
    town = build_town()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faqtotum-demo-")))
        with embedding_progress() as on_progress:
            app = await stack.enter_async_context(open_app(build_config(town, folder, faq), on_progress=on_progress))
        sandbox = await stack.enter_async_context(Sandbox(town.world))
        stack.enter_context(redirected(sandbox))
        bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=_GUILDS_SECONDS))
        connection = asyncio.create_task(connect(bot, _TOKEN))
        stack.push_async_callback(_end, connection)
        await _until_ready(bot, connection)
        seat = await stack.enter_async_context(Seat(sandbox, town.you))
        terminal = Terminal(seat, town.application, [town.watched, town.unwatched, town.forum], console)
        _welcome(console.print, describe(app))
        await terminal.serve(lines_of(console, lambda: f"#{terminal.channel.name} > "))


async def _until_ready(bot: FaqtotumBot, connection: asyncio.Task[None]) -> None:
    ready = asyncio.create_task(bot.wait_until_ready())
    done, _ = await asyncio.wait({ready, connection}, timeout=_READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if connection in done:
        ready.cancel()
        await connection
    if ready not in done:
        ready.cancel()
        raise FaqtotumError("the demo's bot did not connect to the demo's Discord; run it with --verbose to see why")


async def _end(connection: asyncio.Task[None]) -> None:
    connection.cancel()
    await asyncio.wait([connection])


def _welcome(show: Callable[[str], None], knows: str) -> None:
    show("\n[bold]This is a Discord of its own, in this terminal.[/] The bot is real:")
    show(f"it knows {escape(knows)}.")
    show("You sit in [bold]#help[/], where it reads along. Try:\n")
    for line, what in (
        ("/ask Do I need to pay more after a raise?", "a slash command"),
        ("how do I get a new card?", "overheard: #help is watched"),
        ("nice weather today", "no question: no reply"),
        ("@Faqtotum what about the penalty", "asked: always gets something back"),
    ):
        show(f"  [cyan]{escape(line):<42}[/] [dim]{what}[/]")
    show("\n[dim]A number presses that button · #lounge goes to another channel · help · quit[/]\n")

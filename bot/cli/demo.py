"""``faqtotum demo``: the real bot on a Discord of its own, with seats in a browser and in this terminal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import webbrowser
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ..playground import is_built, is_loopback, open_playground
from ..sandbox import Seat
from .common import embedding_progress
from .terminal import Terminal, lines_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from ..playground import Playground

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Environment variables that name a screen, except on macOS and Windows, which have one."""
_WHATS = (
    "a slash command",
    "overheard: #help is watched",
    "no question: no reply",
    "asked: always gets something back",
)
"""What the lines to try show."""


def run(arguments: Namespace) -> int:
    """Run the command until the input ends; return the exit status."""
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR)
    with suppress(asyncio.CancelledError):
        asyncio.run(_demo(arguments))
    return 0


async def _demo(arguments: Namespace) -> None:
    console = Console(highlight=False)
    if task := asyncio.current_task():
        # As service managers and tests end it; what lies in the temporary folder is to be cleared away.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        with embedding_progress() as on_progress:
            opening = open_playground(arguments.faq, host=arguments.host, port=arguments.port, on_progress=on_progress)
            playground = await stack.enter_async_context(opening)
        console.print(f"\n[bold]This is a Discord of its own.[/] The bot is real: it knows {escape(playground.knows)}.")
        if not arguments.terminal:
            _announce_page(playground, console, host=arguments.host, may_open=not arguments.no_browser)
        if arguments.web_only:
            await asyncio.Event().wait()
        await _sit_down(playground, console)


def _announce_page(playground: Playground, console: Console, *, host: str, may_open: bool) -> None:
    if not is_built():
        console.print("[dim]The page is not built yet: install Node 20 or newer, then run make page.[/]")
        may_open = False
    # Whole, also where it is longer than the terminal is wide: it gets copied.
    console.print(f"The page: {escape(playground.address)}", soft_wrap=True)
    if not is_loopback(host):
        console.print("[yellow]Whoever reaches this machine and has that address can play too, as anybody.[/]")
    if may_open and sys.stdin.isatty() and _has_screen():
        webbrowser.open(playground.address)


def _has_screen() -> bool:
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in _SCREENS)


async def _sit_down(playground: Playground, console: Console) -> None:
    town = playground.town
    async with Seat(playground.sandbox, town.you) as seat:
        terminal = Terminal(seat, town.application, [town.watched, town.unwatched, town.forum], console)
        _welcome(playground.tries, console)
        await terminal.serve(lines_of(console, lambda: f"#{terminal.channel.name} > "))


def _welcome(tries: Sequence[str], console: Console) -> None:
    console.print("You sit in [bold]#help[/], where it reads along. Try:\n")
    for line, what in zip(tries, _WHATS, strict=True):
        console.print(f"  [cyan]{escape(f'{line:<42}')}[/] [dim]{what}[/]")
    console.print("\n[dim]A number presses that button · #lounge goes to another channel · help · quit[/]\n")

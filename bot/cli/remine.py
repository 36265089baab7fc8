"""``faqtotum remine``: embed and compare all logged questions once more."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console

from ..app import open_app
from ..core.errors import InvalidInputError, Problem
from ..core.speech import counted, verbatim
from ..stores import has_database
from .common import load_config, steps_progress

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator

    from ..config import Config

    Show = Callable[[str, int, int], None]

_LINES = 10
"""How often one is told how far a step is, where there is no bar to watch."""


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    config = load_config(arguments.config)
    if not has_database(config.store.path):
        message = "there is no database, so no question was logged yet; start the bot first"
        raise InvalidInputError([Problem(str(config.store.path), 0, verbatim(message))])
    with _progress() as show:
        embedded, pairs = asyncio.run(_remine(config, arguments.guild, show))
    console = Console(highlight=False)
    if embedded:
        told = counted("{count} question was embedded again", "{count} questions were embedded again", embedded)
        console.print(str(told))
    for guild_id, count in pairs.items():
        console.print(f"server {guild_id}: {counted('{count} pair', '{count} pairs', count)}")
    if not pairs:
        console.print("No question of any server is logged.")
    return 0


async def _remine(config: Config, guild_id: int | None, show: Show) -> tuple[int, dict[int, int]]:
    """Return how many questions were embedded again, and how many pairs were found, by server."""
    async with open_app(config, on_progress=partial(show, "Embedding the FAQ")) as app:
        guilds = await app.reports.read_guilds()
        if guild_id is not None and guild_id not in guilds:
            message = f"no question of the server {guild_id} is logged; leave it out for all servers"
            raise InvalidInputError([Problem("--guild", 0, verbatim(message))])
        embedded = await app.renewer.renew(partial(show, "Embedding questions of another model"))
        pairs: dict[int, int] = {}
        for one in guilds if guild_id is None else [guild_id]:
            pairs[one] = await app.reporter.remine(one, partial(show, f"Comparing the questions of server {one}"))
        return embedded, pairs


@contextmanager
def _progress() -> Generator[Show]:
    """Show, on the error stream, a bar for one step after the other, or a line now and then where nobody can watch it.

    Yields:
        Takes what is being done, how much of it is done and how much there is to do.
    """
    if Console(stderr=True).is_terminal:
        with steps_progress() as show:
            yield show
        return
    told = ("", -1)

    def tell(step: str, done: int, total: int) -> None:
        nonlocal told
        now = step, done * _LINES // max(total, 1)
        if now != told:
            print(f"{step}: {done} of {total}", file=sys.stderr, flush=True)  # noqa: T201 - for a service's log
            told = now

    yield tell

"""Import a server's past, each time in a process of its own, until somebody kills that.

Usage: python -m tests.e2e.import_when_told

What `killing` calls a database is a job here, as JSON.
"""

import io
import json

from discord.http import Route
from rich.console import Console

from bot.cli.import_history import Wanted, import_history
from bot.config import Config
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.stores.killing import work_when_told


async def work(job: str, _: int) -> None:
    told = json.loads(job)
    Route.BASE = told["rest_url"]
    await import_history(
        Config.from_mapping(told["config"]),
        told["token"],
        Wanted(told["guild"], tuple(told["channels"])),
        Console(file=io.StringIO()),
        clock=FrozenClock(),
        embedder=HashEmbedder(),
    )


if __name__ == "__main__":
    work_when_told(work)

"""``faqtotum import-history``: what was asked in a server before the bot listened, for the first report."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..app import build_settings, open_app, read_author_key
from ..core.speech import number_of
from ..history import open_history
from ..services import HistoryError, HistoryImporter, Tally, is_known_key, require_log
from ..stores import open_sqlite
from .common import embedding_progress, load_config
from .run import explaining, read_token

if TYPE_CHECKING:
    from argparse import Namespace
    from types import TracebackType
    from typing import Self

    from ..config import Config
    from ..core.ports import Clock, Embedder
    from ..services import Imported

_FAILED, _INTERRUPTED = 1, 130
"""As `main` has them."""
_OTHER_KEY = (
    "nothing was read: the key of the askers' pseudonyms is not the bot's, so that members who opted out would not be "
    "recognised, and nobody could delete what is logged. Give this command the bot's key (FAQTOTUM_AUTHOR_KEY, "
    "store.author_key, or author.key beside the database); if that is lost, run `faqtotum check --accept-key` first"
)
LINE_EVERY = 10_000
"""Messages after which a long channel gets another line, for whoever watches no spinner."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read.

    Attributes:
        guild_id: The server.
        channel_ids: The channels; none means those in which the bot reads along.
        days: How far back; None means as far as questions are kept.
    """

    guild_id: int
    channel_ids: tuple[int, ...] = ()
    days: int | None = None


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status: 1 if anything could not be read."""
    # A line for every rate limit that is waited out, or text that is cut, would bury the rest.
    logging.basicConfig(level=logging.ERROR)
    console = Console(soft_wrap=True, highlight=False)
    wanted = Wanted(arguments.guild, tuple(dict.fromkeys(arguments.channel or ())), arguments.days)
    token, config = read_token(), load_config(arguments.config)
    try:
        imported = asyncio.run(import_history(config, token, wanted, console))
    except KeyboardInterrupt:
        console.print("Stopped. What was read is kept, and the next run goes on from there.")
        return _INTERRUPTED
    return _FAILED if imported.problems else 0


async def import_history(
    config: Config,
    token: str,
    wanted: Wanted,
    console: Console,
    *,
    clock: Clock | None = None,
    embedder: Embedder | None = None,
) -> Imported:
    """Read what is wanted into the log, and say what came of it.

    Args:
        config: What to open.
        token: The bot's token.
        wanted: What to read.
        console: Where people see how far it has come.
        clock: See `open_app`.
        embedder: See `open_app`.

    Raises:
        FaqtotumError: Something is missing or wrong; the message says what to do.
    """
    require_log(build_settings(config, wanted.guild_id))
    await _require_key(config)
    async with AsyncExitStack() as stack:
        with explaining():
            history = await stack.enter_async_context(open_history(token, wanted.guild_id))
        with embedding_progress() as on_progress:
            app = await stack.enter_async_context(
                open_app(config, clock=clock, embedder=embedder, on_progress=on_progress)
            )
        importer = HistoryImporter(app.answerer, app.store, app.clock, app.settings)
        channels = wanted.channel_ids or await importer.choose_channels(history)
        kept = app.privacy.retention.days
        days = min(wanted.days or kept, kept)
        _begin(console, wanted, len(channels), days, kept)
        with _Display(console) as display:
            imported = await importer.run(history, channels, app.clock.now() - timedelta(days=days), display.show)
    _end(console, imported)
    return imported


async def _require_key(config: Config) -> None:
    """Make sure that members are known by the same pseudonyms as to the bot, before another key is taken for theirs.

    Raises:
        HistoryError: They are not.
    """
    if not config.store.path.exists():
        return
    async with open_sqlite(config.store.path) as store:
        if not await is_known_key(store, read_author_key(config)):
            raise HistoryError(_OTHER_KEY)


def _begin(console: Console, wanted: Wanted, channels: int, days: int, kept: int) -> None:
    where, back = number_of(channels, "channel", "channels"), number_of(days, "day", "days")
    console.print(f"Reading {where} of server {wanted.guild_id}, {back} back")
    if wanted.days is None or wanted.days > kept:
        console.print(f"(store.retention_days is {kept}: older questions would be deleted again within the hour)")


def _end(console: Console, imported: Imported) -> None:
    tally = imported.tally
    console.print(f"Done: {_describe(tally)}")
    if tally.found > tally.logged:
        console.print(
            f"{tally.found - tally.logged:,} more were in the log already, or of members who want nothing kept"
        )
    for problem in imported.problems:
        console.print(f"✗ {problem}", markup=False)
    if imported.problems:
        console.print("All the others were read.")
    if tally.logged:
        console.print("Type /report now in the server to see which questions keep coming back")


def _describe(tally: Tally) -> str:
    return f"messages read: {tally.read:,}, questions logged: {tally.logged:,}"


class _Display:
    """Shows how far an import has come: a line for each channel, and in a terminal one that changes below them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("")
        self._channel = ""
        self._said = ""
        self._lines = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        self._print()

    def show(self, channel: str, tally: Tally) -> None:
        """Take what the importer tells."""
        lines = tally.read // LINE_EVERY
        if channel != self._channel or lines > self._lines:
            self._print()
        self._channel, self._lines = channel, lines
        self._said = f"{channel}: {_describe(tally)}"
        self._progress.update(self._task, description=self._said)

    def _print(self) -> None:
        if self._said:
            self._console.print(self._said, markup=False)

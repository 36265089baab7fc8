"""A server's past: what was asked before the bot listened goes into the log, so that the first report has a week.

The rows are like those of questions that the bot overheard and was silent about: reports count them as not answered
(today's FAQ decides what their topics mean, see `topics`), previews ask them of both FAQs, and the priors are learnt
from them as from any other question. Nothing tells them apart from the rest but that nobody waited for them. Where the
bot's own reply stands in the history, they count as replied to.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .past import HistoryError, PlaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..core.ports import Clock, Store
    from .answering import Answerer
    from .past import History, Page, PastMessage, Place
    from .settings import GuildSettings, Settings

SETTLED = timedelta(minutes=15)
"""Age from which on a question is read from the history. Younger ones belong to a bot that may be running: it logs them
after its reply, which a lost connection or a rate limit holds up for some minutes."""

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT = 22
"""Discord's ids hold milliseconds since 2015 above 22 other bits (its documentation, "Snowflakes")."""


@dataclass(slots=True)
class Tally:
    """How far an import has come.

    Attributes:
        read: Messages read.
        found: Questions among them that are old enough.
        logged: Of these, those that were not in the log and are now.
    """

    read: int = 0
    found: int = 0
    logged: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        tally: How much was read and logged.
        problems: What could not be read, and what to do about it.
    """

    tally: Tally
    problems: tuple[PlaceError, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a place already: every message from the id `first` to the id `last`."""

    first: int
    last: int

    @classmethod
    def of_note(cls, note: str | None) -> _Read | None:
        if note is None:
            return None
        first, last = note.split()
        return cls(int(first), int(last))

    def __str__(self) -> str:
        return f"{self.first} {self.last}"


def require_log(settings: GuildSettings) -> None:
    """Make sure that a server keeps a log.

    Raises:
        HistoryError: It keeps none.
    """
    if not settings.log_questions:
        raise HistoryError(
            "nothing is kept of what is asked here, so nothing was read: set store.log_questions to true first"
        )


class HistoryImporter:
    """Reads the history of servers into the log.

    What is done is noted for each place. Whoever is interrupted goes on there the next time, and nothing is logged
    twice: neither what an earlier run has logged, nor what the bot has.

    A message that is deleted in the moments between its reading and its logging stays in the log; that of somebody who
    wants nothing kept never gets there (see `Store.add_question`).

    Args:
        answerer: Says what is a question, and judges it.
        store: Has the log and the notes.
        clock: Says what is old enough.
        settings: Say where the bot reads along.
    """

    def __init__(self, answerer: Answerer, store: Store, clock: Clock, settings: Settings) -> None:
        self._answerer = answerer
        self._store = store
        self._clock = clock
        self._settings = settings

    async def choose_channels(self, history: History) -> tuple[int, ...]:
        """Return the channels of a server in which the bot reads along.

        Raises:
            HistoryError: There are none, or nothing can be read at the moment.
        """
        # The configuration may name the channels of several servers in one list.
        overheard = sorted(self._settings.read(history.guild_id).overheard_in)
        channels = tuple([one for one in overheard if not await history.is_elsewhere(one)])
        if not channels:
            raise HistoryError(
                f"the bot reads along in no channel of server {history.guild_id}: name channels with --channel ID, or "
                "watch some with /settings or discord.watch"
            )
        return channels

    async def run(
        self,
        history: History,
        channel_ids: Collection[int],
        since: datetime,
        on_progress: Callable[[str, Tally], None] | None = None,
    ) -> Imported:
        """Log the questions that were asked in some channels.

        Args:
            history: Where the messages come from.
            channel_ids: The channels; their public threads and posts count as well.
            since: What was asked before is left out.
            on_progress: Called after each page, with the channel's name and how far all of it has come.

        Raises:
            HistoryError: Nothing can be read (any more); what was read is logged and noted.
            EmbedderUnavailableError: The model failed; likewise.
            StoreUnavailableError: The database failed; likewise.
        """
        require_log(self._settings.read(history.guild_id))
        tally, problems = Tally(), list[PlaceError]()
        first, settled = _first_id(since), _first_id(self._clock.now() - SETTLED) - 1

        reader = _Reader(self._answerer, self._store, settled, tally, on_progress)
        for channel_id in channel_ids:
            try:
                async with aclosing(history.find_places(channel_id, since)) as places:
                    async for place in places:
                        try:
                            await reader.read(place, f"history of {history.guild_id} in {place.id}", first)
                        except PlaceError as error:
                            problems.append(error)
            except PlaceError as error:
                problems.append(error)
        return Imported(tally, tuple(problems))


class _Reader:
    """Reads one place after the other.

    Args:
        answerer: See HistoryImporter.
        store: See HistoryImporter.
        settled: The largest id of a question that is old enough.
        tally: Counts.
        on_progress: See HistoryImporter.
    """

    def __init__(
        self,
        answerer: Answerer,
        store: Store,
        settled: int,
        tally: Tally,
        on_progress: Callable[[str, Tally], None] | None,
    ) -> None:
        self._answerer = answerer
        self._store = store
        self._settled = settled
        self._tally = tally
        self._on_progress = on_progress

    async def read(self, place: Place, key: str, first: int) -> None:
        """Read what nobody has read yet of a place.

        Args:
            place: The place.
            key: Under which it is noted how far it was read.
            first: The smallest id that is wanted.
        """
        done = _Read.of_note(await self._store.read_note(key))
        if done is None or not done.first <= first <= done.last + 1:
            # What lies between could not be told from what was read; reading it once more changes nothing.
            done = _Read(first, first - 1)
        if place.newest is not None and place.newest <= done.last:
            return
        page = await place.read_page(done.last)
        while True:
            if page.messages:
                done = _Read(done.first, max(done.last, min(page.messages[-1].id, self._settled)))
            if page.is_last:
                await self._keep(place, page, key, done)
                return
            # The model and Discord take about as long as each other; neither needs to wait.
            coming = asyncio.create_task(place.read_page(page.messages[-1].id))
            try:
                await self._keep(place, page, key, done)
            except BaseException:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
                raise
            page = await coming

    async def _keep(self, place: Place, page: Page, key: str, done: _Read) -> None:
        """Log what a page holds, and only then note that it was read."""
        await self._log(page.messages)
        # Of several replies to one message the first counts.
        replies = {one.replies_to: one.id for one in reversed(page.messages) if one.replies_to is not None}
        if replies:
            # They may stand on a later page than the question, and come long after it.
            await self._store.note_replies(replies)
        await self._store.write_note(key, str(done))
        self._tally.read += len(page.messages)
        if self._on_progress:
            self._on_progress(place.channel_name, self._tally)

    async def _log(self, messages: Sequence[PastMessage]) -> None:
        asked = [(one, one.query) for one in messages if one.query and one.id <= self._settled]
        asked = [(one, query) for one, query in asked if self._answerer.wants(query)]
        self._tally.found += len(asked)
        logged = await self._store.find_logged([one.id for one, _ in asked])
        if len(logged) == len(asked):
            return
        # All of a page at once, also what is in the log already: the last bits of an embedding depend on its batch, and
        # a page that was begun before an interruption shall come to the same as one that was not.
        judged = await asyncio.gather(*(self._answerer.judge_past(query, one.written_at) for one, query in asked))
        for question in judged:
            if question is not None:
                self._tally.logged += await self._store.add_question(question, once=True) is not None


def _first_id(time: datetime) -> int:
    """Return the smallest id that a message of that millisecond can have."""
    return max(0, (time - _EPOCH) // timedelta(milliseconds=1)) << _TIME_SHIFT

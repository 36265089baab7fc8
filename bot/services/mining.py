"""Keeping the pairs of logged questions that mean the same: each night the new ones against all."""

from __future__ import annotations

import asyncio
import os
import tempfile
from array import array
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import StoreUnavailableError
from ..core.reports import Mining
from ..mining import mine_pairs
from .keeping import ID, PAGE, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import BinaryIO

    from ..core.ports import Embedder, Reports
    from ..core.reports import TextRows
    from ..core.types import Embeddings
    from ..mining import Pairs
    from .keeping import KeptTexts

BLOCKS_KEPT = 1
"""Blocks of pairs, of some thousand each, written in one transaction; a question that is logged meanwhile waits for it,
some tens of milliseconds."""
MOST_RESTARTS = 5
"""Of one mining, in which others may begin anew too: more than those who agree about the model ever need."""


class Miner:
    """Mines the questions of servers.

    Args:
        reports: Keeps texts and pairs.
        embedder: The model in use; what another one embedded is not compared.
    """

    def __init__(self, reports: Reports, embedder: Embedder) -> None:
        self._reports = reports
        self._embedder = embedder
        self._keeper = Keeper(reports, embedder.model_id)
        self._mining = asyncio.Lock()

    @property
    def model_id(self) -> str:
        """The model in use."""
        return self._embedder.model_id

    async def mine(
        self,
        guild_id: int,
        threshold: float,
        *,
        anew: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Compare the texts that nobody has compared yet with all of a server; return how many pairs were found.

        What was mined before stays, unless another model or a higher threshold found it. If it is interrupted, the next
        time goes on. Other processes may do the same at the same time: who was overtaken begins again with what the
        other left to do, so that no pair is missed.

        Args:
            guild_id: The server.
            threshold: The lowest similarity of a pair.
            anew: Compare everything once more.
            on_progress: Called with texts done and texts in all, of those that nobody has compared; from a thread, and
                from the beginning where somebody else came in between.

        Raises:
            StoreUnavailableError: The database or the folder for temporary files failed, or other processes use another
                model on the database at the same time.
        """
        async with self._mining:
            await self._reports.assign_texts(guild_id, self._embedder.model_id)
            restarts = 0
            while restarts <= MOST_RESTARTS:
                mining = await self._reports.read_mining(guild_id)
                if mining is None or anew or not self._will_do(mining, threshold):
                    how = Mining(self._embedder.model_id, threshold)
                    await self._reports.restart_mining(guild_id, how, anew=anew)
                    # Should somebody else have begun anew after this, that is anew too.
                    anew = False
                    restarts += 1
                    continue
                with _temporary_file() as file:
                    found = await self._mine(guild_id, mining, _Rows(file, self._embedder.dim), on_progress)
                if found is not None:
                    return found
            raise StoreUnavailableError(
                f"several processes compare the questions of server {guild_id} by different models; "
                "give all that share a database the same `model`"
            )

    def _will_do(self, mining: Mining, threshold: float) -> bool:
        return mining.model_id == self._embedder.model_id and mining.threshold <= threshold

    async def _mine(
        self, guild_id: int, mining: Mining, rows: _Rows, on_progress: Callable[[int, int], None] | None
    ) -> int | None:
        """Mine what is not mined yet; return how many pairs were found, None if somebody else came in between."""
        found, generation, done = 0, mining.generation, 0
        total = await self._reports.count_unmined(guild_id, self._embedder.model_id)
        earlier: KeptTexts | _Rows | None = None
        # Read after the generation, as everything here: while that stays, nobody else has mined a thing.
        while new := await self._read(guild_id, mined=False):
            if earlier is None:
                earlier = await self._keeper.read(guild_id) or await self._fill(guild_id, rows)
            ids = earlier.ids + array(ID, new.ids)
            tell = on_progress and _part_of(on_progress, done, len(new.ids), total)
            blocks = earlier.mine(new.embeddings, mining.threshold, tell)
            while kept := await asyncio.to_thread(_take, blocks):
                if await self._reports.keep_pairs(guild_id, generation, list(_named(kept, ids)), ()) is None:
                    return None
                found += sum(map(len, kept))
            # Last, so that what is interrupted before is mined again: to keep a pair twice changes nothing.
            following = await self._reports.keep_pairs(guild_id, generation, (), new.ids)
            if following is None:
                return None
            generation = following
            await asyncio.to_thread(earlier.append, new)
            done += len(new.ids)
        return found

    async def _fill(self, guild_id: int, rows: _Rows) -> _Rows:
        while page := await self._read(guild_id, mined=True, after=rows.ids[-1] if rows.ids else 0):
            # A disk that is behind with writing would hold up everything.
            await asyncio.to_thread(rows.append, page)
        return rows

    async def _read(self, guild_id: int, *, mined: bool, after: int = 0) -> TextRows | None:
        page = await self._reports.read_texts(guild_id, self._embedder.model_id, mined=mined, after=after, limit=PAGE)
        return page if page.ids else None


def _take(blocks: Iterator[Pairs]) -> list[Pairs]:
    return list(islice(blocks, BLOCKS_KEPT))


def _part_of(
    on_progress: Callable[[int, int], None], before: int, count: int, total: int
) -> Callable[[int, int], None]:
    """Return what tells the progress of a page's rows as that of all texts."""
    # Texts may have come since they were counted.
    whole = max(total, before + count)
    return lambda done, rows: on_progress(before + count * done // rows, whole)


@contextmanager
def _temporary_file() -> Generator[BinaryIO]:
    try:
        file = tempfile.TemporaryFile(prefix="faqtotum-")  # noqa: SIM115 - closing it may fail
    except OSError as error:
        raise _no_room(error) from error
    try:
        yield file
    finally:
        # It writes what is left to be written, which nobody needs any more, and fails where there is no room.
        with suppress(OSError):
            file.close()


def _no_room(error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"no temporary file can be written, which comparing questions takes ({error}); "
        "free some space, or name a folder that has some with TMPDIR"
    )


class _Rows:
    """Embeddings in a file, read a block at a time (see `Rows`): as many as there are, in the memory of a few."""

    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, file: BinaryIO, dim: int) -> None:
        self.ids = array(ID)
        self._file = file
        self._dim = dim

    def mine(self, new: Embeddings, threshold: float, tell: Callable[[int, int], None] | None) -> Iterator[Pairs]:
        return mine_pairs(new, threshold, stored=self if self.ids else None, on_progress=tell)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.ids), self._dim

    def append(self, page: TextRows) -> None:
        self.ids.extend(page.ids)
        try:
            self._file.write(np.ascontiguousarray(page.embeddings, dtype=np.float32).tobytes())
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: slice, /) -> Embeddings:
        start, stop, _ = rows.indices(len(self))
        width = self._dim * self.dtype.itemsize
        # Not mapped into memory, of which it would be as large a part as the file is.
        read = os.pread(self._file.fileno(), (stop - start) * width, start * width)
        return np.frombuffer(read, dtype=np.float32).reshape(-1, self._dim)


def _named(blocks: list[Pairs], ids: Sequence[int]) -> Iterator[tuple[int, int, float]]:
    """Yield pairs of texts instead of rows, the smaller id first."""
    for pairs in blocks:
        for first, second, similarity in zip(pairs.first, pairs.second, pairs.similarity, strict=True):
            one, other = ids[int(first)], ids[int(second)]
            yield min(one, other), max(one, other), float(similarity)

"""Keeping the pairs of logged questions that mean the same: each night the new ones against all."""

from __future__ import annotations

import asyncio
import os
import tempfile
from array import array
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..core.reports import Mining
from ..core.text import as_question
from ..mining import closest_each, mine_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from ..core.ports import Embedder, Reports
    from ..core.reports import TextRows
    from ..core.types import Embeddings
    from ..mining import Pairs

PAGE = 4096
"""Texts read, or mined, at once: 6 MiB of embeddings of 384 dimensions."""
BLOCKS_KEPT = 2
"""Blocks of pairs, of some thousand each, written in one transaction; a question that is logged meanwhile waits for it,
some tens of milliseconds."""
MOST_LIKES = 100
"""Older texts with which a text is kept as a pair, the closest ones. What is popular has thousands of them after some
months, and a night's pairs would fill more of the disk than its questions do. Who asks what a topic is close to asks
about all of its texts, so that hardly one is missed: in a made-up history of 100,000 questions, of the 2,890 that a
report counts as asked the week before, one."""
RENEWED = 64
"""Texts that are embedded again at once; a question that is asked meanwhile waits for them."""


class Miner:
    """Mines the questions of servers.

    Args:
        reports: Keeps texts and pairs.
        embedder: The model in use; what another one embedded is embedded again before it is compared.
    """

    def __init__(self, reports: Reports, embedder: Embedder) -> None:
        self._reports = reports
        self._embedder = embedder
        self._mining = asyncio.Lock()

    @property
    def model_id(self) -> str:
        """The model in use."""
        return self._embedder.model_id

    async def renew(self, on_progress: Callable[[int], None] | None = None) -> int:
        """Embed again what another model has embedded; return how many questions it was.

        Args:
            on_progress: Called with how many are done.
        """
        done = 0
        model_id = self._embedder.model_id
        while outdated := await self._reports.read_outdated(model_id, RENEWED):
            embeddings = await self._embedder.embed_queries([as_question(text) for _, text in outdated])
            rows = {row: embedding for (row, _), embedding in zip(outdated, embeddings, strict=True)}
            await self._reports.replace_embeddings(model_id, rows)
            done += len(outdated)
            if on_progress:
                on_progress(done)
        return done

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
        time goes on.

        Args:
            guild_id: The server.
            threshold: The lowest similarity of a pair.
            anew: Compare everything once more.
            on_progress: Called with rows done and rows in all, for each `PAGE` of new texts from the beginning.
        """
        async with self._mining:
            model_id = self._embedder.model_id
            await self._reports.assign_texts(guild_id, model_id)
            before = await self._reports.read_mining(guild_id)
            if anew or before is None or before.model_id != model_id or before.threshold > threshold:
                await self._reports.restart_mining(guild_id, Mining(model_id, threshold))
            else:
                threshold = before.threshold
            with tempfile.TemporaryFile(prefix="faqtotum-") as file:
                return await self._mine(guild_id, threshold, _Rows(file, self._embedder.dim), on_progress)

    async def _mine(
        self, guild_id: int, threshold: float, rows: _Rows, on_progress: Callable[[int, int], None] | None
    ) -> int:
        found = 0
        while new := await self._read(guild_id, mined=False):
            if not rows.ids:
                await self._fill(guild_id, rows)
            ids = rows.ids + array(_ID, new.ids)
            every = mine_pairs(new.embeddings, threshold, stored=rows.stored, on_progress=on_progress)
            blocks = closest_each(every, MOST_LIKES)
            while kept := await asyncio.to_thread(_take, blocks):
                await self._reports.keep_pairs(list(_named(kept, ids)), ())
                found += sum(map(len, kept))
            # Last, so that what is interrupted before is mined again: to keep a pair twice changes nothing.
            await self._reports.keep_pairs((), new.ids)
            await asyncio.to_thread(rows.append, new)
        return found

    async def _fill(self, guild_id: int, rows: _Rows) -> None:
        while page := await self._read(guild_id, mined=True, after=rows.ids[-1] if rows.ids else 0):
            # A disk that is behind with writing would hold up everything.
            await asyncio.to_thread(rows.append, page)

    async def _read(self, guild_id: int, *, mined: bool, after: int = 0) -> TextRows | None:
        page = await self._reports.read_texts(guild_id, self._embedder.model_id, mined=mined, after=after, limit=PAGE)
        return page if page.ids else None


def _take(blocks: Iterator[Pairs]) -> list[Pairs]:
    return list(islice(blocks, BLOCKS_KEPT))


_ID = "q"
"""Ids are 64 bits long, as the database's are: with Python's own numbers, a million of them would take 40 MB."""


class _Rows:
    """Embeddings in a file, read a block at a time (see `Rows`): as many as there are, in the memory of a few."""

    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, file: BinaryIO, dim: int) -> None:
        self.ids = array(_ID)
        self._file = file
        self._dim = dim

    @property
    def stored(self) -> _Rows | None:
        """All rows, None if there are none."""
        return self if self.ids else None

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.ids), self._dim

    def append(self, page: TextRows) -> None:
        self.ids.extend(page.ids)
        self._file.write(np.ascontiguousarray(page.embeddings, dtype=np.float32).tobytes())
        self._file.flush()

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

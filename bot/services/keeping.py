"""Codes of servers' texts, kept from night to night, so that only texts that may be similar are read each night.

In memory only, so that nothing is on the disk of what a member has deleted; it is out of memory too with the next night
that has new texts, or with the process.
"""

from __future__ import annotations

import asyncio
from array import array
from typing import TYPE_CHECKING

import numpy as np

from ..mining import KeptCodes, can_keep_codes, mine_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ..core.ports import Reports
    from ..core.reports import TextRows
    from ..core.types import Embeddings
    from ..mining import Pairs

KEPT_FROM = 10_000
"""Texts from which on codes are kept: reading fewer takes a tenth of a second."""
KEPT_MOST = 250_000
"""Texts of all servers of which codes are kept: 36 MiB. A longer history is read each night."""
SAMPLE = 4096
"""Texts by which axes are chosen."""
PAGE = 4096
"""Texts read at once: 6 MiB of embeddings of 384 dimensions."""
ID = "q"
"""Ids are 64 bits long, as the database's are: with Python's own numbers, a million of them would take 40 MB."""
_UNKNOWN = 0
"""No question: an embedding that came without the row of its own is read again the next time."""


class KeptTexts:
    """A server's mined texts: their ids and codes, but not their embeddings.

    Args:
        reports: Keeps the texts.
        codes: Of no rows yet.
    """

    def __init__(self, reports: Reports, codes: KeptCodes) -> None:
        self.ids = array(ID)
        self.codes = codes
        self._questions = array(ID)
        self._reports = reports
        self._loop = asyncio.get_running_loop()

    def mine(self, new: Embeddings, threshold: float, tell: Callable[[int, int], None] | None) -> Iterator[Pairs]:
        """Return what `mine_pairs` returns; not to be iterated over in the event loop's thread, which reads texts."""
        return mine_night(new, threshold, self.codes, self, on_progress=tell)

    def append(self, page: TextRows, questions: NDArray[np.int64] | None = None) -> None:
        """Add texts below the others.

        Args:
            page: The texts.
            questions: The rows of the questions whose embeddings they are, as far as known.
        """
        self.codes.append(page.embeddings)
        self.ids.extend(page.ids)
        self._questions.extend([_UNKNOWN] * len(page.ids) if questions is None else questions.tolist())

    def keep(self, mined: NDArray[np.int64]) -> NDArray[np.int64]:
        """Forget all texts but those that are still what they were; return those that are missing then.

        Args:
            mined: As `read_mined` returns it; the missing ones are rows of it.
        """
        ids, questions = np.array(self.ids, dtype=np.int64), np.array(self._questions, dtype=np.int64)
        places = np.minimum(np.searchsorted(mined[:, 0], ids), len(mined) - 1)
        same = (mined[places] == np.stack([ids, questions], axis=1)).all(axis=1)
        self.codes.keep(same)
        self.ids, self._questions = array(ID, ids[same].tolist()), array(ID, questions[same].tolist())
        missing = np.ones(len(mined), dtype=np.bool_)
        missing[places[same]] = False
        return mined[missing]

    def __getitem__(self, places: NDArray[np.intp], /) -> Embeddings:
        ids = np.array([self.ids[place] for place in places.tolist()], dtype=np.int64)
        found = asyncio.run_coroutine_threadsafe(self._reports.find_texts(ids.tolist()), self._loop).result()
        rows = np.zeros((len(ids), self.codes.dim), dtype=np.float32)
        if found.ids:
            order = np.argsort(ids)
            rows[order[np.searchsorted(ids, found.ids, sorter=order)]] = found.embeddings
        return rows


class Keeper:
    """Keeps the codes of servers' mined texts.

    Args:
        reports: Keeps the texts.
        model_id: The model of their embeddings.
    """

    def __init__(self, reports: Reports, model_id: str) -> None:
        self._reports = reports
        self._model_id = model_id
        self._kept: dict[int, KeptTexts] = {}

    async def read(self, guild_id: int) -> KeptTexts | None:
        """Return a server's mined texts as they are now, None if there are too few or too many of them.

        Those of which nothing is kept are read.
        """
        kept = self._kept.pop(guild_id, None)
        mined = await self._reports.read_mined(guild_id, self._model_id)
        others = sum(len(other.ids) for other in self._kept.values())
        if len(mined) < KEPT_FROM or len(mined) + others > KEPT_MOST or not await asyncio.to_thread(can_keep_codes):
            return None
        missing = mined if kept is None else kept.keep(mined)
        if kept is None or kept.codes.is_worn:
            sample = await self._reports.find_texts(mined[:: -(-len(mined) // SAMPLE), 0].tolist())
            if not sample.ids:
                return None
            kept = KeptTexts(self._reports, await asyncio.to_thread(KeptCodes, sample.embeddings, len(mined)))
            missing = mined
        for start in range(0, len(missing), PAGE):
            part = missing[start : start + PAGE]
            page = await self._reports.find_texts(part[:, 0].tolist())
            if page.ids:
                await asyncio.to_thread(kept.append, page, part[np.searchsorted(part[:, 0], page.ids), 1])
        # Not before it is whole: who breaks off begins anew.
        self._kept[guild_id] = kept
        return kept

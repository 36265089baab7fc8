"""Embedding again what another model has embedded, while the bot goes on answering."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from ..core.text import as_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.ports import Embedder, Reports

_log = logging.getLogger(__name__)

BATCH = 16
"""Texts embedded at once: a question that is asked meanwhile waits for no more than them. With 64 it waited five times
as long, and all of them together were not done sooner (all-MiniLM-L6-v2, one thread, lines of chatter)."""
TOLD = 10
"""How often it is told how far it is."""


class Renewer:
    """Has everything embedded by the model in use: questions, and what is to be ignored.

    Nothing is compared across models, so that what is not embedded again yet is left out of reports.

    Args:
        reports: Keeps the texts.
        embedder: The model in use.
    """

    def __init__(self, reports: Reports, embedder: Embedder) -> None:
        self._reports = reports
        self._embedder = embedder
        self._renewing = asyncio.Lock()
        self._progress: tuple[int, int] | None = None

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many texts are done and how many there are in all, while this process is at it."""
        return self._progress

    async def count_outdated(self) -> int:
        """Return how many texts were embedded by another model, whoever embeds them again."""
        return await self._reports.count_outdated(self._embedder.model_id)

    async def renew(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """Embed again what another model has embedded; return how many texts it was.

        If it is interrupted, the next time goes on. Who comes while it is under way waits for it.

        Args:
            on_progress: Called with texts done and texts in all.

        Raises:
            EmbedderUnavailableError: The model failed; what was done stays done.
            StoreUnavailableError: The database failed, likewise.
        """
        async with self._renewing:
            total = await self.count_outdated()
            if not total:
                return 0
            _log.info("%d questions were embedded by another model and are embedded again", total)
            try:
                done = await self._renew(total, on_progress)
            finally:
                self._progress = None
            _log.info("%d questions were embedded again", done)
            return done

    async def _renew(self, total: int, on_progress: Callable[[int, int], None] | None) -> int:
        done = 0
        # No more than there were: another process that uses the other model may do the same the other way round.
        while done < total and (count := await self._embed_some(min(BATCH, total - done))):
            if (done + count) * TOLD // total > done * TOLD // total and done + count < total:
                _log.info("%d of %d questions are embedded again", done + count, total)
            done += count
            self._progress = done, total
            if on_progress:
                on_progress(done, total)
        return done

    async def _embed_some(self, limit: int) -> int:
        """Embed some of the texts again; return how many, 0 if there are none."""
        model_id, replace = self._embedder.model_id, self._reports.replace_embeddings
        texts = await self._reports.read_outdated(model_id, limit)
        if not texts:
            texts, replace = await self._reports.read_outdated_ignored(model_id, limit), self._reports.replace_ignored
        if texts:
            embeddings = await self._embedder.embed_queries([as_question(text) for _, text in texts])
            await replace(model_id, {row: embedding for (row, _), embedding in zip(texts, embeddings, strict=True)})
        return len(texts)

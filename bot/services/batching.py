"""Questions that arrive together are embedded together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from ..core.ports import Embedder
    from ..core.types import Embeddings
    from ..core.vocabulary import Vocabulary

MAX_BATCH = 64
"""Texts in one call of the model. Beyond this a bigger batch is no faster per text and everyone in it waits longer."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    texts: tuple[str, ...]
    embeddings: asyncio.Future[Embeddings]


class BatchingEmbedder:
    """An Embedder that coalesces concurrent queries into batches for another one.

    The first question goes to the model at once; what arrives while the model works waits and goes together next. A
    failure reaches every question of the batch. Texts for the corpus pass straight through.

    Use it as an asynchronous context manager: leaving it fails whoever still waits.
    """

    def __init__(self, embedder: Embedder, max_batch: int = MAX_BATCH) -> None:
        self._embedder = embedder
        self._max_batch = max_batch
        self._waiting: list[_Waiter] = []
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def model_id(self) -> str:
        """See Embedder."""
        return self._embedder.model_id

    @property
    def dim(self) -> int:
        """See Embedder."""
        return self._embedder.dim

    @property
    def is_symmetric(self) -> bool:
        """See Embedder."""
        return self._embedder.is_symmetric

    @property
    def vocabulary(self) -> Vocabulary:
        """See Embedder."""
        return self._embedder.vocabulary

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder; a question never waits for more than the batch at work and its own."""
        if self._closed:
            raise EmbedderUnavailableError("the embedder is closed")
        waiter = _Waiter(tuple(texts), asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="faqtotum-batching")
        return await waiter.embeddings

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        """See Embedder."""
        return await self._embedder.embed_corpus(texts)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])
        _fail(self._waiting, EmbedderUnavailableError("the embedder was closed before the question's turn came"))

    async def _work(self) -> None:
        while batch := self._take():
            try:
                embeddings = await self._embedder.embed_queries([text for waiter in batch for text in waiter.texts])
            except asyncio.CancelledError:
                _fail(batch, EmbedderUnavailableError("the embedder was closed while it worked"))
                raise
            except Exception as error:  # noqa: BLE001 - handed over to every waiter, none may hang
                _fail(batch, error)
            else:
                _hand_out(batch, embeddings)

    def _take(self) -> list[_Waiter]:
        """Remove and return the waiters of the next batch, first come first served, at least one if any waits."""
        # Whoever has given up (a cancelled command) costs the model nothing.
        self._waiting = [waiter for waiter in self._waiting if not waiter.embeddings.done()]
        batch: list[_Waiter] = []
        room = self._max_batch
        while self._waiting and (not batch or len(self._waiting[0].texts) <= room):
            room -= len(self._waiting[0].texts)
            batch.append(self._waiting.pop(0))
        return batch


def _hand_out(batch: Sequence[_Waiter], embeddings: Embeddings) -> None:
    start = 0
    for waiter in batch:
        end = start + len(waiter.texts)
        if not waiter.embeddings.done():
            waiter.embeddings.set_result(embeddings[start:end])
        start = end


def _fail(batch: Sequence[_Waiter], error: Exception) -> None:
    for waiter in batch:
        if not waiter.embeddings.done():
            waiter.embeddings.set_exception(error)

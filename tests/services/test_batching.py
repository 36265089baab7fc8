import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.core.types import Embeddings
from bot.core.vocabulary import Vocabulary
from bot.services import BatchingEmbedder

DIM = 4


class GatedEmbedder:
    """Embeds a text as its length, when the gate is open; keeps what each call was given."""

    model_id = "gated"
    dim = DIM
    is_symmetric = False
    vocabulary = Vocabulary.of(("a", "word"))

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.entered = asyncio.Event()
        self.error: Exception | None = None

    async def embed_queries(self, texts: Sequence[str]) -> Embeddings:
        self.batches.append(list(texts))
        self.entered.set()
        await self.gate.wait()
        if self.error:
            raise self.error
        return await self.embed_corpus(texts)

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        return np.array([[len(text)] * DIM for text in texts], dtype=np.float32).reshape(-1, DIM)


async def settle() -> None:
    """Let every task run until all of them wait for something."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_arrives_while_the_model_works_goes_together_next() -> None:
    model = GatedEmbedder()
    async with BatchingEmbedder(model) as embedder, asyncio.TaskGroup() as group:
        first = group.create_task(embedder.embed_queries(["a"]))
        await model.entered.wait()
        others = [group.create_task(embedder.embed_queries(["x" * size])) for size in (2, 3, 4)]
        await settle()
        model.gate.set()
        assert (await first).tolist() == [[1.0] * DIM]
        assert [(await other)[0, 0] for other in others] == [2, 3, 4]
    assert model.batches == [["a"], ["xx", "xxx", "xxxx"]]


async def test_several_texts_of_one_caller_stay_together_and_in_order() -> None:
    model = GatedEmbedder()
    model.gate.set()
    async with BatchingEmbedder(model) as embedder:
        assert (await embedder.embed_queries(["a", "bb", "ccc"]))[:, 0].tolist() == [1, 2, 3]
        assert (await embedder.embed_queries([])).shape == (0, DIM)


async def test_a_batch_has_its_limit_and_one_big_caller_still_goes_through() -> None:
    model = GatedEmbedder()
    async with BatchingEmbedder(model, max_batch=3) as embedder, asyncio.TaskGroup() as group:
        group.create_task(embedder.embed_queries(["a"]))
        await model.entered.wait()
        for texts in (["b", "c"], ["d", "e"], ["f"], ["g"] * 5, ["h"]):
            group.create_task(embedder.embed_queries(texts))
        await settle()
        model.gate.set()
    assert [len(batch) for batch in model.batches] == [1, 2, 3, 5, 1]


async def test_a_failure_reaches_every_waiter_and_the_next_batch_works_again() -> None:
    model = GatedEmbedder()
    async with BatchingEmbedder(model) as embedder:
        first = asyncio.create_task(embedder.embed_queries(["a"]))
        await model.entered.wait()
        waiting = [asyncio.create_task(embedder.embed_queries(["b"])) for _ in range(3)]
        await settle()
        model.error = EmbedderUnavailableError("broken")
        model.gate.set()
        for result in await asyncio.gather(first, *waiting, return_exceptions=True):
            assert isinstance(result, EmbedderUnavailableError)
        model.error = None
        assert (await embedder.embed_queries(["abc"]))[0, 0] == 3


async def test_who_gives_up_costs_nothing_and_disturbs_nobody() -> None:
    model = GatedEmbedder()
    async with BatchingEmbedder(model) as embedder:
        working = asyncio.create_task(embedder.embed_queries(["working"]))
        await model.entered.wait()
        impatient = asyncio.create_task(embedder.embed_queries(["impatient"]))
        patient = asyncio.create_task(embedder.embed_queries(["patient"]))
        await settle()
        impatient.cancel()
        working.cancel()
        model.gate.set()
        assert (await patient)[0, 0] == len("patient")
        results = await asyncio.gather(impatient, working, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert model.batches == [["working"], ["patient"]]


async def test_who_gave_up_meanwhile_is_skipped_when_the_work_fails() -> None:
    model = GatedEmbedder()
    model.error = EmbedderUnavailableError("broken")
    async with BatchingEmbedder(model) as embedder:
        gone = asyncio.create_task(embedder.embed_queries(["gone"]))
        await model.entered.wait()
        gone.cancel()
        await settle()
        model.gate.set()
        with pytest.raises(EmbedderUnavailableError):
            await embedder.embed_queries(["next"])


async def test_closing_fails_everyone_who_still_waits() -> None:
    model = GatedEmbedder()
    async with BatchingEmbedder(model) as embedder:
        working = asyncio.create_task(embedder.embed_queries(["working"]))
        await model.entered.wait()
        waiting = asyncio.create_task(embedder.embed_queries(["waiting"]))
        await settle()
    for result in await asyncio.gather(working, waiting, return_exceptions=True):
        assert isinstance(result, EmbedderUnavailableError)
    with pytest.raises(EmbedderUnavailableError, match="closed"):
        await embedder.embed_queries(["late"])


async def test_closing_without_ever_working_is_fine() -> None:
    async with BatchingEmbedder(GatedEmbedder()) as embedder:
        assert (embedder.model_id, embedder.dim) == ("gated", DIM)
        assert (embedder.is_symmetric, [*embedder.vocabulary]) == (False, ["a", "word"])
        assert len(await embedder.embed_corpus(["a", "b"])) == 2

import asyncio

import pytest

from bot.core.errors import EmbedderUnavailableError
from tests.fakes.embedder import HashEmbedder


async def test_it_keeps_what_it_was_given() -> None:
    embedder = HashEmbedder()
    await embedder.embed_queries(["a"])
    await embedder.embed_corpus(["b", "c"])
    assert (embedder.queries, embedder.corpus) == ([["a"]], [["b", "c"]])


async def test_it_finds_spelling_close() -> None:
    question, near, far = await HashEmbedder().embed_queries(["replace my card", "replacing my card", "nice weather"])
    assert question @ near > 0.7
    assert question @ far < 0.3


async def test_it_fails_and_waits_when_told() -> None:
    embedder = HashEmbedder()
    embedder.gate = asyncio.Event()
    embedder.error = EmbedderUnavailableError("told to")
    waiting = asyncio.create_task(embedder.embed_queries(["a"]))
    await asyncio.sleep(0)
    assert not waiting.done()
    embedder.gate.set()
    with pytest.raises(EmbedderUnavailableError, match="told to"):
        await waiting

"""The reranker around its model: what reaches the caller, and who waits for whom."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import LocalReranker
from bot.embedders.reranker import CHUNK, PairScorer

SAID = "my account number is 12345"
PAIRS = [("How do I sign up?", "Where can I sign up?"), ("How do I sign up?", "nice weather")]


class Scripted:
    """A model that does what a test says."""

    num_labels = 1
    activation_fn: Callable[..., Any] = torch.nn.Sigmoid()
    max_seq_length: float | None = None
    prompts: Mapping[str, str] = {}
    default_prompt_name: str | None = None

    def __init__(self) -> None:
        self.calls: list[list[tuple[str, str]]] = []
        self.returned: Any = None
        self.error: Exception | None = None
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def predict(self, inputs: list[tuple[str, str]], **_: Any) -> Any:  # noqa: ANN401
        self.calls.append(inputs)
        self.entered.set()
        self.gate.wait()
        if self.error:
            raise self.error
        return np.zeros(len(inputs)) if self.returned is None else self.returned

    def hold(self) -> None:
        """Let the next call wait in the middle of its work."""
        self.entered.clear()
        self.gate.clear()


def reranker_with(scorer: PairScorer, folder: Path) -> LocalReranker:
    return LocalReranker("test/scripted", path=folder, load=lambda _: scorer)


async def test_a_failure_reaches_the_caller_without_the_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scorer = Scripted()
    with caplog.at_level(logging.DEBUG):
        async with reranker_with(scorer, tmp_path) as reranker:
            scorer.error = RuntimeError(f"cannot read {SAID}")
            with pytest.raises(EmbedderUnavailableError, match=r"^the reranker failed \(RuntimeError\)$") as caught:
                await reranker.rerank("who?", [SAID])
            assert caught.value.__cause__ is scorer.error
            scorer.error = None
            assert len(await reranker.rerank("who?", [SAID])) == 1
    assert SAID not in caplog.text


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        pytest.param([[0.5]], r"shape \(1, 1\) for 1 pairs", id="a table"),
        pytest.param([0.5, 0.5], r"shape \(2,\) for 1 pairs", id="too many"),
        pytest.param(0.5, r"shape \(\) for 1 pairs", id="a number"),
        pytest.param([np.nan], "not finite", id="NaN"),
        pytest.param([np.inf], "not finite", id="infinite, of which a sigmoid makes 1"),
        pytest.param(["high"], r"failed \(ValueError\)", id="a word"),
    ],
)
async def test_what_is_no_relevance_is_refused(tmp_path: Path, returned: object, says: str) -> None:
    scorer = Scripted()
    async with reranker_with(scorer, tmp_path) as reranker:
        scorer.returned = returned
        with pytest.raises(EmbedderUnavailableError, match=rf"^the reranker .*{says}"):
            await reranker.rerank_pairs(PAIRS[:1])


async def test_it_is_loaded_once_in_its_own_thread(tmp_path: Path) -> None:
    loads = list[tuple[Path, str]]()

    def load(folder: Path) -> PairScorer:
        loads.append((folder, threading.current_thread().name))
        return Scripted()

    reranker = LocalReranker("test/scripted", path=tmp_path, load=load)
    with pytest.raises(EmbedderUnavailableError, match=r"await start\(\) first"):
        _ = reranker.model_id
    await asyncio.gather(*(reranker.rerank_pairs(PAIRS) for _ in range(5)))
    await reranker.start()
    ((folder, thread),) = loads
    assert folder == tmp_path
    assert thread.startswith("faqtotum-reranker")
    await reranker.close()


async def test_a_question_does_not_wait_for_a_whole_calibration(tmp_path: Path) -> None:
    scorer = Scripted()
    async with reranker_with(scorer, tmp_path) as reranker:
        scorer.calls.clear()
        scorer.hold()
        reload = asyncio.create_task(reranker.rerank_pairs(PAIRS[:1] * 2 * CHUNK))
        await asyncio.to_thread(scorer.entered.wait)
        question = asyncio.create_task(reranker.rerank_pairs(PAIRS))
        await asyncio.sleep(0)
        scorer.gate.set()
        await asyncio.gather(reload, question)
    assert [len(pairs) for pairs in scorer.calls] == [CHUNK, len(PAIRS), CHUNK]


async def test_closing_fails_what_waits_and_lets_finish_what_runs(tmp_path: Path) -> None:
    scorer = Scripted()
    reranker = reranker_with(scorer, tmp_path)
    await reranker.start()
    scorer.hold()
    running = asyncio.create_task(reranker.rerank_pairs(PAIRS))
    await asyncio.to_thread(scorer.entered.wait)
    waiting = asyncio.create_task(reranker.rerank_pairs(PAIRS))
    await asyncio.sleep(0)
    closing = asyncio.create_task(reranker.close())
    await asyncio.sleep(0)
    scorer.gate.set()
    await closing
    assert len(await running) == len(PAIRS)
    with pytest.raises(EmbedderUnavailableError, match="closed before"):
        await waiting
    with pytest.raises(EmbedderUnavailableError, match="the reranker is closed"):
        await reranker.rerank_pairs(PAIRS)
    with pytest.raises(EmbedderUnavailableError, match="not loaded"):
        _ = reranker.model_id
    await reranker.close()

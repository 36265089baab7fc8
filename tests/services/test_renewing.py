"""What another model has embedded is embedded again: politely, once, and told on the way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import EmbedderUnavailableError
from bot.core.reports import Ignored
from bot.services import BatchingEmbedder, renewing
from bot.services.renewing import Renewer
from tests.fakes.embedder import HashEmbedder
from tests.fakes.reports import MemoryReports
from tests.fakes.store import MemoryStore
from tests.stores.records import START, make_question, row

GUILD = 10


class Change:
    """A log that an old model has embedded, and a new model."""

    def __init__(self) -> None:
        self.store, self.embedder = MemoryStore(), HashEmbedder()
        self.reports = MemoryReports(self.store)
        self.renewer = Renewer(self.reports, self.embedder)

    async def log(self, count: int, model_id: str = "old") -> None:
        for number in range(count):
            question = make_question(f"question {number} of {model_id}")
            await self.store.add_question(replace(question, model_id=model_id))

    async def ignore(self, text: str, model_id: str = "old") -> None:
        await self.store.add_question(replace(make_question(text), model_id=model_id))
        await self.reports.assign_texts(GUILD, model_id)
        assert await self.reports.ignore(GUILD, Ignored(0, text, row(1, 0), model_id, 7, START))

    @property
    def models(self) -> set[str]:
        return {one.model_id for one in (*self.store.questions, *(one for _, one in self.store.ignored.values()))}


@pytest.fixture
def change() -> Change:
    return Change()


@given(st.integers(0, 70), st.integers(0, 20))
async def test_afterwards_everything_is_of_the_model_in_use(old: int, ignored: int) -> None:
    change = Change()
    await change.log(old)
    await change.log(3, "hash-64")
    for number in range(ignored):
        await change.ignore(f"ignored {number}")
    kept = [one.embedding.tolist() for one in change.store.questions if one.model_id == "hash-64"]
    told = list[tuple[int, int]]()
    assert await change.renewer.count_outdated() == old + 2 * ignored
    assert await change.renewer.renew(lambda *progress: told.append(progress)) == old + 2 * ignored
    assert change.models == {"hash-64"}
    assert [one.embedding.tolist() for one in change.store.questions if one.text.endswith("hash-64")] == kept
    assert all(len(texts) <= renewing.BATCH for texts in change.embedder.queries)
    assert sum(map(len, change.embedder.queries)) == old + 2 * ignored
    assert [total for _, total in told] == [old + 2 * ignored] * len(told)
    assert told == sorted(told)
    assert not told or told[-1][0] == old + 2 * ignored
    assert await change.renewer.renew() == 0


async def test_the_embeddings_are_those_of_the_texts(change: Change) -> None:
    await change.log(2)
    await change.ignore("Who?")
    await change.renewer.renew()
    for question in change.store.questions:
        text = question.text if question.text.endswith("?") else f"{question.text}?"
        [expected] = await change.embedder.embed_queries([text])
        assert np.array_equal(question.embedding, expected)
    [(_, ignored)] = change.store.ignored.values()
    assert np.array_equal(ignored.embedding, (await change.embedder.embed_queries(["Who?"]))[0])


async def test_it_is_told_at_the_beginning_now_and_then_and_at_the_end(
    change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await change.renewer.renew()
    assert caplog.messages == []
    await change.log(100 * renewing.BATCH)
    await change.renewer.renew()
    total = 100 * renewing.BATCH
    assert caplog.messages == [
        f"{total} questions were embedded by another model and are embedded again",
        *(f"{part * total // 10} of {total} questions are embedded again" for part in range(1, 10)),
        f"{total} questions were embedded again",
    ]


async def test_how_far_it_is_can_be_asked_while_it_lasts(change: Change) -> None:
    await change.log(3 * renewing.BATCH)
    seen = list[object]()
    assert change.renewer.progress is None
    await change.renewer.renew(lambda *_: seen.append(change.renewer.progress))
    total = 3 * renewing.BATCH
    assert seen == [(renewing.BATCH * part, total) for part in (1, 2, 3)]
    assert change.renewer.progress is None


async def test_a_model_that_fails_is_told_and_what_was_done_stays_done(change: Change) -> None:
    await change.log(2 * renewing.BATCH)

    def fail(*_: int) -> None:
        change.embedder.error = EmbedderUnavailableError("no model")

    with pytest.raises(EmbedderUnavailableError):
        await change.renewer.renew(fail)
    assert change.renewer.progress is None
    assert await change.renewer.count_outdated() == renewing.BATCH
    change.embedder.error = None
    assert await change.renewer.renew() == renewing.BATCH


async def test_who_comes_while_it_is_under_way_waits_for_it_and_nothing_is_done_twice(change: Change) -> None:
    await change.log(2 * renewing.BATCH)
    done = await asyncio.gather(change.renewer.renew(), change.renewer.renew())
    assert sorted(done) == [0, 2 * renewing.BATCH]
    assert sum(map(len, change.embedder.queries)) == 2 * renewing.BATCH


async def test_two_processes_with_different_models_do_not_go_on_for_ever(change: Change) -> None:
    await change.log(2 * renewing.BATCH)

    async def undo(model_id: str, limit: int) -> list[tuple[int, str]]:
        found = await read(model_id, limit)
        for number, _ in found:
            # The other process, which is as quick.
            change.store.rows[number] = replace(change.store.rows[number], model_id="old")
        return found or await read("none", limit)

    read = change.reports.read_outdated
    change.reports.read_outdated = undo  # type: ignore[method-assign]
    assert await change.renewer.renew() == 2 * renewing.BATCH


async def test_a_question_that_is_asked_meanwhile_waits_for_one_batch_alone(change: Change) -> None:
    await change.log(10 * renewing.BATCH)
    question = "Where is my card?"
    async with BatchingEmbedder(change.embedder) as batching:
        asked = list[asyncio.Task[object]]()

        def ask(done: int, _: int) -> None:
            if done == 3 * renewing.BATCH:
                asked.append(asyncio.create_task(batching.embed_queries([question])))

        assert await Renewer(change.reports, batching).renew(ask) == 10 * renewing.BATCH
        await asyncio.gather(*asked)
    [turn] = [number for number, texts in enumerate(change.embedder.queries) if question in texts]
    # Three were done when it came: it shares the next one, or waits for that.
    assert turn in (3, 4)
    assert len(change.embedder.queries[turn]) <= renewing.BATCH + 1


async def test_what_another_process_has_done_meanwhile_is_not_done_again(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count_as_before(_: str) -> int:
        return 5

    monkeypatch.setattr(change.reports, "count_outdated", count_as_before)
    assert await change.renewer.renew() == 0
    assert change.embedder.queries == []
    assert change.renewer.progress is None

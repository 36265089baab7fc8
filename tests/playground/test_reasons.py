"""What was decided is remembered by message, for as many messages as anybody looks back at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.core.types import Query
from bot.playground import reasons as module
from bot.playground.reasons import Reasons

if TYPE_CHECKING:
    import pytest


def ignored(message_id: int | None, channel_id: int | None = 7) -> Query:
    return Query(f"message {message_id}", channel_id=channel_id, message_id=message_id, addressed=False)


def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    reasons = Reasons()
    for number in (1, 2, 3):
        reasons.passed_over(ignored(number))
    assert reasons.find(7, 1) is None
    assert [reasons.find(7, number) is not None for number in (2, 3)] == [True, True]
    assert reasons.find(8, 3) is None


def test_what_has_no_message_is_nothing_to_remember() -> None:
    reasons = Reasons()
    reasons.passed_over(ignored(None))
    reasons.passed_over(ignored(1, None))
    assert reasons.find(7, 1) is None


async def test_who_waits_hears_of_it_as_soon_as_it_is_decided() -> None:
    reasons = Reasons()
    waiting = [asyncio.create_task(reasons.wait_for(7, 1)) for _ in range(2)]
    await asyncio.sleep(0)
    reasons.passed_over(ignored(2))
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    reasons.passed_over(ignored(1))
    assert [found["text"] for found in await asyncio.gather(*waiting)] == ["message 1"] * 2
    assert (await reasons.wait_for(7, 2))["text"] == "message 2"

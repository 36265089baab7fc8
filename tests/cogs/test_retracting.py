"""Replies whose question is gone are taken back, whenever it went."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import pytest

from bot.cogs.events import STALE_EVENT
from bot.cogs.retracting import Retractor
from bot.core.errors import StoreUnavailableError
from bot.services import Privacy, ReplyRef
from tests.fakes.clock import FrozenClock
from tests.fakes.members import MemoryMembers
from tests.fakes.store import MemoryStore
from tests.stores.records import make_question

if TYPE_CHECKING:
    from discord.ext import commands

CHANNEL, QUESTION, REPLY = 7, 5, 9


@dataclass
class Answered:
    """As much of an HTTP response as discord.py's errors look at."""

    status: int
    reason: str = "no"


@dataclass
class FakeMessage:
    """A message that somebody may delete, or Discord may refuse to."""

    bot: FakeBot
    channel_id: int
    id: int = 0

    def get_partial_message(self, message_id: int) -> FakeMessage:
        return FakeMessage(self.bot, self.channel_id, message_id)

    async def delete(self) -> None:
        if self.bot.refusals:
            raise self.bot.refusals.pop()
        self.bot.deleted.append((self.channel_id, self.id))


@dataclass
class FakeBot:
    """Knows which messages were deleted."""

    deleted: list[tuple[int, int]] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    taken_back: list[tuple[int, ...]] = field(default_factory=list)

    def get_partial_messageable(self, channel_id: int) -> FakeMessage:
        return FakeMessage(self, channel_id)

    def dispatch(self, event: str) -> None:
        self.events.append(event)


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def retractor(bot: FakeBot, store: MemoryStore) -> Retractor:
    privacy = Privacy(MemoryMembers(store), FrozenClock(), b"k" * 32, timedelta(days=90))
    return Retractor(cast("commands.Bot", bot), privacy, lambda *reply: bot.taken_back.append(reply))


def reply() -> ReplyRef:
    return ReplyRef(10, CHANNEL, REPLY)


async def log(store: MemoryStore) -> None:
    await store.add_question(replace(make_question(), channel_id=CHANNEL, message_id=QUESTION, reply_id=REPLY))


async def test_a_reply_that_both_know_is_deleted_once(retractor: Retractor, bot: FakeBot, store: MemoryStore) -> None:
    await log(store)
    await retractor.note(QUESTION, reply())
    await retractor.retract([QUESTION, 6])
    assert bot.deleted == bot.taken_back == [(CHANNEL, REPLY)]
    assert store.questions == []
    assert bot.events == [STALE_EVENT]
    await retractor.retract([QUESTION])
    assert bot.deleted == [(CHANNEL, REPLY)]


async def test_a_reply_of_another_day_is_found_in_the_log(
    retractor: Retractor, bot: FakeBot, store: MemoryStore
) -> None:
    await log(store)
    await retractor.retract([QUESTION])
    assert bot.deleted == [(CHANNEL, REPLY)]


async def test_a_reply_that_is_not_logged_is_remembered(retractor: Retractor, bot: FakeBot) -> None:
    await retractor.note(QUESTION, reply())
    await retractor.note(6, None)
    await retractor.note(None, reply())
    await retractor.retract([6])
    assert bot.deleted == []
    await retractor.retract([QUESTION])
    assert bot.deleted == [(CHANNEL, REPLY)]


async def test_a_question_that_went_while_it_was_answered_is_not_kept(
    retractor: Retractor, bot: FakeBot, store: MemoryStore
) -> None:
    await retractor.retract([QUESTION])
    await log(store)
    await retractor.note(QUESTION, reply())
    assert bot.deleted == [(CHANNEL, REPLY)]
    assert store.questions == []


async def test_replies_are_remembered_to_a_limit(
    retractor: Retractor, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cogs.retracting._KEPT_REPLIES", 2)
    for number in (1, 2, 3):
        await retractor.note(number, ReplyRef(10, CHANNEL, number * 10))
    await retractor.retract([1, 2, 3])
    assert sorted(bot.deleted) == [(CHANNEL, 20), (CHANNEL, 30)]


async def test_the_reply_goes_even_if_the_log_cannot_be_reached(
    retractor: Retractor, bot: FakeBot, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    await retractor.note(QUESTION, reply())
    store.error = StoreUnavailableError("the database is gone")
    await retractor.retract([QUESTION])
    assert bot.deleted == [(CHANNEL, REPLY)]
    assert "could not be deleted from the log" in caplog.text


@pytest.mark.parametrize(
    ("refusal", "warned"),
    [
        (discord.NotFound(cast("Any", Answered(404)), "Unknown Message"), False),
        (discord.Forbidden(cast("Any", Answered(403)), "Missing Access"), True),
    ],
)
async def test_a_reply_that_cannot_be_deleted_keeps_nobody_from_forgetting(
    retractor: Retractor,
    bot: FakeBot,
    store: MemoryStore,
    caplog: pytest.LogCaptureFixture,
    refusal: discord.HTTPException,
    warned: bool,  # noqa: FBT001
) -> None:
    await log(store)
    bot.refusals.append(refusal)
    await retractor.retract([QUESTION])
    assert store.questions == []
    assert ("could not be taken back" in caplog.text) == warned


async def test_a_reply_that_cannot_be_deleted_keeps_no_other_from_going(retractor: Retractor, bot: FakeBot) -> None:
    for number in (1, 2, 3):
        await retractor.note(number, ReplyRef(10, CHANNEL, number * 10))
    bot.refusals.append(aiohttp.ServerDisconnectedError())
    await retractor.retract([1, 2, 3])
    assert len(bot.deleted) == 2
    assert len(bot.taken_back) == 3


async def test_all_replies_to_a_question_go_with_it(retractor: Retractor, bot: FakeBot) -> None:
    await retractor.note(QUESTION, reply())
    await retractor.note(QUESTION, ReplyRef(10, CHANNEL, REPLY + 1))
    await retractor.retract([QUESTION])
    assert sorted(bot.deleted) == [(CHANNEL, REPLY), (CHANNEL, REPLY + 1)]

"""A report is posted in its own server or nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.app import build_settings
from bot.cogs.report.board import ChannelBoard
from bot.config import Config
from bot.core.reports import Posting, ReportState
from bot.services import BoardError
from tests.services.made_reports import CHANNEL, GUILD, made_report


class Guild:
    """A server with one channel."""

    def __init__(self, guild_id: int, channel_id: int) -> None:
        self.id = guild_id
        self._channel_id = channel_id

    def get_channel_or_thread(self, channel_id: int) -> object | None:
        return self if channel_id == self._channel_id else None

    def get_role(self, _: int) -> None:
        return None


class Desk:
    """Has everything ready to be sent."""

    async def open(self, *_: object) -> None:
        return None

    async def render_whole(self, *_: object) -> None:
        return None


@pytest.fixture
def board() -> ChannelBoard:
    guilds = {GUILD: Guild(GUILD, CHANNEL), 2: Guild(2, 22)}
    bot: Any = SimpleNamespace(get_guild=guilds.get, guilds=list(guilds.values()))
    app: Any = SimpleNamespace(settings=SimpleNamespace(read=lambda _: build_settings(Config(), None)))
    desk: Any = Desk()
    return ChannelBoard(bot, app, desk)


def test_what_another_server_has_is_elsewhere(board: ChannelBoard) -> None:
    assert board.is_elsewhere(GUILD, 22)
    assert not board.is_elsewhere(GUILD, CHANNEL)
    assert not board.is_elsewhere(GUILD, 33)


async def test_neither_posted_nor_looked_for_in_another_server(board: ChannelBoard) -> None:
    report = made_report([3])
    posting = Posting(1, GUILD, report.day, ReportState.BUILT, report, None, None)
    with pytest.raises(BoardError, match="22 is gone or hidden"):
        await board.post(posting, report, 22)
    with pytest.raises(BoardError, match="22 is gone or hidden"):
        await board.find(posting, 22)

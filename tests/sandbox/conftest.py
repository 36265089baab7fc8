"""The fixtures of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.bots import faq_bot
from tests.sandbox.house import open_house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord.ext import commands

    from tests.sandbox.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


@pytest.fixture
async def bot(house: House) -> commands.Bot:
    bot = faq_bot()
    await house.run(bot)
    await bot.tree.sync()
    return bot

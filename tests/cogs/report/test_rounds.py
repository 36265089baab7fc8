"""Looking for what is due goes on whatever happens, one look after the other."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from bot.cogs.report.rounds import Rounds


class Nightly:
    """Takes until it is told for each server, and fails for one."""

    def __init__(self) -> None:
        self.begun = list[int]()
        self.go_on = asyncio.Event()

    async def post_due(self, guild_id: int, _board: object) -> None:
        self.begun.append(guild_id)
        await self.go_on.wait()
        if guild_id == 1:
            raise RuntimeError("this server's report fails")


async def test_who_looks_meanwhile_waits_for_the_first_to_end() -> None:
    nightly, guilds = Nightly(), [SimpleNamespace(id=1), SimpleNamespace(id=2)]
    bot: Any = SimpleNamespace(guilds=guilds)
    app: Any = SimpleNamespace(nightly=nightly)
    rounds = Rounds(bot, app, SimpleNamespace())  # type: ignore[arg-type]
    looks = [asyncio.create_task(rounds.post_due()) for _ in range(2)]
    # Runs after both have gone as far as they can.
    asyncio.get_running_loop().call_soon(nightly.go_on.set)
    await asyncio.gather(*looks)
    assert nightly.begun == [1, 2, 1, 2]

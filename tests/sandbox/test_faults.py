"""Rate limits, server errors, and how a client gets over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest

from bot.sandbox import Bucket
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House


CREATE = "/channels/{channel_id}/messages"


async def test_a_rate_limit_is_waited_out(house: House) -> None:
    house.sandbox.faults.rate_limit("POST", CREATE, retry_after=0.01, times=2)
    house.sandbox.faults.rate_limit("POST", CREATE, retry_after=0.01, scope="global")
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    assert (await channel.send("at last")).content == "at last"
    assert [each.status for each in house.recorder.sent("POST", CREATE)] == [429, 429, 429, 200]
    assert len(house.help.messages) == 1


async def test_a_full_bucket_answers_429(house: House) -> None:
    house.sandbox.rate_limits.buckets[f"POST {CREATE}"] = Bucket(1, 30.0)
    path = f"/channels/{house.help.id}/messages"
    first = await house.rest("POST", path, {"content": "one"})
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert 0 < float(first.headers["X-RateLimit-Reset-After"]) <= 30
    second = await house.rest("POST", path, {"content": "two"})
    assert (second.status, second.body["global"], second.headers["X-RateLimit-Scope"]) == (429, False, "user")
    assert second.headers["X-RateLimit-Bucket"] == first.headers["X-RateLimit-Bucket"]
    other = house.guild.add_text_channel("other")
    assert (await house.rest("POST", f"/channels/{other.id}/messages", {"content": "x"})).status == 200
    seat = await house.seat()
    for number in range(3):
        await seat.say(house.help.id, f"people have no such limit {number}")


async def test_the_global_limit(house: House) -> None:
    house.sandbox.rate_limits.overall = Bucket(1, 30.0)
    assert (await house.rest("GET", "/users/@me")).status == 200
    refused = await house.rest("GET", f"/guilds/{house.guild.id}")
    assert (refused.status, refused.body["global"]) == (429, True)
    assert refused.headers["X-RateLimit-Global"] == "true"


async def test_a_bucket_fills_up_again(house: House) -> None:
    now = [0.0]
    house.sandbox.rate_limits.clock = lambda: now[0]
    house.sandbox.rate_limits.default = Bucket(1, 5.0)
    assert (await house.rest("GET", "/users/@me")).status == 200
    assert (await house.rest("GET", "/users/@me")).status == 429
    now[0] = 5.0
    assert (await house.rest("GET", "/users/@me")).status == 200


async def test_server_errors_are_retried(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    pauses: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("discord.http.asyncio.sleep", sleep)
    house.sandbox.faults.status("POST", CREATE, 502, times=2)
    assert (await channel.send("at last")).content == "at last"
    assert pauses == [1, 3]
    house.sandbox.faults.status("POST", CREATE, 503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("never")
    house.sandbox.faults.drop("POST", CREATE)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    assert [each.content for each in house.help.messages.values()] == ["at last"]

"""Logging in, dropping out, coming back."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
from discord.http import Route

from bot.sandbox import Sandbox, Seat, World, redirected
from bot.sandbox.intents import Intent
from tests.sandbox.bots import Listener
from tests.sandbox.house import running

if TYPE_CHECKING:
    from tests.sandbox.house import House


async def test_a_dropped_connection_is_resumed_without_loss(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    seat = await house.seat()
    await seat.say(house.help.id, "before")
    assert await bot.heard() == "before"
    dropping = asyncio.create_task(house.sandbox.drop_connections(user_id=house.app.id))
    await seat.say(house.help.id, "meanwhile")
    assert await dropping == 1
    await asyncio.wait_for(bot.resumed.wait(), 5)
    await seat.say(house.help.id, "after")
    assert [await bot.heard(), await bot.heard()] == ["meanwhile", "after"]


async def test_a_session_that_missed_too_much_cannot_resume(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.sessions.MAX_REPLAYED", 1)
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(house.sandbox.gateway_url) as socket:
            await socket.receive()
            await socket.send_json(_identify(house))
            session = (await socket.receive_json())["d"]["session_id"]
            await socket.close(code=4000)
        house.guild.add_role("one")
        house.guild.add_role("two")
        for seen, opcode in ((99, 9), (1, 9), (3, 0)):
            async with http.ws_connect(house.sandbox.gateway_url) as socket:
                await socket.receive()
                data = {"token": house.app.user.token, "session_id": session, "seq": seen}
                await socket.send_json({"op": 6, "d": data})
                assert (await socket.receive_json())["op"] == opcode
                await socket.close(code=4000)


async def test_a_reconnect_on_request(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    seat = await house.seat()
    assert await house.sandbox.reconnect() == 2
    await asyncio.wait_for(bot.resumed.wait(), 5)
    await seat.say(house.help.id, "back")
    assert await bot.heard() == "back"


async def test_a_session_that_cannot_be_resumed(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    assert await asyncio.wait_for(bot.readies.get(), 5) == 1
    await house.sandbox.drop_connections(resumable=False, user_id=house.app.id, code=4000)
    assert await asyncio.wait_for(bot.readies.get(), 10) == 1
    assert not bot.resumed.is_set()


async def test_a_client_that_says_goodbye_cannot_resume(house: House) -> None:
    async with Seat(house.sandbox, house.ann) as seat:
        session = seat.gateway.session_id
    login = {"op": 6, "d": {"token": house.ann.token, "session_id": session, "seq": 1}}
    async with aiohttp.ClientSession() as http, http.ws_connect(house.sandbox.gateway_url) as socket:
        await socket.receive()
        await socket.send_json(login)
        assert (await socket.receive_json())["op"] == 9


async def test_invalidated_sessions_start_anew(house: House) -> None:
    seat = await house.seat()
    first = seat.gateway.session_id
    await house.sandbox.invalidate(user_id=house.ann.id)
    await seat.gateway.wait_for(lambda: None if seat.gateway.session_id in {None, first} else True)
    assert seat.gateway.session_id != first


@pytest.mark.usefixtures("house")
async def test_a_wrong_token() -> None:
    with pytest.raises(discord.LoginFailure):
        async with running(Listener(), "nobody's"):
            pass


async def test_intents_that_are_not_switched_on(house: House) -> None:
    plain = house.world.add_application("Plain")
    house.guild.install(plain)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(Listener(), plain.user.token):
            pass


async def _talk(house: House, *payloads: object) -> int | None:
    """Send payloads over a bare connection; gives the close code."""
    async with aiohttp.ClientSession() as http, http.ws_connect(house.sandbox.gateway_url) as socket:
        await socket.receive()
        for payload in payloads:
            await socket.send_str(payload if isinstance(payload, str) else json.dumps(payload))
        async for _ in socket:
            pass
        return socket.close_code


def _identify(house: House, **changes: object) -> dict[str, object]:
    properties = {"os": "x", "browser": "x", "device": "x"}
    data = {"token": house.app.user.token, "intents": int(Intent.GUILDS), "properties": properties}
    return {"op": 2, "d": data | changes}


async def test_close_codes(house: House) -> None:
    assert await _talk(house, "no json") == 4002
    assert (
        await _talk(house, {"op": 3, "d": {"since": None, "activities": [], "status": "online", "afk": False}}) == 4003
    )
    assert await _talk(house, _identify(house, token="x")) == 4004  # noqa: S106
    assert await _talk(house, _identify(house), _identify(house)) == 4005
    assert await _talk(house, _identify(house, shard=[2, 2])) == 4010
    assert await _talk(house, _identify(house, intents=1 << 40)) == 4013
    assert await _talk(house, _identify(house, intents=int(Intent.GUILD_MEMBERS))) == 4014
    assert await _talk(house, _identify(house), {"op": 99, "d": None}) == 4001
    assert house.recorder.problems
    assert all("opcode" in problem for problem in house.recorder.problems)
    house.recorder.problems.clear()


async def test_a_seat_needs_its_context(house: House) -> None:
    seat = Seat(house.sandbox, house.ann)
    with pytest.raises(RuntimeError):
        await seat.say(house.help.id, "too early")
    with pytest.raises(RuntimeError):
        await seat.download({})
    with pytest.raises(RuntimeError):
        seat.messages  # noqa: B018
    house.ann.token = "changed"  # noqa: S105
    with pytest.raises(ConnectionRefusedError, match="4004"):
        async with seat:
            pass


async def test_discord_py_is_given_back() -> None:
    base = Route.BASE
    async with Sandbox(World()) as sandbox:
        with redirected(sandbox):
            assert sandbox.rest_url == Route.BASE
            assert sandbox.base_url == discord.Asset.BASE
    assert base == Route.BASE
    assert discord.Asset.BASE.startswith("https://cdn")

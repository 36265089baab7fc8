"""Logging in, dropping out, coming back, and who is told what."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from discord.ext import commands
from discord.http import Route

from bot.sandbox import Sandbox, Seat, World, redirected
from bot.sandbox.intents import Intent
from tests.sandbox.house import running

if TYPE_CHECKING:
    from tests.sandbox.house import House


class Listener(commands.Bot):
    """Notes what it reads and how often it resumed."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        intents = options.pop("intents", None) or discord.Intents(guilds=True, messages=True, message_content=True)
        super().__init__("!", intents=intents, guild_ready_timeout=0.05, help_command=None, **options)
        self.read: asyncio.Queue[str] = asyncio.Queue()
        self.resumed = asyncio.Event()
        self.readies: asyncio.Queue[int] = asyncio.Queue()

    async def on_message(self, message: discord.Message, /) -> None:
        if message.author != self.user:
            self.read.put_nowait(message.content)

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_ready(self) -> None:
        self.readies.put_nowait(len(self.guilds))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's five seconds between two log-ins."""

    async def heard(self) -> str:
        return await asyncio.wait_for(self.read.get(), 5)


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


async def test_content_without_the_intent(house: House) -> None:
    plain = house.world.add_application("Plain")
    house.guild.install(plain)
    bot = Listener(intents=discord.Intents(guilds=True, messages=True))
    await house.run(bot, token=plain.user.token)
    seat = await house.seat()
    said = await seat.say(house.help.id, "secret")
    await seat.say(house.help.id, f"<@{plain.id}> open")
    await seat.say(await seat.dm(plain.id), "private")
    assert [await bot.heard() for _ in range(3)] == ["", f"<@{plain.id}> open", "private"]
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    assert (await channel.fetch_message(said.id)).content == ""
    own = await channel.send("own words")
    assert (await channel.fetch_message(own.id)).content == "own words"
    await seat.say(house.help.id, "pinging reply", reply_to=own.id)
    assert await bot.heard() == "pinging reply"


async def test_events_need_their_intents(house: House) -> None:
    bot = Listener(intents=discord.Intents(guilds=True, dm_messages=True))
    await house.run(bot)
    seat = await house.seat()
    await seat.say(house.help.id, "not for you")
    await seat.say(await seat.dm(house.app.id), "for you")
    assert await bot.heard() == "for you"


async def test_the_guild_changes_while_a_bot_watches(house: House) -> None:
    watched = house.world.add_application("Watcher", guild_members=True, message_content=True)
    house.guild.install(watched)
    bot = Listener(intents=discord.Intents(guilds=True, members=True, messages=True, message_content=True))
    await house.run(bot, token=watched.user.token)
    guild = bot.get_guild(house.guild.id)
    assert guild is not None
    assert guild.chunked
    assert {member.name for member in guild.members} == {"owner", "ann", "ben", "Faqtotum", "Watcher"}
    listed = await house.rest("GET", f"/guilds/{guild.id}/members?limit=2", authorization=f"Bot {watched.user.token}")
    assert len(listed.body) == 2
    assert (await house.rest("GET", f"/guilds/{guild.id}/members")).body["code"] == 50001
    seat = await house.seat()
    role = house.guild.add_role("new", color=0xFF0000)
    cat = house.world.add_user("cat", global_name="Cat")
    member = house.guild.add_member(cat, nick="Kitty")
    house.guild.set_roles(member, [role])
    channel = house.guild.add_text_channel("extra")
    thread = await seat.start_thread("chat", channel_id=channel.id)
    await seat.say(channel.id, "mark")
    assert [await bot.heard(), await bot.heard()] == ["chat", "mark"]
    found = guild.get_member(cat.id)
    assert found is not None
    assert (found.nick, found.global_name, [each.name for each in found.roles]) == (
        "Kitty",
        "Cat",
        ["@everyone", "new"],
    )
    assert guild.get_thread(thread) is not None
    house.guild.remove_role(role)
    house.guild.remove_channel(channel)
    house.guild.remove_member(cat)
    await seat.say(house.help.id, "mark")
    assert await bot.heard() == "mark"
    assert guild.get_role(role.id) is None
    assert guild.get_channel(channel.id) is None
    assert guild.get_thread(thread) is None
    assert guild.get_member(cat.id) is None
    assert [each.name for each in await guild.query_members("an", limit=5)] == ["ann"]
    assert [each.name for each in await guild.query_members(user_ids=[house.ben.id, 1])] == ["ben"]


async def test_joining_and_leaving_guilds(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    joined, left = asyncio.Event(), asyncio.Event()

    @bot.listen()
    async def on_guild_join(_: discord.Guild) -> None:
        joined.set()

    @bot.listen()
    async def on_guild_remove(_: discord.Guild) -> None:
        left.set()

    other = house.world.add_guild("Other", owner=house.ann)
    other.install(house.app)
    await asyncio.wait_for(joined.wait(), 5)
    assert {guild.name for guild in bot.guilds} == {"Test", "Other"}
    other.remove_member(house.app.user)
    await asyncio.wait_for(left.wait(), 5)
    assert {guild.name for guild in bot.guilds} == {"Test"}
    assert (await house.rest("GET", f"/guilds/{other.id}")).body["code"] == 50001
    assert (await house.rest("GET", "/guilds/1")).body["code"] == 10004


class Sharded(commands.AutoShardedBot):
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's five seconds between two shards."""


async def test_shards_share_the_guilds(house: House) -> None:
    other = house.world.add_guild("Other", owner=house.ann)
    other.add_member(house.ben)
    other.install(house.app)
    elsewhere = other.add_text_channel("elsewhere")
    house.app.shards = 2
    bot = Sharded("!", intents=discord.Intents(guilds=True, messages=True), guild_ready_timeout=0.05, help_command=None)
    heard: asyncio.Queue[int] = asyncio.Queue()

    @bot.listen()
    async def on_message(message: discord.Message) -> None:
        heard.put_nowait(message.guild.shard_id if message.guild else -1)

    await house.run(bot)
    assert {guild.name: guild.shard_id for guild in bot.guilds} == {"Test": 0, "Other": 1}
    seat = await house.seat(house.ben)
    await seat.say(elsewhere.id, "one")
    assert await asyncio.wait_for(heard.get(), 5) == 1
    await seat.say(house.help.id, "zero")
    assert await asyncio.wait_for(heard.get(), 5) == 0
    await seat.say(await seat.dm(house.app.id), "direct")
    assert await asyncio.wait_for(heard.get(), 5) == -1


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


async def test_a_presence_is_taken(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    await bot.change_presence(status=discord.Status.idle, activity=discord.Game("questions"))
    seat = await house.seat()
    await seat.say(house.help.id, "still there?")
    assert await bot.heard() == "still there?"
    assert [frame.op for frame in house.recorder.frames if frame.direction == "send" and frame.op == 3] == [3]


async def test_members_of_strange_guilds_are_not_listed(house: House) -> None:
    bot = Listener()
    await house.run(bot)
    before = len(house.recorder.frames)
    await bot.ws.request_chunks(1, query="", limit=0)
    await bot.ws.request_chunks(house.guild.id, query="", limit=0)
    seat = await house.seat()
    await seat.say(house.help.id, "mark")
    await bot.heard()
    chunks = [frame for frame in house.recorder.frames[before:] if frame.t == "GUILD_MEMBERS_CHUNK"]
    assert [chunk.d["members"] for chunk in chunks] == [[]]


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

"""Who is told what."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord

from tests.sandbox.bots import Listener, Sharded

if TYPE_CHECKING:
    from tests.sandbox.house import House


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

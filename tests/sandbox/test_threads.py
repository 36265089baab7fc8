"""Threads and forum posts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox import Permission, SeatError, SeatFile
from tests.sandbox.bots import echo_bot
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House


async def test_threads(house: House) -> None:
    bot = echo_bot()
    await house.run(bot)
    seat = await house.seat()
    said = await seat.say(house.help.id, "start")
    await seat.reply(said)
    thread_id = await seat.start_thread("talk", at=said)
    assert thread_id == said.id
    inside = await seat.say(thread_id, "inside?")
    assert (await seat.reply(inside)).channel_id == thread_id
    with pytest.raises(SeatError, match="160004"):
        await seat.start_thread("again", at=said)
    other = await seat.start_thread("loose", channel_id=house.help.id)
    thread = await bot.fetch_channel(other)
    assert isinstance(thread, discord.Thread)
    assert thread.owner_id == house.ann.id
    await thread.join()
    assert {member.id for member in await thread.fetch_members()} == {house.ann.id, house.app.id}
    assert (await thread.fetch_member(house.app.id)).id == house.app.id
    await thread.add_user(discord.Object(house.ben.id))
    await thread.leave()
    with pytest.raises(discord.Forbidden):
        await thread.remove_user(discord.Object(house.ben.id))
    guild = bot.get_guild(house.guild.id)
    assert guild is not None
    assert {each.id for each in await guild.active_threads()} == {thread_id, other}
    with pytest.raises(discord.Forbidden):
        await thread.edit(archived=True)
    await seat.request("PATCH", f"/channels/{other}", {"archived": True, "name": "quiet"})
    assert [each.id for each in await guild.active_threads()] == [thread_id]
    with pytest.raises(SeatError, match="50013"):
        await seat.request("PATCH", f"/channels/{other}", {"locked": True})
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    own = await channel.create_thread(name="own", type=discord.ChannelType.public_thread)
    with pytest.raises(discord.Forbidden):
        await own.delete()
    house.guild.remove_channel(house.world.channels[own.id])
    await seat.next(lambda event: event.name == "THREAD_DELETE")


async def test_forum_posts(house: House) -> None:
    forum = house.guild.add_forum("questions", tags=["install"])
    bot = make_bot()

    @bot.listen()
    async def on_thread_create(thread: discord.Thread) -> None:
        starter = await thread.fetch_message(thread.id)
        await thread.send(f"about {starter.content}: {thread.applied_tags[0].name}")

    await house.run(bot)
    seat = await house.seat()
    post = await seat.post(forum.id, "Help me", "the setup", tags=[forum.tags[0].id], files=[SeatFile("l.txt", b"x")])
    assert post.id == post.channel_id
    assert len(post.attachments) == 1
    answer = await seat.next_message(lambda message: message.channel_id == post.channel_id)
    assert answer.content == "about the setup: install"
    with pytest.raises(SeatError, match="50024"):
        await seat.say(forum.id, "not a post")
    with pytest.raises(SeatError, match="50035"):
        await seat.post(forum.id, "x" * 101, "text")
    with pytest.raises(SeatError, match="50006"):
        await seat.post(forum.id, "title", "")
    created = bot.get_channel(forum.id)
    assert isinstance(created, discord.ForumChannel)
    thread, message = await created.create_thread(name="from the bot", content="hello")
    assert thread.id == message.id


async def test_a_first_message_that_comes_late(house: House) -> None:
    forum = house.guild.add_forum("questions")
    house.world.hold_starters = True
    bot = make_bot()
    threads: asyncio.Queue[discord.Thread] = asyncio.Queue()
    bot.add_listener(threads.put, "on_thread_create")
    await house.run(bot)
    seat = await house.seat()
    post = await seat.post(forum.id, "Help me", "the setup")
    thread = await asyncio.wait_for(threads.get(), 5)
    with pytest.raises(discord.NotFound):
        await thread.fetch_message(thread.id)
    with pytest.raises(discord.Forbidden) as refusal:
        await thread.send("too early")
    assert refusal.value.code == 40058
    assert house.sandbox.release_starters() == 1
    assert (await seat.until(lambda message: message.id == post.id)).content == "the setup"
    await thread.send("now")
    assert (await seat.next_message()).content == "now"
    updated = await bot.fetch_channel(thread.id)
    assert isinstance(updated, discord.Thread)
    assert (updated.message_count, updated.total_message_sent) == (1, 1)


async def test_locked_and_private_threads(house: House) -> None:
    path = f"/channels/{house.help.id}/threads"
    assert (await house.rest("POST", path, {"name": "secret"})).body["code"] == 50013
    role = house.guild.add_role("threads", permissions=Permission.MANAGE_THREADS | Permission.CREATE_PRIVATE_THREADS)
    house.guild.set_roles(house.guild.members[house.app.id], [role])
    private = await house.rest("POST", path, {"name": "secret", "auto_archive_duration": 60})
    assert (private.status, private.body["type"]) == (201, 12)
    assert (await house.rest("POST", path, {"name": "odd", "auto_archive_duration": 61})).status == 400
    seat = await house.seat()
    thread = await seat.start_thread("talk", channel_id=house.help.id)
    assert (await house.rest("PATCH", f"/channels/{thread}", {"locked": True})).status == 200
    with pytest.raises(SeatError, match="50083"):
        await seat.say(thread, "hello?")
    assert (await house.rest("POST", f"/channels/{thread}/threads", {"name": "deeper"})).body["code"] == 50024
    said = house.world.channels[thread]
    inside = await house.rest("POST", f"/channels/{thread}/messages", {"content": "x"})
    deeper = f"/channels/{thread}/messages/{inside.body['id']}/threads"
    assert (await house.rest("POST", deeper, {"name": "deeper"})).body["code"] == 50024
    assert (await house.rest("PUT", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("DELETE", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("GET", f"/channels/{thread}/thread-members/1")).body["code"] == 10007
    assert (await house.rest("DELETE", f"/channels/{thread}")).status == 200
    assert said.id not in house.world.channels


async def test_archived_threads_come_last_archived_first(house: House) -> None:
    """channel.mdx, "List Public Archived Threads"."""
    bot = make_bot()
    await house.run(bot)
    seat = await house.seat()
    ids = [await seat.start_thread(f"talk {number}", channel_id=house.help.id) for number in range(4)]
    forum = house.guild.add_forum("questions")
    post = await seat.post(forum.id, "Help me", "the setup")
    for thread_id in (ids[1], post.id, ids[3], ids[0]):
        await seat.request("PATCH", f"/channels/{thread_id}", {"archived": True})
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    archived = [thread async for thread in channel.archived_threads(limit=None)]
    assert [thread.id for thread in archived] == [ids[0], ids[3], ids[1]]
    assert all(
        thread.archived and thread.created_at < thread.archive_timestamp for thread in archived if thread.created_at
    )
    rest = [thread.id async for thread in channel.archived_threads(before=archived[0].archive_timestamp)]
    assert rest == [ids[3], ids[1]]
    path = f"/channels/{house.help.id}/threads/archived/public"
    page = await house.rest("GET", f"{path}?limit=2")
    assert ([int(each["id"]) for each in page.body["threads"]], page.body["has_more"]) == ([ids[0], ids[3]], True)
    assert page.body["members"] == []
    assert not (await house.rest("GET", path)).body["has_more"]
    posts = await house.rest("GET", f"/channels/{forum.id}/threads/archived/public")
    assert [int(each["id"]) for each in posts.body["threads"]] == [post.id]
    # Whoever writes in one brings it back.
    await seat.say(ids[3], "one thing more")
    assert [thread.id async for thread in channel.archived_threads()] == [ids[0], ids[1]]
    assert [each.id for each in await channel.guild.active_threads()] == [ids[3], ids[2]]


async def test_archived_threads_have_their_rules(house: House) -> None:
    path = f"/channels/{house.help.id}/threads/archived/public"
    for wrong in ("limit=1", "limit=101", "limit=x", "before=yesterday"):
        assert (await house.rest("GET", f"{path}?{wrong}")).body["code"] == 50035, wrong
    seat = await house.seat()
    thread = await seat.start_thread("talk", channel_id=house.help.id)
    assert (await house.rest("GET", f"/channels/{thread}/threads/archived/public")).body["code"] == 50024
    role = house.guild.add_role("private", permissions=Permission.CREATE_PRIVATE_THREADS)
    house.guild.set_roles(house.guild.members[house.app.id], [role])
    private = await house.rest("POST", f"/channels/{house.help.id}/threads", {"name": "secret"})
    assert (await house.rest("PATCH", f"/channels/{private.body['id']}", {"archived": True})).status == 200
    assert (await house.rest("GET", path)).body["threads"] == []
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.READ_MESSAGE_HISTORY)
    assert (await house.rest("GET", path)).body["code"] == 50013

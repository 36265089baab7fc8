"""Messages: replies, files, direct messages, edits, deletions, reactions, mentions; and channels."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox import Permission, SeatError, SeatFile, SeenMessage
from tests.sandbox.bots import echo_bot
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House


async def test_a_message_gets_a_reply(house: House) -> None:
    await house.run(echo_bot())
    seat = await house.seat()
    said = await seat.say(house.help.id, "hello?")
    reply = await seat.reply(said)
    assert (reply.content, reply.author_id, reply.author_name) == ("you said hello?", house.app.id, "Faqtotum")
    assert not reply.ephemeral
    assert not reply.edited
    assert [user["id"] for user in reply.raw["mentions"]] == [str(house.ann.id)]
    assert seat.in_channel(house.help.id) == seat.messages


async def test_the_bot_sees_guild_channel_and_author(house: House) -> None:
    house.guild.add_category("Area")
    house.guild.add_text_channel("topical", topic="what it is for")
    house.guild.add_forum("posts", tags=["solved"])
    bot = make_bot()
    await house.run(bot)
    guild = bot.get_guild(house.guild.id)
    assert guild is not None
    assert {channel.name for channel in guild.channels} == {"help", "Area", "topical", "posts"}
    assert guild.me.guild_permissions.manage_messages
    assert [tag.name for tag in guild.forums[0].available_tags] == ["solved"]
    fetched = await bot.fetch_guild(house.guild.id)
    assert fetched.approximate_member_count == 4
    assert len(await fetched.fetch_channels()) == 4
    assert len(await fetched.fetch_roles()) == 2
    assert (await guild.fetch_member(house.ann.id)).name == "ann"
    assert (await bot.fetch_user(house.ben.id)).name == "ben"
    assert (await bot.application_info()).name == "Faqtotum"
    assert bot.application_flags.gateway_message_content_limited
    with pytest.raises(discord.NotFound):
        await guild.fetch_member(1)
    with pytest.raises(discord.NotFound):
        await bot.fetch_user(1)
    with pytest.raises(discord.NotFound):
        await bot.fetch_channel(1)


async def test_files_go_both_ways(house: House) -> None:
    bot = make_bot()

    @bot.listen()
    async def on_message(message: discord.Message) -> None:
        if message.attachments:
            content = await message.attachments[0].read()
            embed = discord.Embed(title="back").set_image(url="attachment://back.png")
            file = discord.File(io.BytesIO(content[::-1]), "back.png", description="backwards")
            await message.channel.send(file=file, embed=embed)

    await house.run(bot)
    seat = await house.seat()
    await seat.say(house.help.id, files=[SeatFile("a file.txt", b"abc", "letters")])
    answer = await seat.next_message()
    [attachment] = answer.attachments
    assert attachment["description"] == "backwards"
    assert attachment["content_type"] == "image/png"
    assert await seat.download(attachment) == b"cba"
    assert answer.embeds[0]["image"]["url"] == attachment["url"]


async def test_edits_and_deletions_reach_everybody(house: House) -> None:
    bot = make_bot()
    await house.run(bot)
    seat = await house.seat()
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("first")
    await sent.edit(content="second")
    seen = await seat.until(lambda message: message.content == "second")
    assert seen.edited
    await sent.delete()
    await seat.next(lambda event: event.name == "MESSAGE_DELETE")
    assert seat.messages == []
    assert sent.id in seat.gateway.deleted
    said = await seat.say(house.help.id, "typo")
    edited, deleted = asyncio.Event(), asyncio.Event()
    bot.add_listener(_setter(edited), "on_raw_message_edit")
    bot.add_listener(_setter(deleted), "on_raw_message_delete")
    assert (await seat.edit(said, "no typo")).content == "no typo"
    await seat.delete(said)
    await asyncio.wait_for(asyncio.gather(edited.wait(), deleted.wait()), 5)


def _setter(event: asyncio.Event):  # noqa: ANN202 - a listener of any shape
    async def listener(*_: object) -> None:
        event.set()

    return listener


async def test_history_is_paged(house: House) -> None:
    bot = make_bot()
    await house.run(bot)
    seat = await house.seat()
    said = [await seat.say(house.help.id, str(number)) for number in range(6)]
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    assert [message.content async for message in channel.history(limit=2)] == ["5", "4"]
    before, middle = discord.Object(said[2].id), discord.Object(said[3].id)
    assert [message.content async for message in channel.history(before=before)] == ["1", "0"]
    assert [message.content async for message in channel.history(after=middle)] == ["4", "5"]
    around = [message.content async for message in channel.history(around=middle, limit=3)]
    assert sorted(around) == ["2", "3", "4"]
    assert (await channel.fetch_message(said[0].id)).content == "0"
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(1)
    await channel.delete_messages([discord.Object(message.id) for message in said[:4]])
    await seat.next(lambda event: event.name == "MESSAGE_DELETE_BULK")
    assert [message.content for message in seat.messages] == ["4", "5"]


async def test_direct_messages(house: House) -> None:
    await house.run(echo_bot())
    seat = await house.seat()
    channel_id = await seat.dm(house.app.id)
    assert channel_id == await seat.dm(house.app.id)
    said = await seat.say(channel_id, "psst", files=[SeatFile("s.txt", b"secret")])
    assert said.attachments[0]["url"].startswith(house.sandbox.base_url)
    assert (await seat.reply(said)).content == "you said psst"
    other = await house.seat(house.ben)
    with pytest.raises(SeatError, match="50001"):
        await other.say(channel_id, "me too")
    with pytest.raises(SeatError, match="10013"):
        await seat.dm(house.ann.id)


async def test_a_bot_writes_first(house: House) -> None:
    bot = make_bot()
    await house.run(bot)
    seat = await house.seat()
    user = await bot.fetch_user(house.ann.id)
    await user.send("hello there")
    assert (await seat.next_message()).content == "hello there"
    twin = house.world.add_application("Twin")
    with pytest.raises(discord.Forbidden, match="50007"):
        await (await bot.fetch_user(twin.id)).send("hello, me")


async def test_reactions_and_typing(house: House) -> None:
    bot = make_bot()

    @bot.listen()
    async def on_raw_reaction_add(payload: discord.RawReactionActionEvent) -> None:
        if payload.user_id == house.ann.id:
            channel = bot.get_partial_messageable(payload.channel_id)
            message = await channel.fetch_message(payload.message_id)
            assert message.reactions[0].count == 1
            await message.add_reaction("✅")
            async with channel.typing():
                await message.remove_reaction("✅", discord.Object(house.app.id))
            await channel.send(f"saw {payload.emoji}")

    await house.run(bot)
    seat = await house.seat()
    said = await seat.say(house.help.id, "nice")
    await seat.react(said, "👍")
    assert (await seat.next_message()).content == "saw 👍"
    assert [event.name for event in seat.gateway.events if "REACTION" in event.name or "TYPING" in event.name] == [
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_ADD",
        "TYPING_START",
        "MESSAGE_REACTION_REMOVE",
    ]
    path = f"/channels/{house.help.id}/messages/{said.id}/reactions/%F0%9F%91%8D/@me"
    assert (await house.rest("DELETE", path)).status == 404


async def test_mentions_are_what_the_sender_allows(house: House) -> None:
    role = house.guild.add_role("helpers", mentionable=True)
    locked = house.guild.add_role("admins")
    bot = make_bot()
    await house.run(bot)
    seat = await house.seat()
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    text = f"<@{house.ann.id}> <@!{house.ann.id}> <@1> <@&{role.id}> <@&{locked.id}> @everyone"
    everything = await channel.send(text)
    assert [user.id for user in everything.mentions] == [house.ann.id]
    assert [each.id for each in everything.role_mentions] == [role.id]
    assert not everything.mention_everyone
    nothing = await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    assert (nothing.mentions, nothing.role_mentions) == ([], [])
    listed = await channel.send(text, allowed_mentions=discord.AllowedMentions(everyone=False, users=[], roles=[role]))
    assert (listed.mentions, [each.id for each in listed.role_mentions]) == ([], [role.id])
    house.guild.set_permissions(house.guild.everyone, house.guild.everyone.permissions | Permission.MENTION_EVERYONE)
    assert (await channel.send(text)).mention_everyone
    said = await seat.say(house.help.id, "quiet reply", reply_to=everything.id, ping=False)
    assert said.raw["mentions"] == []
    assert (await seat.say(house.help.id, "loud reply", reply_to=everything.id)).raw["mentions"][0]["bot"]


async def test_channels_can_be_changed_and_deleted(house: House) -> None:
    role = house.guild.add_role("keeper", permissions=Permission.MANAGE_CHANNELS)
    member = house.guild.members[house.app.id]
    house.guild.set_roles(member, [role])
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.edit(name="helpdesk", topic="ask")
    assert (house.help.name, house.help.topic) == ("helpdesk", "ask")
    await channel.delete()
    assert house.help.id not in house.world.channels
    seat = await house.seat()
    dm = await seat.dm(house.app.id)
    assert (await seat.request("DELETE", f"/channels/{dm}"))["id"] == str(dm)
    with pytest.raises(SeatError, match="50024"):
        await seat.request("PATCH", f"/channels/{dm}", {"name": "x"})


async def test_whoever_waits_for_a_message_looks_at_each_state_once(house: House) -> None:
    seat, other = await house.seat(), await house.seat(house.ben)
    for number in range(5):
        said = await seat.say(house.help.id, f"{number}")
        await other.until(lambda each, said=said: each.id == said.id)
    looked: list[str | None] = []

    def is_last(each: SeenMessage) -> bool:
        looked.append(each.content)
        return each.content == "edited"

    waiting = asyncio.create_task(other.until(is_last))
    said = [await seat.say(house.help.id, f"{number}") for number in range(5, 8)]
    await seat.edit(said[1], "edited")
    assert (await waiting).id == said[1].id
    assert looked == [*map(str, range(8)), "edited"]


async def test_nobody_waits_for_ever_and_faults_are_heard_by_who_made_them(house: House) -> None:
    seat, other = await house.seat(), await house.seat(house.ben)
    with pytest.raises(TimeoutError):
        await other.until(lambda each: each.content == "never", seconds=0)
    waiting = asyncio.create_task(other.until(lambda each: each.id < 1 / 0))
    said = await seat.say(house.help.id, "hello")
    with pytest.raises(ZeroDivisionError):
        await waiting
    assert (await other.until(lambda each: each.id == said.id)).content == "hello"

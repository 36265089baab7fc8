"""A run of the sandbox in which every event of the tables passes at least once."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import discord

from bot.sandbox import SeatFile
from tests.sandbox.bots import Pick, faq_bot
from tests.sandbox.house import open_house

if TYPE_CHECKING:
    from discord.ext import commands

    from bot.sandbox import GatewayFrame, Seat
    from tests.sandbox.house import House


async def record() -> list[GatewayFrame]:
    """What passed over the gateway of a bot with all the privileged intents, in both directions."""
    async with open_house() as house:
        house.app.guild_members = house.app.presences = True
        intents = discord.Intents.all()
        bot = faq_bot(intents=intents, activity=discord.Game("questions"))
        # What is there before the bot is, it learns from GUILD_CREATE.
        thread = await (await house.seat()).start_thread("early", channel_id=house.help.id)
        await house.run(bot)
        await bot.tree.sync()
        await bot.change_presence(status=discord.Status.idle, activity=discord.Game("more questions"))
        seat = await house.seat()
        await _guild(house, bot)
        await _messages(house, bot, seat)
        await _threads(house, bot, seat, thread)
        await _interactions(house, bot, seat)
        await house.sandbox.drop_connections(user_id=house.app.id)
        await seat.say(house.help.id, "welcome back")
        await bot.wait_for("resumed", timeout=5)
        guild = bot.get_guild(house.guild.id)
        assert guild is not None
        await guild.query_members(user_ids=[house.ben.id, 1])
        return [frame for frame in house.recorder.frames if frame.bot is not False]


async def _guild(house: House, bot: commands.Bot) -> None:
    role = house.guild.add_role("helpers", color=0xFF0000, mentionable=True)
    house.guild.set_permissions(role, 0)
    cat = house.world.add_user("cat", global_name="Cat")
    house.guild.set_roles(house.guild.add_member(cat, nick="Kitty"), [role])
    house.guild.remove_role(role)
    house.guild.remove_member(cat)
    extra = house.guild.add_text_channel("extra", topic="gone soon")
    house.guild.set_overwrite(extra, house.ann, deny=1)
    house.guild.remove_channel(extra)
    house.guild.add_forum("posts", tags=["solved"])
    other = house.world.add_guild("Other", owner=house.ann)
    other.install(house.app)
    other.remove_member(house.app.user)
    await bot.wait_for("guild_remove", timeout=5)


async def _messages(house: House, bot: commands.Bot, seat: Seat) -> None:
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    said = await seat.say(house.help.id, f"<@{house.ben.id}>", files=[SeatFile("a.txt", b"abc", "letters")])
    await seat.edit(said, "better")
    await seat.react(said, "👍")
    message = await channel.fetch_message(said.id)
    await message.add_reaction("✅")
    assert bot.user is not None
    await message.remove_reaction("✅", bot.user)
    async with channel.typing():
        pass
    embed = discord.Embed(title="t", description="d").add_field(name="n", value="v").set_footer(text="f")
    reply = await message.reply("there", embed=embed, file=discord.File(io.BytesIO(b"x"), "x.png"))
    dm = await seat.dm(house.app.id)
    await seat.say(dm, "psst")
    async with (await bot.fetch_user(house.ann.id)).typing():
        pass
    await seat.delete(said)
    await channel.delete_messages([reply, await channel.send("two")])


async def _threads(house: House, bot: commands.Bot, seat: Seat, early: int) -> None:
    said = await seat.say(house.help.id, "start")
    await seat.start_thread("talk", at=said)
    [forum] = [each for each in house.guild.channels.values() if each.name == "posts"]
    await seat.post(forum.id, "Help me", "please", tags=[forum.tags[0].id])
    thread = await bot.fetch_channel(early)
    assert isinstance(thread, discord.Thread)
    await thread.join()
    await thread.leave()
    await seat.request("PATCH", f"/channels/{early}", {"name": "quiet"})
    house.guild.remove_channel(house.world.channels[early])


async def _interactions(house: House, bot: commands.Bot, seat: Seat) -> None:
    answer = await seat.response(await seat.slash(house.help.id, "faq", {"query": "life", "count": 2}, sub="ask"))
    await seat.autocomplete(house.help.id, "faq", "query", "abc", sub="ask")
    for button in ("Yes", "Change", "Later"):
        await seat.press(answer, button)
    await seat.select(answer, ["2"])
    opened = await seat.press(answer, "Ask")
    assert opened.modal is not None
    await seat.response(await seat.submit_modal(opened.modal, {"text": "fine"}))
    await seat.response(await seat.slash(house.help.id, "faq", {"quietly": True}, sub="slow"))
    things = {"who": str(house.ben.id), "where": str(house.help.id)}
    await seat.response(await seat.slash(house.help.id, "faq", things, sub="about"))
    said = await seat.say(house.help.id, "what now?")
    await seat.response(await seat.context_menu("Answer this", house.help.id, said.id))
    await seat.response(await seat.context_menu("Greet", house.help.id, user_id=house.ben.id))
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("pick", view=Pick())
    panel = await seat.until(lambda message: message.id == sent.id)
    await seat.response(await seat.select(panel, [str(house.help.id)]))
    await seat.response(await seat.select(panel, [str(house.ben.id), str(house.guild.everyone.id)], "who"))
    await seat.response(await seat.slash(await seat.dm(house.app.id), "faq", {"query": "here"}, sub="ask"))


def recorded() -> list[GatewayFrame]:
    """The same, for fixtures that have no event loop."""
    return asyncio.run(record())

"""Messages, replies, slash commands, buttons: a discord.py bot and people in a loopback Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from tests.sandbox.conftest import make_bot

if TYPE_CHECKING:
    from tests.sandbox.conftest import House


async def test_a_message_gets_a_reply(house: House) -> None:
    bot = make_bot()

    @bot.listen()
    async def on_message(message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(f"you said {message.content}")

    await house.run(bot)
    seat = await house.seat()
    said = await seat.say(house.help.id, "hello?")
    reply = await seat.reply(said)
    assert reply.content == "you said hello?"
    assert reply.author_id == house.app.id
    assert not reply.ephemeral


async def test_slash_button_ephemeral(house: House) -> None:
    bot = make_bot()

    class View(discord.ui.View):
        @discord.ui.button(label="Yes", custom_id="yes")
        async def yes(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
            await interaction.response.send_message("pressed", ephemeral=True)

    @bot.tree.command(description="Ask")
    @app_commands.describe(query="what")
    async def ask(interaction: discord.Interaction, query: str) -> None:
        await interaction.response.send_message(f"answer to {query}", view=View())

    await house.run(bot)
    await bot.tree.sync()
    seat, other = await house.seat(), await house.seat(house.ben)
    used = await seat.slash(house.help.id, "ask", {"query": "life"})
    answer = await seat.response(used)
    assert answer.content == "answer to life"
    pressed = await seat.response(await seat.press(answer, "Yes"))
    assert pressed.content == "pressed"
    assert pressed.ephemeral
    done = await other.say(house.help.id, "done")
    await seat.until(lambda m: m.id == done.id)
    assert [m.content for m in other.messages] == ["answer to life", "done"]

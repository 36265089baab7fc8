"""Bots that the tests of the sandbox, and the validators' own, put into it."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from tests.sandbox.house import make_bot

Interaction = discord.Interaction["commands.Bot"]


class Feedback(discord.ui.Modal, title="Feedback"):
    text = discord.ui.TextInput["Feedback"](label="What?", custom_id="text", max_length=20)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await interaction.response.send_message(f"noted: {self.text.value}", ephemeral=True)


class Panel(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Yes", custom_id="yes")
    async def yes(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_message("pressed", ephemeral=True)

    @discord.ui.button(label="Change", custom_id="change")
    async def change(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.edit_message(content="changed")

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="later on")
        await interaction.followup.send("and more", ephemeral=True)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Feedback())

    @discord.ui.select(
        custom_id="pick",
        options=[discord.SelectOption(label="One", value="1"), discord.SelectOption(label="Two", value="2")],
    )
    async def pick(self, interaction: discord.Interaction, select: discord.ui.Select[Panel]) -> None:
        await interaction.response.send_message(f"picked {select.values[0]}")


class Pick(discord.ui.View):
    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
    async def where(self, interaction: discord.Interaction, select: discord.ui.ChannelSelect[Pick]) -> None:
        await interaction.response.send_message(f"in {select.values[0].name}")

    @discord.ui.select(cls=discord.ui.MentionableSelect, custom_id="who", max_values=2)
    async def who(self, interaction: discord.Interaction, select: discord.ui.MentionableSelect[Pick]) -> None:
        names = [each.name for each in select.values if isinstance(each, discord.Role | discord.Member)]
        await interaction.response.send_message(" and ".join(names))


def faq_bot(**options: object) -> commands.Bot:
    """A bot with a command of every kind; its panel has a component of every kind."""
    bot = make_bot(**options)
    group = app_commands.Group(name="faq", description="Questions")

    @group.command(name="ask", description="Ask")
    async def ask(interaction: Interaction, query: str, count: app_commands.Range[int, 1, 3] = 1) -> None:
        await interaction.response.send_message(f"{query} x{count}", view=Panel())

    @ask.autocomplete("query")
    async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=current.upper(), value=current)]

    @group.command(name="slow", description="Think")
    async def slow(interaction: Interaction, *, quietly: bool = False) -> None:
        await interaction.response.defer(ephemeral=quietly, thinking=True)
        await interaction.followup.send("thought", file=discord.File(io.BytesIO(b"proof"), "proof.txt"))
        sent = await interaction.followup.send("second", wait=True)
        await interaction.followup.edit_message(sent.id, content="second, edited")
        assert (await interaction.original_response()).content == "thought"

    @group.command(name="gone", description="Vanish")
    async def gone(interaction: Interaction) -> None:
        await interaction.response.send_message("soon gone")
        await interaction.delete_original_response()
        with pytest.raises(discord.NotFound):
            await interaction.original_response()
        with pytest.raises(discord.InteractionResponded):
            await interaction.response.send_message("twice")

    @group.command(name="form", description="Open a form")
    async def form(interaction: Interaction) -> None:
        await interaction.response.send_modal(Feedback())

    @group.command(name="about", description="Point at things")
    async def about(interaction: Interaction, who: discord.Member, where: discord.TextChannel) -> None:
        await interaction.response.send_message(f"{who.name} in {where.name}")

    @bot.tree.command(name="admin", description="Admins only")
    @app_commands.default_permissions(manage_guild=True)
    async def admin(interaction: Interaction) -> None:
        assert interaction.guild is not None
        await interaction.response.send_message(f"{interaction.permissions.manage_guild}", ephemeral=True)

    @bot.tree.context_menu(name="Answer this")
    async def answer(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"re: {message.content}", ephemeral=True)

    @bot.tree.context_menu(name="Greet")
    async def greet(interaction: Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"hello {user.name}")

    bot.tree.add_command(group)
    return bot


def echo_bot() -> commands.Bot:
    bot = make_bot()

    @bot.listen()
    async def on_message(message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(f"you said {message.content}")

    return bot


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


class Sharded(commands.AutoShardedBot):
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's five seconds between two shards."""

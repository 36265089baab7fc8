"""Slash commands, autocompletion, buttons, menus, modals, and the rules of answering them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands

from bot.sandbox import InteractionFailedError, Permission, SeatError, SeenMessage
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from discord.ext import commands

    from tests.sandbox.house import House

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


def faq_bot() -> commands.Bot:
    bot = make_bot()
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


@pytest.fixture
async def bot(house: House) -> commands.Bot:
    bot = faq_bot()
    await house.run(bot)
    await bot.tree.sync()
    return bot


@pytest.mark.usefixtures("bot")
async def test_a_slash_command_and_its_buttons(house: House) -> None:
    seat, other = await house.seat(), await house.seat(house.ben)
    used = await seat.slash(house.help.id, "faq", {"query": "life", "count": 2}, sub="ask")
    answer = await seat.response(used)
    assert answer.content == "life x2"
    assert answer.raw["type"] == 20
    pressed = await seat.response(await seat.press(answer, "Yes"))
    assert (pressed.content, pressed.ephemeral) == ("pressed", True)
    assert pressed.reply_to == answer.id
    picked = await seat.response(await seat.select(answer, ["2"]))
    assert picked.content == "picked 2"
    await other.press(answer, "change")
    changed = await other.until(lambda message: message.content == "changed")
    assert changed.id == answer.id
    later = await seat.press(answer, 2)
    assert (await seat.until(lambda message: message.content == "later on")).id == answer.id
    assert (await seat.response(later)).ephemeral
    done = await other.say(house.help.id, "done")
    await other.until(lambda message: message.id == done.id)
    assert [message.content for message in other.messages] == ["later on", "picked 2", "done"]


@pytest.mark.usefixtures("bot")
async def test_deferred_answers(house: House) -> None:
    seat, other = await house.seat(), await house.seat(house.ben)
    used = await seat.slash(house.help.id, "faq", sub="slow")
    answer = await seat.response(used)
    assert (answer.content, answer.edited, answer.ephemeral) == ("thought", False, False)
    assert await seat.download(answer.attachments[0]) == b"proof"
    assert (await other.until(lambda message: message.content == "second, edited")).reply_to == answer.id
    hidden = await seat.response(await seat.slash(house.help.id, "faq", {"quietly": True}, sub="slow"))
    assert hidden.ephemeral
    assert hidden.attachments[0]["ephemeral"]
    assert await seat.download(hidden.attachments[0]) == b"proof"
    await seat.slash(house.help.id, "faq", sub="gone")
    await seat.next(lambda event: event.name == "MESSAGE_DELETE")


@pytest.mark.usefixtures("bot")
async def test_autocompletion(house: House) -> None:
    seat = await house.seat()
    choices = await seat.autocomplete(house.help.id, "faq", "query", "abc", others={"count": 1}, sub="ask")
    assert [(choice.name, choice.value) for choice in choices] == [("ABC", "abc")]


@pytest.mark.usefixtures("bot")
async def test_modals(house: House) -> None:
    seat = await house.seat()
    for opened in (
        await seat.slash(house.help.id, "faq", sub="form"),
        await seat.press(await _panel(seat, house), "ask"),
    ):
        assert opened.modal is not None
        assert opened.modal.title == "Feedback"
        assert [each["custom_id"] for each in opened.modal.inputs] == ["text"]
        with pytest.raises(SeatError, match="50035"):
            await seat.submit_modal(opened.modal, {"text": "x" * 21})
        with pytest.raises(SeatError, match="50035"):
            await seat.submit_modal(opened.modal, {})
        noted = await seat.response(await seat.submit_modal(opened.modal, {"text": "fine"}))
        assert noted.content == "noted: fine"
    other = await house.seat(house.ben)
    with pytest.raises(SeatError, match="10062"):
        await other.submit_modal(opened.modal, {"text": "not mine"})


async def _panel(seat, house):  # noqa: ANN001, ANN202
    return await seat.response(await seat.slash(house.help.id, "faq", {"query": "panel"}, sub="ask"))


@pytest.mark.usefixtures("bot")
async def test_context_menus(house: House) -> None:
    seat = await house.seat()
    said = await seat.say(house.help.id, "what now?")
    answer = await seat.response(await seat.context_menu("Answer this", house.help.id, said.id))
    assert (answer.content, answer.ephemeral, answer.raw["type"]) == ("re: what now?", True, 23)
    greeted = await seat.response(await seat.context_menu("Greet", house.help.id, user_id=house.ben.id))
    assert greeted.content == "hello ben"
    with pytest.raises(SeatError, match="10008"):
        await seat.context_menu("Answer this", house.help.id, 1)
    with pytest.raises(SeatError, match="10013"):
        await seat.context_menu("Greet", house.help.id, user_id=1)


@pytest.mark.usefixtures("bot")
async def test_options_are_checked_and_resolved(house: House) -> None:
    seat = await house.seat()
    things = {"who": str(house.ben.id), "where": str(house.help.id)}
    assert (await seat.response(await seat.slash(house.help.id, "faq", things, sub="about"))).content == "ben in help"
    for options, sub in (
        ({}, "ask"),
        ({"query": "x", "unknown": 1}, "ask"),
        ({"query": "x", "count": 4}, "ask"),
        ({"query": "x", "count": "2"}, "ask"),
        ({"who": "1", "where": str(house.help.id)}, "about"),
        ({"who": str(house.ben.id), "where": "x"}, "about"),
    ):
        with pytest.raises(SeatError, match="50035"):
            await seat.slash(house.help.id, "faq", options, sub=sub)
    with pytest.raises(SeatError, match="10063"):
        await seat.slash(house.help.id, "nonsense")
    with pytest.raises(SeatError, match="10003"):
        await seat.slash(1, "faq")


@pytest.mark.usefixtures("bot")
async def test_default_permissions_hold_until_an_admin_opens_a_command(house: House) -> None:
    seat = await house.seat()
    with pytest.raises(SeatError, match="50013"):
        await seat.slash(house.help.id, "admin")
    house.guild.open_commands.add("admin")
    assert (await seat.response(await seat.slash(house.help.id, "admin"))).content == "False"
    owner = await house.seat(house.guild.owner)
    assert (await owner.response(await owner.slash(house.help.id, "admin"))).content == "True"
    no_commands = house.guild.everyone.permissions & ~Permission.USE_APPLICATION_COMMANDS
    house.guild.set_permissions(house.guild.everyone, no_commands)
    with pytest.raises(SeatError, match="50013"):
        await seat.slash(house.help.id, "admin")


@pytest.mark.usefixtures("bot")
async def test_commands_can_be_listed_and_used_in_direct_messages(house: House) -> None:
    seat = await house.seat()
    names = {each["name"] for each in await seat.commands(house.help.id)}
    assert names == {"faq", "admin", "Answer this", "Greet"}
    in_guild = await seat.request("GET", f"/guilds/{house.guild.id}/application-command-index")
    assert len(in_guild["application_commands"]) == 4
    channel_id = await seat.dm(house.app.id)
    answer = await seat.response(await seat.slash(channel_id, "faq", {"query": "here"}, sub="ask"))
    assert answer.content == "here x1"


@pytest.mark.usefixtures("bot")
async def test_components_are_checked(house: House) -> None:
    seat, other = await house.seat(), await house.seat(house.ben)
    panel = await _panel(seat, house)
    with pytest.raises(SeatError, match="50035"):
        await seat.select(panel, ["3"])
    with pytest.raises(SeatError, match="50035"):
        await seat.select(panel, [])
    with pytest.raises(LookupError):
        await seat.press(panel, "No")
    with pytest.raises(LookupError):
        await seat.select(panel, ["1"], "other")
    hidden = await seat.response(await seat.press(panel, "Yes"))
    with pytest.raises(SeatError, match="10008"):
        await other._component(hidden, {"custom_id": "yes", "component_type": 2})
    with pytest.raises(SeatError, match="50035"):
        await seat._component(hidden, {"custom_id": "yes", "component_type": 2})
    said = await seat.say(house.help.id, "no buttons")
    with pytest.raises(SeatError, match="10002"):
        await seat._component(said, {"custom_id": "yes", "component_type": 2})


async def test_selects_that_discord_fills(house: House) -> None:
    bot = make_bot()

    class Pick(discord.ui.View):
        @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
        async def where(self, interaction: discord.Interaction, select: discord.ui.ChannelSelect[Pick]) -> None:
            await interaction.response.send_message(f"in {select.values[0].name}")

        @discord.ui.select(cls=discord.ui.MentionableSelect, custom_id="who", max_values=2)
        async def who(self, interaction: discord.Interaction, select: discord.ui.MentionableSelect[Pick]) -> None:
            names = [each.name for each in select.values if isinstance(each, discord.Role | discord.Member)]
            await interaction.response.send_message(" and ".join(names))

    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    role = house.guild.add_role("helpers")
    seat = await house.seat()
    await channel.send("pick", view=Pick())
    panel = await seat.next_message()
    assert (await seat.response(await seat.select(panel, [str(house.help.id)]))).content == "in help"
    both = await seat.select(panel, [str(house.ben.id), str(role.id)], "who")
    assert (await seat.response(both)).content == "ben and helpers"
    with pytest.raises(SeatError, match="50035"):
        await seat.select(panel, ["1"])


async def test_a_view_outlives_its_bot(house: House) -> None:
    first = make_bot()
    await house.run(first)
    channel = first.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("panel", view=Panel())
    await first.close()
    second = make_bot()
    second.add_view(Panel())
    await house.run(second)
    seat = await house.seat()
    raw = (await seat.request("GET", f"/channels/{house.help.id}/messages"))[0]
    assert (await seat.response(await seat.press(SeenMessage(raw), "Yes"))).content == "pressed"


async def test_nobody_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("desk", "server"):
        monkeypatch.setattr(f"bot.sandbox.{module}.FIRST_RESPONSE_SECONDS", 0.05)
    body = [{"name": "silent", "description": "Says nothing"}]
    assert (await house.rest("PUT", f"/applications/{house.app.id}/commands", body)).status == 200
    seat = await house.seat()
    with pytest.raises(InteractionFailedError):
        await seat.slash(house.help.id, "silent")

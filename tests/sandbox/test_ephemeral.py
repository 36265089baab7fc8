"""Messages that only one person sees, and files in answers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
import pytest
from discord import ui

from bot.sandbox import ManualClock, Sandbox, Seat, World, redirected
from tests.sandbox.house import make_bot, running

if TYPE_CHECKING:
    from discord.ext import commands

    from tests.sandbox.house import House

Interaction = discord.Interaction
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d")
"""The first bytes of a picture of three by two."""


class Pages(ui.View):
    def __init__(self, kept: dict[str, discord.Interaction]) -> None:
        super().__init__(timeout=None)
        self.kept = kept

    @ui.button(label="Next")
    async def forward(self, interaction: discord.Interaction, _: ui.Button[Pages]) -> None:
        self.kept["pressed"] = interaction
        await interaction.response.edit_message(content="page 2")

    @ui.button(label="Later")
    async def later(self, interaction: discord.Interaction, _: ui.Button[Pages]) -> None:
        await interaction.response.defer()
        assert interaction.message is not None
        await interaction.followup.edit_message(interaction.message.id, content="page 3", view=None)

    @ui.button(label="Close")
    async def close(self, interaction: discord.Interaction, _: ui.Button[Pages]) -> None:
        await interaction.response.defer()
        await interaction.delete_original_response()


def pages_bot(kept: dict[str, discord.Interaction]) -> commands.Bot:
    bot = make_bot()

    @bot.tree.command(name="pages", description="Turn them")
    async def pages(interaction: Interaction) -> None:
        kept["opened"] = interaction
        await interaction.response.send_message("page 1", view=Pages(kept), ephemeral=True)

    @bot.tree.command(name="quiet", description="Think quietly")
    async def quiet(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("first", ephemeral=False)
        second = await interaction.followup.send("second", ephemeral=True, wait=True)
        await second.edit(content="second, edited")
        await second.delete()
        third = await interaction.followup.send("third", ephemeral=False, wait=True)
        assert third.flags.ephemeral is False

    return bot


async def test_a_hidden_message_changes_and_goes(house: House) -> None:
    kept: dict[str, discord.Interaction] = {}
    bot = pages_bot(kept)
    await house.run(bot)
    await bot.tree.sync()
    seat, other = await house.seat(), await house.seat(house.ben)
    shown = await seat.response(await seat.slash(house.help.id, "pages"))
    await seat.press(shown, "Next")
    assert (await seat.until(lambda message: message.content == "page 2")).id == shown.id
    await kept["opened"].edit_original_response(content="page 1 again")
    await seat.until(lambda message: message.content == "page 1 again")
    await kept["pressed"].edit_original_response(content="page 2 again")
    await seat.until(lambda message: message.content == "page 2 again")
    message = kept["pressed"].message
    assert message is not None
    with pytest.raises(discord.NotFound):
        await message.edit(content="not without the token")
    await seat.press(shown, "Later")
    last = await seat.until(lambda message: message.content == "page 3")
    assert (last.id, last.buttons, last.ephemeral) == (shown.id, [], True)
    again = await seat.response(await seat.slash(house.help.id, "pages"))
    await seat.press(again, "Close")
    await seat.next(lambda event: event.name == "MESSAGE_DELETE" and event.data["id"] == str(again.id))
    assert again.id not in {message.id for message in seat.messages}
    assert other.messages == []


async def test_a_hidden_message_is_dismissed_on_its_readers_screen_alone(house: House) -> None:
    kept: dict[str, discord.Interaction] = {}
    bot = pages_bot(kept)
    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    shown = await seat.response(await seat.slash(house.help.id, "pages"))
    seat.dismiss(shown)
    edited = await kept["opened"].edit_original_response(content="page 9")
    assert edited.content == "page 9"
    await seat.next(lambda event: event.name == "MESSAGE_UPDATE" and event.data["content"] == "page 9")
    assert seat.messages == []
    with pytest.raises(ValueError, match="ephemeral"):
        seat.dismiss(await seat.say(house.help.id, "for all to see"))


async def test_follow_ups_choose_who_sees_them_but_the_first_does_not(house: House) -> None:
    bot = pages_bot({})
    await house.run(bot)
    await bot.tree.sync()
    seat, other = await house.seat(), await house.seat(house.ben)
    first = await seat.response(await seat.slash(house.help.id, "quiet"))
    assert (first.content, first.ephemeral) == ("first", True)
    await other.until(lambda message: message.content == "third")
    deleted = await seat.next(lambda event: event.name == "MESSAGE_DELETE")
    assert seat.gateway.deleted[int(deleted.data["id"])].content == "second, edited"
    assert [message.content for message in other.messages] == ["third"]


async def test_after_a_quarter_of_an_hour_only_a_new_press_can_change_it() -> None:
    clock = ManualClock()
    world = World(clock)
    ann = world.add_user("ann")
    guild = world.add_guild("Test", owner=ann)
    channel = guild.add_text_channel("help")
    app = world.add_application("App", message_content=True)
    guild.install(app)
    kept: dict[str, discord.Interaction] = {}
    bot = pages_bot(kept)
    async with Sandbox(world) as sandbox, Seat(sandbox, ann) as seat:
        with redirected(sandbox):
            async with running(bot, app.user.token):
                await bot.tree.sync()
                shown = await seat.response(await seat.slash(channel.id, "pages"))
                clock.advance(15 * 60)
                with pytest.raises(discord.HTTPException) as refusal:
                    await kept["opened"].edit_original_response(content="too late")
                assert (refusal.value.status, refusal.value.code) == (401, 50027)
                await seat.press(shown, "Next")
                await seat.until(lambda message: message.content == "page 2")


async def test_files_in_answers_come_and_go(house: House) -> None:
    bot = make_bot()

    @bot.tree.command(name="plot", description="Show a picture")
    async def plot(interaction: Interaction, *, hidden: bool) -> None:
        await interaction.response.defer(ephemeral=hidden)
        embed = discord.Embed(title="Map").set_image(url="attachment://map.png")
        files = [discord.File(io.BytesIO(PIXEL), "map.png"), discord.File(io.BytesIO(b"a: 1"), "faq.yaml")]
        await interaction.edit_original_response(embed=embed, attachments=files)
        more = discord.File(io.BytesIO(b"more"), "more.yaml", description="More of it")
        await interaction.followup.send("more", file=more, ephemeral=hidden)
        original = await interaction.original_response()
        kept = [each for each in original.attachments if each.filename != "map.png"]
        new = discord.File(io.BytesIO(b"new"), "new.yaml")
        await original.edit(content="no map", embed=None, attachments=[*kept, new])
        await original.edit(content="no files", attachments=[])

    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    for hidden in (True, False):
        used = await seat.slash(house.help.id, "plot", {"hidden": hidden})
        await seat.until(lambda message: message.content == "no files")
        states = [
            event.data
            for event in seat.gateway.events
            if event.name == "MESSAGE_UPDATE" and event.data["interaction_metadata"]["id"] == str(used.interaction_id)
        ]
        first, second, third = states
        picture, text = first["attachments"]
        assert (picture["width"], picture["height"], picture["content_type"]) == (3, 2, "image/png")
        assert first["embeds"][0]["image"]["url"] == picture["url"]
        assert [each["filename"] for each in second["attachments"]] == ["faq.yaml", "new.yaml"]
        assert second["attachments"][0]["id"] == text["id"]
        assert third["attachments"] == []
        assert all(each.get("ephemeral", False) is hidden for each in first["attachments"])
        [more] = [message for message in seat.messages if message.content == "more"]
        assert more.ephemeral is hidden
        assert await seat.download(more.attachments[0]) == b"more"
        assert more.attachments[0]["description"] == "More of it"
        for message in list(seat.messages):
            seat.gateway.dismiss(message.id)


async def test_answers_hold_no_file_that_is_too_large(house: House) -> None:
    bot = make_bot()

    @bot.tree.command(name="large", description="Send too much")
    async def large(interaction: Interaction) -> None:
        assert interaction.filesize_limit == 10 * 1024 * 1024
        file = discord.File(io.BytesIO(b"x" * (interaction.filesize_limit + 1)), "large.txt")
        with pytest.raises(discord.HTTPException) as refusal:
            await interaction.response.send_message(file=file)
        assert (refusal.value.status, refusal.value.code) == (413, 40005)
        await interaction.response.send_message("too large", ephemeral=True)

    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    assert (await seat.response(await seat.slash(house.help.id, "large"))).content == "too large"

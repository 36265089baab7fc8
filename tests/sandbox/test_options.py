"""What is filled into slash commands: every type of option, files among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.sandbox import SeatError, SeatFile
from bot.sandbox.attachments import MAX_ATTACHMENT_BYTES
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from discord.ext import commands

    from tests.sandbox.house import House

Interaction = discord.Interaction
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d")
"""The first bytes of a picture of three by two."""


def options_bot() -> commands.Bot:
    bot = make_bot()
    faq = app_commands.Group(name="faq", description="Questions")
    entry = app_commands.Group(name="entry", description="Entries", parent=faq)

    @faq.command(name="import", description="Read a file")
    async def read(interaction: Interaction, file: discord.Attachment, more: discord.Attachment | None = None) -> None:
        text = (await file.read()).decode(errors="replace")
        about = f"{file.filename} {file.size} {file.content_type} {file.width}x{file.height}"
        await interaction.response.send_message(f"{about} {text[:9]!r} {more.filename if more else None}")

    @entry.command(name="move", description="Move an entry")
    async def move(
        interaction: Interaction,
        where: app_commands.AppCommandChannel,
        role: discord.Role,
        whom: discord.Member | discord.Role,
        weight: app_commands.Range[float, 0, 1] = 0.5,
    ) -> None:
        await interaction.response.send_message(f"{where.name} {role.name} {whom.name} {weight}")

    @entry.command(name="add", description="Add an entry")
    @app_commands.choices(level=[app_commands.Choice(name="Low", value=1), app_commands.Choice(name="High", value=2)])
    async def add(
        interaction: Interaction,
        text: app_commands.Range[str, 3, 10],
        level: app_commands.Choice[int],
        forum: discord.ForumChannel | None = None,
    ) -> None:
        await interaction.response.send_message(f"{text} {level.name} {forum.name if forum else None}")

    @add.autocomplete("text")
    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        level = interaction.namespace.level
        return [app_commands.Choice(name=f"{current} at {level}", value=current)]

    bot.tree.add_command(faq)
    return bot


async def test_files(house: House) -> None:
    bot = options_bot()
    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    for file, told in (
        (SeatFile("faq.csv", b"q,a"), "faq.csv 3 text/csv; charset=utf-8 NonexNone 'q,a' None"),
        (SeatFile("dot.png", PIXEL), "dot.png 33 image/png 3x2"),
        (SeatFile("a b ü.txt", b""), "a b ü.txt 0 text/plain; charset=utf-8 NonexNone '' None"),
    ):
        answer = await seat.response(await seat.slash(house.help.id, "faq", {"file": file}, sub="import"))
        assert answer.content.startswith(told)
    both = {"more": SeatFile("two.yaml", b"2"), "file": SeatFile("one.yaml", b"1")}
    answer = await seat.response(await seat.slash(house.help.id, "faq", both, sub="import"))
    assert answer.content.startswith("one.yaml 1 ")
    assert answer.content.endswith("two.yaml")
    used = [frame.d for frame in house.recorder.frames if frame.bot and frame.t == "INTERACTION_CREATE"][-1]
    uploads = used["data"]["resolved"]["attachments"]
    assert {each["filename"] for each in uploads.values()} == {"one.yaml", "two.yaml"}
    assert all(each["ephemeral"] and "/ephemeral-attachments/" in each["url"] for each in uploads.values())
    for wrong in ({}, {"file": "0"}, {"file": SeatFile("a.txt", b""), "more": "7"}):
        with pytest.raises(SeatError, match="50035"):
            await seat.slash(house.help.id, "faq", wrong, sub="import")
    url = uploads[min(uploads)]["url"]
    assert await seat.download({"url": url}) in {b"1", b"2"}


async def test_files_that_are_too_large(house: House) -> None:
    bot = options_bot()
    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    most = SeatFile("most.txt", b"x" * MAX_ATTACHMENT_BYTES)
    assert (await seat.response(await seat.slash(house.help.id, "faq", {"file": most}, sub="import"))).content
    large = SeatFile("large.txt", most.content + b"x")
    with pytest.raises(SeatError) as refusal:
        await seat.slash(house.help.id, "faq", {"file": large}, sub="import")
    assert (refusal.value.status, refusal.value.code) == (413, 40005)
    for files in ([large], [most, most, most]):
        with pytest.raises(SeatError, match="40005"):
            await seat.say(house.help.id, files=files)


async def test_ids_and_numbers(house: House) -> None:
    bot = options_bot()
    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    role, forum = house.guild.add_role("helpers"), house.guild.add_forum("posts")
    good: dict[str, Any] = {"where": forum.id, "role": role.id, "whom": house.ben.id}
    answer = await seat.response(await seat.slash(house.help.id, "faq", good, sub="entry move"))
    assert answer.content == "posts helpers ben 0.5"
    answer = await seat.response(
        await seat.slash(house.help.id, "faq", good | {"whom": role.id, "weight": 1}, sub="entry move")
    )
    assert answer.content == "posts helpers helpers 1.0"
    for wrong in ({"role": house.ben.id}, {"whom": forum.id}, {"where": 1}, {"weight": 1.5}, {"weight": True}):
        with pytest.raises(SeatError, match="50035"):
            await seat.slash(house.help.id, "faq", good | wrong, sub="entry move")


async def test_texts_and_choices_in_a_group_of_subcommands(house: House) -> None:
    bot = options_bot()
    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    forum = house.guild.add_forum("posts")
    good: dict[str, Any] = {"text": "what?", "level": 2, "forum": forum.id}
    answer = await seat.response(await seat.slash(house.help.id, "faq", good, sub="entry add"))
    assert answer.content == "what? High posts"
    for wrong in ({"text": "no"}, {"text": "x" * 11}, {"level": 3}, {"level": "High"}, {"forum": house.help.id}):
        with pytest.raises(SeatError, match="50035"):
            await seat.slash(house.help.id, "faq", good | wrong, sub="entry add")
    for sub in (None, "entry", "add", "entry import"):
        with pytest.raises(SeatError, match="50035"):
            await seat.slash(house.help.id, "faq", good, sub=sub)
    [choice] = await seat.autocomplete(house.help.id, "faq", "text", "w", others={"level": 2}, sub="entry add")
    assert (choice.name, choice.value) == ("w at 2", "w")
    with pytest.raises(SeatError, match="50035"):
        await seat.autocomplete(house.help.id, "faq", "level", "H", sub="entry add")
    assert set(await seat.shown_commands(house.help.id)) == {"faq import", "faq entry move", "faq entry add"}


async def test_calls_that_a_client_does_not_make(house: House) -> None:
    path = f"/applications/{house.app.id}/guilds/{house.guild.id}/commands"
    flag = {"name": "flag", "description": "x", "type": 5}
    [command] = (await house.rest("PUT", path, [{"name": "own", "description": "x", "options": [flag]}])).body
    seat = await house.seat()

    async def call(*options: dict[str, Any], **data: Any) -> None:  # noqa: ANN401
        body = {"type": 2, "channel_id": str(house.help.id), "data": {"options": list(options)} | data}
        await seat.request("POST", "/interactions", body)

    await call({"name": "flag", "value": True}, id=command["id"])
    told = await seat.next(lambda event: event.name == "INTERACTION_CREATE")
    found = next(each for each in house.sandbox._desk._by_token.values() if str(each.id) == told.data["id"])
    assert found.data["guild_id"] == str(house.guild.id)
    with pytest.raises(SeatError, match="10063"):
        await call(id="1")
    for wrong in ([{"name": "flag", "value": 1}], [{"name": "flag", "value": True}] * 2):
        with pytest.raises(SeatError, match="50035"):
            await call(*wrong, name="own")

"""Who may do what, and what discord.py makes of it."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox import Permission, SeatError
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from bot.sandbox import Channel
    from tests.sandbox.house import House


async def test_permissions_are_checked(house: House) -> None:
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("still fine")
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as refusal:
        await channel.send("no more")
    assert refusal.value.code == 50013
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.EMBED_LINKS | Permission.ATTACH_FILES)
    with pytest.raises(discord.Forbidden):
        await channel.send(embed=discord.Embed(title="no"))
    with pytest.raises(discord.Forbidden):
        await channel.send(file=discord.File(io.BytesIO(b"no"), "no.txt"))
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.READ_MESSAGE_HISTORY)
    assert [message async for message in channel.history()] == []
    with pytest.raises(discord.Forbidden):
        await channel.fetch_message(sent.id)
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as refusal:
        await bot.fetch_channel(channel.id)
    assert refusal.value.code == 50001
    with pytest.raises(discord.Forbidden):
        await channel.edit(topic="mine")


async def test_only_authors_edit(house: House) -> None:
    seat = await house.seat()
    said = await seat.say(house.help.id, "mine")
    path = f"/channels/{house.help.id}/messages/{said.id}"
    assert (await house.rest("PATCH", path, {"content": "yours"})).body["code"] == 50005
    hidden = await house.rest("PATCH", path, {"flags": 4})
    assert hidden.body["flags"] == 4
    other = await house.seat(house.ben)
    with pytest.raises(SeatError, match="50013"):
        await other.delete(said)
    assert (await house.rest("DELETE", path)).status == 204


SWITCHES = [(0, 0), (Permission.SEND_MESSAGES, 0), (0, Permission.SEND_MESSAGES), (0, Permission.VIEW_CHANNEL)]


async def test_permissions_agree_with_the_library(house: House) -> None:
    """discord.py adds permissions up itself, from what the gateway told it: an independent second opinion."""
    role = house.guild.add_role("role")
    house.guild.set_roles(house.guild.members[house.ann.id], [role])
    channels: list[Channel] = []
    for choice in itertools.product(SWITCHES, repeat=3):
        channel = house.guild.add_text_channel("case")
        for target, (allow, deny) in zip((house.guild.everyone, role, house.ann), choice, strict=True):
            house.guild.set_overwrite(channel, target, allow=allow, deny=deny)
        channels.append(channel)
    bot = make_bot()
    await house.run(bot)
    guild = bot.get_guild(house.guild.id)
    assert guild is not None
    member = await guild.fetch_member(house.ann.id)
    for channel in channels:
        found = guild.get_channel(channel.id)
        assert found is not None
        theirs, ours = found.permissions_for(member), house.guild.permissions(house.ann, channel)
        assert theirs.view_channel == bool(ours & Permission.VIEW_CHANNEL)
        assert (theirs.send_messages and theirs.view_channel) == bool(ours & Permission.SEND_MESSAGES)
        assert (theirs.embed_links and theirs.view_channel) == bool(ours & Permission.EMBED_LINKS)

"""Who is shown and may use which command, what an interaction says about it, and what a bot can find out itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands

from bot.sandbox import Permission, SeatError, SeatFile
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from discord.ext import commands

    from tests.sandbox.house import House

Interaction = discord.Interaction


async def admin_bot(house: House) -> commands.Bot:
    bot = make_bot()

    @bot.tree.command(name="manage", description="For managers")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def manage(interaction: Interaction) -> None:
        await interaction.response.send_message("managed", ephemeral=True)

    @manage.error
    async def refuse(interaction: Interaction, error: app_commands.AppCommandError) -> None:
        assert isinstance(error, app_commands.MissingPermissions)
        await interaction.response.send_message("not yours", ephemeral=True)

    @bot.tree.command(name="locked", description="For admins")
    @app_commands.default_permissions()
    async def locked(interaction: Interaction) -> None:
        await interaction.response.send_message("unlocked")

    @bot.tree.command(name="told", description="Says what it was told")
    @app_commands.guild_only()
    async def told(interaction: Interaction) -> None:
        assert isinstance(interaction.user, discord.Member)
        roles = [role.name for role in interaction.user.roles]
        mine, theirs = interaction.app_permissions, interaction.permissions
        assert theirs == interaction.user.resolved_permissions
        allowed = [mine.send_messages, mine.manage_messages, theirs.attach_files, theirs.manage_messages]
        await interaction.response.send_message(f"{roles} {allowed}", ephemeral=True)

    @bot.tree.context_menu(name="Look")
    async def look(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content, ephemeral=True)

    await house.run(bot)
    await bot.tree.sync()
    return bot


async def test_default_permissions_hide_a_command_and_a_role_shows_it(house: House) -> None:
    await admin_bot(house)
    seat = await house.seat()
    member = house.guild.members[house.ann.id]
    managers = house.guild.add_role("managers", permissions=Permission.MANAGE_GUILD)
    admins = house.guild.add_role("admins", permissions=Permission.ADMINISTRATOR)
    for roles, seen in (([], {"told"}), ([managers], {"told", "manage"}), ([admins], {"told", "manage", "locked"})):
        house.guild.set_roles(member, roles)
        assert {each["name"] for each in await seat.commands(house.help.id)} == seen | {"Look"}
        for name in {"manage", "locked"} - seen:
            with pytest.raises(SeatError, match="50013"):
                await seat.slash(house.help.id, name)
    assert (await seat.response(await seat.slash(house.help.id, "manage"))).content == "managed"
    assert (await seat.response(await seat.slash(house.help.id, "locked"))).content == "unlocked"
    dm = await seat.dm(house.app.id)
    assert {each["name"] for each in await seat.commands(dm)} == {"manage", "locked", "Look"}
    with pytest.raises(SeatError, match="10063"):
        await seat.slash(dm, "told")


async def test_a_command_opened_by_an_admin_meets_the_bots_own_check(house: House) -> None:
    bot = await admin_bot(house)
    seat = await house.seat()
    guild = discord.Object(house.guild.id)
    [manage] = [each for each in await bot.tree.fetch_commands() if each.name == "manage"]
    with pytest.raises(discord.NotFound) as unchanged:
        await manage.fetch_permissions(guild)
    assert unchanged.value.code == 10066
    house.guild.open_commands.add("manage")
    told = await seat.response(await seat.slash(house.help.id, "manage"))
    assert (told.content, told.ephemeral) == ("not yours", True)
    opened = await manage.fetch_permissions(guild)
    assert [(each.id, each.permission) for each in opened.permissions] == [(house.guild.id, True)]
    path = f"/applications/{house.app.id}/guilds/{house.guild.id}/commands"
    assert [each["id"] for each in (await house.rest("GET", f"{path}/permissions")).body] == [str(manage.id)]
    assert (await house.rest("GET", f"{path}/1/permissions")).body["code"] == 10063


async def test_an_interaction_tells_permissions_with_overwrites(house: House) -> None:
    await admin_bot(house)
    seat = await house.seat()
    role = house.guild.add_role("helpers", permissions=Permission.MANAGE_MESSAGES)
    house.guild.set_roles(house.guild.members[house.ann.id], [role])
    answer = await seat.response(await seat.slash(house.help.id, "told"))
    assert answer.content == "['@everyone', 'helpers'] [True, True, True, True]"
    house.guild.set_overwrite(house.help, house.app.user, deny=Permission.SEND_MESSAGES | Permission.MANAGE_MESSAGES)
    house.guild.set_overwrite(house.help, role, deny=Permission.ATTACH_FILES)
    answer = await seat.response(await seat.slash(house.help.id, "told"))
    assert answer.content == "['@everyone', 'helpers'] [False, False, False, True]"


async def test_in_direct_messages_the_application_is_told_the_documented_permissions(house: House) -> None:
    await admin_bot(house)
    seat = await house.seat()
    await seat.response(await seat.slash(await seat.dm(house.app.id), "manage"))
    used = [frame.d for frame in house.recorder.frames if frame.bot and frame.t == "INTERACTION_CREATE"][-1]
    assert used["app_permissions"] == "442368"


async def test_a_message_menu_hands_the_whole_message_over(house: House) -> None:
    house.app.message_content = False
    bot = make_bot(intents=discord.Intents(guilds=True, dm_messages=True))

    @bot.tree.context_menu(name="Look")
    async def look(interaction: Interaction, message: discord.Message) -> None:
        reference = message.reference.resolved if message.reference else None
        replied = reference.content if isinstance(reference, discord.Message) else None
        files = [(await each.read()).decode() for each in message.attachments]
        text = f"{message.author.name}: {message.content} {[each.title for each in message.embeds]} {files} {replied}"
        await interaction.response.send_message(text, ephemeral=True)

    await house.run(bot)
    await bot.tree.sync()
    seat, other = await house.seat(), await house.seat(house.ben)
    asked = await other.say(house.help.id, "how?")
    reply = await other.say(house.help.id, "like this", reply_to=asked, files=[SeatFile("how.txt", b"so")])
    told = await seat.response(await seat.context_menu("Look", house.help.id, reply.id))
    assert told.content == "ben: like this [] ['so'] how?"
    path = f"/channels/{house.help.id}/messages"
    sent = await house.rest(
        "POST", path, {"embeds": [{"title": "Answer"}], "message_reference": {"message_id": asked.id}}
    )
    told = await seat.response(await seat.context_menu("Look", house.help.id, int(sent.body["id"])))
    assert told.content == "Faqtotum:  ['Answer'] [] how?"
    await other.delete(asked)
    told = await seat.response(await seat.context_menu("Look", house.help.id, reply.id))
    assert told.content.endswith("None")


async def test_what_a_bot_can_find_out_about_itself(house: House) -> None:
    helpers = house.guild.add_role("helpers", color=0x00FF00)
    quiet = house.guild.add_text_channel("quiet", parent=house.guild.add_category("all"))
    house.guild.set_overwrite(quiet, house.guild.everyone, deny=Permission.SEND_MESSAGES)
    house.guild.set_overwrite(quiet, house.app.user, allow=Permission.SEND_MESSAGES, deny=Permission.EMBED_LINKS)
    hidden = house.guild.add_forum("hidden")
    house.guild.set_overwrite(hidden, house.guild.everyone, deny=Permission.VIEW_CHANNEL)
    bot = await admin_bot(house)
    guild = bot.get_guild(house.guild.id)
    assert guild is not None
    assert guild.me.guild_permissions.value == house.guild.permissions(house.app.user)
    assert guild.self_role is not None
    assert guild.self_role.is_bot_managed()
    assert guild.me.top_role == guild.self_role
    role = guild.get_role(helpers.id)
    assert role is not None
    assert role < guild.self_role or role.position > guild.self_role.position
    for channel in (quiet, house.help, hidden):
        found = guild.get_channel(channel.id)
        assert found is not None
        theirs = found.permissions_for(guild.me)
        assert theirs.view_channel is (channel is not hidden)
        assert theirs.send_messages is (channel is not hidden)
        assert theirs.embed_links is (channel is house.help)
    overwrites = guild.get_channel(quiet.id)
    assert overwrites is not None
    assert {each.id for each in overwrites.overwrites} == {house.guild.id, house.app.id}
    info = await bot.application_info()
    assert (info.flags.gateway_message_content_limited, info.flags.gateway_guild_members_limited) == (True, False)
    assert bot.application_flags.gateway_message_content_limited
    known = {each.name: each for each in await bot.tree.fetch_commands()}
    assert set(known) == {"manage", "locked", "told", "Look"}
    assert {str(each.id) for each in known.values()} == {each["id"] for each in await _registered(house)}
    manage = known["manage"]
    assert manage.default_member_permissions == discord.Permissions(manage_guild=True)


async def _registered(house: House) -> list[dict[str, object]]:
    return (await house.rest("GET", f"/applications/{house.app.id}/commands")).body

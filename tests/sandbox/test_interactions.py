"""Slash commands, autocompletion, context menus, and the rules of answering them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox import InteractionFailedError, Permission, SeatError

if TYPE_CHECKING:
    from tests.sandbox.house import House


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
    assert names == {"faq", "Answer this", "Greet"}
    house.guild.open_commands.add("admin")
    assert names | {"admin"} == {each["name"] for each in await seat.commands(house.help.id)}
    in_guild = await seat.request("GET", f"/guilds/{house.guild.id}/application-command-index")
    assert len(in_guild["application_commands"]) == 4
    channel_id = await seat.dm(house.app.id)
    answer = await seat.response(await seat.slash(channel_id, "faq", {"query": "here"}, sub="ask"))
    assert answer.content == "here x1"


async def test_nobody_answers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("desk", "server"):
        monkeypatch.setattr(f"bot.sandbox.{module}.FIRST_RESPONSE_SECONDS", 0.05)
    body = [{"name": "silent", "description": "Says nothing"}]
    assert (await house.rest("PUT", f"/applications/{house.app.id}/commands", body)).status == 200
    seat = await house.seat()
    with pytest.raises(InteractionFailedError):
        await seat.slash(house.help.id, "silent")

"""Rules of Discord's documentation that no field table can express; every test names the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

from bot.sandbox import Permission
from bot.sandbox.handshake import CHUNK_SIZE, MAX_NONCE_BYTES
from bot.sandbox.intents import Intent
from bot.sandbox.payloads import MAX_COUNTED
from tests.sandbox.bots import faq_bot

if TYPE_CHECKING:
    from discord.ext import commands

    from bot.sandbox import GatewayFrame
    from tests.sandbox.house import House


def received(house: House, name: str) -> list[GatewayFrame]:
    """The events of one name that bots were sent."""
    return [frame for frame in house.recorder.frames if frame.bot and frame.t == name]


async def listen(house: House, *sent: dict[str, Any], **identify: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Log in bare, send payloads, and give what came until the answer to a heartbeat at the end."""
    properties = {"os": "x", "browser": "x", "device": "x"}
    login = {"token": house.app.user.token, "intents": int(Intent.GUILDS), "properties": properties} | identify
    came: list[dict[str, Any]] = []
    async with aiohttp.ClientSession() as http, http.ws_connect(house.sandbox.gateway_url) as socket:
        for payload in ({"op": 2, "d": login}, *sent, {"op": 1, "d": None}):
            await socket.send_str(json.dumps(payload))
        async for message in socket:
            came.append(json.loads(message.data))
            if came[-1]["op"] == 11:
                break
    return came


@pytest.mark.usefixtures("bot")
async def test_ephemeral_messages_are_told_past_the_guild(house: House) -> None:
    """gateway-events.mdx, "Messages": to the reader and the bot, as direct messages, without guild and member."""
    seat, other = await house.seat(), await house.seat(house.ben)
    said = await seat.say(house.help.id, "what now?")
    used = await seat.context_menu("Answer this", house.help.id, said.id)
    answer = await seat.response(used)
    [told] = [frame.d for frame in received(house, "MESSAGE_CREATE") if frame.d["id"] == str(answer.id)]
    assert not {"guild_id", "member"} & set(told)
    assert not {"guild_id", "member"} & set(answer.raw)
    assert (await other.until(lambda message: message.id == said.id)).raw["guild_id"] == str(house.guild.id)
    assert answer.id not in {message.id for message in other.messages}


async def test_ephemeral_messages_need_the_intent_of_direct_messages(house: House, bot: commands.Bot) -> None:
    """gateway-events.mdx, "Messages"."""
    await bot.close()
    before = len(house.recorder.frames)
    await house.run(faq_bot(intents=discord.Intents(guilds=True, guild_messages=True, message_content=True)))
    seat = await house.seat()
    said = await seat.say(house.help.id, "what now?")
    await seat.response(await seat.context_menu("Answer this", house.help.id, said.id))
    told = [frame for frame in house.recorder.frames[before:] if frame.bot and frame.t == "MESSAGE_CREATE"]
    assert [frame.d["id"] for frame in told] == [str(said.id)]


@pytest.mark.usefixtures("bot")
async def test_a_context_menu_is_remembered_by_its_answer(house: House) -> None:
    """message.mdx, "Application Command Interaction Metadata Structure"."""
    seat = await house.seat()
    said = await seat.say(house.help.id, "what now?")
    answer = await seat.response(await seat.context_menu("Answer this", house.help.id, said.id))
    assert answer.raw["interaction_metadata"]["target_message_id"] == str(said.id)
    assert (answer.reply_to, answer.raw["referenced_message"]["id"]) == (said.id, str(said.id))
    greeted = await seat.response(await seat.context_menu("Greet", house.help.id, user_id=house.ben.id))
    assert greeted.raw["interaction_metadata"]["target_user"]["id"] == str(house.ben.id)
    assert "message_reference" not in greeted.raw


@pytest.mark.usefixtures("bot")
async def test_everybody_is_told_which_command_a_message_answers(house: House) -> None:
    """message.mdx, "Message Interaction Structure": the name has the subcommands in it."""
    seat = await house.seat()
    things = {"who": str(house.ben.id), "where": str(house.help.id)}
    answer = await seat.response(await seat.slash(house.help.id, "faq", things, sub="about"))
    called = answer.raw["interaction"]
    assert (called["name"], called["type"], called["user"]["id"]) == ("faq about", 2, str(house.ann.id))
    greeted = await seat.response(await seat.context_menu("Greet", house.help.id, user_id=house.ben.id))
    assert greeted.raw["interaction"]["name"] == "Greet"


@pytest.mark.usefixtures("bot")
async def test_resolved_channels_are_partial_and_the_users_own(house: House) -> None:
    """receiving-and-responding.mdx, "Resolved Data Structure"; channel.mdx, `permissions`."""
    house.guild.set_overwrite(house.help, house.ann, deny=Permission.ATTACH_FILES)
    seat = await house.seat()
    things = {"who": str(house.ben.id), "where": str(house.help.id)}
    await seat.response(await seat.slash(house.help.id, "faq", things, sub="about"))
    [used] = received(house, "INTERACTION_CREATE")
    resolved = used.d["data"]["resolved"]["channels"][str(house.help.id)]
    assert "permission_overwrites" not in resolved
    assert not int(resolved["permissions"]) & Permission.ATTACH_FILES
    assert "permissions" not in used.d["channel"]


async def test_an_update_is_never_read_aloud(house: House) -> None:
    """gateway-events.mdx, "Message Update"."""
    path = f"/channels/{house.help.id}/messages"
    seat = await house.seat()
    sent = await house.rest("POST", path, {"content": "loud", "tts": True})
    assert sent.body["tts"]
    assert (await house.rest("PATCH", f"{path}/{sent.body['id']}", {"content": "still"})).body["tts"]
    updated = await seat.next(lambda event: event.name == "MESSAGE_UPDATE")
    assert updated.data["tts"] is False


async def test_ready_repeats_the_shard_only_where_one_was_named(house: House) -> None:
    """gateway-events.mdx, "Ready Event Fields"."""
    ready, sharded = [
        next(frame for frame in came if frame["t"] == "READY")
        for came in (await listen(house), await listen(house, shard=[0, 1]))
    ]
    assert "shard" not in ready["d"]
    assert sharded["d"]["shard"] == [0, 1]


async def test_requests_for_members_have_their_limits(house: House) -> None:
    """gateway-events.mdx, "Request Guild Members"."""
    house.app.guild_members = True

    def request(**changes: object) -> dict[str, Any]:
        wanted = {"guild_id": str(house.guild.id), "query": "", "limit": 2, "presences": True}
        return {"op": 8, "d": wanted | changes}

    asked = request(nonce="n" * MAX_NONCE_BYTES), request(nonce="n" * (MAX_NONCE_BYTES + 1)), request(query="an")
    with_intent = int(Intent.GUILDS | Intent.GUILD_MEMBERS)
    for intents, everybody in ((int(Intent.GUILDS), 0), (with_intent, 2)):
        came = await listen(house, *asked, intents=intents)
        first, second, third = (frame["d"] for frame in came if frame["t"] == "GUILD_MEMBERS_CHUNK")
        assert [len(each["members"]) for each in (first, second, third)] == [everybody, everybody, 1]
        assert (first["nonce"], "nonce" in second) == ("n" * MAX_NONCE_BYTES, False)
        assert "presences" not in first
    assert CHUNK_SIZE == 1000


async def test_threads_stop_counting(house: House) -> None:
    """channel.mdx, "Channel Structure", `member_count`."""
    seat = await house.seat()
    thread = house.world.channels[await seat.start_thread("crowd", channel_id=house.help.id)]
    assert thread.thread is not None
    thread.thread.members |= dict.fromkeys(range(MAX_COUNTED), 0.0)
    assert (await house.rest("GET", f"/channels/{thread.id}")).body["member_count"] == MAX_COUNTED

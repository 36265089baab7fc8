"""Buttons, select menus and modals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox import SeatError, SeenMessage
from tests.sandbox.bots import Panel, Pick
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House


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

"""Select menus of all five kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from bot.sandbox import Permission, SeatError, SeenMessage
from bot.sandbox.forms import Form
from bot.sandbox.selects import check
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from tests.sandbox.house import House

MANY = [discord.SelectOption(label=f"Option {number}", value=str(number)) for number in range(25)]


class Settings(ui.View):
    """A panel as settings have them; `chosen` is what it shows as chosen."""

    def __init__(self, *chosen: discord.Object) -> None:
        super().__init__(timeout=None)
        self.where.default_values = [discord.SelectDefaultValue.from_channel(each) for each in chosen]

    @ui.select(custom_id="topics", placeholder="Topics", options=MANY, min_values=0, max_values=25)
    async def topics(self, interaction: discord.Interaction, select: ui.Select[Settings]) -> None:
        await interaction.response.send_message(f"topics {len(select.values)}", ephemeral=True)

    @ui.select(
        cls=ui.ChannelSelect,
        custom_id="where",
        channel_types=[discord.ChannelType.text, discord.ChannelType.forum],
        min_values=1,
        max_values=3,
    )
    async def where(self, interaction: discord.Interaction, select: ui.ChannelSelect[Settings]) -> None:
        view = Settings(*(discord.Object(each.id) for each in select.values))
        await interaction.response.edit_message(content=", ".join(each.name for each in select.values), view=view)

    @ui.select(cls=ui.RoleSelect, custom_id="role", placeholder="Who may")
    async def role(self, interaction: discord.Interaction, select: ui.RoleSelect[Settings]) -> None:
        await interaction.response.send_message(select.values[0].name)

    @ui.select(cls=ui.UserSelect, custom_id="user", disabled=True)
    async def user(self, interaction: discord.Interaction, select: ui.UserSelect[Settings]) -> None:
        raise NotImplementedError

    @ui.select(cls=ui.MentionableSelect, custom_id="any", max_values=2)
    async def mentionable(self, interaction: discord.Interaction, select: ui.MentionableSelect[Settings]) -> None:
        await interaction.response.send_message(" and ".join(type(each).__name__ for each in select.values))


async def panel(house: House) -> SeenMessage:
    bot = make_bot()
    await house.run(bot)
    channel = bot.get_channel(house.help.id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("settings", view=Settings(discord.Object(house.help.id)))
    return SeenMessage((await house.rest("GET", f"/channels/{channel.id}/messages/{sent.id}")).body)


async def test_a_menu_is_found_by_its_placeholder_and_an_option_by_its_label(house: House) -> None:
    shown, seat = await panel(house), await house.seat()
    told = await seat.response(await seat.select(shown, ["Option 3", "4"], "Topics"))
    assert told.content == "topics 2"
    assert (await seat.response(await seat.select(shown, []))).content == "topics 0"
    assert (await seat.response(await seat.select(shown, [str(each) for each in range(25)]))).content == "topics 25"
    for wrong in (["Option 25"], ["1", "1"]):
        with pytest.raises(SeatError, match="50035"):
            await seat.select(shown, wrong, "topics")
    with pytest.raises(LookupError):
        await seat.select(shown, ["1"], "Elsewhere")


async def test_channels_are_chosen_within_the_menus_limits(house: House) -> None:
    forum = house.guild.add_forum("posts")
    category = house.guild.add_category("all")
    hidden = house.guild.add_text_channel("hidden")
    house.guild.set_overwrite(hidden, house.guild.everyone, deny=Permission.VIEW_CHANNEL)
    more = [house.guild.add_text_channel("more").id for _ in range(3)]
    shown, seat = await panel(house), await house.seat()
    assert shown.selects[1]["default_values"] == [{"id": str(house.help.id), "type": "channel"}]
    for wrong in ([], [*more, forum.id], [category.id], [hidden.id], [house.ben.id]):
        with pytest.raises(SeatError, match="50035"):
            await seat.select(shown, wrong, "where")
    await seat.select(shown, [forum.id, house.help.id], "where")
    changed = await seat.until(lambda message: message.content == "posts, help")
    assert [each["id"] for each in changed.selects[1]["default_values"]] == [str(forum.id), str(house.help.id)]
    [used] = [frame.d for frame in house.recorder.frames if frame.bot and frame.t == "INTERACTION_CREATE"]
    channels = used["data"]["resolved"]["channels"]
    assert {each["type"] for each in channels.values()} == {0, 15}
    assert all(int(each["permissions"]) & Permission.VIEW_CHANNEL for each in channels.values())


async def test_people_and_roles(house: House) -> None:
    role = house.guild.add_role("helpers")
    shown, seat = await panel(house), await house.seat()
    assert (await seat.response(await seat.select(shown, [role.id], "Who may"))).content == "helpers"
    both = await seat.select(shown, [house.ben.id, role.id], "any")
    assert sorted((await seat.response(both)).content.split(" and ")) == ["Member", "Role"]
    for values, menu in (([house.ben.id], "role"), ([house.ben.id], "user"), ([house.help.id], "any")):
        with pytest.raises(SeatError, match="50035"):
            await seat.select(shown, values, menu)
    used = [frame.d for frame in house.recorder.frames if frame.bot and frame.t == "INTERACTION_CREATE"][-1]
    resolved = used["data"]["resolved"]
    assert resolved["members"][str(house.ben.id)]["permissions"] == str(house.guild.permissions(house.ben, house.help))


OPTION = {"label": "a", "value": "a"}
USER = {"id": "1", "type": "user"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"custom_id": ""}, "custom_id"),
    ({"placeholder": "x" * 151}, "placeholder"),
    ({"min_values": -1}, "min_values"),
    ({"min_values": 26}, "min_values"),
    ({"max_values": 0}, "max_values"),
    ({"type": 5, "max_values": 26}, "max_values"),
    ({"type": 5, "min_values": 3, "max_values": 2}, "max_values"),
    ({"options": [OPTION] * 26}, "options"),
    ({"options": [OPTION, OPTION]}, "options.1.value"),
    ({"options": [OPTION], "max_values": 2}, "options"),
    ({"options": [OPTION | {"default": True}, {"label": "b", "value": "b", "default": True}]}, "options"),
    ({"options": [OPTION | {"label": "x" * 101}]}, "options.0.label"),
    ({"options": [OPTION | {"value": ""}]}, "options.0.value"),
    ({"options": [OPTION | {"description": "x" * 101}]}, "options.0.description"),
    ({"type": 5, "default_values": [USER, USER]}, "default_values"),
    ({"type": 6, "default_values": [USER]}, "default_values.0.type"),
    ({"type": 8, "default_values": [USER]}, "default_values.0.type"),
]


@pytest.mark.parametrize(
    ("changes", "path"), REFUSED, ids=[f"{index}-{path}" for index, (_, path) in enumerate(REFUSED)]
)
def test_menus_that_discord_refuses(changes: dict[str, Any], path: str) -> None:
    form = Form()
    check({"type": 3, "custom_id": "s", "options": [OPTION]} | changes, "menu", form)
    node = form._errors["menu"]
    for part in path.split("."):
        node = node[part]
    assert node["_errors"][0]["code"]


async def test_a_menu_is_as_wide_as_its_row(house: House) -> None:
    menu = {"type": 6, "custom_id": "s"}
    button = {"type": 2, "style": 1, "label": "x", "custom_id": "x"}
    for children, path in (([menu, button], "components"), ([{"type": 4, "custom_id": "t", "style": 1}], "0")):
        body = {"content": "x", "components": [{"type": 1, "components": children}]}
        answer = await house.rest("POST", f"/channels/{house.help.id}/messages", body)
        assert answer.body["code"] == 50035
        assert path in str(answer.body["errors"]["components"]["0"])

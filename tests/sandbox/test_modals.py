"""Modals: what may be in them, how they are filled in, and what may answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from bot.sandbox import Modal, SeatError, SeatFile
from bot.sandbox.forms import Form
from bot.sandbox.modals import check
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from bot.sandbox import Seat, SeenMessage, Used
    from tests.sandbox.house import House

Interaction = discord.Interaction
TOPICS = [discord.SelectOption(label="Cards", value="c", default=True), discord.SelectOption(label="Money", value="m")]


class Short(ui.Modal, title="Old style"):
    question = ui.TextInput["Short"](label="Question", max_length=20, default="What now?")
    answer = ui.TextInput["Short"](label="Answer", style=discord.TextStyle.paragraph, required=False)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await interaction.response.send_message(f"{self.question.value}|{self.answer.value}", ephemeral=True)


class Everything(ui.Modal, title="Everything"):
    """One of each kind; five at once are all that fit."""

    def __init__(self, *parts: ui.Item[Any]) -> None:
        super().__init__()
        for part in parts:
            self.add_item(part)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        said = [_said(part.component) for part in self.children if isinstance(part, ui.Label)]
        await interaction.response.send_message("|".join(said) or "nothing")


def _said(part: ui.Item[Any]) -> str:
    if isinstance(part, ui.TextInput | ui.RadioGroup | ui.Checkbox):
        return str(part.value)
    if isinstance(part, ui.FileUpload):
        return ",".join(f"{file.filename}:{file.size}" for file in part.values)
    assert isinstance(part, ui.Select | ui.UserSelect | ui.RoleSelect | ui.ChannelSelect | ui.CheckboxGroup)
    return ",".join(each if isinstance(each, str) else str(getattr(each, "name", each)) for each in part.values)


async def opened(house: House, seat: Seat, modal: ui.Modal) -> Modal:
    """The modal, as a slash command of a fresh bot opens it."""
    bot = make_bot()

    @bot.tree.command(name="open", description="Open it")
    async def open_it(interaction: Interaction) -> None:
        await interaction.response.send_modal(modal)

    await house.run(bot)
    await bot.tree.sync()
    found = (await seat.slash(house.help.id, "open")).modal
    assert found is not None
    return found


async def test_text_inputs_without_labels_of_their_own_stand_in_rows(house: House) -> None:
    seat = await house.seat()
    modal = await opened(house, seat, Short())
    assert list(modal.labels.values()) == ["Question", "Answer"]
    assert list(modal.prefilled.values()) == ["What now?", ""]
    assert [each["style"] for each in modal.inputs] == [1, 2]
    with pytest.raises(SeatError, match="50035") as refusal:
        await seat.submit_modal(modal, {"Question": ""})
    assert refusal.value.body["errors"]["data"]["components"]["0"]["components"]["0"]["value"]["_errors"]
    with pytest.raises(LookupError, match="Answer"):
        await seat.submit_modal(modal, {"Anything": "x"})
    told = await seat.response(await seat.submit_modal(modal, {"Answer": "wait\nand see"}))
    assert (told.content, told.ephemeral) == ("What now?|wait\nand see", True)


async def test_labels_hold_texts_selects_and_menus_that_discord_fills(house: House) -> None:
    seat = await house.seat()
    role = house.guild.add_role("helpers")
    parts = (
        ui.Label(
            text="Question",
            description="In a few words",
            component=ui.TextInput(min_length=3, max_length=9, custom_id="q"),
        ),
        ui.Label(text="Topic", component=ui.Select(options=TOPICS, max_values=2, required=False, min_values=0)),
        ui.Label(
            text="Where",
            component=ui.ChannelSelect(
                channel_types=[discord.ChannelType.text], default_values=[discord.Object(house.help.id)]
            ),
        ),
        ui.Label(text="Who", component=ui.UserSelect(required=False)),
        ui.Label(text="Role", component=ui.RoleSelect(required=True)),
    )
    modal = await opened(house, seat, Everything(*parts))
    assert modal.labels["q"] == "Question"
    assert [modal.prefilled[modal.input(name)["custom_id"]] for name in ("q", "Topic", "Where", "Who")] == [
        "",
        ["c"],
        [str(house.help.id)],
        [],
    ]
    good = {"Question": "what?", "Role": [role.id]}
    forum = house.guild.add_forum("posts")
    for wrong in (
        {"Question": "no"},
        {"Question": "far too long"},
        {"Topic": ["c", "x"]},
        {"Role": []},
        {"Role": [1]},
        {"Where": [forum.id]},
        {"Who": [house.ann.id, house.ben.id]},
    ):
        with pytest.raises(SeatError, match="50035"):
            await seat.submit_modal(modal, good | wrong)
    told = await seat.response(
        await seat.submit_modal(modal, good | {"q": "why so?", "Topic": ["Money", "c"], "Who": [house.ben.id]})
    )
    assert told.content == "why so?|m,c|help|ben|helpers"
    [submitted] = [frame.d for frame in house.recorder.frames if frame.t == "INTERACTION_CREATE" and frame.bot][-1:]
    resolved = submitted["data"]["resolved"]
    assert set(resolved) == {"channels", "users", "members", "roles"}
    assert int(resolved["members"][str(house.ben.id)]["permissions"])
    assert "message" not in submitted


async def test_labels_hold_files_and_boxes(house: House) -> None:
    seat = await house.seat()
    parts = (
        ui.TextDisplay("Read this first."),
        ui.Label(text="Files", component=ui.FileUpload(min_values=1, max_values=2)),
        ui.Label(
            text="Size",
            component=ui.RadioGroup(
                options=[discord.RadioGroupOption(label=each, value=each.lower()) for each in ("Small", "Large")],
            ),
        ),
        ui.Label(
            text="Extras",
            component=ui.CheckboxGroup(
                options=[
                    discord.CheckboxGroupOption(label="A", value="a", default=True),
                    discord.CheckboxGroupOption(label="B", value="b"),
                ],
                required=False,
            ),
        ),
        ui.Label(text="Sure?", component=ui.Checkbox()),
    )
    modal = await opened(house, seat, Everything(*parts))
    assert list(modal.prefilled.values()) == [[], None, ["a"], False]
    notes = SeatFile("notes.yaml", b"a: 1")
    for wrong in ({"Files": notes}, {"Size": "large"}, {"Files": [notes] * 3, "Size": "large"}):
        with pytest.raises(SeatError, match="50035"):
            await seat.submit_modal(modal, wrong)
    told = await seat.response(await seat.submit_modal(modal, {"Files": [notes], "Size": "Large", "Sure?": True}))
    assert told.content == "notes.yaml:4|large|a|True"
    with pytest.raises(SeatError, match="10062"):
        await seat.submit_modal(modal, {"Files": notes, "Size": "small"})


class Editor(ui.Modal, title="Edit"):
    """Does with what was typed what the button's name says."""

    def __init__(self, then: str) -> None:
        super().__init__()
        self.then = then
        self.text: ui.TextInput[Editor] = ui.TextInput(default="as it was")
        self.add_item(ui.Label(text="Text", component=self.text))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        if self.then == "update":
            await interaction.response.edit_message(content=f"now {self.text.value}")
        elif self.then == "later":
            await interaction.response.defer()
            await interaction.edit_original_response(content=f"later {self.text.value}")
            await interaction.followup.send("done", ephemeral=True)
        elif self.then == "silent":
            await interaction.response.defer()
            with pytest.raises(discord.NotFound):
                await interaction.edit_original_response(content="there is none")
            await interaction.followup.send("quietly done", ephemeral=True)
        elif self.then == "think":
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.followup.send(f"thought {self.text.value}")
        else:
            with pytest.raises(discord.HTTPException) as refusal:
                await interaction.response.send_modal(Editor("again"))
            assert refusal.value.code == 50035
            with pytest.raises(discord.HTTPException):
                await interaction.response.edit_message(content="no message")
            await interaction.response.send_message("no modal twice", ephemeral=True)


class Buttons(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(placeholder="Then?", options=[discord.SelectOption(label=each) for each in ("update", "later", "think")])
    async def pick(self, interaction: discord.Interaction, select: ui.Select[Buttons]) -> None:
        await interaction.response.send_modal(Editor(select.values[0]))

    @ui.button(label="update")
    async def press(self, interaction: discord.Interaction, _: ui.Button[Buttons]) -> None:
        await interaction.response.send_modal(Editor("update"))


@pytest.mark.parametrize("hidden", [True, False])
async def test_a_modal_from_a_component_may_change_the_message(house: House, *, hidden: bool) -> None:
    bot = make_bot()

    @bot.tree.command(name="panel", description="Show it")
    async def panel(interaction: Interaction) -> None:
        await interaction.response.send_message("panel", view=Buttons(), ephemeral=hidden)

    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    shown = await seat.response(await seat.slash(house.help.id, "panel"))
    assert shown.ephemeral is hidden

    async def edit(used: Used, text: str) -> Used:
        assert used.modal is not None
        return await seat.submit_modal(used.modal, {"Text": text})

    async def now(text: str) -> SeenMessage:
        return await seat.until(lambda message: message.id == shown.id and message.content == text)

    await edit(await seat.press(shown, "update"), "one")
    assert (await now("now one")).edited
    used = await edit(await seat.select(shown, ["later"], "Then?"), "two")
    await now("later two")
    assert (await seat.response(used)).ephemeral
    thought = await seat.response(await edit(await seat.select(shown, ["think"]), "three"))
    assert (thought.content, thought.ephemeral, thought.id == shown.id) == ("thought three", True, False)
    submitted = [frame.d for frame in house.recorder.frames if frame.bot and frame.t == "INTERACTION_CREATE"][-1]
    assert submitted["message"]["id"] == str(shown.id)


async def test_a_modal_from_a_command_or_menu_has_no_message_to_change(house: House) -> None:
    bot = make_bot()

    @bot.tree.context_menu(name="Add to FAQ")
    async def add(interaction: Interaction, message: discord.Message) -> None:
        modal = Editor("again")
        modal.text.default = message.content
        await interaction.response.send_modal(modal)

    @bot.tree.command(name="edit", description="Edit")
    async def edit(interaction: Interaction, then: str) -> None:
        await interaction.response.send_modal(Editor(then))

    await house.run(bot)
    await bot.tree.sync()
    seat = await house.seat()
    said = await seat.say(house.help.id, "how do I do it?")
    menu = await seat.context_menu("Add to FAQ", house.help.id, said.id)
    assert menu.modal is not None
    assert list(menu.modal.prefilled.values()) == ["how do I do it?"]
    again, silent = [await seat.slash(house.help.id, "edit", {"then": then}) for then in ("again", "silent")]
    for used, text in ((menu, "no modal twice"), (again, "no modal twice"), (silent, "quietly done")):
        assert used.modal is not None
        told = await seat.response(await seat.submit_modal(used.modal, {}))
        assert (told.content, told.ephemeral) == (text, True)


def text(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": 4, "style": 1, "custom_id": "t"} | changes


def label(component: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": 18, "label": "L", "component": component} | changes


def select(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]} | changes


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


OPTION = {"label": "a", "value": "a"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"title": "x" * 46}, "title"),
    ({"title": ""}, "title"),
    ({"custom_id": "x" * 101}, "custom_id"),
    ({"components": []}, "components"),
    ({"components": [label(text(custom_id=str(each))) for each in range(6)]}, "components"),
    ({"components": [label(text()), label(text())]}, "components.1.component.custom_id"),
    ({"components": [text()]}, "components.0.type"),
    ({"components": [{"type": 10, "content": ""}]}, "components.0.content"),
    ({"components": [label(text(), label="x" * 46)]}, "components.0.label"),
    ({"components": [label(text(), description="x" * 101)]}, "components.0.description"),
    ({"components": [label(None)]}, "components.0.component"),
    ({"components": [label({"type": 2, "custom_id": "b", "style": 1})]}, "components.0.component.type"),
    ({"components": [label(text(style=3))]}, "components.0.component.style"),
    ({"components": [label(text(custom_id=""))]}, "components.0.component.custom_id"),
    ({"components": [label(text(placeholder="x" * 101))]}, "components.0.component.placeholder"),
    ({"components": [label(text(value="x" * 4001))]}, "components.0.component.value"),
    ({"components": [label(text(value="x" * 11, max_length=10))]}, "components.0.component.value"),
    ({"components": [label(text(max_length=4001))]}, "components.0.component.max_length"),
    ({"components": [label(text(min_length=-1))]}, "components.0.component.min_length"),
    ({"components": [label(text(min_length="1"))]}, "components.0.component.min_length"),
    ({"components": [label(text(min_length=5, max_length=4))]}, "components.0.component.max_length"),
    ({"components": [row(text())]}, "components.0.components.0.label"),
    ({"components": [row(text(label="x" * 46))]}, "components.0.components.0.label"),
    ({"components": [row(text(label="a"), text(label="b", custom_id="u"))]}, "components.0.components"),
    ({"components": [row(select())]}, "components.0.components.0.type"),
    ({"components": [label(select(disabled=True))]}, "components.0.component.disabled"),
    ({"components": [label(select(min_values=0))]}, "components.0.component.min_values"),
    ({"components": [label({"type": 19, "custom_id": "f", "max_values": 11})]}, "components.0.component.max_values"),
    ({"components": [label({"type": 21, "custom_id": "r", "options": [OPTION]})]}, "components.0.component.options"),
    ({"components": [label({"type": 23})]}, "components.0.component.custom_id"),
]


@pytest.mark.parametrize(("data", "path"), REFUSED, ids=[f"{index}-{path}" for index, (_, path) in enumerate(REFUSED)])
def test_modals_that_discord_refuses(data: dict[str, Any], path: str) -> None:
    form = Form()
    check({"title": "T", "custom_id": "c", "components": [label(text())]} | data, form)
    node = form._errors["data"]
    for part in path.split("."):
        node = node[part]
    assert node["_errors"][0]["code"]


def test_modals_at_the_limit_are_taken() -> None:
    parts = [
        label(text(value="x" * 4000, min_length=0, max_length=4000), label="x" * 45, description="x" * 100),
        label(select(min_values=0, required=False, disabled=False)),
        row(text(custom_id="u", label="x" * 45, placeholder="x" * 100)),
        {"type": 10, "content": "x" * 4000},
        label({"type": 22, "custom_id": "g", "options": [OPTION, OPTION | {"value": "b"}]}),
    ]
    form = Form()
    check({"title": "x" * 45, "custom_id": "x" * 100, "components": parts}, form)
    form.close()

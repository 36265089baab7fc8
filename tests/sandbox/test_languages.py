"""Commands in the language of whoever looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from discord.app_commands import locale_str

from bot.sandbox import SeatError
from bot.sandbox.command_checks import check
from bot.sandbox.forms import Form
from bot.sandbox.locales import shown_name
from tests.sandbox.house import make_bot

if TYPE_CHECKING:
    from discord.ext import commands

    from tests.sandbox.house import House

Interaction = discord.Interaction
GERMAN = {"add": "hinzufügen", "text": "wort", "An entry": "Ein Eintrag", "level": "stufe", "Low": "Niedrig"}


class German(app_commands.Translator):
    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002
    ) -> str | None:
        return GERMAN.get(string.message) if locale is discord.Locale.german else None


async def translated(house: House) -> commands.Bot:
    bot = make_bot()
    faq = app_commands.Group(name="faq", description="Questions")

    @faq.command(name="add", description="An entry")
    @app_commands.choices(level=[app_commands.Choice(name="Low", value=1)])
    async def add(interaction: Interaction, text: str, level: app_commands.Choice[int] | None = None) -> None:
        level_name = level.name if level else None
        await interaction.response.send_message(f"{text} {level_name} {interaction.locale} {interaction.guild_locale}")

    @add.autocomplete("text")
    async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=locale_str("Low"), value=current)]

    bot.tree.add_command(faq)
    await house.run(bot)
    await bot.tree.set_translator(German())
    await bot.tree.sync()
    return bot


async def test_a_client_shows_and_takes_names_in_its_language(house: House) -> None:
    house.guild.preferred_locale = "fr"
    house.ben.locale = "de"
    await translated(house)
    seat, ben = await house.seat(), await house.seat(house.ben)
    assert await seat.shown_commands(house.help.id) == {"faq add": "faq add"}
    assert await ben.shown_commands(house.help.id) == {"faq add": "faq hinzufügen"}
    [command] = await ben.commands(house.help.id)
    [add] = command["options"]
    assert (add["name"], add["name_localized"], add["description_localized"]) == ("add", "hinzufügen", "Ein Eintrag")
    assert [choice["name_localized"] for choice in add["options"][1]["choices"]] == ["Niedrig"]
    assert "name_localizations" not in add
    for sub, options in (("hinzufügen", {"wort": "x", "stufe": 1}), ("add", {"text": "x", "level": 1})):
        told = await ben.response(await ben.slash(house.help.id, "faq", options, sub=sub))
        assert told.content == "x Low de fr"
    told = await seat.response(await seat.slash(house.help.id, "faq", {"text": "x"}, sub="add"))
    assert told.content == "x None en-US fr"
    with pytest.raises(SeatError, match="50035"):
        await seat.slash(house.help.id, "faq", {"text": "x"}, sub="hinzufügen")
    [choice] = await ben.autocomplete(house.help.id, "faq", "wort", "w", sub="hinzufügen")
    assert (choice.name, choice.value) == ("Niedrig", "w")


def test_a_missing_language_falls_back() -> None:
    """application-commands.mdx, "Locale fallback"."""
    thing = {"name": "plain", "name_localizations": {"en-GB": "british", "es-ES": "spanish"}}
    shown = {locale: shown_name(thing, locale) for locale in ("en-GB", "en-US", "es-419", "es-ES", "de")}
    assert list(shown.values()) == ["british", "british", "spanish", "spanish", "plain"]


async def test_the_bots_own_list_has_translations_only_on_request(house: House) -> None:
    await translated(house)
    path = f"/applications/{house.app.id}/commands"
    [plain] = (await house.rest("GET", path)).body
    assert "_locali" not in str(plain)
    [full] = (await house.rest("GET", path + "?with_localizations=true")).body
    assert full["options"][0]["name_localizations"] == {"de": "hinzufügen"}
    assert (await house.rest("GET", f"{path}/{plain['id']}")).body == full


OPTION = {"name": "a", "description": "x", "type": 3}
SUB = {"name": "s", "description": "x", "type": 1}
GROUP = {"name": "g", "description": "x", "type": 2, "options": [SUB]}
CHOICE = {"name": "c", "value": "v"}
LONG = [CHOICE | {"name": "x" * 100, "value": f"{number:0100}"} for number in range(25)]


def languages(text: str, **more: str) -> dict[str, str]:
    return {"de": text} | more


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name_localizations": {"xx": "ok"}}, "name_localizations"),
    ({"name_localizations": languages("Groß")}, "name_localizations.de"),
    ({"name_localizations": languages("x" * 33)}, "name_localizations.de"),
    ({"description_localizations": languages("x" * 101)}, "description_localizations.de"),
    ({"type": 3, "description": "", "name_localizations": languages("x" * 33)}, "name_localizations.de"),
    ({"options": [OPTION | {"name_localizations": languages("two words")}]}, "options.0.name_localizations.de"),
    (
        {"options": [OPTION | {"name": each, "name_localizations": languages("same")} for each in "ab"]},
        "options.1.name",
    ),
    ({"options": [OPTION | {"choices": [CHOICE | {"name": ""}]}]}, "options.0.choices.0.name"),
    ({"options": [OPTION | {"choices": [CHOICE | {"value": "x" * 101}]}]}, "options.0.choices.0.value"),
    ({"options": [OPTION | {"choices": [{"name": "c"}]}]}, "options.0.choices.0.value"),
    (
        {"options": [OPTION | {"choices": [CHOICE | {"name_localizations": languages("x" * 101)}]}]},
        "options.0.choices.0.name_localizations.de",
    ),
    ({"options": [OPTION | {"choices": [CHOICE], "autocomplete": True}]}, "options.0.autocomplete"),
    ({"options": [OPTION | {"type": 6, "autocomplete": True}]}, "options.0.type"),
    ({"options": [OPTION | {"min_length": 6001}]}, "options.0.min_length"),
    ({"options": [OPTION | {"max_length": 0}]}, "options.0.max_length"),
    ({"options": [OPTION | {"type": 4, "min_value": 1.5}]}, "options.0.min_value"),
    ({"options": [OPTION | {"type": 4, "max_value": 1 << 54}]}, "options.0.max_value"),
    ({"options": [OPTION | {"type": 7, "channel_types": [99]}]}, "options.0.channel_types.0"),
    ({"options": [SUB, OPTION]}, "options.0.type"),
    ({"options": [SUB | {"options": [SUB]}]}, "options.0.options.0.type"),
    ({"options": [GROUP | {"options": []}]}, "options.0.options"),
    ({"options": [GROUP | {"options": [OPTION]}]}, "options.0.type"),
    ({"options": [GROUP | {"options": [GROUP]}]}, "options.0.options.0.type"),
    ({"options": [OPTION | {"name": each, "choices": LONG} for each in "ab"]}, "options"),
]


@pytest.mark.parametrize(("changes", "path"), REFUSED)
def test_commands_that_discord_refuses(changes: dict[str, Any], path: str) -> None:
    form = Form()
    check({"name": "ok", "description": "x"} | changes, form)
    node = form._errors
    for part in path.split("."):
        node = node[part]
    assert node["_errors"][0]["code"]


def test_commands_at_the_limit_are_taken() -> None:
    form = Form()
    options = [OPTION | {"choices": LONG, "name_localizations": languages("b", fr="c"), "min_length": 0}]
    nested = [GROUP | {"options": [SUB | {"options": options}]}, SUB | {"options": []}]
    check({"name": "x" * 32, "description": "x" * 100, "options": nested}, form)
    form.close()

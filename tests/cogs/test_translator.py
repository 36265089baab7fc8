"""Commands in the language of who looks at them."""

import discord
import pytest
from discord import Locale, app_commands
from discord.app_commands import TranslationContext, TranslationContextLocation, locale_str

from bot.cogs.admin import texts as admin_texts
from bot.cogs.translator import FaqtotumTranslator, is_name


@app_commands.command(name="add", description=admin_texts.ADD_COMMAND)
@app_commands.rename(thing="question")
@app_commands.describe(thing=admin_texts.OPTION_QUESTION)
async def add(_: discord.Interaction, thing: str) -> None: ...


async def explain(_: discord.Interaction, message: discord.Message) -> None: ...


Location = TranslationContextLocation
GROUP = app_commands.Group(name="faq", description=admin_texts.FAQ_GROUP)
MENU = app_commands.ContextMenu(name=admin_texts.MENU_WHY, callback=explain)
COMMAND = TranslationContext(Location.command_name, add)
DESCRIPTION = TranslationContext(Location.command_description, add)
OPTION = TranslationContext(Location.parameter_name, add.parameters[0])
ABOUT_OPTION = TranslationContext(Location.parameter_description, add.parameters[0])
CHOICE = TranslationContext(Location.choice_name, app_commands.Choice(name="YAML", value="yaml"))
IN_MENU = TranslationContext(Location.command_name, MENU)


async def german(
    text: str, context: app_commands.TranslationContextTypes, locale: Locale = Locale.german
) -> str | None:
    return await FaqtotumTranslator().translate(locale_str(text), locale, context)


@pytest.mark.parametrize(
    ("text", "context", "said"),
    [
        ("add", COMMAND, "hinzufügen"),
        ("alternate", TranslationContext(Location.group_name, GROUP), "formulierung"),
        ("question", OPTION, "frage"),
        (admin_texts.ADD_COMMAND, DESCRIPTION, "Einen Eintrag zu den FAQ hinzufügen"),
        (admin_texts.OPTION_QUESTION, ABOUT_OPTION, "Die Frage"),
        (admin_texts.MENU_WHY, IN_MENU, "Warum diese Antwort?"),
        ("faq", TranslationContext(Location.group_name, GROUP), None),
        ("YAML", CHOICE, None),
        ("nobody says this", COMMAND, None),
        ("Nobody says this.", DESCRIPTION, None),
    ],
)
async def test_names_and_descriptions_in_german(
    text: str, context: app_commands.TranslationContextTypes, said: str | None
) -> None:
    assert await german(text, context) == said


@pytest.mark.parametrize("locale", [one for one in Locale if one is not Locale.german])
async def test_in_every_other_language_commands_are_english(locale: Locale) -> None:
    assert await german("add", COMMAND, locale) is None
    assert await german(admin_texts.MENU_WHY, IN_MENU, locale) is None


def test_a_name_is_what_people_type() -> None:
    assert is_name(COMMAND)
    assert is_name(OPTION)
    assert not is_name(DESCRIPTION)
    assert not is_name(CHOICE)
    assert not is_name(IN_MENU)


async def test_what_discord_is_told_has_the_names_beside_the_english_ones() -> None:
    bot = discord.Client(intents=discord.Intents.none())
    told = await add.get_translated_payload(app_commands.CommandTree(bot), FaqtotumTranslator())
    assert told["name"] == "add"
    assert told["name_localizations"] == {"de": "hinzufügen"}
    assert told["options"][0]["name_localizations"] == {"de": "frage"}
    assert told["options"][0]["description_localizations"] == {"de": "Die Frage"}

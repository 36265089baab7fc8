"""Names and descriptions of the commands in the languages that the bot speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import app_commands

from ..core.speech import LANGUAGES
from ..resources import read_catalogue

if TYPE_CHECKING:
    import discord

_NAMES = {
    app_commands.TranslationContextLocation.command_name,
    app_commands.TranslationContextLocation.group_name,
    app_commands.TranslationContextLocation.parameter_name,
}
NAME_CONTEXT = "command name"
"""In the catalogues, the context of a name that people type; Discord wants it in lower case and without spaces."""


class FaqtotumTranslator(app_commands.Translator):
    """Looks commands up in the catalogues; a host sets it with ``bot.tree.set_translator(FaqtotumTranslator())``."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Return what a text of a command is called in a locale, None where it stays English."""
        language = locale.value.partition("-")[0]
        if language not in LANGUAGES or language == LANGUAGES[0]:
            return None
        catalogue = read_catalogue(language)
        if is_name(context):
            found = catalogue.pgettext(NAME_CONTEXT, string.message)
        else:
            found = catalogue.gettext(string.message)
        return None if found == string.message else found


def is_name(context: app_commands.TranslationContext[Any, Any]) -> bool:
    """Return whether a text is typed by people, and not only read; context menus are only read."""
    return context.location in _NAMES and not isinstance(context.data, app_commands.ContextMenu)

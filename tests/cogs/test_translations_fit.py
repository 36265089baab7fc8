"""In every language the bot's words fit where Discord shows them.

Limits and rules: Discord's documentation, "Application Commands" and "Components" reference.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord.ext import commands

from bot.app import open_app
from bot.cogs.admin import texts as admin_texts
from bot.cogs.admin.forms import build_form
from bot.cogs.speech import speech_in
from bot.cogs.translator import FaqtotumTranslator
from bot.config import Config
from bot.core.speech import LANGUAGES
from bot.resources import read_catalogue
from bot.sandbox.command_checks import check
from bot.sandbox.forms import Form
from tests.catalogue_checks import say
from tests.fakes.embedder import HashEmbedder
from tools.catalogue import find_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
LIMITS = {
    r"texts\.ANSWER_FROM_FAQ|admin\.texts\.MENU_.*": 32,
    r".*_COMMAND|.*_GROUP|.*_DESCRIPTION|admin\.texts\.OPTION_.*|texts\.ASK_(QUESTION|PRIVATE)": 100,
    r"admin\.texts\.(ADD_TITLE|EDIT_TITLE|FORM_(QUESTION|ALTERNATES|ANSWER|TAGS|LINKS))": 45,
    r"admin\.texts\.FORM_.*_HINT": 100,
    r"admin\.texts\.(SAVE|EDIT_AGAIN|CANCEL|UNDO|OVERRIDE|PREVIOUS|NEXT)": 80,
    r"settings\.texts\.(BACK|RESET|UNDO|DROP_DELETED|NO_REPORT|PREVIOUS|NEXT)": 80,
    r"admin\.texts\.PICK_PLACEHOLDER|settings\.texts\.(.*_CHOOSE(_PAGE)?|CHOOSE_PAGE)": 150,
    # The pages are options of a menu: their titles are its labels, and what they are about its descriptions.
    r"settings\.texts\.(.*_CHOICE|OVERHEAR_YES|OVERHEAR_NO|.*_ABOUT)": 100,
    r"(admin|settings|doctor)\.texts\..*TITLE|doctor\.texts\.(ALL_WELL|SOME_.*)|texts\.(DID_YOU_MEAN|HINT_TITLE)": 256,
}
"""Characters, by the names of the texts."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("names", "limit"), LIMITS.items())
def test_texts_fit_where_they_stand(language: str, names: str, limit: int) -> None:
    found = {name: text for name, text in find_texts().items() if re.fullmatch(names, name)}
    assert found
    catalogue = read_catalogue(language)
    said = {name: say(catalogue.gettext(text)) for name, text in found.items()}
    assert {name: text for name, text in said.items() if not 0 < len(text) <= limit} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("title", [admin_texts.ADD_TITLE, admin_texts.EDIT_TITLE])
async def test_the_form_fits(language: str, title: str) -> None:
    form = build_form(1, {}, speech_in(language), title).to_dict()
    assert len(form["title"]) <= 45
    rows: list[dict[str, Any]] = form["components"]
    assert len(rows) == 5
    for row in rows:
        assert 0 < len(row["label"]) <= 45
        assert len(row.get("description") or "") <= 100


@pytest.fixture
async def tree(tmp_path: Path) -> AsyncIterator[discord.app_commands.CommandTree[Any]]:
    config = Config.from_mapping(
        {"faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]}, "store": {"path": str(tmp_path / "faq.sqlite3")}}
    )
    async with open_app(config, embedder=HashEmbedder()) as app:
        bot = commands.Bot("!", intents=discord.Intents.all())
        bot.faqtotum_app = app  # type: ignore[attr-defined] - so hosts do it
        await bot.load_extension("bot.cogs")
        yield bot.tree
        await bot.unload_extension("bot.cogs")


async def test_commands_are_such_as_discord_takes(tree: discord.app_commands.CommandTree[Any]) -> None:
    names: Counter[tuple[str, int, str]] = Counter()
    for command in tree.get_commands():
        payload = await command.get_translated_payload(tree, FaqtotumTranslator())
        form = Form()
        check(payload, form)
        form.close()
        translations = payload.get("name_localizations", {})
        names.update((locale, payload["type"], translations.get(locale, payload["name"])) for locale in ("en-US", "de"))
    assert {"ask", "faq", "settings"} <= {name for locale, _, name in names if locale == "en-US"}
    assert max(names.values()) == 1

"""Faqtotum inside somebody else's bot."""

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, cast

import discord
import pytest
from discord.ext import commands

from bot.app import AUTHOR_KEY_VARIABLE, App, open_app
from bot.cogs import texts
from bot.cogs.admin import texts as admin_texts
from bot.config import CONFIG_VARIABLE, Config
from tests.e2e.conftest import CARD_QUESTION, ROOT, Town

if TYPE_CHECKING:
    from bot.cogs.answers import AnswersCog

EXTENSION = "bot.cogs"


class Host(commands.Bot):
    """A bot with a command and a slash command of its own."""

    faqtotum_app: App | None = None
    faqtotum_config: object = None

    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__("!", intents=intents, help_command=None, guild_ready_timeout=0.05)

    async def setup_hook(self) -> None:
        @self.command()
        async def how(context: commands.Context) -> None:
            await context.send("the host's own answer")

        @self.tree.command(description="The host's")
        async def host(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("hello")


async def started(host: Host, token: str) -> asyncio.Task[None]:
    connection = asyncio.create_task(host.start(token))
    await host.wait_until_ready()
    return connection


OURS = {
    "ask",
    "faq",
    "privacy",
    "report",
    "settings",
    texts.ANSWER_FROM_FAQ,
    admin_texts.MENU_ADD,
    admin_texts.MENU_PHRASING,
    admin_texts.MENU_WHY,
}


def names(host: commands.Bot) -> set[str]:
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
    return {command.name for kind in kinds for command in host.tree.get_commands(type=kind)}


async def test_load_use_unload_load_again(town: Town) -> None:
    host = Host()
    async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app, host, town.seat() as seat:
        host.faqtotum_app = app
        connection = await started(host, town.application.user.token)
        for _ in range(2):
            await host.load_extension(EXTENSION)
            await host.tree.sync()
            assert names(host) == {"host", *OURS}
            used = await seat.slash(town.lounge.id, "ask", {"question": CARD_QUESTION, "private": True})
            assert (await seat.response(used)).embeds
            await host.unload_extension(EXTENSION)
            assert names(host) == {"host"}
            assert not host.cogs
            assert not [name for name, found in host.extra_events.items() if found]
            assert not host._connection._view_store._dynamic_items
        await host.close()
        await connection


async def test_commands_of_the_host_are_left_to_the_host(town: Town) -> None:
    host = Host()
    async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app, host, town.seat() as seat:
        host.faqtotum_app = app
        connection = await started(host, town.application.user.token)
        await host.load_extension(EXTENSION)
        said = await seat.say(town.help.id, f"!how {CARD_QUESTION}")
        assert (await seat.next_message()).content == "the host's own answer"
        await town.assert_silent(seat, said)
        await host.close()
        await connection


@pytest.mark.parametrize("way", ["config", "mapping", "path", "environment"])
async def test_it_is_configured_in_any_of_four_ways(
    town: Town, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "faq": {"files": [str(ROOT / "faq_data" / "medicare.yaml")]},
        "store": {"path": str(tmp_path / "db.sqlite3")},
    }
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(settings))
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, "0123456789abcdef")
    host = Host()
    match way:
        case "config":
            host.faqtotum_config = Config.from_mapping(settings)
        case "mapping":
            host.faqtotum_config = settings
        case "path":
            host.faqtotum_config = str(file)
        case _:
            monkeypatch.setenv(CONFIG_VARIABLE, str(file))
    async with host:
        await host.load_extension(EXTENSION)
        cog = host.get_cog("Faqtotum")
        # No isinstance: loading an extension makes its classes anew.
        assert len(cast("AnswersCog", cog)._app.knowledge.current.faq_of(None).entries) == 5
        await host.unload_extension(EXTENSION)
    assert (tmp_path / "db.sqlite3").exists()
    assert town


@pytest.mark.parametrize("name", ["ask", "faq", "settings", "privacy", "report"])
async def test_a_host_that_has_a_command_already_keeps_it_and_nothing_of_ours(town: Town, name: str) -> None:
    host = Host()
    async with open_app(town.config(), embedder=town.embedder) as app, host:

        @host.tree.command(name=name, description="The host's own")
        async def own(_interaction: discord.Interaction) -> None: ...

        host.faqtotum_app = app
        with pytest.raises(commands.ExtensionFailed, match=f"'{name}' already registered"):
            await host.load_extension(EXTENSION)
        assert names(host) == {name}
        assert host.tree.get_command(name) is own
        assert not host.cogs
        assert not [name for name, found in host.extra_events.items() if found]
        assert not host._connection._view_store._dynamic_items


async def test_a_set_up_that_fails_leaves_nothing_and_can_be_tried_again(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    host = Host()
    async with host:
        host.faqtotum_config = {"faq": {"files": ["nowhere/*.yaml"]}, "store": {"path": str(town.folder / "a.sqlite3")}}
        with pytest.raises(commands.ExtensionFailed, match="nowhere"):
            await host.load_extension(EXTENSION)
        assert not host.cogs
        assert names(host) == set()
        async with open_app(town.config(), embedder=town.embedder) as app:
            host.faqtotum_app = app
            await host.load_extension(EXTENSION)
            await host.unload_extension(EXTENSION)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []

"""Faqtotum as an extension of a discord.py bot: ``await bot.load_extension("faqtotum.cogs")``.

The host configures it, in this order, by

- ``bot.faqtotum_app``: an App that the host opened itself and closes itself;
- ``bot.faqtotum_config``: a Config, a mapping with the keys of the configuration file, or the path of such a file;
- the environment variable ``FAQTOTUM_CONFIG``: the path of a configuration file.

The host syncs its command tree as it is used to, and may set a `FaqtotumTranslator` on it before. Unloading the
extension takes everything back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from ..app import App, open_app
from ..config import Config, config_path_from_environment
from ..core.errors import FaqtotumError
from .admin.cog import FaqCog
from .answers import AnswersCog
from .buttons import EntryButton
from .privacy import PrivacyCog
from .report.cog import ReportsCog
from .settings.cog import SettingsCog
from .settings.controls import Control
from .translator import FaqtotumTranslator

if TYPE_CHECKING:
    from discord.ext import commands

__all__ = ["FaqtotumTranslator", "setup", "teardown"]

_log = logging.getLogger(__name__)

_opened: WeakKeyDictionary[commands.Bot, AsyncExitStack] = WeakKeyDictionary()
"""What `setup` opened and `teardown` has to close: discord.py keeps nothing for an extension."""


async def setup(bot: commands.Bot) -> None:
    """Load the extension into a bot.

    Raises:
        FaqtotumError: The configuration, the FAQ, the model or the database cannot be used; discord.py wraps it in
            its own ExtensionFailed.
    """
    stack = _opened[bot] = AsyncExitStack()
    app = getattr(bot, "faqtotum_app", None)
    if not isinstance(app, App):
        app = await stack.enter_async_context(open_app(_config_of(bot)))
    # A cog whose command the host has already is not unloaded, as it was not loaded; its buttons are known by then.
    stack.callback(bot.remove_dynamic_items, EntryButton, Control)
    await bot.add_cog(AnswersCog(bot, app))
    await bot.add_cog(FaqCog(bot, app))
    await bot.add_cog(SettingsCog(bot, app))
    await bot.add_cog(PrivacyCog(bot, app))
    await bot.add_cog(ReportsCog(bot, app))
    _warn_of_missing_intent(bot, app.config)


async def teardown(bot: commands.Bot) -> None:
    """Close what `setup` opened; discord.py calls it after the cogs are gone, also when `setup` failed."""
    try:
        await _opened.pop(bot, AsyncExitStack()).aclose()
    except FaqtotumError:
        # discord.py would swallow it without a word.
        _log.exception("closing Faqtotum failed")


def _config_of(bot: commands.Bot) -> Config:
    given: Any = getattr(bot, "faqtotum_config", None)
    if isinstance(given, Config):
        return given
    if isinstance(given, Mapping):
        return Config.from_mapping(cast("Mapping[str, Any]", given))
    return Config.load(Path(given) if given is not None else config_path_from_environment())


def _warn_of_missing_intent(bot: commands.Bot, config: Config) -> None:
    if bot.intents.message_content:
        return
    _log.warning(
        "the Message Content intent is off: messages that do not mention the bot cannot be read, so %s. "
        "Slash commands, mentions, direct messages and context menus work",
        "the watched channels are not answered" if config.watches_anything else "no channel can be watched",
    )

"""``faqtotum run``: the bot, connected to Discord."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord

from ..app import open_app
from ..client import FaqtotumBot
from ..config import TOKEN_VARIABLE
from ..core.errors import FaqtotumError
from ..core.memory import limit_heaps, return_free, settle
from .common import describe, embedding_progress, load_config

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Coroutine, Generator
    from pathlib import Path

    from ..config import Config

_log = logging.getLogger(__name__)

_PORTAL = "https://discord.com/developers/applications"


class DiscordUnavailableError(FaqtotumError):
    """The bot cannot get into Discord; the message says why and what to do."""


def run(arguments: Namespace) -> int:
    """Run the command until it is told to stop; return the exit status."""
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    if not arguments.verbose:
        # One line a reconnect is enough; the library's own retries would bury it.
        logging.getLogger("discord").setLevel(logging.WARNING)
    # Before threads have heaps of their own: few things are made in several at once.
    limit_heaps(1)
    token = read_token()
    config = load_config(arguments.config)
    asyncio.run(_serve_until_terminated(serve(config, token, arguments.health_file)))
    return 0


def read_token() -> str:
    """Return the bot's token.

    Raises:
        DiscordUnavailableError: The environment holds none.
    """
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise DiscordUnavailableError(
            f"no token: put the bot's token into the environment variable {TOKEN_VARIABLE} ({_PORTAL}, page Bot)"
        )
    return token


async def _serve_until_terminated(service: Coroutine[None, None, None]) -> None:
    """Serve until SIGTERM, as service managers and containers send it, then close in order."""
    serving = asyncio.create_task(service)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        _log.info("stopped")


async def serve(config: Config, token: str, health_file: Path | None = None) -> None:
    """Open everything, connect and serve until the task is cancelled.

    Args:
        config: What to open.
        token: The bot's token.
        health_file: See FaqtotumBot.

    Raises:
        FaqtotumError: Something is missing or wrong; the message says what to do.
    """
    async with AsyncExitStack() as stack:
        with embedding_progress() as on_progress:
            app = await stack.enter_async_context(open_app(config, on_progress=on_progress))
        return_free()
        _log.info("the FAQ is ready: %s", describe(app))
        bot = await stack.enter_async_context(FaqtotumBot(app, health_file=health_file))
        settling = asyncio.create_task(_settle_when_ready(bot))
        stack.callback(settling.cancel)
        await connect(bot, token)


async def _settle_when_ready(bot: discord.Client) -> None:
    await bot.wait_until_ready()
    settle()


async def connect(bot: discord.Client, token: str) -> None:
    """Log in and serve until the connection is closed for good.

    Raises:
        DiscordUnavailableError: Discord cannot be reached or does not let the bot in.
    """
    with explaining():
        await bot.start(token)


@contextmanager
def explaining() -> Generator[None]:
    """Raise DiscordUnavailableError for whatever discord.py raises inside when it cannot get into Discord."""
    try:
        yield
    except discord.LoginFailure as error:
        raise DiscordUnavailableError(
            f"Discord does not know this token: copy it anew from {_PORTAL}, page Bot, into {TOKEN_VARIABLE}"
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise DiscordUnavailableError(
            f"the Message Content intent is not enabled for this bot: enable it at {_PORTAL}, page Bot, "
            "or set discord.message_content to false (then it answers commands, mentions and direct messages only)"
        ) from error
    except (aiohttp.ClientError, OSError, discord.GatewayNotFound, discord.DiscordServerError) as error:
        raise DiscordUnavailableError(
            f"Discord cannot be reached: {error or type(error).__name__}; check the network and discordstatus.com"
        ) from error
    except discord.ConnectionClosed as error:
        raise DiscordUnavailableError(f"Discord closed the connection for good (code {error.code})") from error

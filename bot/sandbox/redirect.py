"""Points discord.py at a sandbox, and back at Discord afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import Generator

    from .server import Sandbox


@contextmanager
def redirected(sandbox: Sandbox) -> Generator[None]:
    """Every discord.py client of this process talks to the sandbox while the context lasts."""
    rest, gateway, assets = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE = sandbox.rest_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sandbox.gateway_url)
    _set_assets(sandbox.base_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = rest, gateway
        _set_assets(assets)


def _set_assets(base: str) -> None:
    # By name, because discord.py's own annotation pins the value to Discord's address.
    setattr(Asset, "BASE", base)  # noqa: B010

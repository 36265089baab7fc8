"""A browser, a playground with the real bot, and seats in it: one of each for all tests of this folder."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from bot.playground import is_built, open_playground
from tests.playground_page.desk import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from playwright.async_api import Browser

    from bot.core.ports import Embedder
    from bot.playground import Playground
    from tests.playground_page.desk import Scheme, Sit

CHROMIUM = Path(os.environ.get("FAQTOTUM_CHROMIUM", "/usr/bin/chromium"))
"""Debian's; a machine that has it elsewhere names it."""
AXE = Path(__file__).parents[2] / "playground" / "node_modules" / "axe-core" / "axe.min.js"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out, with the reason, where they cannot run, and out of the coverage anyway."""
    reason = _missing()
    for item in items:
        # What asks for no seat reads files only.
        if Path(__file__).parent not in item.path.parents or "sit" not in getattr(item, "fixturenames", ()):
            continue
        # What is tested is the page; the code behind it has tests of its own, for which no browser has to wait.
        item.add_marker(pytest.mark.no_cover)
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


def _missing() -> str | None:
    if not CHROMIUM.is_file():
        return f"no Chromium at {CHROMIUM}: install it, or name it in FAQTOTUM_CHROMIUM"
    if not is_built():
        return "the page is not built: npm ci && npm run build in playground/"
    return None


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def playground(model: Embedder) -> AsyncIterator[Playground]:
    """A playground with the shipped FAQ and the real model."""
    async with open_playground(embedder=model) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """A browser of its own, without anybody's profile."""
    async with async_playwright() as driver:
        # Its sandbox needs rights that containers do not give; only our own page is opened.
        opened = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture(scope="package")
def sit(playground: Playground, browser: Browser) -> Sit:
    """Take a seat in a window of its own; whatever is wrong with the page by the end of the test fails it."""

    @asynccontextmanager
    async def take(
        seat: str = "member",
        *,
        channel: str | None = None,
        width: int = 1280,
        height: int = 800,
        scheme: Scheme = "dark",
    ) -> AsyncGenerator[Desk]:
        context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        try:
            desk = Desk(playground, await context.new_page())
            await desk.open(seat, channel)
            yield desk
            desk.check()
        finally:
            await context.close()

    return take


@pytest_asyncio.fixture(loop_scope="package")
async def desk(sit: Sit) -> AsyncIterator[Desk]:
    """A member's seat in the channel that the bot does not watch."""
    async with sit(channel="unwatched") as taken:
        yield taken

"""The terminal seat on a real loopback Discord, with the real bot on the other side."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import build_source, open_app
from bot.cli.terminal import Terminal
from bot.client import FaqtotumBot
from bot.playground import build_config, build_town
from bot.sandbox import Sandbox, Seat, redirected
from tests.fakes.embedder import HashEmbedder
from tests.seeding import FAQS, SMALL

CARD = "How do I get a replacement Medicare card?"


class Desk:
    """A terminal whose lines a test types one by one, each with what it waits to see before the next."""

    def __init__(self, terminal: Terminal, output: StringIO) -> None:
        self.terminal = terminal
        self.output = output

    async def play(self, *steps: tuple[str, str]) -> str:
        """Type lines; after each wait until its words are on the screen. Return what is on the screen at the end."""

        async def lines() -> AsyncIterator[str]:
            for line, words in steps:
                before = len(self.output.getvalue())
                yield line
                async with asyncio.timeout(20):
                    while words not in self.output.getvalue()[before:]:  # noqa: ASYNC110 - the screen is no event
                        await asyncio.sleep(0)

        await self.terminal.serve(lines())
        return self.output.getvalue()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    faq = tmp_path / "faq"
    faq.mkdir()
    shutil.copy(SMALL, faq)
    town = build_town()
    async with AsyncExitStack() as stack:
        config = build_config(town, tmp_path, faq)
        app = await stack.enter_async_context(open_app(config, embedder=HashEmbedder()))
        sandbox = await stack.enter_async_context(Sandbox(town.world))
        stack.enter_context(redirected(sandbox))
        bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=0.05))
        connection = asyncio.create_task(bot.start(town.application.user.token))
        stack.push_async_callback(asyncio.wait, [connection])
        stack.push_async_callback(bot.close)
        await bot.wait_until_ready()
        seat = await stack.enter_async_context(Seat(sandbox, town.you))
        output = StringIO()
        channels = [town.watched, town.unwatched, town.forum]
        yield Desk(Terminal(seat, town.application, channels, Console(file=output, width=100)), output)


def test_without_ones_own_faq_the_shipped_ones_are_served(tmp_path: Path) -> None:
    config = build_config(build_town(), tmp_path, None)
    assert config.faq.files == (str(FAQS / "*.y*ml"),)


async def test_a_folder_may_have_a_name_that_could_be_a_pattern(tmp_path: Path) -> None:
    faq = tmp_path / "my [bot]"
    faq.mkdir()
    shutil.copy(SMALL, faq)
    scopes = await build_source(build_config(build_town(), tmp_path, faq)).read()
    assert len(scopes[None]) == 5


async def test_every_form_of_input_does_what_the_help_says(desk: Desk) -> None:
    screen = await desk.play(
        ("help", "/ask? text"),
        ("", ""),
        (CARD, "1-800-MEDICARE"),
        ("1", "(edited)"),
        (f"/ask question: {CARD} private: true", "only you can see this"),
        ("/ask? replacement", CARD),
        ("/ask? zebra crossing", "nothing"),
        ("#lounge", "You are in #lounge"),
        ("@Faqtotum when does an elephant sleep", "╭─ You: @Faqtotum when does"),
        ("> and how does a giraffe sleep", "╭─ You: and how does a giraffe sleep"),
        ("menu", "only you can see this"),
        ("#questions", "a forum, where what you type opens a post"),
        ("How and when do I sign up for Medicare?", "Automatic answer"),
        ("quit", ""),
    )
    assert "Faqtotum  APP " in screen


async def test_what_cannot_be_done_says_why(desk: Desk) -> None:
    await desk.play(
        ("/nope", "there is no command /nope; there are /ask"),
        ("99", "there is no button 99"),
        ("#nowhere", "there is no #nowhere; there are #help #lounge #questions"),
        ("menu", "say something first"),
        ("/ask private: perhaps", "private: takes true or false"),
        ("/ask private: true", "Invalid Form Body"),
        ("x" * 4001, "Invalid Form Body"),
        ("> nobody", "there is no message to reply to"),
    )


async def test_the_end_of_the_input_is_the_end(desk: Desk) -> None:
    assert await desk.play() == ""
    assert await desk.play(("exit", "")) == ""

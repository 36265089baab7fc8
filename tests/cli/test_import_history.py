"""``faqtotum import-history`` as a user calls it."""

import asyncio
import io
import logging
import os
import re
import signal
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import AUTHOR_KEY_VARIABLE
from bot.cli import main
from bot.cli.common import load_config
from bot.cli.import_history import LINE_EVERY, _Display
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE
from bot.core.privacy import author_hash
from bot.sandbox import Guild, ManualClock, RestExchange, Sandbox, World
from bot.services import Tally, find_key_problem
from bot.stores import open_sqlite
from tests.cli.loopback import loopback
from tests.e2e.past import Past
from tests.fakes.embedder import HashEmbedder

ROOT = Path(__file__).parents[2]
TOKEN = "a-token"  # noqa: S105 - of the loopback Discord
QUESTION = "Where can I park my car?"
BOTS_KEY = "k" * 32


@dataclass
class Place:
    """A server with a past, and the configuration of its bot."""

    guild: Guild
    sandbox: Sandbox
    past: Past
    config: Path

    def run(self, *more: str) -> int:
        return main(["import-history", "--config", str(self.config), "--guild", str(self.guild.id), *more])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with an FAQ, for an embedder that needs no model."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)

    @asynccontextmanager
    async def build(*_: object, **__: object) -> AsyncGenerator[HashEmbedder]:
        yield HashEmbedder()

    monkeypatch.setattr("bot.app.build_embedder", build)
    file = tmp_path / "config.yaml"
    file.write_text(f"faq: {{files: [{ROOT}/faq_data/medicare.yaml]}}\nstore: {{path: faq.sqlite3}}\n")
    return file


@contextmanager
def serving(config: Path) -> Iterator[Place]:
    clock = ManualClock(time.time() - 86_400)
    world = World(clock)
    places = list[Place]()

    def fill(guild: Guild, sandbox: Sandbox) -> None:
        places.append(Place(guild, sandbox, Past(world, clock), config))

    with loopback(TOKEN, world=world, fill=fill):
        yield places[0]


@pytest.fixture
def place(config: Path) -> Iterator[Place]:
    with serving(config) as one:
        yield one


def test_it_reads_what_is_named_and_says_what_came_of_it(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = place.guild.add_text_channel("help"), place.guild.add_text_channel("lounge")
    for channel in (first, second, first):
        place.past.say(channel, place.guild.owner, QUESTION)
    named = [word for channel in (first, second, first) for word in ("--channel", str(channel.id))]
    assert place.run(*named, "--days", "3") == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"Reading 2 channels of server {place.guild.id}, 3 days back",
        "#help: messages read: 2, questions logged: 2",
        "#lounge: messages read: 3, questions logged: 3",
        "Done: messages read: 3, questions logged: 3",
        "Type /report now in the server to see which questions keep coming back",
    ]
    assert told.err == ""


def test_what_cannot_be_read_makes_it_fail(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    channel = place.guild.add_text_channel("help")
    place.past.say(channel, place.guild.owner, QUESTION)
    assert place.run("--channel", "12345678", "--channel", str(channel.id)) == 1
    told = capsys.readouterr().out
    assert "✗ channel 12345678 is gone: check the id" in told
    assert "All the others were read." in told
    assert "questions logged: 1" in told


def test_whoever_watches_no_channel_is_told_so(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run() == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(f"faqtotum: the bot reads along in no channel of server {place.guild.id}: name channels")


def test_with_another_key_than_the_bots_nothing_is_read(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = place.guild.add_text_channel("help")
    asker = place.guild.owner
    place.past.say(channel, asker, QUESTION)
    store = load_config(place.config).store

    async def opt_out() -> None:
        async with open_sqlite(store.path) as opened:
            await opened.members.opt_out(author_hash(BOTS_KEY.encode(), asker.id), datetime.now(UTC))
            assert await find_key_problem(opened, opened.members, BOTS_KEY.encode()) is None

    async def texts() -> list[str]:
        async with open_sqlite(store.path) as opened:
            return [question.text for question in await opened.read_questions()]

    asyncio.run(opt_out())
    # What starts the bot knows its key, and the shell does not.
    monkeypatch.delenv(AUTHOR_KEY_VARIABLE, raising=False)
    assert place.run("--channel", str(channel.id)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("faqtotum: nothing was read: the key of the askers' pseudonyms is not the bot's")
    assert asyncio.run(texts()) == []
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, BOTS_KEY)
    assert place.run("--channel", str(channel.id)) == 0
    assert asyncio.run(texts()) == []


def test_ctrl_c_ends_it_and_the_next_run_goes_on(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    channel = place.guild.add_text_channel("help")
    for number in range(250):
        place.past.say(channel, place.guild.owner, f"{QUESTION} {number}")
    pages, handlers = 0, list[object]()

    def interrupt(exchange: RestExchange) -> None:
        nonlocal pages
        pages += exchange.template == "/channels/{channel_id}/messages"
        if pages == 3:
            place.sandbox.observers.remove(interrupt)
            handlers.append(signal.getsignal(signal.SIGINT))
            os.kill(os.getpid(), signal.SIGINT)

    # As in a process of its own, whatever ran in this one before; asyncio takes it over from there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        place.sandbox.observers.append(interrupt)
        assert place.run("--channel", str(channel.id)) == 130, f"{pages} pages, handled by {handlers}"
    finally:
        signal.signal(signal.SIGINT, before)
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "Stopped. What was read is kept, and the next run goes on from there."
    assert "Traceback" not in told.err
    assert place.run("--channel", str(channel.id)) == 0
    told = capsys.readouterr().out
    last = re.findall(r"Done: messages read: (\d+), questions logged: (\d+)", told)[0]
    assert 50 <= int(last[0]) < 250
    assert place.run("--channel", str(channel.id)) == 0
    assert "Done: messages read: 0, questions logged: 0" in capsys.readouterr().out


def test_without_a_token_or_a_log_nothing_is_asked(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text("store: {log_questions: false}\n")
    arguments = ["import-history", "--config", str(config), "--guild", "1"]
    assert main(arguments) == 1
    assert "set store.log_questions to true first" in capsys.readouterr().err
    monkeypatch.delenv(TOKEN_VARIABLE)
    assert main(arguments) == 1
    assert f"no token: put the bot's token into the environment variable {TOKEN_VARIABLE}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--guild", "x"], ["--guild", "1", "--days", "0"], ["--guild"]])
def test_unusable_arguments_exit_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["import-history", *arguments])
    assert caught.value.code == 2


def show(console: Console) -> None:
    with _Display(console) as display:
        for channel, read in (("#a [b]", 100), ("#a [b]", 200), ("#c", LINE_EVERY), ("#c", 3 * LINE_EVERY)):
            display.show(channel, Tally(read, 9, read // 10))


def test_a_line_is_told_for_each_channel_and_now_and_then() -> None:
    output = io.StringIO()
    show(Console(file=output, width=100, highlight=False))
    assert output.getvalue().splitlines() == [
        "#a [b]: messages read: 200, questions logged: 20",
        "#c: messages read: 10,000, questions logged: 1,000",
        "#c: messages read: 30,000, questions logged: 3,000",
    ]


def test_a_terminal_shows_more_than_the_lines() -> None:
    output = io.StringIO()
    show(Console(file=output, width=100, highlight=False, force_terminal=True))
    assert "\x1b[?25l" in output.getvalue()
    assert "#a [b]: messages read: 200, questions logged: 20" in output.getvalue()


def test_nothing_read_is_no_line() -> None:
    output = io.StringIO()
    with _Display(Console(file=output, width=100)):
        pass
    assert output.getvalue() == ""

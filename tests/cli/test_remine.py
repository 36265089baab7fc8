"""``remine`` with a small random model on a database of another one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.app import open_app
from bot.cli import main, remine
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE, Config
from bot.mining import similarity
from bot.stores import open_sqlite
from tests.cli.test_ask_and_check import write_faq
from tests.embedders.tiny import save_tiny_model
from tests.services.faqs import BIG, CHATTER
from tests.stores.records import make_question

if TYPE_CHECKING:
    from bot.core.reports import Mining

GUILD, OTHER = 10, 11
TEXTS = ("where is my card", "where is the card", "when do you open", "when do you close", "who are you")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_tiny_model(folder / "model")
    return folder / "model"


@pytest.fixture
def database(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("bot.app.read_chatter", lambda: CHATTER)
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    write_faq(tmp_path / "faq.yaml", BIG)
    path = tmp_path / "log.db"
    (tmp_path / "config.yaml").write_text(
        f"faq: {{files: [faq.yaml]}}\nmodel: {{path: {model}}}\nstore: {{path: {path}}}\n"
    )
    return path


async def fill(path: Path) -> None:
    async with open_sqlite(path) as store:
        for number, text in enumerate(TEXTS):
            for guild_id in (GUILD, OTHER)[: 1 + (number < 2)]:
                embedding = np.array([1, number], dtype=np.float32)
                question = replace(make_question(text, guild_id=guild_id), embedding=embedding, model_id="old")
                assert await store.add_question(question)


async def read_pairs(path: Path, guild_id: int) -> tuple[Mining | None, list[tuple[int, int]], list[tuple[int, int]]]:
    """Return how a server was mined, its pairs, and those that there should be."""
    async with open_sqlite(path) as store:
        found = await store.reports.read_mining(guild_id)
        assert found
        texts = await store.reports.read_texts(guild_id, found.model_id, mined=True, limit=99)
        places = range(len(texts.ids))
        expected = [
            (texts.ids[one], texts.ids[other])
            for one in places
            for other in places
            if one < other and similarity(texts.embeddings[[one]], texts.embeddings[[other]])[0] >= found.threshold
        ]
        return found, [(one, other) for one, other, _ in await store.reports.read_pairs(texts.ids)], expected


def test_everything_is_embedded_and_compared_again(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(fill(database))
    assert main(["remine"]) == 0
    said = capsys.readouterr()
    found, pairs, expected = asyncio.run(read_pairs(database, GUILD))
    assert pairs == expected
    assert found
    assert found.model_id != "old"
    others = asyncio.run(read_pairs(database, OTHER))[1]
    assert said.out.splitlines() == [
        "7 questions were embedded again",
        *(f"server {one}: {len(own)} pair{'s' * (len(own) != 1)}" for one, own in ((GUILD, pairs), (OTHER, others))),
    ]
    # Nobody watches a bar here.
    assert "Embedding questions of another model: 7 of 7" in said.err.splitlines()
    assert "Comparing the questions of server 10: 5 of 5" in said.err.splitlines()
    assert "\r" not in said.err


def test_one_server_alone_and_once_more(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(fill(database))
    assert main(["remine", "--guild", str(OTHER)]) == 0
    capsys.readouterr()
    first = asyncio.run(read_pairs(database, OTHER))[0]
    assert main(["remine", "--guild", str(OTHER)]) == 0
    said = capsys.readouterr()
    second = asyncio.run(read_pairs(database, OTHER))[0]
    assert first
    assert second
    assert second.generation > first.generation
    assert [line.split(":")[0] for line in said.out.splitlines()] == [f"server {OTHER}"]
    assert "another model" not in said.err

    async def read_untouched() -> Mining | None:
        async with open_sqlite(database) as store:
            return await store.reports.read_mining(GUILD)

    assert asyncio.run(read_untouched()) is None


def test_the_threshold_is_the_one_that_the_reports_go_by(database: Path) -> None:
    asyncio.run(fill(database))
    assert main(["remine", "--guild", str(GUILD)]) == 0

    async def derive() -> float:
        async with open_app(Config.load(Path("config.yaml"))) as app:
            return await asyncio.to_thread(app.reporter._find_threshold, GUILD)

    found = asyncio.run(read_pairs(database, GUILD))[0]
    assert found
    assert found.threshold == asyncio.run(derive())


@pytest.mark.parametrize(
    ("filled", "arguments", "told"),
    [
        (False, [], "there is no database, so no question was logged yet; start the bot first"),
        (True, ["--guild", "99"], "--guild: no question of the server 99 is logged; leave it out for all servers"),
    ],
)
def test_what_cannot_be_done_is_told(
    database: Path,
    capsys: pytest.CaptureFixture[str],
    filled: bool,  # noqa: FBT001
    arguments: list[str],
    told: str,
) -> None:
    if filled:
        asyncio.run(fill(database))
    assert main(["remine", *arguments]) == 1
    assert told in capsys.readouterr().err
    assert database.exists() == filled


def test_a_database_without_questions_is_no_trouble(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def make() -> None:
        async with open_sqlite(database):
            pass

    asyncio.run(make())
    assert main(["remine"]) == 0
    assert capsys.readouterr().out == "No question of any server is logged.\n"


def test_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with remine._progress() as show:
        for step in ("One", "Two"):
            for done in range(1001):
                show(step, done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 * 11
    assert (lines[0], lines[10], lines[11]) == ("One: 0 of 1000", "One: 1000 of 1000", "Two: 0 of 1000")

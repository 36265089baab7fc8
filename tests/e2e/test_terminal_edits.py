"""What the terminal does to a server's own entries."""

from pathlib import Path

import pytest

from bot.app import open_app, read_listing
from bot.cli import main
from bot.config import Config
from bot.core.edits import OPERATOR
from bot.core.entries import Origin
from bot.faqfiles.formats import read_faq
from tests.e2e.conftest import Town
from tests.e2e.office import ASKED, DOG, QUESTION, office, text_of

GUILD = 1234567890123456789


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write(
        tmp_path, "faq.yaml", "title: T\nentries:\n  - id: hours\n    question: When are you open?\n    answer: At 9.\n"
    )
    return write(tmp_path, "config.yaml", "faq:\n  files: [faq.yaml]\nstore:\n  path: data.sqlite3\n")


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.mark.model
def test_a_file_becomes_entries_of_a_server_and_comes_out_again(
    tmp_path: Path, config: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path, "more.csv", f"question,answer\n{QUESTION},Yes.\nWhen are you open?,Never.\n")
    assert run("import", table, "--config", config, "--guild", GUILD, "--yes") == 1
    assert "belongs to “hours” already" in capfd.readouterr().err
    table = write(tmp_path, "more.csv", f"question,answer\n{QUESTION},Yes.\n")
    assert run("import", table, "--config", config, "--guild", GUILD, "--check") == 0
    assert run("import", table, "--config", config, "--guild", GUILD) == 1
    assert "--yes" in capfd.readouterr().err
    assert run("import", table, "--config", config, "--guild", GUILD, "--yes") == 0
    told = capfd.readouterr().out
    assert "1 entries of server" in told
    assert "Saved as change #1" in told
    assert run("import", table, "--config", config, "--guild", GUILD, "--yes") == 0
    assert "0 entries of server" in capfd.readouterr().out
    assert run("export", "--config", config, "--guild", GUILD, "--format", "csv") == 0
    assert DOG in capfd.readouterr().out
    assert run("export", "--config", config, "--format", "csv") == 0
    assert DOG not in capfd.readouterr().out


@pytest.mark.model
def test_a_file_whose_name_is_no_text_can_be_imported(
    tmp_path: Path, config: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = write(tmp_path, "caf\udce9.csv", f"question,answer\n{QUESTION},Yes.\n")
    assert run("import", table, "--config", config, "--guild", GUILD, "--yes") == 0
    assert "Saved as change #1" in capfd.readouterr().out


async def test_what_was_edited_in_discord_is_listed_without_it(town: Town) -> None:
    async with office(town) as desk:
        await desk.add()
    listing = await read_listing(town.config(), town.guild.id)
    assert [(one.entry.id, one.origin) for one in listing if one.origin is not Origin.FILE] == [(DOG, Origin.OWN)]
    assert DOG not in [one.entry.id for one in await read_listing(town.config(), None)]
    nowhere = Config.from_mapping({"faq": town.settings["faq"], "store": {"path": str(town.folder / "none.sqlite3")}})
    assert len(await read_listing(nowhere, town.guild.id)) == len(listing) - 1
    assert not (town.folder / "none.sqlite3").exists()


async def test_history_names_the_operator_and_a_running_bot_follows(town: Town) -> None:
    imported = read_faq(f"question,answer\n{QUESTION},Yes.\n".encode(), "more.csv")
    async with office(town) as desk:
        # Another process: the terminal.
        async with open_app(town.config(), clock=town.clock, embedder=town.embedder) as app:
            proposal = await app.editor.propose_import(town.guild.id, imported.entries, "more.csv")
            await app.editor.save(proposal, OPERATOR)
        assert "the operator imported more.csv" in text_of(await desk.do("history"))
        await desk.do("reload")
        assert await desk.answer_to(ASKED) == QUESTION

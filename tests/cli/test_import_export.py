"""``faqtotum import`` and ``faqtotum export`` as a user calls them."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import CONFIG_VARIABLE

GUILD = 1234567890123456789
OWN = """title: T
entries:
  - id: how
    question: How?
    answer: So.
  - id: who
    question: Who?
    answer: We.
    enabled: false
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "theirs.yaml").write_text(OWN.replace("How?", "Why?"))
    (tmp_path / "config.yaml").write_text(
        f"faq: {{files: [own.yaml]}}\nguilds:\n  {GUILD}: {{faq: {{files: [theirs.yaml]}}}}\n"
    )
    (tmp_path / "faq.csv").write_text("question,answer\nHow?,So.\nWhy?,So.\n")
    return tmp_path


def test_export_prints_yaml_that_import_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export"]) == 0
    assert capsys.readouterr().out.replace("FAQ", "T").replace("\n\n", "\n") == OWN


def test_export_writes_a_file_in_the_format_of_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--format", "json", "--out", "out.json"]) == 0
    assert capsys.readouterr().out == "2 entries written to out.json\n"
    assert [entry["id"] for entry in json.loads((folder / "out.json").read_text())["entries"]] == ["how", "who"]
    assert main(["export", "--format", "csv", "--out", "out.json"]) == 0
    rows = list(csv.reader(io.StringIO((folder / "out.json").read_text(encoding="utf-8-sig"))))
    assert rows[1][:2] == ["how", "How?"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml",
        "faq.csv",
        "out.json",
        "own.yaml",
        "theirs.yaml",
    ]


@pytest.mark.parametrize(("guild", "question"), [(GUILD, "Why?"), (GUILD + 1, "How?")])
def test_export_writes_what_a_server_is_answered_from(
    guild: int, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--guild", str(guild), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"][0]["question"] == question


def test_export_says_what_is_wrong_with_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "own.yaml").write_text("title: T\nentries: []\n")
    assert main(["export"]) == 1
    assert "own.yaml:2: entries should have at least 1 in it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["export", "--guild", str(GUILD)], ["overlap"], ["remine"]], ids=lambda arguments: arguments[0]
)
def test_a_database_that_cannot_be_looked_for_is_told(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "config.yaml").write_text(f"faq: {{files: [own.yaml]}}\nstore: {{path: {'x' * 300}}}\n")
    assert main(arguments) == 1
    assert "cannot be used: File name too long" in capsys.readouterr().err


def test_import_writes_a_file_of_ours(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "faq.csv", "--out", "new.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 entries with 2 phrasings, read as csv",
        "  - 2 ids were made from the questions.",
        "Written to new.yaml",
    ]
    assert (folder / "new.yaml").read_text() == (
        "title: FAQ\nentries:\n  - id: how\n    question: How?\n    answer: So.\n\n"
        "  - id: why\n    question: Why?\n    answer: So.\n"
    )


def test_import_keeps_the_title_and_tells_what_is_not_enabled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "own.yaml", "--out", "new.yaml"]) == 0
    assert "2 entries with 2 phrasings, read as yaml; 1 not enabled" in capsys.readouterr().out
    assert (folder / "new.yaml").read_text().replace("\n\n", "\n") == OWN


def test_import_replaces_a_file_only_by_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "faq.csv", "--out", "own.yaml"]) == 1
    assert "own.yaml: is there already; name another file, or replace it with --force" in capsys.readouterr().err
    assert (folder / "own.yaml").read_text() == OWN
    assert main(["import", "faq.csv", "--out", "own.yaml", "--force"]) == 0
    assert "Why?" in (folder / "own.yaml").read_text()


def test_import_only_checks_when_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "faq.csv", "--check", "--out", "new.yaml"]) == 0
    assert "2 entries" in capsys.readouterr().out
    assert not (folder / "new.yaml").exists()
    assert main(["import", "faq.csv"]) == 1
    assert "--out: name the file to write" in capsys.readouterr().err


def test_import_says_every_problem_in_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "faq.csv").write_text("question,answer\nHow?,\n,So.\n")
    assert main(["import", "faq.csv", "--out", "new.yaml"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "faqtotum: faq.csv:2: answer should not be empty, found ''",
        "faq.csv:3: question should not be empty, found ''",
    ]
    assert not (folder / "new.yaml").exists()


@pytest.mark.parametrize("name", ["missing.csv", ".", "a\0b"])
def test_import_says_what_cannot_be_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", name, "--check"]) == 1
    assert "cannot be read: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["no/such/folder.yaml", ".", "a\0b"])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_import_says_what_cannot_be_written(name: str, force: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "faq.csv", "--out", name, *force]) == 1
    assert "cannot be written: " in capsys.readouterr().err


def test_the_format_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "faq.csv", "--format", "json", "--check"]) == 1
    assert "this is not valid JSON" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["import", "faq.csv", "--format", "docx", "--check"])


def test_what_is_no_file_is_written_too(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert main(["export", "--out", str(pipe)]) == 0
    assert os.read(reader, 9) == b"title: FA"
    os.close(reader)

"""``ask -v`` and ``check`` with small random models and an FAQ that can just be calibrated, or just not."""

import asyncio
import itertools
import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from bot.app import AUTHOR_KEY_VARIABLE
from bot.cli import main
from bot.cli.common import load_config
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE
from bot.core.types import Entry
from bot.matching import MIN_ENTRIES, MIN_PHRASINGS, WEIGHTS
from bot.stores import open_sqlite
from tests.embedders.tiny import save_tiny_cross_encoder, save_tiny_model
from tests.services.faqs import BIG, CHATTER
from tests.stores.records import START

GUILD = 1234567890123456789
SURE = "How do I change my password?"
SMALL = "too few to be calibrated: safe values are used, and the bot is quieter than it could be"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_tiny_model(folder / "model")
    save_tiny_cross_encoder(folder / "reranker")
    return folder


def write_faq(path: Path, entries: Sequence[Entry]) -> None:
    shown = [
        {"id": entry.id, "question": entry.question, "answer": entry.answer, "alternates": list(entry.alternates)}
        for entry in entries
    ]
    path.write_text(yaml.safe_dump({"title": "A shop", "entries": shown}))


def trimmed(entries: int, phrasings: int) -> list[Entry]:
    """Return an FAQ of a size: some entries, the last of which have one phrasing only."""
    texts = [list(entry.phrasings) for entry in BIG[:entries]]
    while sum(map(len, texts)) > phrasings:
        max(reversed(texts), key=len).pop()
    return [Entry(entry.id, own[0], "Yes.", tuple(own[1:])) for entry, own in zip(BIG, texts, strict=False)]


@pytest.fixture
def config(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    # Embedding all of it is most of the time.
    monkeypatch.setattr("bot.app.read_chatter", lambda: CHATTER)
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    write_faq(tmp_path / "faq.yaml", BIG)
    file = tmp_path / "config.yaml"
    file.write_text(f"faq: {{files: [faq.yaml]}}\nmodel: {{path: {models}/model}}\n")
    return file


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def seen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return what a command says to a terminal, without colours."""
    with monkeypatch.context() as patch:
        patch.setattr(sys.stdout, "isatty", lambda: True)
        patch.setenv("TERM", "xterm")
        said_to_terminal = said(capsys, *arguments)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said_to_terminal)
    assert plain != said_to_terminal
    return plain


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("in_terminal", [True, False])
def test_the_terms_are_shown_with_their_weights_for_every_hit(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    in_terminal: bool,  # noqa: FBT001
) -> None:
    hits = json.loads(said(capsys, "ask", "--json", SURE))["hits"]
    shown = [name for name in WEIGHTS if name != "rerank"]
    weights = [["*", f"{WEIGHTS[name]:g}"] for name in shown]
    if in_terminal:
        names, others, *rows = seen(capsys, monkeypatch, "ask", "-v", SURE).splitlines()
        assert names.split() == shown
        assert others.split() == ["relevance", *itertools.chain(*weights), "entry", "closest", "phrasing"]
    else:
        head, *rows = said(capsys, "ask", "-v", SURE).splitlines()
        named = [part for name, weight in zip(shown, weights, strict=True) for part in (name, *weight)]
        assert head.split() == ["relevance", *named, "entry", "closest", "phrasing"]
    for hit, row in zip(hits, rows, strict=False):
        relevance, *terms, entry = row.split()[: 2 + len(shown)]
        assert (relevance, entry) == (f"{hit['relevance']:.3f}", hit["entry"])
        adds = sum(float(term) * WEIGHTS[name] for term, name in zip(terms, shown, strict=True))
        assert adds == pytest.approx(hit["relevance"], abs=0.01)
        assert row.strip().endswith(hit["phrasing"])


@pytest.mark.usefixtures("config")
def test_brackets_are_shown_as_they_were_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = "What does [red]warning[/red] mean?"
    write_faq(tmp_path / "faq.yaml", [*BIG, Entry("brackets", written, "Danger.")])
    for shown in (seen(capsys, monkeypatch, "ask", written), said(capsys, "ask", written)):
        assert written in shown


@pytest.mark.parametrize(
    ("question", "more"),
    [(SURE, []), ("password", ["--overheard"]), ("who plays chess?", []), ("\u200b", ["--overheard"])],
)
def test_people_are_told_the_same_reasons_as_scripts(
    config: Path, capsys: pytest.CaptureFixture[str], question: str, more: list[str]
) -> None:
    told = json.loads(said(capsys, "ask", "--json", *more, question))
    verbose = said(capsys, "ask", "-v", "--config", str(config), *more, question)
    assert told["why"]
    assert all(f"  {sentence}\n" in verbose for sentence in told["why"])
    assert f"{told['verdict']}:" in verbose
    assert ("overheard" in " ".join(told["why"])) == (bool(more) and bool(told["hits"]))
    plain = said(capsys, "ask", *more, question)
    assert not any(sentence in plain for sentence in told["why"])


def test_a_reranker_has_a_column_of_its_own(
    config: Path, models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with config.open("a") as file:
        file.write(f"rerank: {{path: {models}/reranker}}\n")
    names, others, *_ = seen(capsys, monkeypatch, "ask", "--verbose", SURE).splitlines()
    assert names.split() == [*WEIGHTS]
    assert f" * {WEIGHTS['rerank']:g}  entry" in others
    head, *_ = said(capsys, "ask", "--verbose", SURE).splitlines()
    assert [part for part in head.split() if part in WEIGHTS] == [*WEIGHTS]
    assert f"  rerank * {WEIGHTS['rerank']:g}  entry" in head


@pytest.mark.parametrize(
    ("entries", "phrasings", "small"),
    [
        (MIN_ENTRIES, MIN_PHRASINGS, False),
        (MIN_ENTRIES - 1, MIN_PHRASINGS, True),
        (MIN_ENTRIES, MIN_PHRASINGS - 1, True),
        (1, 1, True),
    ],
)
def test_check_tells_when_an_faq_is_too_small(
    config: Path, capsys: pytest.CaptureFixture[str], entries: int, phrasings: int, *, small: bool
) -> None:
    write_faq(config.with_name("faq.yaml"), trimmed(entries, phrasings))
    told = said(capsys, "check")
    assert f"FAQ files: {entries} entries with {phrasings} phrasings" in told
    assert (f"fewer than {MIN_ENTRIES} entries or {MIN_PHRASINGS} phrasings are {SMALL}" in told) == small
    why = json.loads(said(capsys, "ask", "--json", SURE))["why"]
    assert ("The FAQ is too small to be calibrated: safe values are used." in why) == small


def test_check_tells_it_of_one_servers_faq_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_faq(config.with_name("own.yaml"), BIG[:2])
    with config.open("a") as file:
        file.write(f"guilds:\n  {GUILD}:\n    faq: {{files: [own.yaml]}}\n")
    told = said(capsys, "check")
    assert "FAQ files: 12 entries with 36 phrasings" in told
    assert SMALL in told


def test_check_tells_when_those_who_opted_out_are_not_recognised(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def opt_out() -> None:
        async with open_sqlite(load_config(config).store.path) as store:
            await store.members.opt_out(b"a" * 32, START)

    assert "put the old key back" not in said(capsys, "check")
    asyncio.run(opt_out())
    assert "put the old key back" not in said(capsys, "check")
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, "x" * 32)
    assert "put the old key back" in said(capsys, "check")
    assert "put the old key back" not in said(capsys, "check", "--accept-key")
    assert "put the old key back" not in said(capsys, "check")


def test_check_shows_folders_as_they_are_called(config: Path, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(models / "model", config.with_name("model [small]"))
    paths = 'model: {path: "model [small]"}\nstore: {path: "my [bot][/bot]/db.sqlite3"}\n'
    config.write_text(f"faq: {{files: [faq.yaml]}}\n{paths}")
    told = said(capsys, "check")
    assert "model: model [small]@" in told
    assert "database: my [bot][/bot]/db.sqlite3 is sound" in told


def test_check_is_content_with_a_reranker_that_is_there(
    config: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with config.open("a") as file:
        file.write(f"rerank: {{path: {models}/reranker}}\n")
    assert "✗" not in said(capsys, "check")


def test_check_finds_that_the_reranker_is_missing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with config.open("a") as file:
        file.write("rerank: {path: nowhere}\n")
    assert main(["ask", SURE]) == 1
    assert "nowhere does not exist; correct rerank.path in the config" in capsys.readouterr().err
    assert main(["check"]) == 1
    assert "nowhere does not exist; correct rerank.path in the config" in capsys.readouterr().out

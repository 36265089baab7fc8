"""``faqtotum overlap`` as a user calls it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE
from bot.core.types import Entry
from bot.matching import CLOSE
from tests.cli.test_ask_and_check import write_faq
from tests.embedders.tiny import save_tiny_cross_encoder, save_tiny_model
from tests.services.faqs import BIG, CHATTER

ROOT = Path(__file__).parents[2]
GUILD = 1234567890123456789
NOTHING_ENABLED = "title: T\nentries: [{id: q1, question: Why, answer: Because., enabled: false}]\n"
DUPLICATES = (
    Entry("refund", "Can I get my money back?", "Yes.", ("How do I get a refund?",)),
    Entry("money-back", "How can I get a refund?", "Yes.", ("I want my money back",)),
    Entry("opening-hours", "When is the shop open?", "Always.", ("Are you open on Sundays?",)),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped FAQ and no configuration, in a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    shutil.copytree(ROOT / "faq_data", tmp_path / "faq_data")
    return tmp_path


@pytest.fixture
def tiny(folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with a small random model, and an FAQ that can just be calibrated."""
    models = tmp_path_factory.mktemp("models")
    save_tiny_model(models / "model")
    save_tiny_cross_encoder(models / "reranker")
    monkeypatch.setattr("bot.cli.overlap.read_chatter", lambda: CHATTER)
    write_faq(folder / "faq.yaml", BIG)
    (folder / "empty.yaml").write_text(NOTHING_ENABLED)
    (folder / "config.yaml").write_text(f"faq: {{files: [faq.yaml]}}\nmodel: {{path: {models}/model}}\n")
    return models


def told_by(capsys: pytest.CaptureFixture[str], *more: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    assert main(["overlap", "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.model
def test_it_finds_what_people_would_call_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_faq(folder / "own.yaml", DUPLICATES)
    (folder / "config.yaml").write_text("faq: {files: [own.yaml]}\n")
    told = told_by(capsys)
    assert (told["entries"], told["asked"], told["left_out"]) == (3, 6, 0)
    # Neither a database nor a key appears.
    assert {path.name for path in folder.iterdir()} == {"faq_data", "own.yaml", "config.yaml"}
    (pair,) = told["pairs"]
    assert (pair["a"]["entry"], pair["b"]["entry"]) == ("money-back", "refund")
    assert (pair["a"]["phrasing"], pair["b"]["phrasing"]) == ("How can I get a refund?", "How do I get a refund?")
    assert pair["similarity"] > 0.9
    assert pair["advice"][0].startswith("“money-back” and “refund” lie close (0.9")
    assert pair["advice"][-1] == "Merge them, or make the phrasings differ."


@pytest.mark.model
def test_the_shipped_faqs_are_told_to_people_and_drawn(
    folder: Path, seed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data").mkdir()
    shutil.copy(seed, folder / "data" / "faqtotum.sqlite3")
    told = told_by(capsys, "--top", "100")
    assert 0 < len(told["pairs"]) < told["entries"]
    # Nothing is worth merging in what we ship.
    assert all(pair["similarity"] < CLOSE + 0.05 for pair in told["pairs"])
    assert main(["overlap", "--top", "2", "--out", "map.png"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    for number, pair in enumerate(told["pairs"][:2], start=1):
        heading = f"{number}  {pair['a']['entry']} / {pair['b']['entry']}  {pair['similarity']:.2f}"
        assert heading in shown
        assert all(sentence in " ".join(shown.split()) for sentence in pair["advice"])
    assert f"and {len(told['pairs']) - 2} more; --top shows them" in shown
    assert f"{told['entries']} entries, {len(told['pairs'])} pairs could be confused" in shown
    assert Path("map.png").read_bytes().startswith(b"\x89PNG")
    # No key appears.
    assert {path.name for path in folder.glob("**/*") if path.suffix != ".npy"} == {
        *("faq_data", "faqtotum.yaml", "medicare.yaml"),
        *("data", "faqtotum.sqlite3", "faqtotum.faq", "map.png"),
    }


@pytest.mark.usefixtures("tiny")
def test_what_the_bot_embedded_is_not_embedded_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.read_chatter", lambda: CHATTER)
    fresh = told_by(capsys)
    assert not Path("data").exists()
    assert main(["ask", "--json", "How do I change my password?"]) == 0
    capsys.readouterr()

    async def fail(*_: object) -> None:
        raise AssertionError("embedded again")

    monkeypatch.setattr("bot.embedders.LocalEmbedder.embed_corpus", fail)
    monkeypatch.setattr("bot.embedders.LocalEmbedder.embed_queries", fail)
    assert told_by(capsys) == fresh


@pytest.mark.usefixtures("tiny")
def test_each_server_has_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    write_faq(Path("own.yaml"), BIG[:3])
    with Path("config.yaml").open("a") as file:
        file.write(f"guilds:\n  {GUILD}:\n    faq: {{files: [own.yaml]}}\n")
    assert told_by(capsys)["entries"] == len(BIG)
    assert told_by(capsys, "--guild", str(GUILD))["entries"] == 3
    assert told_by(capsys, "--guild", str(GUILD + 1))["entries"] == len(BIG)


def test_a_reranker_has_its_say(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("config.yaml").open("a") as file:
        file.write(f"rerank: {{path: {tiny}/reranker}}\n")
    assert told_by(capsys)["asked"] > 0


@pytest.mark.usefixtures("tiny")
def test_pairs_that_are_not_shown_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    every = told_by(capsys, "--top", "1000")
    assert every["left_out"] == 0
    one = told_by(capsys, "--top", "1")
    assert one["pairs"] == every["pairs"][:1]
    assert one["left_out"] == len(every["pairs"]) - 1


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("files", "count"), [("one.yaml", 1), ("empty.yaml", 0)])
def test_few_entries_are_no_trouble(capsys: pytest.CaptureFixture[str], files: str, count: int) -> None:
    write_faq(Path("one.yaml"), BIG[:1])
    file = Path("config.yaml")
    file.write_text(file.read_text().replace("faq.yaml", files))
    told = told_by(capsys)
    assert (told["entries"], told["pairs"]) == (count, [])
    assert main(["overlap"]) == 0
    assert "could be confused" in capsys.readouterr().out


@pytest.mark.usefixtures("tiny")
def test_entries_of_one_phrasing_cannot_be_tried_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    write_faq(Path("faq.yaml"), [Entry("q1", "Is it open?", "Yes."), Entry("q2", "Is it really open?", "Yes.")])
    assert main(["overlap"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "No entry has a second phrasing" in told


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("files", "more", "words"),
    [
        ("nowhere.yaml", [], "nowhere.yaml"),
        ("empty.yaml", ["--out", "map.png"], "--out: the FAQ has no entries"),
        ("faq.yaml", ["--out", "missing/map.png"], "missing/map.png: cannot be written"),
        ("faq.yaml", ["--config", "other.yaml"], "other.yaml"),
    ],
)
def test_whatever_is_broken_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str], files: str, more: list[str], words: str
) -> None:
    file = Path("config.yaml")
    file.write_text(file.read_text().replace("faq.yaml", files))
    assert main(["overlap", *more]) == 1
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize("more", [["--top", "0"], ["--top", "many"], ["--guild", "here"], ["--out"]])
def test_arguments_that_make_no_sense_exit_with_2(more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["overlap", *more])
    assert caught.value.code == 2

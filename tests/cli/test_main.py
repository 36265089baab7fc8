"""The commands as a user calls them."""

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot._version import __version__ as package_version
from bot.app import AUTHOR_KEY_VARIABLE
from bot.cli import main
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE
from tests.cli.loopback import loopback

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.model


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working configuration with the shipped FAQ, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    shutil.copytree(ROOT / "faq_data", tmp_path / "faq_data")
    file = tmp_path / "own.yaml"
    file.write_text("faq: {files: [faq_data/medicare.yaml]}\n")
    return file


def broken_faq(folder: Path) -> None:
    (folder / "faq_data" / "a.yaml").write_text("title: A\nentries:\n  - id: A B\n    question: q?\n    answer: ''\n")
    (folder / "faq_data" / "b.yaml").write_text("title: B\nentries: [\n")


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from bot.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'discord', 'pydantic', 'rich', 'yaml', 'aiohttp', 'sentence_transformers'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_python_m_bot_is_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, f"faqtotum {package_version}")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["ask"]])
def test_unusable_arguments_exit_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_ask_prints_a_json_object_for_scripts(config: Path, seed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(f"faq: {{files: [faq_data/*.yaml]}}\nstore: {{path: {shutil.copy(seed, config.parent)}}}\n")
    assert main(["ask", "--config", str(config), "--json", "Do I need to pay more after a raise?"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"verdict", "entry", "probability", "answers_from", "similarity", "hits", "why"}
    assert (told["verdict"], told["entry"]) == ("answer", "premiums-and-income")
    assert 1 >= told["probability"] >= 0.9 > told["answers_from"] > 0
    assert told["similarity"] == told["hits"][0]["similarity"] >= 0.7
    assert [set(hit) for hit in told["hits"]] == [{"entry", "phrasing", "similarity", "relevance"}] * 5
    assert told["hits"] == sorted(told["hits"], key=lambda hit: -hit["relevance"])
    assert told["why"]
    assert all(isinstance(sentence, str) for sentence in told["why"])


def test_ask_prints_a_json_object_where_nothing_was_found_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--config", str(config), "--json", "\u200b"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["entry"], told["similarity"], told["hits"]) == ("no_match", None, None, [])
    assert len(told["why"]) == 1


def test_ask_judges_as_if_overheard_when_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(f"{config.read_text()}false_answers: {{overheard: 0.01, addressed: 50}}\n")
    found = list[dict[str, object]]()
    for more in ([], ["--overheard"]):
        assert main(["ask", "--config", str(config), "--json", *more, "what about the penalty"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    addressed, overheard = found
    assert (addressed["verdict"], overheard["verdict"]) == ("answer", "suggest")
    assert addressed["answers_from"] != overheard["answers_from"]
    assert addressed["hits"] == overheard["hits"]


def test_ask_says_why_when_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--config", str(config), "I losst my Medicare card"]) == 0
    plain = capsys.readouterr().out
    assert main(["ask", "--config", str(config), "-v", "I losst my Medicare card"]) == 0
    verbose = " ".join(capsys.readouterr().out.split())
    for term in ("cosine", "centroid", "head", "spelling", "Read as “I lost my Medicare card”", "asked directly"):
        assert term not in plain
        assert term in verbose
    assert "too small to be calibrated" in verbose


@pytest.mark.parametrize(
    ("question", "verdict", "words"),
    [
        ("I lost my Medicare card, what now?", "answer", "1-800-MEDICARE"),
        ("what about cards", "suggest", "replacement-card"),
        ("nice weather today", "no_match", "the bot has nothing on that"),
    ],
)
def test_ask_prints_hits_and_verdict_for_people(
    config: Path, capsys: pytest.CaptureFixture[str], question: str, verdict: str, words: str
) -> None:
    assert main(["ask", "--config", str(config), question]) == 0
    told = capsys.readouterr().out
    assert f"{verdict}:" in told
    assert words in told
    assert "similarity" in told


def test_a_file_gets_the_answer_as_it_was_written(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    question = "I lost my Medicare card, what now?"
    written = {
        entry["id"]: entry["answer"]
        for entry in yaml.safe_load(Path("faq_data/medicare.yaml").read_text(encoding="utf-8"))["entries"]
    }
    assert main(["ask", "--config", str(config), "--json", question]) == 0
    hits = json.loads(capsys.readouterr().out)["hits"]
    assert main(["ask", "--config", str(config), question]) == 0
    told = capsys.readouterr().out
    head, *others = told.splitlines()
    assert head.split() == ["relevance", "similarity", "entry", "closest", "phrasing"]
    rows = others[: others.index("")]
    # Numbers end, and texts begin, below their headings.
    for hit, row in zip(hits, rows, strict=True):
        assert row[: len("relevance")].strip() == f"{hit['relevance']:.3f}"
        assert row[head.index("entry") :].startswith(f"{hit['entry']} ")
        assert row[head.index("closest") :] == hit["phrasing"]
    assert told.endswith(f"\n\nanswer: the bot is sure\n\n{written[hits[0]['entry']].strip()}\n")


def test_without_a_configuration_the_defaults_apply(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config.exists()
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert told.count("✓") == 4
    shipped = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in Path("faq_data").glob("*.yaml")]
    assert f"{sum(len(faq['entries']) for faq in shipped)} entries" in told
    assert "too few to be calibrated" not in told
    assert (Path("data") / "faqtotum.sqlite3").exists()


def test_check_tells_of_an_faq_that_is_too_small(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(config)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert told.count("✓") == 4
    assert "too few to be calibrated" in told


def test_check_finds_everything_that_is_broken_at_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken_faq(config.parent)
    (config.parent / "not-a-database").write_text("this is a text file, long enough to be taken for a database" * 20)
    config.write_text("faq: {files: [faq_data/*.yaml]}\nmodel: {path: nowhere}\nstore: {path: not-a-database}\n")
    assert main(["check", "--config", str(config)]) == 1
    told = capsys.readouterr().out
    for words in (
        "✗ FAQ files",
        "faq_data/a.yaml:3: entries[1].id",
        "faq_data/a.yaml:5: entries[1].answer should not be empty",
        "faq_data/b.yaml:",
        "✗ model",
        "nowhere",
        "✗ database",
        "not-a-database",
    ):
        assert words in told


def test_check_tells_every_problem_of_the_configuration(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("false_answers: {addressed: high}\nmodle: {}\n")
    assert main(["check", "--config", str(config)]) == 1
    told = capsys.readouterr().out
    assert "own.yaml:1: false_answers.addressed should be a number, found 'high'" in told
    assert "own.yaml:2: unknown key 'modle'; did you mean 'model'?" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("modle: {}\n", ["own.yaml:1: unknown key 'modle'"]),
        ("faq: {files: [faq_data/*.yaml]}\n", ["a.yaml:3:", "a.yaml:5:", "b.yaml:"]),
        ("faq: {files: [faq_data/medicare.yaml]}\nmodel: {path: nowhere}\n", ["nowhere"]),
        ("faq: {files: [faq_data/medicare.yaml]}\nstore: {path: own.yaml}\n", ["own.yaml"]),
    ],
)
def test_whatever_is_broken_is_told_without_a_traceback(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, words: list[str]
) -> None:
    broken_faq(config.parent)
    config.write_text(text)
    assert main(["ask", "--config", str(config), "hello?"]) == 1
    told = capsys.readouterr()
    assert all(word in told.err for word in words), told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_named_configuration_has_to_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--config", "nowhere.yaml", "hello?"]) == 1
    assert "nowhere.yaml: there is no such file" in capsys.readouterr().err


def test_a_short_author_key_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, "short")
    assert main(["ask", "--config", str(config), "hello?"]) == 1
    assert "has 5 bytes; use at least 16" in capsys.readouterr().err


def test_run_needs_a_token(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [logging.NullHandler()])
    assert main(["run", "--config", str(config)]) == 1
    assert f"no token: put the bot's token into the environment variable {TOKEN_VARIABLE}" in capsys.readouterr().err


def test_run_says_in_one_line_that_the_intent_is_missing(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
    monkeypatch.setenv(TOKEN_VARIABLE, "a-token")
    with loopback("a-token", message_content=False):
        assert main(["run", "--config", str(config)]) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert "the Message Content intent is not enabled" in told


def test_ctrl_c_is_no_error(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.ask.run", interrupt)
    assert main(["ask", "--config", str(config), "hello?"]) == 130

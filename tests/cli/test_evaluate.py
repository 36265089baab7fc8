"""``faqtotum evaluate`` as a user calls it."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE

ROOT = Path(__file__).parents[2]
QUERIES = """\
text,entry
"I lost my Medicare card, what now?",replacement-card
how do I get a new card?,replacement-card
How and when do I sign up for Medicare?,sign-up
does anybody play chess here?,
nice weather today,
"""
pytestmark = pytest.mark.model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an FAQ and labelled questions, and no configuration."""
    monkeypatch.chdir(tmp_path)
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    shutil.copy(ROOT / "faq_data" / "medicare.yaml", tmp_path / "faq.yaml")
    (tmp_path / "queries.csv").write_text(QUERIES)
    return tmp_path


def figures(capsys: pytest.CaptureFixture[str], *more: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    assert main(["evaluate", "faq.yaml", "queries.csv", "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("folder")
def test_it_prints_a_json_object_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys)
    assert (told["entries"], told["queries"], told["in_scope"]) == (5, 5, 3)
    assert (told["top-1"], told["coverage"], told["precision"], told["false_answers"]) == (100, 100, 100, 0)
    assert told["calibrated"] is False
    assert told["assumed_in_scope"] == 0.45
    # Nothing is kept: neither a database nor a key appears.
    assert {path.name for path in Path().iterdir()} == {"faq.yaml", "queries.csv"}


@pytest.mark.usefixtures("folder")
def test_budget_and_share_change_from_where_on_it_answers(capsys: pytest.CaptureFixture[str]) -> None:
    usual, heard, rich = (figures(capsys, *more) for more in ([], ["--overheard"], ["--in-scope", "0.9"]))
    assert len({told["answers_from"] for told in (usual, heard, rich)}) == 3
    assert rich["assumed_in_scope"] == 0.9
    Path("config.yaml").write_text("false_answers: {addressed: 0.01}\n")
    assert figures(capsys)["answers_from"] > usual["answers_from"]


@pytest.mark.usefixtures("folder")
def test_it_prints_a_table_for_people_and_writes_predictions_and_a_plot(capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--predictions", "out.csv", "--plot", "out.png"]
    assert main(["evaluate", "faq.yaml", "queries.csv", *files]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for words in ("5 questions of which 3 have an entry", "top-1 100.0 %", "too small to be calibrated"):
        assert words in told
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 5
    assert rows[1][:3] == ["I lost my Medicare card, what now?", "replacement-card", "replacement-card"]
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_of_phrasings_will_do_and_can_be_thinned_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["entry,phrasing", *(f"replacement-card,lost my card {number}" for number in range(9)), "sign-up,sign up"]
    (folder / "faq.csv").write_text("\n".join(rows))
    for more, phrasings in (([], 10), (["--phrasings", "3"], 4), (["--phrasings", "3", "--seed", "1"], 4)):
        assert main(["evaluate", "faq.csv", "queries.csv", "--json", *more]) == 0
        assert json.loads(capsys.readouterr().out)["phrasings"] == phrasings


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ("text,entry\nq,nowhere\n", ["queries.csv:2", "nowhere"]),
        ("text,entry\nq,\n", ["queries.csv", "no query has an entry"]),
        ("question\nq\n", ["queries.csv"]),
        (None, ["queries.csv"]),
    ],
)
def test_questions_that_cannot_be_used_are_told_without_a_traceback(
    folder: Path, capsys: pytest.CaptureFixture[str], queries: str | None, words: list[str]
) -> None:
    (folder / "queries.csv").unlink()
    if queries is not None:
        (folder / "queries.csv").write_text(queries)
    assert main(["evaluate", "faq.yaml", "queries.csv"]) == 1
    told = capsys.readouterr()
    assert all(word in told.err for word in words), told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("more", [["--plot", "out.png"], ["--predictions", "out.csv"]])
def test_several_models_have_no_one_plot(capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert main(["evaluate", "faq.yaml", "queries.csv", "--models", "a,b", *more]) == 1
    assert "take one model" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.timeout(180)
def test_several_models_stand_side_by_side_each_measured_in_its_own_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    models = ["sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"]
    one, other = figures(capsys, "--models", ",".join(models), "--in-scope", "0.6")
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert [one["name"], other["name"]] == models
    assert one["model"] == other["model"]
    assert (one["top-1"], one["assumed_in_scope"]) == (other["top-1"], 0.6)
    assert one["peak_memory_mb"] > 100
    assert main(["evaluate", "faq.yaml", "queries.csv", "--models", "nowhere,all-MiniLM-L6-v2"]) == 1


@pytest.mark.parametrize(
    "more",
    [
        ["--phrasings", "0"],
        ["--phrasings", "-1"],
        ["--phrasings", "many"],
        ["--in-scope", "0"],
        ["--in-scope", "1.5"],
        ["--in-scope", "nan"],
        ["--in-scope", "half"],
        ["--seed", "x"],
    ],
)
def test_arguments_that_make_no_sense_exit_with_2(more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["evaluate", "faq.yaml", "queries.csv", *more])
    assert caught.value.code == 2

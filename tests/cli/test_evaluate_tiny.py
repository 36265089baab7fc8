"""``faqtotum evaluate`` with small random models, which need neither the default one nor the network."""

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from rich.console import Console

from bot.cli import main
from bot.cli.evaluate import _show_comparison
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE
from tests.embedders.tiny import save_tiny_cross_encoder, save_tiny_model
from tests.services.faqs import BIG, CHATTER

ROOT = Path(__file__).parents[2]
OUT_OF_SCOPE = ("does anybody play chess here?", "nice weather today", "\N{WAVING HAND SIGN} hello", "brb, lunch")
ASKED = [(text.lower(), entry.id) for entry in BIG for text in entry.phrasings[::2]]
MEASURED = {
    *("top-1", "recall@3", "AUROC", "cov@1", "cov@2", "cov@5", "cov@10"),
    *("answered", "precision", "false_answers", "coverage", "ECE", "MCC"),
}
ABOUT = {
    *("model", "entries", "phrasings", "queries", "in_scope", "answers_from", "assumed_in_scope"),
    *("calibrated", "texts", "seconds", "peak_memory_mb"),
}
WITHOUT_TORCH = 250
"""Megabytes."""
QUERIES = [*ASKED, ("Is it, again, about a “parcel”?", "refund"), *((text, "") for text in OUT_OF_SCOPE)]

KNOWN = ("--in-scope", "0.8")
"""As it is with these questions; a model of random weights is sure of none where fewer are taken for answerable."""

Evaluate: TypeAlias = Callable[..., Any]
"""Takes options and perhaps another FAQ; returns what the JSON on the standard output holds."""


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models that embed, and one that reranks."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny_model(folder / "one")
    save_tiny_model(folder / "two", seed=2, prompts={})
    save_tiny_cross_encoder(folder / "reranker")
    return folder


@pytest.fixture
def folder(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, an FAQ in both forms and labelled questions."""
    monkeypatch.chdir(tmp_path)
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "config.yaml").write_text(f"model: {{path: {models}/one}}\n")
    write_csv(tmp_path / "faq.csv", [("entry", "phrasing"), *((e.id, text) for e in BIG for text in e.phrasings)])
    entries = [{"id": e.id, "question": e.question, "answer": e.answer, "alternates": list(e.alternates)} for e in BIG]
    (tmp_path / "faq.yaml").write_text(yaml.safe_dump({"title": "A shop", "entries": entries}))
    write_csv(tmp_path / "queries.csv", [("text", "entry"), *QUERIES])
    return tmp_path


@pytest.fixture
def evaluated(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evaluate:
    # Embedding all of it is most of the time.
    monkeypatch.setattr("bot.cli.evaluate.read_chatter", lambda: CHATTER)

    def evaluate(*more: str, faq: str = "faq.csv") -> Any:  # noqa: ANN401 - whatever the JSON holds
        assert folder.samefile(Path.cwd())
        assert main(["evaluate", faq, "queries.csv", "--json", *more]) == 0
        told = capsys.readouterr()
        assert told.out.count("\n") == 1
        return json.loads(told.out)

    return evaluate


def without_costs(told: dict[str, object]) -> dict[str, object]:
    """Return the figures without those that depend on the machine."""
    return {key: value for key, value in told.items() if key not in {"seconds", "peak_memory_mb"}}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what was said about a call that fails."""
    capsys.readouterr()
    assert main(["evaluate", *arguments]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def percent(part: Sequence[object], whole: Sequence[object]) -> float:
    return 100 * len(part) / len(whole)


def recomputed(rows: list[dict[str, str]]) -> dict[str, float]:
    """Return figures of predictions, by their definitions and nothing else."""
    inside = [row for row in rows if row["entry"]]
    right = [row for row in inside if row["entry"] == row["predicted"]]
    answered = [row for row in rows if row["verdict"] == "answer"]
    answered_right = [row for row in answered if row in right]
    sure = {id(row): float(row["confidence"]) for row in rows}
    pairs = [(sure[id(row)], sure[id(other)]) for row in inside for other in rows if not other["entry"]]
    bins = [[row for row in rows if min(9, int(max(0.0, sure[id(row)] - 1e-12) * 10)) == at] for at in range(10)]
    gaps = (abs(sum(sure[id(row)] - (row in right) for row in own)) for own in bins)

    def covered(budget: float) -> float:
        allowed = [0.0]
        for limit in sure.values():
            wrong = [row for row in rows if sure[id(row)] >= limit and row not in right]
            if percent(wrong, rows) <= budget:
                allowed.append(percent([row for row in right if sure[id(row)] >= limit], inside))
        return max(allowed)

    return {
        "top-1": percent(right, inside),
        "AUROC": 100 * sum((one > other) + 0.5 * (one == other) for one, other in pairs) / len(pairs),
        **{f"cov@{budget}": covered(budget) for budget in (1, 2, 5, 10)},
        "answered": percent(answered, rows),
        "precision": percent(answered_right, answered),
        "false_answers": percent([row for row in answered if row not in right], rows),
        "coverage": percent(answered_right, inside),
        "ECE": 100 * sum(gaps) / len(rows),
    }


def test_the_figures_can_be_recomputed_from_the_predictions(evaluated: Evaluate) -> None:
    told = evaluated("--predictions", "out.csv", *KNOWN)
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["text", "entry", "predicted", "confidence", "verdict"]
    assert [(row["text"], row["entry"]) for row in rows] == QUERIES
    assert {row["verdict"] for row in rows} <= {"answer", "suggest", "no_match"}
    assert (told["queries"], told["in_scope"]) == (len(QUERIES), len(ASKED) + 1)
    assert told["calibrated"] is True
    own = recomputed(rows)
    assert {key: told[key] for key in own} == pytest.approx(own, abs=1e-3)
    assert 0 < own["answered"] < 100
    for row in rows:
        assert (float(row["confidence"]) >= told["answers_from"] - 1e-4) == (row["verdict"] == "answer")


def test_the_keys_for_scripts(evaluated: Evaluate) -> None:
    told = evaluated(*KNOWN)
    assert set(told) == {*MEASURED, *ABOUT}
    assert all(isinstance(told[name], float) for name in MEASURED)
    assert (told["entries"], told["phrasings"]) == (10, 30)
    assert told["peak_memory_mb"] > 50
    assert told["seconds"] > 0


def test_a_phrasing_that_an_entry_has_twice_counts_once(
    folder: Path, evaluated: Evaluate, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(entry.id, text) for entry in BIG for text in entry.phrasings]
    write_csv(folder / "twice.csv", [("entry", "phrasing"), *rows, *((entry, text.upper()) for entry, text in rows)])
    assert without_costs(evaluated(faq="twice.csv")) == without_costs(evaluated())
    assert main(["evaluate", "twice.csv", "queries.csv", "--json"]) == 0
    assert f"{len(rows)} phrasings that an entry has twice" in capsys.readouterr().err


def test_a_yaml_file_is_the_same_faq(evaluated: Evaluate) -> None:
    assert without_costs(evaluated()) == without_costs(evaluated(faq="faq.yaml"))


def test_phrasings_are_drawn_by_the_seed(evaluated: Evaluate) -> None:
    drawn = [without_costs(evaluated("--phrasings", "2", "--seed", str(seed))) for seed in (1, 1, 2, 7)]
    assert {told["phrasings"] for told in drawn} == {20}
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[3] == without_costs(evaluated("--phrasings", "2"))
    assert evaluated("--phrasings", "3")["phrasings"] == evaluated()["phrasings"] == 30


def test_what_is_known_of_the_questions_changes_from_where_on_it_answers(evaluated: Evaluate) -> None:
    usual, rich = evaluated(), evaluated("--in-scope", "0.9")
    assert (usual["assumed_in_scope"], rich["assumed_in_scope"]) == (0.45, 0.9)
    assert usual["answers_from"] != rich["answers_from"]
    assert (usual["top-1"], usual["recall@3"]) == (rich["top-1"], rich["recall@3"])
    assert evaluated("--overheard")["assumed_in_scope"] != 0.45


def test_a_reranker_of_the_configuration_takes_part(models: Path, evaluated: Evaluate) -> None:
    plain = evaluated()
    with Path("config.yaml").open("a") as file:
        file.write(f"rerank: {{path: {models}/reranker}}\n")
    assert without_costs(evaluated()) != without_costs(plain)


def test_one_other_model_stands_in_for_the_configured_one(models: Path, evaluated: Evaluate) -> None:
    configured, other, same = (
        evaluated(),
        evaluated("--models", f"{models}/two"),
        evaluated("--models", f"{models}/one"),
    )
    assert other["model"].startswith("two@")
    assert same["model"] == configured["model"]
    assert same["model"].startswith("one@")
    assert same["AUROC"] == configured["AUROC"] != other["AUROC"]


def test_people_get_a_table_with_every_figure_and_a_plot(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "faq.csv", "queries.csv", "--plot", "out.png"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"10 entries with 30 phrasings, {len(QUERIES)} questions of which {len(ASKED) + 1} have an entry" in told
    for name in ("top-1", "recall@3", "AUROC", "cov@1", "cov@10", "answered", "precision", "coverage", "ECE", "MCC"):
        assert f" {name} " in told
    assert "taking 45% of the questions for answerable." in told
    assert "too small" not in told
    assert (folder / "out.png").read_bytes().startswith(b"\x89PNG")


def test_files_whose_names_are_no_text_can_be_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = (folder / "queries.csv").rename(folder / "caf\udce9.csv")
    assert main(["evaluate", "faq.csv", queries.name, "--plot", "out.png"]) == 0
    assert capsys.readouterr().err == ""
    assert (folder / "out.png").exists()


def test_a_models_folder_is_shown_as_it_is_called(
    folder: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(models / "one", folder / "one [small]")
    assert main(["evaluate", "faq.csv", "queries.csv", "--models", "one [small]"]) == 0
    assert "one [small]@" in " ".join(capsys.readouterr().out.split())
    assert main(["evaluate", "faq.csv", "queries.csv", "--models", "one [small]", "--json"]) == 0
    screen = StringIO()
    _show_comparison([json.loads(capsys.readouterr().out) | {"name": "one [small]"}], Console(file=screen, width=200))
    assert "one [small]" in screen.getvalue()


def test_figures_that_there_are_not_are_shown_as_such(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(folder / "queries.csv", [("text", "entry"), *ASKED[:3]])
    assert main(["evaluate", "faq.csv", "queries.csv"]) == 0
    assert "AUROC -" in " ".join(capsys.readouterr().out.split())
    assert main(["evaluate", "faq.csv", "queries.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["AUROC"] is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("option", ["--plot", "--predictions"])
def test_a_file_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert "nowhere/out" in refused(capsys, "faq.csv", "queries.csv", option, "nowhere/out")


def test_what_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.csv: there is no such file" in refused(capsys, "nowhere.csv", "queries.csv")
    assert "nowhere.yaml" in refused(capsys, "nowhere.yaml", "queries.csv")
    assert "nowhere.csv: there is no such file" in refused(capsys, "faq.csv", "nowhere.csv")
    write_csv(
        folder / "queries.csv", [("text", "entry"), ("q", "backup"), ("q", "bakcup"), ("p", "bakcup"), ("r", "x")]
    )
    told = refused(capsys, "faq.csv", "queries.csv")
    assert "queries.csv:3: the FAQ has no entry 'bakcup' (in 2 rows); did you mean 'backup'?" in told
    assert "queries.csv:5: the FAQ has no entry 'x'" in told
    write_csv(folder / "queries.csv", [("text", "entry"), ("q", ""), ("p", "")])
    assert "queries.csv: no query has an entry" in refused(capsys, "faq.csv", "queries.csv")
    Path("config.yaml").write_text("model: {path: nowhere}\n")
    write_csv(folder / "queries.csv", [("text", "entry"), *QUERIES])
    assert "nowhere does not exist; correct model.path" in refused(capsys, "faq.csv", "queries.csv")


@pytest.mark.usefixtures("folder")
@pytest.mark.timeout(180)
def test_models_stand_side_by_side_each_in_its_own_process(
    models: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    one, two = f"{models}/one", f"{models}/two"
    call = ["evaluate", "faq.csv", "queries.csv", "--phrasings", "2", "--seed", "3", "--in-scope", "0.6", "--overheard"]
    assert main([*call, "--json", "--models", f" {one} ,, {two}"]) == 0
    results = json.loads(capfd.readouterr().out)
    assert [result["name"] for result in results] == [one, two]
    assert main([*call, "--json", "--models", two]) == 0
    alone = json.loads(capfd.readouterr().out)
    assert without_costs(results[1]) == without_costs(alone | {"name": two})
    assert results[0]["AUROC"] != results[1]["AUROC"]
    # Torch, with which each was compiled just now, takes more than twice as much.
    assert all(result["peak_memory_mb"] < WITHOUT_TORCH for result in results)
    screen = StringIO()
    _show_comparison(results, Console(file=screen, width=200))
    header, *rows = screen.getvalue().splitlines()
    assert header.split()[:3] == ["model", "top-1", "AUROC"]
    assert [row.split()[0] for row in rows[:2]] == [one, two]
    assert all(f" {result['top-1']:.1f} " in row for result, row in zip(results, rows, strict=False))
    assert rows[0].endswith(" MB ")


@pytest.mark.timeout(180)
def test_a_broken_model_among_others_is_told_by_its_process(
    folder: Path, models: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    (folder / "broken").mkdir()
    assert main(["evaluate", "faq.csv", "queries.csv", "--json", "--models", f"broken,{models}/one"]) == 1
    told = capfd.readouterr()
    assert told.out == ""
    assert "faqtotum: the model in broken cannot be loaded" in told.err
    assert "Traceback" not in told.err

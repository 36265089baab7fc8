"""``faqtotum duplicates`` and ``faqtotum evaluate duplicates`` as a user calls them."""

import csv
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.cli.embedding import Asked, count_texts, embed_questions
from bot.config import CONFIG_VARIABLE, TOKEN_VARIABLE, Config
from bot.core.text import as_question, content_hash
from bot.faqfiles import ListedQuestion
from bot.stores import open_sqlite
from tests.fakes.embedder import HashEmbedder

REFUND = [
    "How do I get a refund?",
    "how do I get a refund",
    "How do I get a refund now?",
    "How do I get a refund please?",
]
OTHERS = ["Is the shop open on Sundays?", "xylophones quiver", "<@123> https://example.org"]


@pytest.fixture
def embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HashEmbedder:
    """An embedder without a model, in a folder without a configuration, in a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for variable in (CONFIG_VARIABLE, TOKEN_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    fake = HashEmbedder()

    @asynccontextmanager
    async def build(*_: object) -> AsyncGenerator[HashEmbedder]:
        yield fake

    monkeypatch.setattr("bot.cli.embedding.build_embedder", build)
    Path("q.txt").write_text("\n".join([*REFUND, *OTHERS]))
    return fake


def count(texts: Sequence[str]) -> list[Asked]:
    return count_texts(map(ListedQuestion, texts))


def told_by(capsys: pytest.CaptureFixture[str], *more: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    assert main(["duplicates", "--input", "q.txt", "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_texts_that_people_would_call_the_same_count_once() -> None:
    texts = ["Why?", "why", "why", "<@1>", "WHY!!", "**How**?", ""]
    assert count(texts) == [Asked("why", 4), Asked("How?", 1)]
    assert count(texts[::-1]) == [Asked("How?", 1), Asked("why", 4)]
    assert count(["b?", "B?"]) == count(["B?", "b?"]) == [Asked("B?", 2)]


def test_who_repeats_himself_counts_once_and_who_is_not_named_as_somebody_else_each_time() -> None:
    questions = [ListedQuestion("Why?", asker) for asker in ("ann", "ben", "ann", None, None)]
    [asked] = count_texts(questions)
    assert (asked.count, len(asked.askers)) == (5, 4)
    assert {"ann", "ben"} < asked.askers


@pytest.mark.usefixtures("embedder")
def test_it_prints_a_json_object_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    told = told_by(capsys, "--threshold", "0.8")
    assert (told["model"], told["questions"], told["readable"], told["different"]) == ("hash-64", 7, 6, 5)
    (cluster,) = told["clusters"]
    assert (cluster["size"], cluster["representative"], cluster["count"]) == (4, "How do I get a refund?", 2)
    others = [(one["similarity"], one["text"]) for one in cluster["others"]]
    assert {text for _, text in others} == {"How do I get a refund now?", "How do I get a refund please?"}
    assert others == sorted(others, reverse=True)
    assert cluster["cohesion"] > 0.8
    assert (told["threshold"], told["pair_count"]) == (0.8, len(told["pairs"])) == (0.8, 3)
    assert [pair["similarity"] for pair in told["pairs"]] == sorted(
        (p["similarity"] for p in told["pairs"]), reverse=True
    )
    assert told_by(capsys, "--threshold", "0")["pair_count"] == 10
    assert told_by(capsys)["threshold"] == 0.7
    # Nothing is kept: neither a database nor a key appears.
    assert {path.name for path in Path().iterdir()} == {"q.txt"}


@pytest.mark.usefixtures("embedder")
def test_topics_are_counted_by_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    dogs = ["Are dogs allowed?", "are dogs allowed", "Are dogs allowed now?", "Are dogs allowed please?"]
    asked = [*zip("abaa", REFUND, strict=True), *zip("ccc", dogs, strict=False), ("", dogs[3])]
    Path("q.csv").write_text("asker,text,who\n" + "".join(f"{asker},{text},zoe\n" for asker, text in asked))
    told = told_by(capsys, "--input", "q.csv")
    assert told["askers"] == 4
    assert [(one["representative"][:3], one["size"], one["askers"]) for one in told["clusters"]] == [
        ("How", 4, 2),
        ("Are", 4, 2),
    ] or [(one["representative"][:3], one["size"], one["askers"]) for one in told["clusters"]] == [
        ("Are", 4, 2),
        ("How", 4, 2),
    ]
    refund = next(one for one in told["clusters"] if one["representative"].startswith("How"))
    assert (refund["count"], refund["representative_askers"]) == (2, 2)
    assert [one["askers"] for one in refund["others"]] == [1, 1]
    assert told_by(capsys, "--input", "q.csv", "--min-askers", "3")["clusters"] == []
    by_zoe = told_by(capsys, "--input", "q.csv", "--asker-column", "who")
    assert (by_zoe["askers"], [one["askers"] for one in by_zoe["clusters"]]) == (1, [1, 1])
    assert told_by(capsys, "--input", "q.csv", "--asker-column", "who", "--min-askers", "2")["clusters"] == []
    assert main(["duplicates", "--input", "q.csv"]) == 0
    assert "from 2 people" in capsys.readouterr().out
    # Where nobody is named, nobody is counted on the screen.
    assert main(["duplicates", "--input", "q.txt"]) == 0
    assert "from" not in capsys.readouterr().out


@pytest.mark.usefixtures("embedder")
def test_what_is_shown_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert told_by(capsys, "--min-size", "5")["clusters"] == []
    assert told_by(capsys, "--cohesion", "0.99")["clusters"] == []
    assert len(told_by(capsys, "--min-size", "1", "--topics")["clusters"]) >= 2


def test_people_get_a_list_that_fits_the_terminal(embedder: HashEmbedder, capsys: pytest.CaptureFixture[str]) -> None:
    long = "How do I get a refund " + "very " * 800 + "soon?"
    extra = [f"How do I get a refund now {letter}?" for letter in "abcdefgh"]
    Path("q.txt").write_text("\n".join([*REFUND, *OTHERS, *extra, long, long + " x"]))
    assert main(["duplicates", "--input", "q.txt", "--top", "1", "--min-size", "2"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    told = " ".join(shown.split())
    assert told.startswith("12 How do I get a refund")
    for words in (
        "(2 times)",
        "and 2 more",
        "and 1 more cluster;",
        "17 questions, 15 different",
        "1 question was left out",
    ):
        assert words in told, words
    assert main(["duplicates", "--input", "q.txt", "--min-size", "2"]) == 0
    assert "…" in capsys.readouterr().out
    assert embedder.queries


@pytest.mark.usefixtures("embedder")
def test_only_the_closest_pairs_are_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.duplicates.MOST_PAIRS", 2)
    told = told_by(capsys)
    assert (len(told["pairs"]), told["pair_count"]) == (2, 3)
    assert main(["duplicates", "--input", "q.txt"]) == 0
    assert "Only the 2 closest pairs are kept" in capsys.readouterr().out


@pytest.mark.usefixtures("embedder")
def test_files_hold_clusters_and_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    Path("q.txt").write_text("\n".join([*REFUND, "=1+1", "=1+1 ?!"]))
    told = told_by(capsys, "--out", "out.json", "--threshold", "0.8")
    assert json.loads(Path("out.json").read_text()) == told
    told_by(capsys, "--out", "out.csv", "--threshold", "0.8", "--min-size", "2")
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["question"] * 4 + ["pair"] * 3
    assert rows[0] == {
        "kind": "question",
        "cluster": "1",
        "text": "How do I get a refund?",
        "other": "How do I get a refund?",
        "count": "2",
        "similarity": "1.0",
        "askers": "2",
        "cluster_askers": "4",
    }
    assert rows[3]["text"] == "'=1+1"
    assert {row["cluster"] for row in rows[4:]} == {"1"}
    assert [row["similarity"] for row in rows[4:]] == [str(pair["similarity"]) for pair in told["pairs"]]


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize("questions", [["Why?"], ["Why?", "Where is it?"], ["Why?", "Why??"]])
def test_few_questions_have_no_clusters(capsys: pytest.CaptureFixture[str], questions: list[str]) -> None:
    Path("q.txt").write_text("\n".join(questions))
    told = told_by(capsys)
    assert (told["clusters"], told["pairs"]) == ([], [])
    assert main(["duplicates", "--input", "q.txt"]) == 0
    assert "0 clusters" in capsys.readouterr().out


async def test_every_text_is_embedded_once_and_nothing_of_it_is_kept(embedder: HashEmbedder, tmp_path: Path) -> None:
    config = Config.from_mapping({"store": {"path": str(tmp_path / "db.sqlite3")}})
    async with open_sqlite(config.store.path) as store:
        seen = list[tuple[str, int, int]]()
        texts = [REFUND[0], OTHERS[0], REFUND[0]]
        rows, model = await embed_questions(config, texts, lambda *told: seen.append(told))
        [embedded] = embedder.queries
        assert sorted(embedded) == sorted({as_question(text) for text in texts})
        assert (rows[0] == rows[2]).all()
        assert (rows[0] != rows[1]).any()
        assert [told[1:] for told in seen] == [(2, 2)]
        assert model == "hash-64"
        keys = [content_hash(prefix + as_question(text)) for text in texts for prefix in ("", "query\n")]
        assert await store.read_cached_embeddings(model, keys) == {}


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        ("", [], "q.txt: holds no questions"),
        ("<@1>\nhttps://example.org\n", [], "q.txt: holds nothing but markup"),
        ("Why?", ["--out", "out.xlsx"], "out.xlsx: is neither .csv nor .json"),
        ("Why?", ["--out", "missing/out.csv"], "missing/out.csv: cannot be written: there is no folder"),
        ("Why?", ["--out", "folder.csv"], "folder.csv: cannot be written"),
        ("Why?", ["--config", "other.yaml"], "other.yaml"),
        ("Why?", ["--asker-column", "who"], "q.txt: has lines and no column 'who'"),
    ],
)
def test_whatever_is_broken_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str], content: str, more: list[str], words: str
) -> None:
    Path("q.txt").write_text(content)
    Path("folder.csv").mkdir()
    assert main(["duplicates", "--input", "q.txt", *more]) == 1
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "more", [[], ["--input"], *(["--input", "q.txt", "--threshold", x] for x in ("1.1", "-0.1", "nan", "much"))]
)
def test_arguments_that_make_no_sense_exit_with_2(more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["duplicates", *more])
    assert caught.value.code == 2


def test_interrupting_leaves_nothing_behind(embedder: HashEmbedder) -> None:
    embedder.error = KeyboardInterrupt()  # type: ignore[assignment]
    assert main(["duplicates", "--input", "q.txt", "--out", "out.csv"]) == 130
    assert {path.name for path in Path().iterdir()} == {"q.txt"}


LABELLED = """\
text,entry
How do I get a refund?,refund
How do I get a refund now?,refund
How do I get a refund please?,refund
how do I get a refund,refund
Is the shop open on Sundays?,hours
Is the shop open on a Sunday?,hours
xylophones quiver,
<@1>,
"""


def evaluated(capsys: pytest.CaptureFixture[str], *more: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    assert main(["evaluate", "duplicates", "queries.csv", "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("embedder")
def test_duplicates_are_evaluated_beside_the_naive_way(capsys: pytest.CaptureFixture[str]) -> None:
    Path("queries.csv").write_text(LABELLED)
    told = evaluated(capsys)
    assert (told["model"], told["questions"], told["in_scope"]) == ("hash-64", 7, 6)
    ours, naive = told["faqtotum"], told["naive"]
    assert ours["pairs"] == naive["pairs"] == 1
    assert (ours["topics"]["ari"], ours["topics"]["purity"], ours["topics"]["clusters"]) == (1, 1, 1)
    assert (ours["mixed"]["clusters"], ours["mixed"]["right"], ours["mixed"]["covered"]) == (1, 1, 1)
    assert naive["drawn"] is None
    assert main(["evaluate", "duplicates", "queries.csv"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    for words in ("7 different questions, 6 of them with one of 2 entries", "ARI", "out of scope mixed in", "numpy"):
        assert words in " ".join(shown.split())


def test_the_model_is_shown_as_it_is_called(embedder: HashEmbedder, capsys: pytest.CaptureFixture[str]) -> None:
    embedder.model_id = "hash [small]"
    Path("queries.csv").write_text(LABELLED)
    assert main(["evaluate", "duplicates", "queries.csv"]) == 0
    assert ", hash [small]" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        ("text,entry\nWhy?,a\nHow?,b\nWhere?,\n", [], "no two different questions have the same entry"),
        ("text,entry\nWhy?,a\n**Why?**,a\n", [], "no two different questions have the same entry"),
        ("text\nWhy?\n", [], "there is no column 'entry'"),
        (LABELLED, ["--plot", "x.png"], "--plot: is for the evaluation of answers"),
        (LABELLED, ["--overheard", "--in-scope", "0.5"], "--in-scope, --overheard"),
    ],
)
def test_what_cannot_be_evaluated_is_told(
    capsys: pytest.CaptureFixture[str], content: str, more: list[str], words: str
) -> None:
    Path("queries.csv").write_text(content)
    assert main(["evaluate", "duplicates", "queries.csv", *more]) == 1
    assert words in capsys.readouterr().err

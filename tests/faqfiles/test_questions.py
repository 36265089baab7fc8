"""Lists of questions, and tables of what was found in them."""

import csv
from pathlib import Path

import pytest

from bot.core.errors import FaqInvalidError, InvalidInputError
from bot.faqfiles import read_questions, write_table


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "questions"),
    [
        ("q.txt", "Why?\r\n\r\n  \nHow\x0bnow?\u2028\rWhen?", ["Why?", "How\x0bnow?\u2028", "When?"]),
        ("q.TXT", "\ufeffWhy?", ["Why?"]),
        ("q.txt", "x" * 4000 + "\nWhy?\n", ["x" * 4000, "Why?"]),
        ("q.csv", 'asker,text\n1,"Why, then?"\n2,\n3,How?\n', ["Why, then?", "How?"]),
        ("q.csv", "question\nWhy?\n", ["Why?"]),
        ("q.csv", "question,text\nno,yes\n", ["yes"]),
        ("q.csv", "\nAsker;Question\n1;Why?\n", ["Why?"]),
        ("q.jsonl", '{"text": "Why?", "asker": 1}\n\n{"question": "How\\n?"}\n', ["Why?", "How\n?"]),
        ("q.jsonl", '{"text": ""}\n{"text": "Why?"}', ["Why?"]),
    ],
)
def test_questions_come_as_they_stand(tmp_path: Path, name: str, content: str, questions: list[str]) -> None:
    assert [one.text for one in read_questions(written(tmp_path, name, content))] == questions


@pytest.mark.parametrize(
    ("name", "content", "column", "askers"),
    [
        ("q.txt", "Why?\nHow?", None, [None, None]),
        ("q.csv", "text\nWhy?\n", None, [None]),
        ("q.csv", "asker,text\nann ,Why?\n ,How?\n7,When?\n", None, ["ann", None, "7"]),
        ("q.csv", "author,question,asker\nann,Why?,ben\n", None, ["ben"]),
        ("q.csv", "author,question,asker\nann,Why?,ben\n", "author", ["ann"]),
        ("q.csv", "text,who\nWhy?,ann\n", "who", ["ann"]),
        ("q.csv", "Text,Asker\nWhy?,ann\n", None, ["ann"]),
        ("q.csv", "Question\tAuthor \nWhy?\tann\n", None, ["ann"]),
        ("q.csv", "text;Posted by\nWhy?;ann\n", "Posted by", ["ann"]),
        (
            "q.jsonl",
            '{"text": "a", "asker": 7}\n{"text": "b", "author": "ann"}\n{"text": "c", "asker": null}\n{"text": "d"}',
            None,
            ["7", "ann", None, None],
        ),
        ("q.jsonl", '{"text": "a", "asker": "ann", "who": "ben"}\n{"text": "b", "asker": "zoe"}', "who", ["ben", None]),
    ],
)
def test_who_asked_is_read_where_it_stands(
    tmp_path: Path, name: str, content: str, column: str | None, askers: list[str | None]
) -> None:
    assert [one.asker for one in read_questions(written(tmp_path, name, content), column)] == askers


@pytest.mark.parametrize(
    ("name", "content", "column", "words"),
    [
        ("q.txt", "Why?", "who", ["q.txt: has lines and no column 'who'; name a .csv or .jsonl file"]),
        ("q.csv", "text,asker\nWhy?,ann\n", "who", ["q.csv:1: there is no column 'who' (found: 'text', 'asker')"]),
        ("q.csv", "text,asker,asker\nWhy?,a,b\n", None, ["q.csv:1: the column 'asker' is there 2 times; keep one"]),
        ("q.jsonl", '{"text": "a", "asker": 1}', "who", ["q.jsonl: has no object with 'who'; name the member"]),
        (
            "q.jsonl",
            '{"text": "a", "asker": [1]}\n{"text": "b", "asker": true}\n{"text": "c", "asker": 1.5}',
            None,
            [f"q.jsonl:{line}: names its asker by neither" for line in (1, 2, 3)],
        ),
    ],
)
def test_askers_that_cannot_be_read_are_told_with_their_place(
    tmp_path: Path, name: str, content: str, column: str | None, words: list[str]
) -> None:
    with pytest.raises(FaqInvalidError) as caught:
        read_questions(written(tmp_path, name, content), column)
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert [one.startswith(start) for one, start in zip(told, words, strict=True)] == [True] * len(words), told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("q.txt", "", ["q.txt: holds no questions"]),
        ("q.txt", " \n\n", ["q.txt: holds no questions"]),
        ("q.txt", b"Why?\ncaf\xe9\n", ["q.txt:2: is not UTF-8 text; save it with the encoding UTF-8"]),
        ("q.csv", "", ["q.csv: is empty"]),
        ("q.csv", "text\n", ["q.csv: has no rows"]),
        ("q.csv", "text\n \n", ["q.csv: holds no questions"]),
        ("q.csv", "body,asker\nWhy?,1\n", ["q.csv:1: there is no column 'text' (found: 'body', 'asker')"]),
        ("q.csv", 'text\nWhy?\n"How', ["q.csv:3: a quotation mark opens"]),
        ("q.csv", '"text\nWhy?\n', ["q.csv:1: a quotation mark opens"]),
        ("q.jsonl", "", ["q.jsonl: holds no questions"]),
        (
            "q.jsonl",
            '{"text": "a"}\nb\n[1]\n"c"\n{"text": 1}\n{"asker": 2}',
            [f"q.jsonl:{n}: " for n in (2, 3, 4, 5, 6)],
        ),
        ("q.jsonl", "[" * 100_000, ["q.jsonl:1: is not JSON"]),
        ("q.yaml", "text", ["q.yaml: is none of .txt, .csv, .jsonl"]),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, words: list[str]
) -> None:
    with pytest.raises(FaqInvalidError) as caught:
        read_questions(written(tmp_path, name, content))
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert [one.startswith(start) for one, start in zip(told, words, strict=True)] == [True] * len(words), told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FaqInvalidError, match="there is no such file"):
        read_questions(tmp_path / "q.txt")


def test_tables_hold_no_formulas(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ("a", "b"), [("=1+1", "x,y"), ("plain", 'say "hi"')])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["'=1+1", "x,y"], ["plain", 'say "hi"']]
    with pytest.raises(InvalidInputError, match="cannot be written"):
        write_table(tmp_path / "missing" / "t.csv", ("a",), [])

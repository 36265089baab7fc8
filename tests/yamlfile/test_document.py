from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.yamlfile import (
    MAX_BYTES,
    MAX_DEPTH,
    Document,
    Section,
    key,
    parse_document,
    read_document,
    rules,
    validate,
)


def value_of(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    document, problems = parse_document(text, "f.yaml")
    assert problems == []
    assert document
    return document.value


def problems_of(text: str) -> list[tuple[int, str]]:
    _, problems = parse_document(text, "f.yaml")
    return [(problem.line, str(problem.message)) for problem in problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("1.5.2", "1.5.2"),
        ("=", "="),
        ("<<", "<<"),
        ("'5'", "5"),
        ("5", 5),
        ("-7", -7),
        ("0", 0),
        ("+7", 7),
        ("007", "007"),
        ("08", "08"),
        (".5", 0.5),
        ("-.5", "-.5"),
        ("1.5", 1.5),
        ("1e3", "1e3"),
        ("1.5e+3", 1500.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("9" * 100, "9" * 100),
    ],
)
def test_texts_stay_texts(written: str, meant: object) -> None:
    found = value_of(f"key: {written}\n")["key"]
    assert found == meant
    assert type(found) is type(meant)


def test_every_key_and_item_keeps_its_line() -> None:
    document, _ = parse_document("a:\n  - one\n  -\n    b: 1\n    c:\n      text\nd: {e: 2}\n", "f.yaml")
    assert document
    lines = {("a",): 1, ("a", 0): 2, ("a", 1, "b"): 4, ("a", 1, "c"): 5, ("d",): 7, ("d", "e"): 7}
    for location, line in lines.items():
        assert document.line_of(location) == line
    assert document.line_of(("a", 1, "missing", 3)) == document.line_of(("a", 1))
    assert Document("made in code", {}, {}).line_of(("a",)) == 0


def test_an_empty_file_is_nothing() -> None:
    assert value_of("") is None
    assert value_of("# a comment\n") is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("a:\n\t- 1\n", 2, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands here again (first in line 1)"),
        ("a: &x 1\n", 1, "the anchor &x"),
        ("a: 1\nb: *x\n", 2, "the alias *x"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, "the tag tag:yaml.org,2002:python"),
        ("a: !!str 5\n", 1, "the tag"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: 1\n? [x, y]\n: 2\n", 2, "a key must be a text"),
        ("a: 1\nb: \x01\n", 2, "a character that YAML does not allow (U+0001)"),
        ("[" * (MAX_DEPTH + 1), 1, "nested more than"),
        ('a: 1\nb: "x\\0y"\n', 2, "a control character or half of a character (U+0000)"),
        ('a: 1\n"b\\x1b": 2\n', 2, "(U+001B)"),
        ('a:\n  - "\\ud83d\\ude00"\n', 2, "(U+D83D), which cannot be shown; remove it, or write the character itself"),
        ('a: 1\nb: "\\U00110000"\n', 2, "a number that is too large"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2, "a number that is too large"),
        ("%YAML 1." + "9" * 5000 + "\n---\na: 1\n", 1, "a number that is too large"),
        ("%YAML 3.0\n---\na: 1\n", 1, "not valid YAML"),
        ("a: 'x\u2028y'\nb: 1\nb: 2\n", 3, "the key 'b' stands here again (first in line 2)"),
        ("a: 1\r\nb: 1\r\nb: 2\r\n", 3, "(first in line 2)"),
        ("a: !" + "x" * 500 + " 1\n", 1, "…"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    ((found, message),) = problems_of(text)
    assert found == line
    assert words in message


def test_several_problems_are_told_together() -> None:
    assert [line for line, _ in problems_of("a: &x 1\nb: !y 2\nc: *x\n")] == [1, 2, 3]
    assert [line for line, _ in problems_of("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")] == [2, 5]


def test_what_stands_beside_a_double_key_is_read_all_the_same() -> None:
    document, problems = parse_document('a: 1\na: {a: 2, a: 3}\n? [x, {y: z}]\n: 2\nb: "\\a"\nc: [4]\n', "f.yaml")
    assert document
    assert document.value == {"a": 1, "b": "\ufffd", "c": [4]}
    assert document.line_of(("c", 0)) == 6
    assert sorted(problem.line for problem in problems) == [2, 2, 3, 5]


def test_a_text_that_a_person_may_repeat_is_cut() -> None:
    for text in (f"{'k' * 5000}: 1\n{'k' * 5000}: 2\n", f"a: &{'k' * 5000} 1\n"):
        ((_, message),) = problems_of(text)
        assert len(message) < 200


def test_bombs_are_refused_at_once() -> None:
    laughs = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a]\n" for n in range(50))
    assert all("not supported" in message for _, message in problems_of(laughs))
    for bracket in ("[", "{a: ", "- ", "[{a: "):
        ((_, message),) = problems_of(bracket * 100_000)
        assert "nested" in message


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    def told(name: str, content: bytes | None = None) -> tuple[int, str]:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        document, (problem,) = read_document(path, name)
        assert document is None
        assert problem.path == name
        return problem.line, str(problem.message)

    assert told("missing.yaml") == (0, "cannot be read: No such file or directory")
    assert told("latin.yaml", b"a: 1\nb: caf\xe9\n") == (2, "is not UTF-8 text; save it with the encoding UTF-8")
    line, message = told("big.yaml", b"#" * (MAX_BYTES + 1))
    assert (line, message) == (0, "is larger than 4 MiB; split it into several files")
    assert told("x" * 300) == (0, "cannot be read: File name too long")
    assert told("a\0b") == (0, "cannot be read: embedded null byte")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes("\ufeffa: é\n".encode())
    document, problems = read_document(path)
    assert problems == []
    assert document
    assert (document.name, document.value) == (str(path), {"a": "é"})


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_yaml_writes_is_read_back(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    # PyYAML marks what it dumps twice with anchors, which small values never need.
    assert value_of(text) == value


# Pieces of YAML, so that more of it is met than by letters alone.
words = "a b: - [ ] { } , ? &a *a !t | >- # %YAML ... --- ' \" \\ \\x ~ 5 1.5"
pieces = st.sampled_from(
    [*words.split(), " ", "\n", "\n  ", '"\\U00110000"', '"\\ud800"', "\0", "\ufeff", "\u2028", "\r", "\t"]
)


@given(st.one_of(st.text(), st.lists(pieces, max_size=25).map("".join)))
def test_any_text_is_read_or_refused_with_a_problem(text: str) -> None:
    document, problems = parse_document(text, "f.yaml")
    assert document is not None or problems
    for problem in problems:
        assert problem.path == "f.yaml"
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        assert problem.message
        str(problem).encode()  # it can be printed


# What people write, cut up, so that many mixtures of it are sound.
written = [
    *("a: b\n", "  c: 'd: e'\n", "- f\n", "  - [g, h]\n", "  i: {j: k}\n", "l: |\n", "    m\n", "n: >-\n", "\n"),
    *("# o\n", 'p: "q \\n \\u00e9"\n', "r: s # t\n", "u:\n", "  v\n", "? w\n", ": x\n", "5: null\n", "- - y\n"),
    *("\r\n", "z: é\u2028\n"),
]


@given(st.one_of(st.lists(pieces, max_size=25), st.lists(st.sampled_from(written), max_size=12)).map("".join))
def test_both_readers_say_the_same_of_what_both_can_read(text: str) -> None:
    fast, faults = parse_document(text, "f.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.yamlfile.document._FAST_LOADER", None)
        slow, problems = parse_document(text, "f.yaml")
    if slow is not None:
        assert (fast, faults) == (slow, problems)


def test_addresses_need_no_quotes_inside_brackets() -> None:
    assert value_of("links: [{url: https://x.y/z?q=1#a}]\n") == {"links": [{"url": "https://x.y/z?q=1#a"}]}


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=20).map(lambda content: b'a: "' + content + b'"')))
def test_any_bytes_are_read_or_refused_with_a_problem(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.yaml"
        path.write_bytes(content)
        document, problems = read_document(path)
    assert document is not None or problems


class Wheel(Section):
    size: int = key(rules.whole(at_least=1, at_most=99))
    name: str | None = key(rules.optional(rules.text(at_most=5)), default=None)


class Car(Section):
    wheels: tuple[Wheel, ...] = key(rules.listed(Wheel.read), default=())
    spare: Wheel | None = key(rules.optional(Wheel.read), default=None)
    by_owner: Mapping[str, Wheel] = key(rules.mapping(rules.text(), Wheel.read), default={})
    colour: str = key(rules.one_of("red", "blue"), default="red")


def misfits_of(text: str) -> list[tuple[int, str]]:
    document, problems = parse_document(text, "f.yaml")
    assert document
    assert problems == []
    car, problems = validate(Car, document)
    assert (car is None) == bool(problems)
    return [(problem.line, str(problem.message)) for problem in problems]


def test_what_fits_a_model_is_one() -> None:
    assert misfits_of("wheels:\n  - size: 1\nspare: {size: 2, name: x}\n") == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("wheels:\n  - size: 0\n", 2, "wheels[1].size should be at least 1, found 0"),
        ("wheels:\n  - size: '2'\n", 2, "wheels[1].size should be a whole number, found '2'"),
        ("wheels:\n  - name: x\n", 2, "the key 'wheels[1].size' is missing; add it"),
        ("wheels: yes\n", 1, "wheels should be a list, found 'yes'"),
        ("wheels: {a: {b: secret}}\n", 1, "wheels should be a list, found keys and values"),
        ("spare: [secret]\n", 1, "spare should have keys below it, found a list"),
        ("by_owner:\n", 1, "by_owner should have keys below it, found nothing"),
        ("spare:\n  size: 1\n  nam: x\n", 3, "unknown key 'spare.nam'; did you mean 'name'?"),
        ("wheels:\n  - {size: 1}\n  - {size: 1, sise: 2}\n", 3, "unknown key 'wheels[2].sise'; did you mean 'size'?"),
        ("by_owner:\n  ann:\n    size: 1\n    zzz: 2\n", 4, "unknown key 'by_owner.ann.zzz'; known here: size, name"),
        ("whels: []\n", 1, "unknown key 'whels'; did you mean 'wheels'?"),
        ("colour: green\n", 1, "colour Input should be 'red' or 'blue', found 'green'"),
        (
            f"spare: {{size: 1, name: {'x' * 99}}}\n",
            1,
            f"spare.name should have at most 5 characters, found '{'x' * 59}…",
        ),
        ("- a\n", 1, "the file should have keys below it, found a list"),
    ],
)
def test_what_does_not_fit_is_told_in_plain_words(text: str, line: int, message: str) -> None:
    assert misfits_of(text) == [(line, message)]


def test_a_piece_of_a_document_is_checked_by_itself() -> None:
    document, _ = parse_document("cars:\n  - wheels:\n      - size: 0\n        sice: 1\n", "f.yaml")
    assert document
    _, problems = validate(Car, document, ("cars", 0))
    assert [str(problem) for problem in problems] == [
        "f.yaml:3: cars[1].wheels[1].size should be at least 1, found 0",
        "f.yaml:4: unknown key 'cars[1].wheels[1].sice'; did you mean 'size'?",
    ]

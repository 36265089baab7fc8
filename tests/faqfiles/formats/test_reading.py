"""What kind of file it is, and files that are none or mean harm."""

import io
import json
import time
import zipfile

import pytest

from bot.cli import arguments
from bot.core.errors import FaqInvalidError
from bot.faqfiles.formats import MAX_BYTES, MAX_ENTRIES, WRITABLE, Format, read_faq
from tests.faqfiles.formats.helpers import notes_of, pairs, problem_of, problems_of, read
from tests.translatable import tell

CSV = "question,answer\nHow?,Like that.\n"
ONE = [("How?", "Like that.")]
SECONDS = 20
"""Of processor time, what hostile files may take; without coverage they take a quarter of it on a slow machine."""


def zipped(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            # Without the time of day, which would make another file and so another name of a test each time.
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "format_"),
    [
        ("title: T\nentries:\n  - question: How?\n    answer: Like that.\n", "a.yaml", Format.YAML),
        ("entries:\n- question: How?\n  answer: Like that.\n", "message.txt", Format.YAML),
        ("- question: How?\n  answer: Like that.\n", "a.yml", Format.YAML),
        ('{"title": "T", "entries": [{"question": "How?", "answer": "Like that."}]}', "a.json", Format.JSON),
        ('\n[{"question": "How?", "answer": "Like that."}]', "a", Format.JSON),
        (CSV, "a.csv", Format.CSV),
        (CSV, "a.txt", Format.CSV),
        (CSV.replace(",", ";"), "a.csv", Format.CSV),
        (CSV.replace(",", "\t"), "a.tsv", Format.CSV),
        (f"sep=;\n{CSV.replace(',', ';')}", "a.csv", Format.CSV),
        (b"\xef\xbb\xbf" + CSV.encode(), "a.csv", Format.CSV),
        (CSV.encode("utf-16"), "a.csv", Format.CSV),
        (b"\xfe\xff" + CSV.encode("utf-16-be"), "a.csv", Format.CSV),
        (CSV.replace("\n", "\r"), "a.csv", Format.CSV),
        ("# FAQ\n\n## How?\n\nLike that.\n", "README.md", Format.MARKDOWN),
        ("## How?\nLike that.\n", "README", Format.MARKDOWN),
    ],
)
def test_name_and_content_say_what_it_is(content: str | bytes, name: str, format_: Format) -> None:
    imported = read(content, name)
    assert (imported.format, pairs(imported)) == (format_, ONE)


def test_what_is_given_counts_more_than_the_name() -> None:
    assert read(CSV, "a.json", "csv").format is Format.CSV
    assert "this is not valid JSON (Expecting value); mend it here" in problem_of(CSV, "a.csv", "json")


def test_the_command_line_knows_every_format() -> None:
    assert tuple(Format) == arguments.READABLE
    assert WRITABLE == arguments.WRITABLE


def test_a_format_that_does_not_exist_is_a_slip_of_the_program() -> None:
    with pytest.raises(ValueError, match="docx"):
        read(CSV, "a.csv", "docx")


@pytest.mark.parametrize(
    ("content", "name", "wanted", "words"),
    [
        (b"", "a.csv", None, "a.csv: is empty"),
        (b" \n\t", "a.yaml", None, "a.yaml: is empty"),
        (b"\xef\xbb\xbf", "a.json", None, "a.json: is empty"),
        ("question,answer\nWo?,Überall\n".encode("latin-1"), "a.csv", None, "a.csv:2: is not UTF-8 text; save it with"),
        (CSV.encode("utf-16-le"), "a.csv", None, "a.csv:1: holds a NUL character"),
        (b"\xff\xfe\x00", "a.csv", None, "a.csv:1: is not UTF-16 text"),
        (CSV.encode("utf-32"), "a.csv", None, "a.csv: is in UTF-32; save it with the encoding UTF-8"),
        (b"question,answer\nHow?,a\0b\n", "a.csv", None, "a.csv:2: holds a NUL character"),
        (b"Just some words.", "note.txt", None, "does not show what kind of file it is; name the format: yaml, json"),
        (b"a,b\n1,2\n", "a.csv", None, "has no columns 'question' and 'answer'"),
        (b"question\nHow?\n", "a.csv", None, "a.csv:1: there is no column 'answer'"),
        (b"question,answer\n", "a.csv", None, "has no question with an answer in it"),
        (b"x" * (MAX_BYTES + 1), "a.csv", None, "is larger than 8 MiB"),
        (b"x: " + b"x" * (4 * 2**20), "a.yaml", None, "is larger than 4 MiB"),
        (b"x" * (2**20 + 1), "a.md", None, "is larger than 1 MiB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", None, "in the format of Office before 2007"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            None,
            "has a password; remove it",
        ),
        (CSV.encode(), "a.xlsx", "xlsx", "is no .xlsx workbook"),
        (zipped(a="b"), "a.zip", None, "is a ZIP archive, but no .xlsx workbook"),
        (zipped(a="b"), "a.zip", "csv", "is a workbook or an archive, not csv"),
        (zipped(a="b")[:-10], "a.xlsx", None, "is a broken workbook (File is not a zip file)"),
        (CSV.encode(), "a.csv", "assistant", "has no columns"),
        (b'{"entries": []}', "a.json", "kendra", "does not have the form of kendra"),
        (b'{"hello": "world"}', "a.json", None, "has no FAQ in a form that is known"),
        (b"5", "a.json", None, "has no FAQ in a form that is known"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, name: str, wanted: str | None, words: str) -> None:
    assert words in problem_of(content, name, wanted)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[" * 100_000, "is nested too deep"),
        ('{"a":' * 100_000, "is nested too deep"),
        ('[{"question": "How?", "answer": NaN}]', "NaN is no number"),
        (f'[{{"question": "How?", "answer": {"9" * 5000}}}]', "Exceeds the limit"),
        ('[{"question": "How?", "answer": "a", "answer": "b"}]', "the key 'answer' stands in one place twice"),
        ('[{"question": "How?",\n "answer": }]', "a.json:2: this is not valid JSON (Expecting value)"),
        ('[{"question": "How?", "answer": "a\\ud800"}]', "holds a control character or half of a character (U+D800)"),
        ('[{"question": "How?", "answer": "a\\u0007"}]', "holds a control character or half of a character (U+0007)"),
        (json.dumps([dict.fromkeys(map(str, range(50)))]), "should have an entry's keys below it: id, question"),
        ("[{}, 5]", "entries[2] should have an entry's keys below it"),
    ],
)
def test_json_that_means_harm(content: str, words: str) -> None:
    assert words in problem_of(content, "a.json")


def test_yaml_that_explodes_is_not_built() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(letter + 1)}: &{chr(letter + 1)} [*{chr(letter)}, *{chr(letter)}]\n" for letter in range(97, 120)
    )
    problems = problems_of(f"{bomb}entries: *x\n", "a.yaml")
    assert "a.yaml:1: the anchor &a is not supported" in problems[0]


def test_yaml_that_is_none_names_the_line() -> None:
    assert problem_of("title: T\nentries: [\n", "a.yaml").startswith("a.yaml:3: this is not valid YAML")


def test_a_bare_list_in_yaml_keeps_its_lines() -> None:
    assert problem_of("- question: How?\n  answer:\n    - x\n", "a.yaml").startswith("a.yaml:2: entries[1].answer")


@pytest.mark.no_cover
def test_too_many_rows_and_entries_are_told_at_once() -> None:
    started = time.process_time()
    rows = "".join(f"What is {number}?,A number\n" for number in range(MAX_ENTRIES + 1))
    told = problem_of(f"question,answer\n{rows}", "a.csv")
    assert told == "a.csv: has 5,001 entries; at most 5,000 fit, split it into several FAQs"
    assert "has 100,000 entries" in problem_of("question,answer\n" + "q?,a\n" * 100_000, "a.csv")
    assert "has more than 100,000 rows" in problem_of("question,answer\n" + "q?,a\n" * 1_500_000, "a.csv")
    assert time.process_time() - started < SECONDS


def test_as_many_entries_as_there_may_be_are_read() -> None:
    started = time.process_time()
    rows = "".join(f"问题 {chr(0x4E00 + number)}?,A number\n" for number in range(MAX_ENTRIES))
    imported = read(f"question,answer\n{rows}", "a.csv")
    assert len({entry.id for entry in imported.entries}) == MAX_ENTRIES
    assert imported.entries[-1].id == f"entry-{MAX_ENTRIES}"
    assert time.process_time() - started < SECONDS


def test_a_quotation_mark_that_nobody_closes_is_told() -> None:
    text = 'question,answer\nHow?,"Like that.\nWhy?,So.\n' + "x?,y\n" * 1000
    assert problem_of(text, "a.csv").startswith("a.csv:2: a quotation mark opens a text here")
    text = 'question,answer\nHow?,"' + "x" * 200_000 + '"\n'
    assert "a cell with more than 131,072 characters" in problem_of(text, "a.csv")


def test_everything_is_told_at_once() -> None:
    text = 'question,answer\nHow?,\n,So.\nWhy?,So.,x\nWhere?\n"What"?,x\nwhy,x\nWhy?,y\n'
    assert problems_of(text, "a.csv") == [
        "a.csv:2: answer should not be empty, found ''",
        "a.csv:3: question should not be empty, found ''",
        "a.csv:4: has 3 cells for 2 columns; put a text with a separator in it into quotes",
        "a.csv:5: has only 1 of 2 cells; add what is missing",
        "a.csv:6: is not valid CSV (',' expected after '\"'); inside a text in quotes, write each quotation mark twice",
        "a.csv:8: the same phrasing belongs to entry 'why' at a.csv:7; the bot could not tell them apart: keep it in one of them",  # noqa: E501 - as it is said
    ]


def test_a_name_is_only_a_name() -> None:
    with pytest.raises(FaqInvalidError, match="is empty"):
        read_faq(b"", "../../etc/passwd\0.csv")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "line",
    [
        ">" * 500_000,
        "- " * 400_000,
        "[a]: \n" * 100_000,
        "<details>\n" * 50_000,
        "<summary>" * 50_000,
        "<summary>\n" * 50_000,
        f"# a{' ' * 500_000}b",
        f"**{'**' * 250_000}x",
        f"# {'[' * 500_000}",
        f"# {'<a ' * 160_000}",
        f"<!--{'-->x' * 120_000}",
    ],
)
def test_markdown_that_means_harm(line: str) -> None:
    started = time.process_time()
    text = f"Welcome.\n\n{line}\n\n# How?\n\nLike that.\n"
    try:
        assert pairs(read(text, "a.md"))[-1] == ONE[0]
    except FaqInvalidError as error:
        assert len(error.problems) <= 3  # noqa: PT017 - either is fine, as long as it is soon
    assert time.process_time() - started < SECONDS


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (json.dumps([{"question": "How " * 400_000, "answer": "a"}]), "a.json", "at most 256 characters"),
        (
            json.dumps([{"question": "How?", "answer": "a", "alternates": ["x"] * 200_000}]),
            "a.json",
            "200,001 phrasings",
        ),
        (
            json.dumps([{"question": "How?", "answer": "a", "alternates": ["why " * 400_000]}]),
            "a.json",
            "at most 1000 characters",
        ),
        (json.dumps([{"question": "How?", "answer": "a", "tags": [5] * 100_000}]), "a.json", "should be a text"),
        ("question,answer," + ",".join(map(str, range(200_000))) + "\nHow?,a\n", "a.csv", "has 200,002 columns"),
        (f"question,answer,links\nHow?,a,[{'](' * 60_000}\n", "a.csv", "links[1].label should have at most 80"),
        (f"question,answer,tags\nHow?,a,{'[' * 100_000}\n", "a.csv", "tags[1] should have at most 50"),
    ],
)
def test_what_is_much_too_long_is_told_soon(content: str, name: str, words: str) -> None:
    started = time.process_time()
    with pytest.raises(FaqInvalidError) as caught:
        read(content, name)
    assert time.process_time() - started < SECONDS
    assert words in tell(caught.value)[0]


def test_the_columns_that_are_left_out_are_not_all_named() -> None:
    columns = [f"column {number:02} {'x' * 50}" for number in range(30)]
    imported = read(f"question,answer,{','.join(columns)}\nHow?,Like that.{',' * 30}\n", "a.csv")
    (note,) = notes_of(imported)
    assert note.count("column_") == 20
    assert note.endswith(f"column_19_{'x' * 30}…, ….")


def test_a_named_program_counts_more_than_the_name_of_the_file() -> None:
    with pytest.raises(FaqInvalidError, match="answer"):
        read_faq(b"# FAQ\n\n## How do I pay?\nBy card.\n", "faq.md", format="kendra")
    assert read_faq(b"How do I pay?,By card.\n", "faq.md", format="kendra").format is Format.KENDRA

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.core.errors import FaqInvalidError
from bot.core.types import Entry, FaqScope, Link
from bot.faqfiles import FaqFiles
from tests.translatable import tell

ROOT = Path(__file__).parents[2]


def read(base: Path, *patterns: str, **scopes: Sequence[str]) -> Mapping[FaqScope, Sequence[Entry]]:
    by_scope: dict[FaqScope, Sequence[str]] = {None: patterns}
    by_scope |= {int(name.removeprefix("guild_")): files for name, files in scopes.items()}
    return asyncio.run(FaqFiles(by_scope, base).read())


def problems_of(base: Path, *patterns: str, **scopes: Sequence[str]) -> list[str]:
    with pytest.raises(FaqInvalidError) as caught:
        read(base, *patterns, **scopes)
    return tell(caught.value)


def write(folder: Path, name: str, entries: str, head: str = "title: T\nlanguage: en\nentries:\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + entries, encoding="utf-8")
    return path


ONE = "  - id: one\n    question: What is one?\n    answer: A number.\n"
TWO = "  - id: two\n    question: What is two?\n    answer: Another.\n"


def test_the_shipped_files_read_without_a_problem() -> None:
    entries = read(ROOT, "faq_data/*.yaml")[None]
    assert {"replacement-card", "sign-up", "late-enrollment-penalty", "premiums-and-income", "what-is-medicare"} <= {
        entry.id for entry in entries
    }
    assert len(read(ROOT, "faq_data/faqtotum.yaml")[None]) >= 25
    assert len(read(ROOT, "faq_data/medicare.yaml")[None]) == 5


def test_everything_an_entry_may_have_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "faq.yaml",
        TWO + "  - id: full\n    question: ' What is full? '\n    alternates: ['Is it full?', full or not]\n"
        "    answer: |\n      **Yes**.\n    tags: [x, y]\n    links:\n      - label: More\n"
        "        url: https://example.com/a?b=c\n    follow_ups: [two]\n    enabled: true\n",
    )
    assert read(tmp_path, "faq.yaml")[None][1] == Entry(
        id="full",
        question="What is full?",
        answer="**Yes**.",
        alternates=("Is it full?", "full or not"),
        tags=("x", "y"),
        links=(Link("More", "https://example.com/a?b=c"),),
        follow_ups=("two",),
    )


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        (
            "  - id: a\n    question: q?\n    answer: x\n    anwser: y\n",
            7,
            "unknown key 'entries[1].anwser'; did you mean",
        ),
        ("  - id: a\n    question: q?\n", 4, "the key 'entries[1].answer' is missing"),
        ("  - id: Lost Card\n    question: q?\n    answer: x\n", 4, "lower-case letters, digits"),
        (f"  - id: {'a' * 51}\n    question: q?\n    answer: x\n", 4, "at most 50"),
        (f"  - id: a\n    question: {'q' * 257}\n    answer: x\n", 5, "at most 256"),
        ("  - id: a\n    question: '<@5> \\u200b'\n    answer: x\n".replace("'", '"'), 5, "nothing to compare with"),
        ("  - id: a\n    question: q?\n    answer: ''\n", 6, "should not be empty"),
        ('  - id: a\n    question: q?\n    answer: "\\u200b\\u2060"\n', 6, "would be empty in Discord"),
        (f"  - id: a\n    question: q?\n    answer: {'x' * 4097}\n", 6, "at most 4096"),
        ('  - id: a\n    question: q?\n    answer: "a\\u0007b"\n', 6, "control character"),
        ("  - id: a\n    question: q?\n    answer: |\n      ```\n      code\n", 6, "opens a code block"),
        ("  - id: a\n    question: q?\n    answer: 5\n", 6, "should be a text"),
        ("  - id: a\n    question: q?\n    answer: x\n    alternates: r?\n", 7, "should be a list"),
        ("  - id: a\n    question: q?\n    answer: x\n    alternates: [r, '']\n", 7, "should not be empty"),
        ("  - id: a\n    question: q?\n    answer: x\n    enabled: 'yes'\n", 7, "true or false"),
        ("  - id: a\n    question: q?\n    answer: x\n    links: [{label: L, url: 'javascript:x'}]\n", 7, "https://"),
        ("  - id: a\n    question: q?\n    answer: x\n    links: [{label: L, url: 'https://['}]\n", 7, "https://"),
        ("  - id: a\n    question: q?\n    answer: x\n    links: [{label: L}]\n", 7, "is missing"),
        (
            (
                "  - id: a\n    question: q?\n    answer: x\n"
                "    links:\n      - label: L\n        url: https://a.b\n        uri: c\n"
            ),
            10,
            "unknown key 'entries[1].links[1].uri'; did you mean 'url'?",
        ),
        ("  - id: a\n    question: q?\n    answer: x\n    follow_ups: ['']\n", 7, "should not be empty"),
        ("  - id: a\n    question: q?\n    answer: x\n    tags: x\n", 7, "should be a list"),
        ("  - id: a\n    question: q?\n    answer: x\n    enabled: no\n", 7, "true or false"),
        ("  - id: 5\n    question: q?\n    answer: x\n", 4, "should be a text"),
        (
            f"  - id: a\n    question: q?\n    answer: x\n    links: [{{label: {'L' * 81}, url: 'https://a.b'}}]\n",
            7,
            "at most 80",
        ),
        ("  - id: a\n    question: q?\n    answer: x\n    links: [{label: L, url: 'https://a.b:0'}]\n", 7, "https://"),
        (
            "  - id: a\n    question: q?\n    answer: x\n    links: [{label: L, url: 'https://a:99999'}]\n",
            7,
            "https://",
        ),
        ("  - id: a\n    question: q?\n    answer: x\n    links: [{label: L, url: 'https://a b'}]\n", 7, "https://"),
        ("  - just a text\n", 4, "should have keys below it"),
    ],
)
def test_each_fault_of_an_entry_is_told_with_its_line(tmp_path: Path, entry: str, place: int, words: str) -> None:
    write(tmp_path, "faq.yaml", entry)
    told = problems_of(tmp_path, "faq.yaml")
    assert len(told) == 1
    assert told[0].startswith(f"faq.yaml:{place}: ")
    assert words in told[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file"),
        ("title: T\nentries: []\n", "at least 1"),
        ("title: T\nlanguage: english please\nentries:\n" + ONE, "language tag"),
        ("entries:\n" + ONE, "'title' is missing"),
        ("- a\n", "the file"),
    ],
)
def test_each_fault_of_a_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path, "faq.yaml", "", head=text)
    assert any(words in told for told in problems_of(tmp_path, "faq.yaml"))


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        ONE
        + "  - id: one\n    question: Something else?\n    answer: x\n"
        + "  - id: three\n    question: what is ONE\n    alternates: [third, 'Third?']\n    answer: x\n"
        + "    follow_ups: [onee, three, one, one, off]\n"
        + "  - id: broken\n    answer: x\n"
        + "  - id: off\n    question: Off?\n    answer: x\n    enabled: false\n",
    )
    write(tmp_path, "sub/b.yaml", "  - id: one\n    question: Third\n    answer: x\n")
    write(tmp_path, "sub/c.yaml", "  - id: c\n\tquestion: tab\n")
    told = problems_of(tmp_path, "*.yaml", "sub/*.yaml", "nothing/*.yaml")
    expected = [
        ("a.yaml:7:", "the id 'one' is taken at a.yaml:4"),
        ("a.yaml:11:", "belongs to entry 'one' at a.yaml:5"),
        ("a.yaml:12:", "this phrasing stands at a.yaml:12 already"),
        ("a.yaml:14:", "follow-up 'onee' is no entry's id in the files that could be read; did you mean 'one'?"),
        ("a.yaml:14:", "follow-up 'three' is the entry itself"),
        ("a.yaml:14:", "follow-up 'one' is named twice"),
        ("a.yaml:14:", "follow-up 'off' is an entry that is not enabled"),
        ("a.yaml:15:", "'entries[4].question' is missing"),
        ("nothing/*.yaml:", "no FAQ file is here"),
        ("sub/b.yaml:4:", "the id 'one' is taken at a.yaml:4"),
        ("sub/b.yaml:5:", "belongs to entry 'three' at a.yaml:12"),
        ("sub/c.yaml:5:", "not valid YAML"),
    ]
    for place, words in expected:
        assert any(one.startswith(place) and words in one for one in told), (place, words, told)
    assert len(told) == len(expected), told


def test_disabled_entries_are_read_and_checked(tmp_path: Path) -> None:
    write(tmp_path, "faq.yaml", ONE + "    enabled: false\n" + TWO)
    found = read(tmp_path, "faq.yaml")[None]
    assert [(entry.id, entry.enabled) for entry in found] == [("one", False), ("two", True)]
    write(tmp_path, "faq.yaml", ONE + "    enabled: false\n" + ONE)
    assert any("the id 'one' is taken" in told for told in problems_of(tmp_path, "faq.yaml"))


def test_a_disabled_entry_may_follow_up_to_anything_there_is(tmp_path: Path) -> None:
    off = "  - id: off\n    question: Off?\n    answer: x\n    enabled: false\n    follow_ups: [off-too]\n"
    off_too = "  - id: off-too\n    question: Off too?\n    answer: x\n    enabled: false\n"
    write(tmp_path, "faq.yaml", ONE + off + off_too)
    assert [entry.enabled for entry in read(tmp_path, "faq.yaml")[None]] == [True, False, False]


def test_scopes_have_their_own_files_and_may_share_some(tmp_path: Path) -> None:
    write(tmp_path, "one.yaml", ONE)
    write(tmp_path, "two.yml", TWO)
    scopes = read(tmp_path, "one.yaml", guild_7=("one.yaml", "*.yml"), guild_8=("two.yml",))
    assert {scope: [entry.id for entry in entries] for scope, entries in scopes.items()} == {
        None: ["one"],
        7: ["one", "two"],
        8: ["two"],
    }
    write(tmp_path, "one.yaml", ONE + ONE)
    told = problems_of(tmp_path, "one.yaml", guild_7=("one.yaml",))
    assert len(told) == len(set(told)) == 2


def test_a_file_that_two_patterns_find_counts_once_and_order_is_by_name(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", ONE)
    write(tmp_path, "a.yaml", TWO)
    (tmp_path / "folder.yaml").mkdir()
    entries = read(tmp_path, "*.yaml", "b.yaml", str(tmp_path / "a.yaml"))[None]
    assert [entry.id for entry in entries] == ["two", "one"]


def test_brackets_in_a_folder_name_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "my [bot]"
    write(folder, "faq.yaml", ONE)
    assert [entry.id for entry in read(folder, "*.yaml")[None]] == ["one"]


def test_a_file_whose_name_looks_like_a_pattern_is_found(tmp_path: Path) -> None:
    write(tmp_path, "faq [old].yaml", ONE)
    write(tmp_path, "my [bot]/faq?.yaml", TWO)
    entries = read(tmp_path, "faq [old].yaml", "my [bot]/faq?.yaml")[None]
    assert [entry.id for entry in entries] == ["one", "two"]


@pytest.mark.parametrize("pattern", ["missing.yaml", "*.toml", "folde?", "faq.yaml/inside.yaml", "**/*.yml"])
def test_a_pattern_without_files_says_what_to_do(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path, "faq.yaml", ONE)
    (told,) = problems_of(tmp_path, pattern)
    assert told.startswith(f"{pattern}: no FAQ file is here; write one")


def test_a_folder_is_told_from_a_missing_file(tmp_path: Path) -> None:
    write(tmp_path, "folder/faq.yaml", ONE)
    (told,) = problems_of(tmp_path, "folder")
    assert told == "folder: is a folder; name the files in it, like 'folder/*.yaml'"
    assert len(read(tmp_path, "folder/*.yaml")[None]) == 1


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("gone/two.yaml", "is a link to a file that is not there; bring that file back, or remove the link"),
        ("two.yaml", "cannot be read: Too many levels of symbolic links"),
    ],
    ids=["nowhere", "circle"],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_link_that_leads_nowhere_is_a_problem_beside_other_files_too(
    tmp_path: Path, target: str, why: str, *, beside: bool
) -> None:
    if beside:
        write(tmp_path, "one.yaml", ONE + "    follow_ups: [two]\n")
    (tmp_path / "two.yaml").symlink_to(target)
    told = problems_of(tmp_path, "*.yaml", guild_7=("*.yaml",))
    assert told[-1] == f"two.yaml: {why}"
    # The entry may be in what is missing.
    assert all("is no entry's id in the files that could be read" in one for one in told[:-1])
    assert len(told) == 1 + beside
    assert problems_of(tmp_path, "two.yaml") == [f"two.yaml: {why}"]


@pytest.mark.parametrize(
    ("name", "why"), [("x" * 300, "File name too long"), ("a\0b", "embedded null byte")], ids=["long", "nul"]
)
def test_a_name_that_no_file_can_have_is_a_problem(tmp_path: Path, name: str, why: str) -> None:
    (told,) = problems_of(tmp_path, name)
    assert told == f"{name}: cannot be read: {why}"


def test_files_outside_the_base_are_named_in_full(tmp_path: Path) -> None:
    outside = write(tmp_path, "faq.yaml", ONE + ONE)
    base = tmp_path / "base"
    base.mkdir()
    assert any(told.startswith(f"{outside}:7: ") for told in problems_of(base, str(outside)))


def test_the_stamp_differs_once_a_file_differs(tmp_path: Path) -> None:
    source = FaqFiles({None: ("*.yaml",), 7: ("own.yml",)}, tmp_path)
    stamps = [asyncio.run(source.read_stamp())]
    for name, text in (("a.yaml", ONE), ("a.yaml", ONE + TWO), ("b.yaml", TWO), ("own.yml", ONE), ("other.txt", "x")):
        write(tmp_path, name, text)
        stamps.append(asyncio.run(source.read_stamp()))
    assert len(set(stamps[:-1])) == 5
    assert stamps[-1] == stamps[-2]
    (tmp_path / "b.yaml").unlink()
    assert asyncio.run(source.read_stamp()) not in stamps


def test_the_stamp_differs_once_a_link_leads_nowhere_and_once_it_is_gone(tmp_path: Path) -> None:
    source = FaqFiles({None: ("*.yaml",)}, tmp_path)
    write(tmp_path, "a.yaml", ONE)
    stamps = [asyncio.run(source.read_stamp())]
    (tmp_path / "b.yaml").symlink_to("gone.yaml")
    stamps.append(asyncio.run(source.read_stamp()))
    write(tmp_path, "linked", TWO).rename(tmp_path / "gone.yaml")
    stamps.append(asyncio.run(source.read_stamp()))
    assert len(set(stamps)) == 3
    (tmp_path / "gone.yaml").unlink()
    assert asyncio.run(source.read_stamp()) == stamps[1]
    (tmp_path / "b.yaml").unlink()
    assert asyncio.run(source.read_stamp()) == stamps[0]

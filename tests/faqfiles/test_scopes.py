"""Problems between the entries of a scope, also where some entry or file is not valid by itself."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.core.errors import FaqInvalidError
from bot.core.types import Entry, FaqScope
from bot.faqfiles import FaqFiles
from tests.translatable import tell

OFF = "    enabled: false\n"


def entry(entry_id: str, question: str, *more: str) -> str:
    """Return an entry of three lines, and more."""
    return f"  - id: {entry_id}\n    question: {question}\n    answer: x\n" + "".join(f"    {line}\n" for line in more)


def write(folder: Path, name: str, *entries: str, head: str = "title: T\n") -> None:
    (folder / name).write_text(head + "entries:\n" + "".join(entries), encoding="utf-8")


def read(folder: Path, scopes: dict[FaqScope, Sequence[str]] | None = None) -> list[Entry]:
    return list(asyncio.run(FaqFiles(scopes or {None: ["*.yaml"]}, folder).read())[None])


def problems_of(folder: Path, scopes: dict[FaqScope, Sequence[str]] | None = None) -> list[str]:
    with pytest.raises(FaqInvalidError) as caught:
        read(folder, scopes)
    return tell(caught.value)


def test_an_invalid_entry_is_compared_with_the_others_all_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        entry("one", "What is one?"),
        "  - id: one\n    question: 5\n    alternates: [7, what is one]\n    follow_ups: [8, nowhere]\n",
    )
    assert problems_of(tmp_path) == [
        "a.yaml:6: the id 'one' is taken at a.yaml:3; choose another",
        "a.yaml:6: the key 'entries[2].answer' is missing; add it",
        "a.yaml:7: entries[2].question should be a text (put it into quotes), found 5",
        "a.yaml:8: entries[2].alternates[1] should be a text (put it into quotes), found 7",
        (
            "a.yaml:8: the same phrasing belongs to entry 'one' at a.yaml:4; the bot could not tell them apart: "
            "keep it in one of them"
        ),
        "a.yaml:9: entries[2].follow_ups[1] should be a text (put it into quotes), found 8",
        "a.yaml:9: follow-up 'nowhere' is no entry's id; remove it",
    ]


def test_a_follow_up_to_an_invalid_entry_is_no_problem_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?", "follow_ups: [two]"), "  - id: two\n    question: Two?\n")
    (told,) = problems_of(tmp_path)
    assert "'entries[2].answer' is missing" in told


def test_entries_are_checked_although_the_head_of_the_file_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?"), entry("one", "Two?"), "  - id: x\n", head="titel: T\n")
    told = problems_of(tmp_path)
    assert [one.split(": ")[1][:20] for one in told] == [
        "the key 'title' is m",
        "unknown key 'titel';",
        "the id 'one' is take",
        "the key 'entries[3].",
        "the key 'entries[3].",
    ]


def test_a_file_that_cannot_be_read_may_hold_what_a_follow_up_names(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?", "follow_ups: [two]"))
    (told,) = problems_of(tmp_path)
    assert told.endswith("follow-up 'two' is no entry's id; remove it")
    told = problems_of(tmp_path, {None: ["a.yaml", "b.yaml"]})
    assert any("'two' is no entry's id in the files that could be read" in one for one in told)
    write(tmp_path, "b.yaml", "\t- id: two\n")
    told = problems_of(tmp_path)
    assert any("'two' is no entry's id in the files that could be read" in one for one in told)
    assert any(one.startswith("b.yaml:3: this is not valid YAML") for one in told)


def test_a_disabled_entry_leaves_its_phrasings_to_others(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("old", "One?") + OFF, entry("older", "one") + OFF, entry("new", "One?"))
    assert [one.id for one in read(tmp_path) if one.enabled] == ["new"]
    write(tmp_path, "a.yaml", entry("old", "One?", "alternates: [one]") + OFF, entry("new", "Two?"))
    (told,) = problems_of(tmp_path)
    assert told == "a.yaml:6: this phrasing stands at a.yaml:4 already; remove one"


def test_marks_alone_are_compared_too(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("a", "'???'"), entry("b", "'!!!'"))
    assert len(read(tmp_path)) == 2
    write(tmp_path, "a.yaml", entry("a", "'???'"), entry("b", "'???'"))
    (told,) = problems_of(tmp_path)
    assert "the same phrasing belongs to entry 'a'" in told


def test_a_problem_of_some_servers_only_names_them(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?", "follow_ups: [two]"))
    write(tmp_path, "b.yaml", entry("two", "Two?"))
    both, alone = ["a.yaml", "b.yaml"], ["a.yaml"]
    assert problems_of(tmp_path, {None: both, 7: alone, 8: both, 9: alone}) == [
        "a.yaml:6: follow-up 'two' is no entry's id; remove it (in the FAQ of server 7, 9)"
    ]
    assert problems_of(tmp_path, {7: alone, None: alone}) == ["a.yaml:6: follow-up 'two' is no entry's id; remove it"]


def test_problems_inside_a_shared_file_are_told_once(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?", "answr: y"))
    told = problems_of(tmp_path, {None: ["a.yaml"], 7: [str(tmp_path / "a.yaml")], 8: ["*.yaml"]})
    assert len(told) == 1


def test_every_follow_up_is_told_although_there_are_too_many(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", entry("one", "One?", "follow_ups: [b, c, d, e, f, g]"))
    told = problems_of(tmp_path)
    assert len(told) == 7
    assert "follow_ups should have at most 5" in told[0]


@pytest.mark.parametrize(
    "answer",
    [
        "https://example.com/handbook",
        "<https://example.com/handbook>",
        "<#123456789012345678>",
        "<:yes:123456789012345678>",
        "<a:party:123456789012345678>",
        "<id:customize>",
        "<t:1700000000:R>",
        "@everyone",
        "🎉",
        "\U0001f389" * 4096,
        "```py\nprint(1)\n```",
    ],
    ids=lambda answer: answer[:12],
)
def test_an_answer_that_discord_shows_is_fine(tmp_path: Path, answer: str) -> None:
    write(
        tmp_path, "a.yaml", f"  - id: one\n    question: One?\n    answer: {json.dumps(answer, ensure_ascii=False)}\n"
    )
    (one,) = read(tmp_path)
    assert one.answer == answer


@pytest.mark.parametrize("answer", ["** **", "\\u200b", "\\u2800 \\u3164", "```\\n```"])
def test_an_answer_that_discord_shows_as_nothing_is_refused(tmp_path: Path, answer: str) -> None:
    write(tmp_path, "a.yaml", f'  - id: one\n    question: One?\n    answer: "{answer}"\n')
    (told,) = problems_of(tmp_path)
    assert told.startswith("a.yaml:5: entries[1].answer")


def test_one_character_more_than_discord_shows_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", f"  - id: one\n    question: One?\n    answer: {chr(0x1F389) * 4097}\n")
    (told,) = problems_of(tmp_path)
    assert "should have at most 4096 characters" in told

"""Names of dropped files lead nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError
from bot.playground.own_faq import SHIPPED, FaqChoice, Upload, choose_first, plain_name, shelve

if TYPE_CHECKING:
    from pathlib import Path

DOGS = b"title: Zoo\nentries:\n  - id: dogs\n    question: May I bring my dog?\n    answer: On a leash.\n"


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_a_name_is_one_that_a_folder_can_hold(name: str) -> None:
    plain = plain_name(name)
    assert plain
    assert plain not in {".", ".."}
    assert not set(plain) & {"/", "\\", "\0", "\n"}
    assert len(plain.encode()) <= 255
    assert plain.isprintable()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.yaml", "a.yaml"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\faq.csv", "faq.csv"),
        (".hidden.yml", "hidden.yml"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("a\u202efdp.yaml", "afdp.yaml"),
        ("a\r\nSet-Cookie: x.yaml", "aSet-Cookie: x.yaml"),
    ],
)
def test_names_as_browsers_send_them(name: str, plain: str) -> None:
    assert plain_name(name) == plain


async def test_everything_lands_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shelved = await shelve(
        [Upload("../../out.yaml", DOGS), Upload("b/.c.csv", b"question,answer\nWhen?,Now.\n")], folder
    )
    assert shelved.names == ("out.yaml", "c.csv")
    assert sorted(name for _, folders, files in os.walk(tmp_path) for name in (*folders, *files)) == [
        "c.csv",
        "in",
        "out.yaml",
    ]


async def test_names_that_only_differ_in_what_is_left_out_are_told(tmp_path: Path) -> None:
    with pytest.raises(FaqInvalidError, match=r"a.yaml: is there twice; rename one of them"):
        await shelve([Upload("a.yaml", DOGS), Upload("../a.yaml", DOGS)], tmp_path)


async def test_the_demo_begins_with_the_yaml_of_a_folder_and_its_tables(tmp_path: Path) -> None:
    faq, shelf = tmp_path / "zoo", tmp_path / "shelf"
    faq.mkdir()
    shelf.mkdir()
    assert await choose_first(None, shelf) is SHIPPED
    (faq / "a.yaml").write_bytes(DOGS)
    (faq / "README.md").write_text("# no FAQ")
    assert await choose_first(faq, shelf) == FaqChoice("zoo", faq)
    (faq / "b.CSV").write_bytes(b"question,answer\nWhen do you open?,At nine.\n")
    chosen = await choose_first(faq, shelf)
    assert (chosen.name, chosen.folder, chosen.own) == ("zoo", shelf, False)
    assert sorted(os.listdir(shelf)) == ["a.yaml", "b.CSV"]  # noqa: PTH208 - async code may not walk with pathlib


async def test_what_is_wrong_in_a_folder_with_tables_is_told_by_its_whole_name(tmp_path: Path) -> None:
    faq, shelf = tmp_path / "zoo", tmp_path / "shelf"
    faq.mkdir()
    shelf.mkdir()
    (faq / "a.yaml").write_bytes(DOGS.replace(b"    answer: On a leash.\n", b""))
    (faq / "b.csv").write_bytes(b"question,answer\nWhen?,\n")
    with pytest.raises(FaqInvalidError) as error:
        await choose_first(faq, shelf)
    assert [problem.place for problem in error.value.problems] == [f"{faq}/a.yaml:3", f"{faq}/b.csv:2"]


async def test_a_folder_that_is_not_there_is_left_to_whoever_reads_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert await choose_first(missing, tmp_path) == FaqChoice("missing", missing)

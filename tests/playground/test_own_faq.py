"""Names of dropped files lead nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError
from bot.playground.own_faq import Upload, plain_name, shelve

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

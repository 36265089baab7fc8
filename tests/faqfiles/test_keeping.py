"""Files that did not change are not parsed again, and whatever did change is."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError
from bot.core.types import Entry, Link
from bot.faqfiles import FaqFiles, parsing
from bot.faqfiles.keeping import name_entries, pack_entries, unpack_entries
from tests.fakes.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.core.types import FaqScope

FILE = (
    "title: T\nentries:\n  - {id: a, question: How it is, answer: So., links: [{label: l, url: 'https://a.example'}]}\n"
)
OTHER = FILE.replace("How it is", "Why it is")

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
entries = st.builds(
    Entry,
    words,
    words,
    words,
    st.lists(words, max_size=3).map(tuple),
    st.lists(words, max_size=2).map(tuple),
    st.lists(st.builds(Link, words, words), max_size=2).map(tuple),
    st.lists(words, max_size=2).map(tuple),
    st.booleans(),
)


class Parsed:
    """Counts how often files are parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        original = parsing.parse_files

        def counted(*arguments: object) -> Mapping[FaqScope, Sequence[Entry]]:
            self.times += 1
            return original(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(parsing, "parse_files", counted)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Parsed:
    return Parsed(monkeypatch)


def source(folder: Path, store: MemoryStore, **scopes: str) -> FaqFiles:
    return FaqFiles({None: ["*.yaml"], **{int(name[1:]): [pattern] for name, pattern in scopes.items()}}, folder, store)


@given(st.dictionaries(st.none() | st.integers(1, 9), st.lists(entries, max_size=4), max_size=3))
def test_entries_come_back_as_they_were(scopes: dict[int | None, list[Entry]]) -> None:
    assert unpack_entries(pack_entries(scopes)) == scopes


def test_what_scopes_have_in_common_is_kept_once() -> None:
    many = [Entry(f"e{number}", f"Question {number}?", "x" * number) for number in range(50)]
    assert len(pack_entries({None: many, 7: many})) < 1.2 * len(pack_entries({None: many}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        zlib.compress(b"{"),
        zlib.compress(b"[]"),
        zlib.compress(b'{"entries": [[1]], "scopes": []}'),
        zlib.compress(b'{"entries": [], "scopes": [[null, [3]]]}'),
        pack_entries({None: [Entry("a", "b", "c")]})[:-3],
    ],
)
def test_damaged_bytes_are_no_entries(content: bytes) -> None:
    assert unpack_entries(content) is None


def test_nothing_can_move_from_one_part_to_the_next() -> None:
    parts = [["a", "b"], ["ab"], ["b", "a"], ["a", b"b", ""], ["a", "1 b"], []]
    assert len({name_entries(own) for own in parts}) == len(parts)
    assert name_entries(["a", b"b"]) == name_entries([b"a", "b"])


async def test_files_that_did_not_change_are_parsed_once(tmp_path: Path, parsed: Parsed) -> None:
    (tmp_path / "a.yaml").write_text(FILE)
    store = MemoryStore()
    first = await source(tmp_path, store).read()
    assert await source(tmp_path, store).read() == first
    assert first[None][0].links == (Link("l", "https://a.example"),)
    assert parsed.times == 1


async def test_whatever_changes_is_parsed_again(tmp_path: Path, parsed: Parsed) -> None:
    store = MemoryStore()
    (tmp_path / "a.yaml").write_text(FILE)
    (tmp_path / "own.yml").write_text(OTHER)
    await source(tmp_path, store).read()
    read = await source(tmp_path, store, s7="own.yml").read()
    assert (read[None][0].question, read[7][0].question) == ("How it is", "Why it is")
    (tmp_path / "own.yml").write_text(FILE)
    assert (await source(tmp_path, store, s7="own.yml").read())[7][0].question == "How it is"
    (tmp_path / "b.yaml").write_text(FILE.replace("id: a", "id: b").replace("How it is", "Where it is"))
    assert len((await source(tmp_path, store).read())[None]) == 2
    assert parsed.times == 4


async def test_problems_are_told_each_time(tmp_path: Path, parsed: Parsed) -> None:
    store = MemoryStore()
    (tmp_path / "a.yaml").write_text(FILE.replace("answer", "anser"))
    for _ in range(2):
        with pytest.raises(FaqInvalidError, match="did you mean 'answer'"):
            await source(tmp_path, store).read()
    (tmp_path / "a.yaml").unlink()
    with pytest.raises(FaqInvalidError, match="no FAQ file is here"):
        await source(tmp_path, store).read()
    assert parsed.times == 3


async def test_what_is_kept_does_not_hide_that_a_link_leads_nowhere(tmp_path: Path) -> None:
    store = MemoryStore()
    (tmp_path / "a.yaml").write_text(FILE)
    await source(tmp_path, store).read()
    (tmp_path / "b.yaml").symlink_to("gone.yaml")
    with pytest.raises(FaqInvalidError, match="a link to a file that is not there"):
        await source(tmp_path, store).read()


async def test_a_file_that_cannot_be_read_is_told_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(FILE)

    def fail(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", fail)
    store = MemoryStore()
    assert len((await source(tmp_path, store).read())[None]) == 1
    assert not store.kept


async def test_a_file_that_changes_while_it_is_parsed_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(FILE)
    original = parsing.parse_files

    def slow(*arguments: object) -> Mapping[FaqScope, Sequence[Entry]]:
        # It has been named already, by what it said before.
        (tmp_path / "a.yaml").write_text(OTHER)
        return original(*arguments)  # type: ignore[arg-type]

    store = MemoryStore()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(parsing, "parse_files", slow)
        assert (await source(tmp_path, store).read())[None][0].question == "Why it is"
    (tmp_path / "a.yaml").write_text(FILE)
    assert (await source(tmp_path, store).read())[None][0].question == "How it is"

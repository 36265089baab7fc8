"""The embeddings of an FAQ come back from their file, whatever happened to it."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from bot.stores.matrices import KEPT_DAYS, MatrixFolder

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_what_was_kept_is_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    folder = MatrixFolder(tmp_path / "faq")
    assert folder.read("name") is None
    for found in (folder.keep("name", ROWS), folder.read("name"), MatrixFolder(tmp_path / "faq").read("name")):
        assert isinstance(found, np.memmap)
        assert np.array_equal(found, ROWS)
        assert not found.flags.writeable
    assert [path.name for path in (tmp_path / "faq").iterdir()] == ["name.npy"]


def test_what_is_mapped_stays_as_it_was_when_it_is_replaced_or_deleted(tmp_path: Path) -> None:
    folder = MatrixFolder(tmp_path)
    first = folder.keep("name", ROWS)
    second = folder.keep("name", 2 * ROWS)
    (tmp_path / "name.npy").unlink()
    assert np.array_equal(first, ROWS)
    assert np.array_equal(second, 2 * ROWS)


def test_without_rows_nothing_is_kept(tmp_path: Path) -> None:
    empty = np.zeros((0, 3), dtype=np.float32)
    assert MatrixFolder(tmp_path / "faq").keep("name", empty) is empty
    assert not (tmp_path / "faq").exists()


def save(path: Path, array: object) -> None:
    with path.open("wb") as file:
        np.save(file, np.asarray(array))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-4]),
        lambda path: path.write_bytes(b"not an array"),
        lambda path: save(path, ROWS.astype(np.float64)),
        lambda path: save(path, ROWS[0]),
        lambda path: save(path, np.asfortranarray(ROWS)),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["empty", "cut", "other", "doubles", "one row", "columns first", "folder"],
)
def test_what_cannot_be_used_is_told_and_made_again(
    damage: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = MatrixFolder(tmp_path)
    folder.keep("name", ROWS)
    assert callable(damage)
    damage(tmp_path / "name.npy")
    assert folder.read("name") is None
    assert len(caplog.records) == 1
    assert str(tmp_path / "name.npy") in caplog.text


def test_a_folder_that_cannot_be_made_is_told_and_the_rows_stay_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "faq").write_text("a file")
    assert MatrixFolder(tmp_path / "faq").keep("name", ROWS) is ROWS
    assert "cannot be kept" in caplog.text


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert MatrixFolder(tmp_path).keep("name", ROWS) is ROWS
    assert list(tmp_path.iterdir()) == []
    assert "o space left" in caplog.text


def test_what_nobody_asked_for_for_a_week_goes_when_something_else_is_kept(tmp_path: Path) -> None:
    folder = MatrixFolder(tmp_path)
    long_ago = time.time() - (KEPT_DAYS + 1) * 86_400
    for name in ("old", "asked for"):
        folder.keep(name, ROWS)
    (tmp_path / "foreign.txt").touch()
    (tmp_path / ".begun.new").touch()
    for path in tmp_path.iterdir():
        os.utime(path, (long_ago, long_ago))
    folder.read("asked for")
    folder.keep("new", ROWS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked for.npy", "foreign.txt", "new.npy"]

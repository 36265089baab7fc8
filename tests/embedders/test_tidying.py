"""Compiled models of other versions go once nobody uses them, and not before."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from bot.embedders import EngineLoader
from bot.embedders.cache import CompiledCache
from bot.embedders.tidying import MANIFEST, UNUSED_SECONDS, hold, remove_left_over, remove_unused
from tests.embedders.small import save_embedding_model

if TYPE_CHECKING:
    from pathlib import Path

NOW = 2_000_000_000.0
LONG_AGO = NOW - UNUSED_SECONDS - 1


class Holder:
    """Something that lives."""


def make_slot(root: Path, name: str, weights: str = "w", used: float = LONG_AGO) -> Path:
    slot = root / name
    slot.mkdir(parents=True)
    (slot / "model.bin").write_text("x")
    (slot / MANIFEST).write_text(json.dumps({"weights": weights, "files": {}}))
    os.utime(slot / MANIFEST, (used, used))
    return slot


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return make_slot(tmp_path, "float32-0123456789abcdef")


def test_what_nobody_has_used_for_long_goes(tmp_path: Path, kept: Path) -> None:
    old = [make_slot(tmp_path, f"float32-{number:016x}") for number in range(2)]
    assert remove_unused(kept, "w", NOW) == old
    assert [*tmp_path.iterdir()] == [kept]


def test_what_another_may_use_stays(tmp_path: Path, kept: Path) -> None:
    make_slot(tmp_path, "int8-0123456789abcdef")
    make_slot(tmp_path, "float32-00000000000000aa", weights="of another model")
    make_slot(tmp_path, "float32-00000000000000bb", used=LONG_AGO + 2)
    make_slot(tmp_path, "float32-notes")
    (tmp_path / "float32-00000000000000cc").mkdir()
    (tmp_path / "float32-00000000000000dd").write_text("a file")
    for name, text in (("e", "{"), ("f", "[]")):
        (make_slot(tmp_path, f"float32-{name * 16}") / MANIFEST).write_text(text)
        os.utime(tmp_path / f"float32-{name * 16}" / MANIFEST, (LONG_AGO, LONG_AGO))
    before = sorted(tmp_path.iterdir())
    assert remove_unused(kept, "w", NOW) == []
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_process_uses_stays_however_long_that_runs(tmp_path: Path, kept: Path) -> None:
    used, holder = make_slot(tmp_path, "float32-00000000000000aa"), Holder()
    os.utime(used / MANIFEST, (1, 1))
    hold(used, holder)
    assert (used / MANIFEST).stat().st_mtime > 1
    os.utime(used / MANIFEST, (LONG_AGO, LONG_AGO))
    assert remove_unused(kept, "w", NOW) == []
    del holder
    assert remove_unused(kept, "w", NOW) == [used]


def test_what_a_killed_process_left_behind_goes_likewise(tmp_path: Path, kept: Path) -> None:
    old, young = tmp_path / "new-a", tmp_path / "new-b"
    for folder, changed in ((old, LONG_AGO), (young, NOW)):
        folder.mkdir()
        os.utime(folder, (changed, changed))
    assert remove_unused(kept, "w", NOW) == [old]
    assert sorted(tmp_path.iterdir()) == [kept, young]


def test_what_a_killed_process_left_behind_goes_before_the_next_compiles(tmp_path: Path, kept: Path) -> None:
    cache = CompiledCache(tmp_path)
    (tmp_path / "new-a").mkdir()
    (tmp_path / "new-a" / "model.bin").touch()
    with cache.prepare(0) as first, cache.prepare(0) as second:
        assert sorted(tmp_path.iterdir()) == sorted([kept, first, second])
        remove_left_over(tmp_path)
        assert first.exists()
    assert [*tmp_path.iterdir()] == [kept]


def test_where_there_are_no_locks_what_may_be_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("fcntl.flock", refuse)
    with CompiledCache(tmp_path).prepare(0) as work:
        remove_left_over(tmp_path)
        assert work.exists()
    assert [*tmp_path.iterdir()] == []


def test_a_folder_that_is_gone_can_be_held(tmp_path: Path) -> None:
    holder = Holder()
    hold(tmp_path / "gone", holder)
    assert not [*tmp_path.iterdir()]


def test_compiling_tidies_and_loading_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, root = tmp_path / "model", tmp_path / "cache"
    save_embedding_model(folder)
    load = EngineLoader(None, engine="onnx", cache=root)
    used = load.load_compiled(folder)
    slot = CompiledCache(root).slot(folder, "float32")
    ages = "float32-00000000000000aa", "float32-00000000000000bb"
    for name in ages:
        shutil.copytree(slot, root / name)
        os.utime(root / name / MANIFEST, (1, 1))
    monkeypatch.setattr("bot.embedders.cache._FORMAT", 0)
    holder = Holder()
    hold(root / ages[0], holder)
    os.utime(root / ages[0] / MANIFEST, (1, 1))
    os.utime(slot / MANIFEST, (1, 1))
    load.load_compiled(folder)
    assert sorted(root.iterdir()) == sorted([root / ages[0], slot, CompiledCache(root).slot(folder, "float32")])
    assert len(used.encode_query(["sign up"])) == 1

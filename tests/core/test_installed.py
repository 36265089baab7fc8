from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distributions, version
from typing import TYPE_CHECKING

import pytest

from bot.core.installed import installed_version

if TYPE_CHECKING:
    from pathlib import Path


def test_versions_are_those_that_python_itself_tells() -> None:
    names = {one.metadata["Name"] for one in distributions()}
    assert {"numpy", "sentence-transformers"} <= names
    assert {name: installed_version(name) for name in names} == {name: version(name) for name in names}


def test_the_first_on_the_path_counts_however_its_name_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, number in (("a", "1.0"), ("b", "2.0")):
        (tmp_path / folder / f"Odd.library_name-{number}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), str(tmp_path / "b"), str(tmp_path / "a")])
    assert installed_version("odd-library-name") == "2.0"


def test_what_is_not_installed_is_an_error() -> None:
    with pytest.raises(PackageNotFoundError):
        installed_version("faqtotum-no-such-library")


def test_what_was_installed_in_a_way_of_its_own_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aged.egg-info").write_text("Metadata-Version: 1.0\nName: aged\nVersion: 0.3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed_version("aged") == "0.3"

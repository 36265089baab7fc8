"""The page's sources: their types hold, none makes markup out of text, and nothing names where packages come from."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "playground"
MOST_LINES = 250
MARKUP_MAKERS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML|\beval\(|new Function")
EXACT = re.compile(r"\d+\.\d+\.\d+")

modules = pytest.mark.parametrize("module", sorted((SOURCES / "src").glob("*.ts")), ids=lambda path: path.name)


@modules
def test_module_is_short_and_makes_no_markup_of_text(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert MARKUP_MAKERS.findall(text) == []


def test_versions_are_exact_and_the_lock_names_no_registry() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    versions = package["dependencies"] | package["devDependencies"]
    assert {name: version for name, version in versions.items() if not EXACT.fullmatch(version)} == {}
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    locked = {path: each for path, each in lock["packages"].items() if path}
    assert locked.keys() >= {f"node_modules/{name}" for name in versions}
    assert [path for path, each in locked.items() if "resolved" in each or "integrity" not in each] == []


def test_page_names_no_other_host() -> None:
    for name in ("index.html", "favicon.svg", "style/page.css", "style/base.css", "style/messages.css"):
        text = (SOURCES / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL), name


def test_types_hold() -> None:
    compiler = SOURCES / "node_modules" / "typescript" / "bin" / "tsc"
    node = shutil.which("node")
    if node is None or not compiler.is_file():
        pytest.skip("Node and the page's packages are needed: npm ci in playground/")
    done = subprocess.run([node, compiler, "--noEmit"], cwd=SOURCES, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stdout == ""
    assert done.returncode == 0

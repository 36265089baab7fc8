"""The wheel, built and installed as a stranger would, beside a host project that has a `bot.py` of its own."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.sharing import make_once

ROOT = Path(__file__).parents[2]
HOST = Path(__file__).parent / "host"
PAGE = ("index.html", "assets/page.js", "assets/page.css", "assets/favicon.svg")
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    # The environment of this test run must not leak into the fresh one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV"))}
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command],
        cwd=cwd,
        env=kept | {"HF_HUB_OFFLINE": "1"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = make_once(tmp_path_factory, "source", build_wheel)
    (built,) = (source / "dist").glob("*.whl")
    return built


def build_wheel(source: Path) -> None:
    # Built from a copy: setuptools leaves its own folders beside what it builds.
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("bot", "faq_data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    page = source / "bot" / "playground" / "page"
    if not page.exists():
        # As `make page` builds it, by names alone: tests need no Node.
        (page / "assets").mkdir(parents=True)
        for file in PAGE:
            (page / file).write_text("\n")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", cwd=source)


def test_the_wheel_holds_the_whole_package_under_its_own_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    in_checkout = {
        f"faqtotum/{file.relative_to(ROOT / 'bot').as_posix()}"
        for file in (ROOT / "bot").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    in_checkout |= {f"faqtotum/playground/page/{file}" for file in PAGE}
    shipped = {f"faqtotum/faq_data/{file.name}" for file in (ROOT / "faq_data").glob("*.yaml")}
    assert packed == in_checkout | shipped


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel and what it asks for, in the order in which the README installs them."""

    def install(folder: Path) -> None:
        run(sys.executable, "-m", "venv", folder, cwd=ROOT)
        # Of thousands of modules some hundred are imported, and only those need compiling.
        options = ("--quiet", "--disable-pip-version-check", "--no-compile")
        pip = (folder / "bin" / "python", "-m", "pip", "install", *options)
        index = os.environ.get("TORCH_INDEX")
        run(*pip, *(("--index-url", index) if index else ()), "torch==2.13.0", cwd=ROOT)
        run(*pip, "--constraint", ROOT / "constraints.txt", f"faqtotum[offline] @ {wheel.as_uri()}", cwd=ROOT)

    return make_once(tmp_path_factory, "environment", install)


def test_the_command_answers_from_the_shipped_faq(environment: Path, tmp_path: Path) -> None:
    command = environment / "bin" / "faqtotum"
    assert run(command, "--version", cwd=tmp_path).startswith("faqtotum ")
    shutil.copytree(ROOT / "faq_data", tmp_path / "faq_data")
    answer = json.loads(run(command, "ask", "--json", "I lost my Medicare card", cwd=tmp_path))
    assert answer["entry"] == "replacement-card"
    assert "✓" in run(command, "check", cwd=tmp_path)


def test_it_loads_beside_a_host_with_its_own_bot_module_and_leaves_nothing_behind(
    environment: Path, tmp_path: Path, seed: Path
) -> None:
    shutil.copytree(HOST, tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "faq_data", tmp_path / "faq_data")
    (tmp_path / "data").mkdir()
    shutil.copy(seed, tmp_path / "data" / "faq.sqlite3")
    told = json.loads(run(environment / "bin" / "python", "main.py", cwd=tmp_path))
    assert told["host_bot"] == "the host's own module"
    for loaded in told["loaded"]:
        assert loaded["commands"] == [
            "Add as a phrasing of…",
            "Add to FAQ",
            "Answer from FAQ",
            "Why this answer?",
            "ask",
            "faq",
            "host_command",
            "privacy",
            "report",
            "settings",
        ]
        assert loaded["answer"] == "replacement-card"
    before, after = told["before"], told["after"]
    assert after == before

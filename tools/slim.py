"""Make an environment that runs a compiled model and carries nothing that compiles one.

    python tools/slim.py FOLDER MODEL [--package WHEEL]

FOLDER is made, as a virtual environment. MODEL is what `faqtotum compile --output MODEL` wrote; it is copied to
FOLDER/model. The target "slim" of the Dockerfile is made like this. What is left out: torch, transformers,
sentence-transformers, onnx and scikit-learn; pip itself; the client of the Hugging Face hub, which the tokenizers'
library would only want for models that it fetches itself, and whatever nothing else needs then; the libraries' own
tests; and the parts of libraries that pyproject.toml names, which nothing imports. Of the rest those modules are
compiled to bytecode that an answered question, a check and a report import.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
_MEGABYTE = 1_000_000
_FOR_DEVELOPERS = ("*.pyi", "*.pxd", "*.pyx", "*.h", "*.a")
"""Files of libraries that nothing reads at work."""
_REACHABLE = """
import importlib.metadata, json, sys
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
wanted, left_out = json.loads(sys.argv[1]), set(json.loads(sys.argv[2]))
there = {canonicalize_name(one.metadata["Name"]): one for one in importlib.metadata.distributions()}
reached, ahead = set(), [canonicalize_name(Requirement(one).name) for one in wanted]
while ahead:
    name = ahead.pop()
    if name in reached or name in left_out or name not in there:
        continue
    reached.add(name)
    for line in there[name].requires or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            ahead.append(canonicalize_name(needed.name))
print("\\n".join(sorted(set(there) - reached)))
"""
"""Prints the distributions of an environment that nothing wanted needs."""


def main() -> None:
    """Make the environment and print how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--package", default=str(ROOT), help="what is installed as Faqtotum (default: this checkout)")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    install(folder, arguments.package)
    shutil.copytree(arguments.model, folder / "model")
    remove_needless(folder)
    warm_up(folder)
    print(f"{measure(folder) / _MEGABYTE:.0f} MB in {folder}")  # noqa: T201 - the result


def install(folder: Path, package: str) -> None:
    """Install Faqtotum and what a slim one needs."""
    run(sys.executable, "-m", "venv", folder)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    run(*pip, "--constraint", ROOT / "constraints.txt", *requirements())
    run(*pip, "--no-deps", package)


def requirements() -> list[str]:
    """Return what a slim Faqtotum requires."""
    printed = run(sys.executable, ROOT / "tools" / "requirements.py", "--slim")
    return printed.split("\n")[:-1]


def remove_needless(folder: Path) -> None:
    """Remove what nothing needs."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        told = tomllib.load(file)["tool"]["faqtotum"]
    python = folder / "bin" / "python"
    needless = run(
        python, "-c", _REACHABLE, json.dumps([*requirements(), "faqtotum"]), json.dumps(told["not-in-slim-either"])
    ).split()
    # pip goes last: it removes the others, and itself.
    ordered = sorted(needless, key=lambda name: name == "pip")
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", *ordered)
    for site in folder.glob("lib/python*/site-packages"):
        for name in ("tests", "__pycache__"):
            for unused in [path for path in site.rglob(name) if path.is_dir()]:
                shutil.rmtree(unused, ignore_errors=True)
        for part in told["unused-parts"]:
            shutil.rmtree(site / part)
        for pattern in _FOR_DEVELOPERS:
            for unused in [*site.rglob(pattern)]:
                unused.unlink()


def warm_up(folder: Path) -> None:
    """Have everything imported once that a question, a check and a picture import, so that it is compiled."""
    environment = os.environ | {"FAQTOTUM_MODEL": str(folder / "model")}
    command = folder / "bin" / "faqtotum"
    work = folder / "tmp"
    work.mkdir()
    shutil.copytree(ROOT / "faq_data", work / "faq_data")
    for arguments in (("ask", "Is this a question?"), ("check",)):
        run(command, *arguments, cwd=work, environment=environment)
    run(folder / "bin" / "python", "-c", "import faqtotum.client, faqtotum.cogs.report, faqtotum.plots", cwd=work)
    shutil.rmtree(work)


def measure(folder: Path) -> int:
    """Return the size of all files of a folder, links counted as links, in bytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def run(*command: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; end with its errors if it fails."""
    kept = {name: value for name, value in (environment or os.environ).items() if not name.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command], cwd=cwd, env=kept, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))[:200]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()

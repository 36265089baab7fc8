"""What is printed, where it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload] # noqa: S603


@pytest.mark.parametrize("arguments", [["export"], ["export", "--format", "json"]])
def test_whoever_stops_reading_gets_no_traceback(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*arguments, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a file that is always full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with FULL.open("wb") as full:
        done = run("export", stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["faqtotum: what it says cannot be written: No space left on device"]


@pytest.mark.model
def test_a_terminal_that_knows_few_letters_is_told_all_the_same(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"faq: {{files: ['{ROOT}/faq_data/*.yaml']}}\n")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run("check", "--config", str(config), stdout=subprocess.PIPE, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"? configuration" in done.stdout

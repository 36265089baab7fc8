"""The process of a command, from its start to its end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bot.__main__ as module

ROOT = Path(__file__).parents[1]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "bot", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.model
def test_all_of_an_answer_is_printed_before_the_process_ends(config_of_before: Path) -> None:
    process = start("ask", "--json", "--config", config_of_before, "how do i reset my password")
    printed, complaints = process.communicate()
    assert (process.returncode, complaints) == (0, "")
    assert json.loads(printed)["hits"]


@pytest.mark.model
def test_who_stops_reading_is_no_success(config_of_before: Path) -> None:
    with start("ask", "--config", config_of_before, "how do i reset my password") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        complaints = process.stderr.read()
    assert (process.returncode, complaints) == (141, "")


def test_what_is_wrong_is_told_and_in_the_status(tmp_path: Path) -> None:
    process = start("ask", "--config", tmp_path / "none.yaml", "how?")
    _, complaints = process.communicate()
    assert process.returncode == 1
    assert complaints.startswith("faqtotum: ")
    assert "none.yaml" in complaints


class Left(BaseException):
    """The process would be gone."""


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses with which the process was left at once."""
    statuses: list[int] = []

    def leave(status: int) -> None:
        statuses.append(status)
        raise Left

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(module, "expect_little_garbage", lambda: None)
    monkeypatch.setattr(module.gc, "freeze", lambda: None)
    return statuses


@pytest.mark.parametrize("status", [0, 1])
def test_a_question_is_left_at_once(monkeypatch: pytest.MonkeyPatch, left: list[int], status: int) -> None:
    monkeypatch.setattr(module, "run_command", lambda: status)
    monkeypatch.setattr(sys, "argv", ["faqtotum", "ask", "run?"])
    with pytest.raises(Left):
        module.main()
    assert left == [status]


@pytest.mark.parametrize("arguments", [["run"], ["check", "ask"], []])
def test_other_commands_are_left_as_programs_are(
    monkeypatch: pytest.MonkeyPatch, left: list[int], arguments: list[str]
) -> None:
    monkeypatch.setattr(module, "run_command", lambda: 3)
    monkeypatch.setattr(sys, "argv", ["faqtotum", *arguments])
    with pytest.raises(SystemExit) as raised:
        module.main()
    assert (raised.value.code, left) == (3, [])

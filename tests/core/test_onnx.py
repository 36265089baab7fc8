"""onnxruntime tells nobody what runs it, however it came to be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bot.core.onnx import import_onnxruntime

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "ORT_DISABLE_TELEMETRY"


@pytest.mark.parametrize("length", [0, 100_000])
def test_it_leaves_no_trace_and_survives_a_long_command_line(tmp_path: Path, length: int) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {VARIABLE, "XDG_CACHE_HOME"}}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", "from bot.core.onnx import import_onnxruntime as i; i().SessionOptions()", "x" * length],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0")])
def test_whoever_has_set_the_variable_decides(monkeypatch: pytest.MonkeyPatch, before: str | None, after: str) -> None:
    monkeypatch.setenv(VARIABLE, before or "")
    if before is None:
        monkeypatch.delenv(VARIABLE)
    imported: list[tuple[str, str | None]] = []
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    monkeypatch.setattr(
        "bot.core.onnx.import_module", lambda name: imported.append((name, os.environ.get(VARIABLE))) or name
    )
    assert import_onnxruntime() == "onnxruntime"
    assert imported == [("onnxruntime", after)]


@pytest.mark.parametrize(("variable", "times"), [(None, 1), ("1", 0), ("0", 0)])
def test_where_it_was_imported_before_it_is_told_to_be_quiet(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, times: int
) -> None:
    told: list[str] = []
    module = SimpleNamespace(disable_telemetry_events=lambda: told.append("quiet"))
    monkeypatch.setitem(sys.modules, "onnxruntime", module)  # pyright: ignore[reportArgumentType]
    monkeypatch.setenv(VARIABLE, variable or "")
    if variable is None:
        monkeypatch.delenv(VARIABLE)
    assert import_onnxruntime() is module
    assert len(told) == times


def test_one_that_knows_no_telemetry_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "onnxruntime", module)  # pyright: ignore[reportArgumentType]
    monkeypatch.delenv(VARIABLE, raising=False)
    assert import_onnxruntime() is module

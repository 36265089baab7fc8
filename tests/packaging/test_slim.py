"""The slim environment: no torch, at most 450 MB, and all that a bot does with a compiled model works in it."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.packaging.test_wheel import ROOT, run
from tests.sharing import make_once

MOST_MEGABYTES = 450
WITHOUT = ("torch", "transformers", "sentence_transformers", "sklearn", "onnx", "huggingface_hub", "pip")
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]


@pytest.fixture(scope="session")
def slim(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Path:
    """The environment, and what making it printed."""

    def make(folder: Path) -> None:
        run(
            sys.executable,
            "-m",
            "bot",
            "compile",
            "--output",
            folder / "carried",
            cwd=ROOT,
            FAQTOTUM_CACHE=str(compiled),
        )
        told = run(sys.executable, ROOT / "tools" / "slim.py", folder / "slim", folder / "carried", cwd=ROOT)
        (folder / "told").write_text(told)

    return make_once(tmp_path_factory, "slim", make)


def test_it_takes_little_room_and_holds_nothing_that_compiles(slim: Path) -> None:
    megabytes = int((slim / "told").read_text().split()[0])
    assert 200 < megabytes <= MOST_MEGABYTES
    script = f"import importlib.util as u; print([name for name in {WITHOUT} if u.find_spec(name)])"
    assert run(slim / "slim" / "bin" / "python", "-c", script, cwd=slim).strip() == "[]"
    assert list(slim.glob("slim/lib/python*/site-packages/*.dist-info/METADATA"))


def test_a_bot_lives_in_it(slim: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "faq_data", tmp_path / "faq_data")
    command, here = slim / "slim" / "bin" / "faqtotum", {"FAQTOTUM_MODEL": str(slim / "slim" / "model")}
    # Fitting, measuring and the pictures want other parts of the libraries than an answer does.
    for _ in range(2):
        answer = json.loads(run(command, "ask", "--json", "I lost my Medicare card", cwd=tmp_path, **here))
        assert answer["entry"] == "replacement-card"
    assert "✓ model" in run(command, "check", cwd=tmp_path, **here)
    assert "could be confused" in run(command, "overlap", "--out", "overlap.png", cwd=tmp_path, **here)
    assert (tmp_path / "overlap.png").stat().st_size > 10_000
    (tmp_path / "log.csv").write_text("text\nhow do I pay?\nhow can I pay?\nhow would I pay it\nis it raining?\n")
    found = json.loads(run(command, "duplicates", "--input", "log.csv", "--topics", "--json", cwd=tmp_path, **here))
    assert found
    (tmp_path / "config.yaml").write_text("model: {engine: torch}\n")
    with pytest.raises(AssertionError, match="holds a compiled model, which torch cannot run"):
        run(command, "ask", "hello?", cwd=tmp_path, **here)

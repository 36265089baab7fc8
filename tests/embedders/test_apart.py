"""A model is compiled in processes of their own, and in this one where that fails."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import EngineLoader, apart, engines
from bot.embedders.compiled import CompiledEncoder
from bot.embedders.refusals import NotCompilableError, NotExportedError
from tests.embedders.small import edit_json, save_embedding_model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_embedding_model(tmp_path / "model")
    return tmp_path / "model"


def loader(cache: Path) -> EngineLoader:
    return EngineLoader(None, cache=cache, has_gpu=lambda: False, apart=True)


def test_a_bot_that_had_to_compile_has_no_torch_either(folder: Path, tmp_path: Path) -> None:
    settings = {"model": {"path": str(folder), "engine": "onnx", "cache": str(tmp_path / "cache")}}
    script = (
        "import asyncio, json, logging, sys\n"
        "from bot.app import build_embedder; from bot.config import Config\n"
        "logging.basicConfig(level='INFO', format='%(message)s', stream=sys.stdout)\n"
        "async def main():\n"
        "    async with build_embedder(Config.from_mapping(json.loads(sys.argv[1])), apart=True) as model:\n"
        "        print(len(await model.embed_queries(['one', 'two'])))\n"
        "asyncio.run(main())\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'onnx'} & {*sys.modules})\n"
    )
    # Somewhere else than where the package is: the process below finds it all the same, and nothing that lies here.
    (tmp_path / "json.py").write_text("raise RuntimeError('not to be imported')\n")
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{script}"
    command = [sys.executable, "-P", "-c", script, json.dumps(settings)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Compiled the model in "), done.stderr
    assert lines[-2:] == ["2", "set()"], done.stdout


def test_what_the_other_process_refuses_is_not_tried_again_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    edit_json(folder / "tokenizer_config.json", padding_side="left")
    stay_out(monkeypatch)
    with caplog.at_level(logging.INFO):
        assert not isinstance(loader(tmp_path / "cache")(folder), CompiledEncoder)
    assert caplog.text.count("pads on the left") == 2
    assert "The model cannot be compiled: " in caplog.text
    assert len([*(tmp_path / "cache").iterdir()]) == 1, "so that the next start does not try again"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotCompilableError("it has ears"), NotCompilableError),
        (NotExportedError("it cannot be exported (E: e)"), NotExportedError),
        # As numpy raises it, which is a kind of its own.
        (type("ArrayMemoryError", (MemoryError,), {})("Unable to allocate 9 GiB"), MemoryError),
    ],
)
def test_what_another_process_would_raise_as_well_is_raised_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    def run(command: Sequence[str], **_: object) -> SimpleNamespace:
        apart.main(command[-1:])
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr("bot.embedders.exporting.export_model", fail)
    monkeypatch.setattr(apart, "_OOM_SCORE", tmp_path / "score")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(told, match=re.escape(str(error))) as caught:
        apart.export_apart(tmp_path, tmp_path, 1)
    assert type(caught.value) is told
    assert [file.name for file in tmp_path.iterdir()] == ["score"], "the answer is no part of what is compiled"


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false", "/bin/true"])
def test_where_no_process_does_it_this_one_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert isinstance(loader(tmp_path / "cache")(folder), CompiledEncoder)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not choose whom to end")
def test_where_memory_runs_out_the_other_process_is_the_one_to_be_ended(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys\n"
        "from bot.embedders import apart\n"
        "apart._STEPS['export'] = lambda *_: {'is': pathlib.Path('/proc/self/oom_score_adj').read_text()}\n"
        "apart.main([json.dumps([sys.argv[1], 'export'])])\n"
        "print(pathlib.Path(sys.argv[1], 'answer.json').read_text())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert json.loads(done.stdout)[0] == {"is": "1000\n"}


def stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it told if this process does what others are to do."""
    for step in ("exporting.export_model", "compiling.compile_exported"):
        monkeypatch.setattr(f"bot.embedders.{step}", lambda *_: pytest.fail("done here"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def end_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the other process end by a signal, the one that takes a given step."""

    def arrange(signal: str, step: str = "export") -> None:
        program = tmp_path / "python"
        # What a shell runs in the background ignores Ctrl-C, and so does all that it starts, unless it is told not to.
        program.write_text(
            f"#!{sys.executable}\n"
            f"import json, os, signal, sys\n"
            f"if json.loads(sys.argv[-1])[1] != {step!r}:\n"
            f"    os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
            f"if signal.{signal} != signal.SIGKILL:\n    signal.signal(signal.{signal}, signal.SIG_DFL)\n"
            f"os.kill(os.getpid(), signal.{signal})\n"
        )
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))
        stay_out(monkeypatch)

    return arrange


@pytest.mark.parametrize(
    ("step", "signal", "words"),
    [
        ("export", "SIGKILL", "too much memory"),
        ("compile", "SIGKILL", "too much memory"),
        ("export", "SIGTERM", "ended by signal 15"),
    ],
)
def test_what_ended_the_other_process_does_not_end_this_one(
    folder: Path,
    cache: Path,
    end_by: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    step: str,
    signal: str,
    words: str,
) -> None:
    end_by(signal, step)
    assert not isinstance(loader(cache)(folder), CompiledEncoder)
    assert words in caplog.text
    assert not [*cache.iterdir()]


def test_who_presses_ctrl_c_wants_no_other_engine(
    folder: Path,
    cache: Path,
    end_by: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    end_by("SIGINT")
    monkeypatch.setattr(engines, "load_sentence_transformer", lambda *_, **__: pytest.fail("torch was loaded"))
    with pytest.raises(EmbedderUnavailableError, match="start again"):
        loader(cache)(folder)
    assert not caplog.messages
    assert not [*cache.iterdir()]


def test_a_cache_that_cannot_be_written_to_is_told_as_ever(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert not isinstance(loader(tmp_path / "file" / "cache")(folder), CompiledEncoder)
    assert "cannot be used (Not a directory)" in caplog.text

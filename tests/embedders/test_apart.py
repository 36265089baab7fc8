"""A model is compiled in a process of its own, and in this one where that fails."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import EngineLoader, engines
from bot.embedders.compiled import CompiledEncoder
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
    monkeypatch.setattr(EngineLoader, "compile", lambda *_: pytest.fail("compiled here"))
    with caplog.at_level(logging.INFO):
        assert not isinstance(loader(tmp_path / "cache")(folder), CompiledEncoder)
    assert caplog.text.count("pads on the left") == 2
    assert "The model cannot be compiled: " in caplog.text


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])
def test_where_no_process_does_it_this_one_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert isinstance(loader(tmp_path / "cache")(folder), CompiledEncoder)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not choose whom to end")
def test_where_memory_runs_out_the_other_process_is_the_one_to_be_ended() -> None:
    script = (
        "import json, pathlib\n"
        "from bot.embedders import EngineLoader, apart\n"
        "EngineLoader.compile = lambda *_: print(pathlib.Path('/proc/self/oom_score_adj').read_text())\n"
        "apart.main([json.dumps([None, '', 'float32', '', 1])])\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout.split() == ["1000"]


@pytest.fixture
def left_over(tmp_path: Path) -> Path:
    """A folder of the cache that the other process leaves behind."""
    return tmp_path / "cache" / "new-x"


@pytest.fixture
def end_by(tmp_path: Path, left_over: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have the other process end by a signal."""

    def arrange(signal: str) -> None:
        program = tmp_path / "python"
        # What a shell runs in the background ignores Ctrl-C, and so does all that it starts, unless it is told not to.
        program.write_text(
            f"#!{sys.executable}\n"
            f"import os, signal\nos.makedirs({str(left_over)!r})\n"
            f"if signal.{signal} != signal.SIGKILL:\n    signal.signal(signal.{signal}, signal.SIG_DFL)\n"
            f"os.kill(os.getpid(), signal.{signal})\n"
        )
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setattr(EngineLoader, "compile", lambda *_: pytest.fail("compiled here"))

    return arrange


@pytest.mark.parametrize(("signal", "words"), [("SIGKILL", "too much memory"), ("SIGTERM", "ended by signal 15")])
def test_what_ended_the_other_process_does_not_end_this_one(
    folder: Path,
    left_over: Path,
    end_by: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    signal: str,
    words: str,
) -> None:
    end_by(signal)
    assert not isinstance(loader(left_over.parent)(folder), CompiledEncoder)
    assert words in caplog.text
    assert not [*left_over.parent.iterdir()]


def test_who_presses_ctrl_c_wants_no_other_engine(
    folder: Path,
    left_over: Path,
    end_by: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    end_by("SIGINT")
    monkeypatch.setattr(engines, "load_sentence_transformer", lambda *_, **__: pytest.fail("torch was loaded"))
    with pytest.raises(EmbedderUnavailableError, match="start again"):
        loader(left_over.parent)(folder)
    assert not caplog.messages
    assert not [*left_over.parent.iterdir()]


def test_a_cache_that_cannot_be_written_to_is_told_as_ever(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert not isinstance(loader(tmp_path / "file" / "cache")(folder), CompiledEncoder)
    assert "cannot be used (Not a directory)" in caplog.text

import json
import os
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.embedders.small import save_embedding_model


@pytest.fixture
def config(tmp_path: Path) -> Path:
    save_embedding_model(tmp_path / "model")
    path = tmp_path / "config.yaml"
    path.write_text(f"model: {{path: {tmp_path / 'model'}, cache: cache}}\n")
    return path


def test_a_model_is_compiled_once_and_what_came_of_it_is_printed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compile", "--config", str(config)]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    [slot] = (config.parent / "cache").iterdir()
    assert first.startswith(f"✓ {config.parent / 'model'}, float32: compiled in ")
    assert second == f"  {slot}, 0 MB"
    assert third.startswith("  cosine similarity to torch's embeddings: lowest 1.000000, mean 1.000000, of ")
    assert main(["compile", "--config", str(config)]) == 0
    assert "is compiled already and sound" in capsys.readouterr().out


def test_the_models_folder_is_shown_as_it_is_called(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = (config.parent / "model").rename(config.parent / "model [small]")
    config.write_text(f'model: {{path: "{folder}", cache: cache}}\n')
    assert main(["compile", "--config", str(config)]) == 0
    assert capsys.readouterr().out.startswith(f"✓ {folder}, float32: compiled in ")


def test_a_byte_that_changed_unnoticed_is_found(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--config", str(config)]) == 0
    [slot] = (config.parent / "cache").iterdir()
    file = slot / "model.bin"
    content, status = bytearray(file.read_bytes()), file.stat()
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    capsys.readouterr()
    assert main(["compile", "--config", str(config)]) == 0
    assert "compiled in " in capsys.readouterr().out
    assert file.read_bytes() != content


def test_eight_bits_are_compiled_beside_it(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace("}", ", precision: int8}"))
    assert main(["compile", "--config", str(config)]) == 0
    assert ", int8: compiled in " in capsys.readouterr().out
    [slot] = (config.parent / "cache").iterdir()
    assert json.loads((slot / "manifest.json").read_text())["verification"]["lowest"] < 0.999999


def test_what_cannot_be_compiled_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pooling = config.parent / "model" / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps(json.loads(pooling.read_text()) | {"pooling_mode": "lasttoken"}))
    for _ in range(2):
        assert main(["compile", "--config", str(config)]) == 1
        told = capsys.readouterr().err
        assert told.startswith(f"faqtotum: the model in {config.parent / 'model'} cannot be compiled: its pooling, ")
        assert told.endswith("; the bot runs it on torch\n")


def test_a_cache_that_cannot_be_used_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "cache").write_text("a file")
    assert main(["compile", "--config", str(config)]) == 1
    assert f"the cache folder {config.parent / 'cache'} cannot be used" in capsys.readouterr().err


def test_a_compiled_model_is_taken_along_in_every_precision(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    along = config.parent / "along"
    for precision in ("float32", "int8"):
        assert main(["compile", "--config", str(config), "--precision", precision, "--output", str(along)]) == 0
        assert f"  {along / precision}, 0 MB" in capsys.readouterr().out
    assert sorted(path.name for path in along.iterdir()) == ["faqtotum-model.json", "float32", "int8"]
    config.write_text(f"model: {{path: {along}, precision: int8}}\n")
    assert main(["compile", "--config", str(config)]) == 1
    assert f"the model in {along} is compiled; name the one" in capsys.readouterr().err

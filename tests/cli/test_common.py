from pathlib import Path

import pytest

from bot.cli.common import load_config, readable_name
from bot.config import CONFIG_VARIABLE, Config
from bot.core.errors import ConfigError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    return tmp_path


def test_without_any_file_the_defaults_apply() -> None:
    assert load_config(None) == Config()


def test_the_file_of_the_default_name_is_read() -> None:
    Path("config.yaml").write_text("replies: {language: de}")
    assert load_config(None).replies.language == "de"


@pytest.mark.parametrize("name", ["config.yaml", "other.yaml"])
def test_a_file_that_somebody_named_has_to_be_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=f"{name}: there is no such file"):
        load_config(Path(name))
    monkeypatch.setenv(CONFIG_VARIABLE, name)
    with pytest.raises(ConfigError, match=f"{name}: there is no such file"):
        load_config(None)


@pytest.mark.parametrize(
    ("target", "words"), [("moved.yaml", "there is no such file"), ("x" * 300, "cannot be read: File name too long")]
)
def test_a_file_of_the_default_name_that_cannot_be_read_is_told(target: str, words: str) -> None:
    Path("config.yaml").symlink_to(target)
    with pytest.raises(ConfigError, match=words):
        load_config(None)


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("faq [neu] ü.csv", "faq [neu] ü.csv"),
        ("caf\udce9.csv", "caf\N{REPLACEMENT CHARACTER}.csv"),  # Latin-1, where the system has UTF-8
        ("caf\udcc3\udca9.csv", "café.csv"),  # UTF-8, where the system has ASCII
    ],
)
def test_every_name_can_be_read(name: str, readable: str) -> None:
    assert readable_name(Path("folder", name)) == readable

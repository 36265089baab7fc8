"""Where the key for the askers' pseudonyms comes from."""

from pathlib import Path

import pytest

from bot.app import AUTHOR_KEY_VARIABLE, read_author_key
from bot.config import Config
from bot.core.errors import ConfigError

FROM_ENVIRONMENT, FROM_CONFIG = "e" * 32, "c" * 32


def config(folder: Path, **store: str) -> Config:
    return Config.from_mapping({"store": {"path": str(folder / "a.db"), **store}})


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AUTHOR_KEY_VARIABLE, raising=False)


def test_a_key_is_made_beside_the_database_and_stays(tmp_path: Path) -> None:
    made = read_author_key(config(tmp_path))
    assert len(made) == 32
    assert read_author_key(config(tmp_path)) == made
    assert (tmp_path / "author.key").exists()


def test_the_environment_counts_more_than_the_configuration_and_that_more_than_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_author_key(config(tmp_path, author_key=FROM_CONFIG)) == FROM_CONFIG.encode()
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, FROM_ENVIRONMENT)
    assert read_author_key(config(tmp_path, author_key=FROM_CONFIG)) == FROM_ENVIRONMENT.encode()
    assert not (tmp_path / "author.key").exists()


def test_a_key_in_the_environment_that_is_too_short_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTHOR_KEY_VARIABLE, "hunter2")
    with pytest.raises(ConfigError, match="has 7 bytes") as caught:
        read_author_key(config(tmp_path))
    assert "hunter" not in str(caught.value)

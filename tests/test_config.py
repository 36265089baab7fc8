from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bot.config import (
    CONFIG_VARIABLE,
    TOKEN_VARIABLE,
    Config,
    GuildConfig,
    ModelConfig,
    StoreConfig,
    config_path_from_environment,
)
from bot.core.decision import Thresholds
from bot.core.errors import ConfigError

EXAMPLE = Path(__file__).parents[1] / "config.example.yaml"
GUILD = 1234567890123456789


def load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return Config.load(file)


def problems_of(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_the_example_says_every_default() -> None:
    config = Config.load(EXAMPLE)
    unresolved = config.model_copy(update={"model": ModelConfig(), "store": StoreConfig()})
    assert unresolved.model_dump() == Config().model_dump()
    assert config.store.path == EXAMPLE.parent / StoreConfig().path
    assert config.store.log_questions == StoreConfig().log_questions
    assert config.model == ModelConfig()


def test_the_example_shows_every_key() -> None:
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert shown == Config().model_dump(mode="json")


def test_the_guild_in_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# guilds:")
    config = load(tmp_path, "\n".join(line.removeprefix("# ") for line in lines[start:]))
    guild = config.for_guild(GUILD)
    assert guild.thresholds.answer == 0.8
    assert set(GuildConfig.model_fields) == {"faq", "discord", "thresholds", "cooldown", "replies"}
    assert all(isinstance(getattr(guild, name), BaseModel) for name in GuildConfig.model_fields)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "{}\n"):
        assert load(tmp_path, text).thresholds == Config().thresholds


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, "store: {path: a/b.sqlite3}\nmodel: {path: m}\n")
    assert config.store.path == tmp_path / "a" / "b.sqlite3"
    assert config.model.path == tmp_path / "m"
    assert config.base == tmp_path
    assert load(tmp_path, "store: {path: /abs.sqlite3}\n").store.path == Path("/abs.sqlite3")


def test_a_mapping_made_in_code_is_a_configuration() -> None:
    config = Config.from_mapping({"discord": {"watch": [GUILD]}, "model": {"path": Path("m")}})
    assert config.discord.watch == (GUILD,)
    assert (config.base, config.model.path) == (Path(), Path("m"))
    with pytest.raises(ConfigError, match=r"configuration: unknown key 'discord.wacth'; did you mean 'watch'?"):
        Config.from_mapping({"discord": {"wacth": []}})


def test_a_server_inherits_what_it_does_not_set() -> None:
    config = Config.from_mapping(
        {
            "faq": {"files": ["a.yaml"]},
            "discord": {"watch": [GUILD + 1], "message_content": False},
            "thresholds": {"answer": 0.6, "suggest": 0.4},
            "guilds": {str(GUILD): {"thresholds": {"answer": 0.9}, "replies": {"help_hint": "Ask."}}},
        }
    )
    own, other = config.for_guild(GUILD), config.for_guild(GUILD + 5)
    assert own.thresholds.to_core() == Thresholds(0.9, 0.4)
    assert (own.replies.help_hint, own.replies.show_similarity) == ("Ask.", False)
    assert (own.faq.files, own.discord.watch, own.discord.message_content) == (("a.yaml",), (GUILD + 1,), False)
    assert other.thresholds.to_core() == Thresholds(0.6, 0.4)
    assert config.for_guild(None) == other


def test_whether_anything_is_watched() -> None:
    assert not Config().watches_anything
    assert Config.from_mapping({"discord": {"watch": [GUILD]}}).watches_anything
    assert Config.from_mapping({"guilds": {GUILD: {"discord": {"watch": [GUILD]}}}}).watches_anything
    assert not Config.from_mapping({"guilds": {GUILD: {"discord": {}}}}).watches_anything


def test_all_problems_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
faq:
  files: faq.yaml
discord:
  watch:
    - 12
    - "1234567890123456789"
    - true
  message_content: "yes"
treshold: {}
cooldown:
  channel_seconds: -1
model:
  batch_size: 0
  threads: many
replies:
  help_hint: 5
"""
    found = problems_of(tmp_path, text)
    assert [line for line, _ in found] == [2, 5, 7, 8, 9, 11, 13, 14, 16]
    messages = dict(found)
    assert messages[2].startswith("faq.files")
    assert "Discord id" in messages[5]
    assert messages[9] == "unknown key 'treshold'; did you mean 'thresholds'?"
    assert "found 'many'" in messages[14]


@pytest.mark.parametrize("wrong", ["0", "-5", "1e18", "true", "'abc'", "99999999999999999999", "null", "[1]"])
def test_what_is_no_discord_id_is_refused(tmp_path: Path, wrong: str) -> None:
    ((line, message),) = problems_of(tmp_path, f"discord:\n  watch:\n    - {wrong}\n")
    assert line == 3
    assert "Discord id" in message


def test_a_guild_that_is_no_id_is_refused(tmp_path: Path) -> None:
    ((line, message),) = problems_of(tmp_path, "guilds:\n  my server:\n    faq: {files: [a.yaml]}\n")
    assert line == 2
    assert "Discord id" in message


def test_thresholds_out_of_order_are_refused(tmp_path: Path) -> None:
    ((line, message),) = problems_of(tmp_path, "thresholds:\n  answer: 0.4\n  suggest: 0.6\n")
    assert line == 1
    assert "suggest (0.6) is above answer (0.4)" in message
    text = f'guilds:\n  "{GUILD}":\n    thresholds:\n      suggest: 0.95\n'
    ((line, message),) = problems_of(tmp_path, text)
    assert line == 3
    assert "together with the top level suggest (0.95) is above answer (0.7)" in message


@pytest.mark.parametrize("key", ["token", "Token", "bot_token", "discord_token"])
def test_a_token_in_the_file_is_refused_without_repeating_it(tmp_path: Path, key: str) -> None:
    ((line, message),) = problems_of(tmp_path, f"discord:\n  watch: []\n  {key}: secret-secret\n")
    assert line == 3
    assert TOKEN_VARIABLE in message
    assert "secret-secret" not in message


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; copy config\.example\.yaml"):
        Config.load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.load(tmp_path)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    ((_, message),) = problems_of(tmp_path, "- a\n- b\n")
    assert message.startswith("the file")


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    assert config_path_from_environment() == Path("config.yaml")
    monkeypatch.setenv(CONFIG_VARIABLE, "/etc/faqtotum.yaml")
    assert config_path_from_environment() == Path("/etc/faqtotum.yaml")

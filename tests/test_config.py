from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
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


@pytest.mark.parametrize("key", ["token", "Token", "bot_token", "discord-token", TOKEN_VARIABLE])
def test_a_token_in_the_file_is_refused_without_repeating_it(tmp_path: Path, key: str) -> None:
    ((line, message),) = problems_of(tmp_path, f"discord:\n  watch: []\n  {key}: secret-secret\n")
    assert line == 3
    assert TOKEN_VARIABLE in message
    assert "secret-secret" not in message


@pytest.mark.parametrize(
    "text",
    ["discord:\n  watch:\n  - token: secret-secret\n", "guilds:\n- a\n- token: secret-secret\n"],
)
def test_a_token_in_the_wrong_place_is_not_repeated_either(tmp_path: Path, text: str) -> None:
    found = problems_of(tmp_path, text)
    assert [line for line, message in found if TOKEN_VARIABLE in message] == [3]
    assert "secret-secret" not in str(found)


def test_nothing_hides_anything_else(tmp_path: Path) -> None:
    text = f"""\
token: secret
modle: {{}}
store:
  path: a
  path: b
guilds:
  "{GUILD}":
    thresholds: {{suggest: 0.95}}
    wacth: []
  "{GUILD + 1}":
    thresholds: {{suggest: high}}
"""
    found = problems_of(tmp_path, text)
    assert [line for line, _ in found] == [1, 2, 5, 8, 9, 11]
    assert (
        dict(found)[9] == f"unknown key 'guilds.{GUILD}.wacth'; known here: faq, discord, thresholds, cooldown, replies"
    )


def test_a_key_with_nothing_below_it_says_so(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "guilds:\nthresholds: 5\n")
    assert found == [
        (1, "guilds should have keys below it, found nothing"),
        (2, "thresholds should have keys below it, found 5"),
    ]


def test_a_mapping_made_in_code_may_have_numbers_as_keys_and_stays_as_it_is() -> None:
    mapping = {"guilds": {GUILD: {"thresholds": {"answer": "high"}, "my_token": "x"}}, "discord": {"watch": (GUILD,)}}
    with pytest.raises(ConfigError) as caught:
        Config.from_mapping(mapping)
    assert [problem.message.split(" ")[0] for problem in caught.value.problems] == [
        f"guilds.{GUILD}.thresholds.answer",
        "the",
    ]
    assert mapping["guilds"][GUILD]["my_token"] == "x"  # noqa: S105
    with pytest.raises(ConfigError, match="is there as a text and as a number"):
        Config.from_mapping({"guilds": {GUILD: {}, str(GUILD): {}}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("faq:\n  files: [5]\n", "faq.files[1] should be a text (put it into quotes), found 5"),
        ("faq:\n  files: ['']\n", "faq.files[1] should not be empty, found ''"),
        ("faq:\n  files: []\n", "faq.files should have at least 1 in it, found a list"),
        ("thresholds:\n  answer: true\n", "thresholds.answer should be a number, found true"),
        ("model:\n  threads: 1025\n", "model.threads should be at most 1024, found 1025"),
        ("model:\n  batch_size: 4097\n", "model.batch_size should be at most 4096, found 4097"),
        ("cooldown:\n  repeat_seconds: .inf\n", "cooldown.repeat_seconds should be a number, found '.inf'"),
        ("cooldown:\n  repeat_seconds: 1.0e+999\n", "cooldown.repeat_seconds should be a finite number, found inf"),
    ],
)
def test_a_wrong_value_is_one_problem_in_plain_words(tmp_path: Path, text: str, told: str) -> None:
    assert problems_of(tmp_path, text) == [(2, told)]


def test_a_misspelled_key_of_a_server_is_guessed(tmp_path: Path) -> None:
    ((line, told),) = problems_of(tmp_path, f"guilds:\n  {GUILD}:\n    thresholds:\n      anwser: 0.8\n")
    assert (line, told) == (4, f"unknown key 'guilds.{GUILD}.thresholds.anwser'; did you mean 'answer'?")


def test_one_server_cannot_be_spelled_in_two_ways(tmp_path: Path) -> None:
    ((line, message),) = problems_of(tmp_path, f'guilds:\n  "{GUILD // 10}": {{}}\n  "0{GUILD // 10}": {{}}\n')
    assert line == 3
    assert "Discord id" in message


def test_an_empty_override_changes_nothing() -> None:
    own: dict[str, dict[str, object]] = {"faq": {}, "discord": {}, "thresholds": {}, "cooldown": {}, "replies": {}}
    config = Config.from_mapping({"faq": {"files": ["a.yaml"]}, "guilds": {GUILD: own}})
    assert config.for_guild(GUILD) == config.for_guild(None)
    own["faq"]["files"] = ["b.yaml"]
    assert Config.from_mapping({"guilds": {GUILD: own}}).for_guild(GUILD).faq.files == ("b.yaml",)


similarities = st.floats(-1, 1) | st.none()


@given(similarities, similarities, similarities, similarities)
def test_merged_thresholds_are_in_order_or_refused(
    answer: float | None, suggest: float | None, own_answer: float | None, own_suggest: float | None
) -> None:
    above = {key: value for key, value in (("answer", answer), ("suggest", suggest)) if value is not None}
    own = {"answer": own_answer, "suggest": own_suggest}
    try:
        config = Config.from_mapping({"thresholds": above, "guilds": {GUILD: {"thresholds": own}}})
    except ConfigError as error:
        assert all("is above answer" in problem.message for problem in error.problems)  # noqa: PT017
        return
    merged = config.for_guild(GUILD).thresholds.to_core()
    assert merged.answer == (config.thresholds.answer if own_answer is None else own_answer)
    assert merged.suggest == (config.thresholds.suggest if own_suggest is None else own_suggest)


keys = st.sampled_from(["faq", "files", "discord", "watch", "thresholds", "answer", "suggest", "guilds", "token", "x"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(str(GUILD)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.just(str(GUILD)), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(keys, anything, max_size=4))
def test_any_mapping_is_a_configuration_or_a_list_of_problems(mapping: dict[str, object]) -> None:
    try:
        Config.from_mapping(mapping)
    except ConfigError as error:
        assert error.problems  # noqa: PT017


@given(st.binary(max_size=80))
def test_any_file_is_a_configuration_or_a_list_of_problems(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(content)
        try:
            Config.load(path)
        except ConfigError as error:
            assert error.problems  # noqa: PT017


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; copy config\.example\.yaml"):
        Config.load(tmp_path / "nowhere.yaml")
    for path, words in (
        (tmp_path, "Is a directory"),
        (tmp_path / ("x" * 300), "too long"),
        (tmp_path / "a\0b", "null"),
    ):
        with pytest.raises(ConfigError, match=f"cannot be read: .*{words}"):
            Config.load(path)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    ((_, message),) = problems_of(tmp_path, "- a\n- b\n")
    assert message.startswith("the file")


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    assert config_path_from_environment() == Path("config.yaml")
    monkeypatch.setenv(CONFIG_VARIABLE, "/etc/faqtotum.yaml")
    assert config_path_from_environment() == Path("/etc/faqtotum.yaml")

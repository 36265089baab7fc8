import zoneinfo
from math import inf, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import (
    CONFIG_VARIABLE,
    MAX_BUDGET,
    TOKEN_VARIABLE,
    Config,
    FalseAnswersConfig,
    GuildConfig,
    ModelConfig,
    StoreConfig,
    config_path_from_environment,
)
from bot.core.errors import ConfigError
from bot.yamlfile import Section

EXAMPLE = Path(__file__).parents[1] / "config.example.yaml"
GUILD = 1234567890123456789


def load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return Config.load(file)


def problems_of(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return [(problem.line, str(problem.message)) for problem in caught.value.problems]


def test_the_example_says_every_default() -> None:
    config = Config.load(EXAMPLE)
    unresolved = config.replace(model=ModelConfig(), store=StoreConfig())
    assert unresolved.as_mapping() == Config().as_mapping()
    assert config.store.path == EXAMPLE.parent / StoreConfig().path
    assert config.store.log_questions == StoreConfig().log_questions
    assert config.model == ModelConfig()


def test_time_zones_are_known_where_the_system_has_none(tmp_path: Path) -> None:
    try:
        zoneinfo.reset_tzpath(to=())
        assert load(tmp_path, "report: {time_zone: Europe/Berlin}\n").report.time_zone == "Europe/Berlin"
        assert zoneinfo.ZoneInfo.no_cache("Europe/Berlin").key == "Europe/Berlin"
    finally:
        zoneinfo.reset_tzpath()


def test_the_example_shows_every_key() -> None:
    shown = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert shown == Config().as_mapping()


def test_a_key_that_is_too_short_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "store:\n  author_key: hunter2\n")
    [problem] = caught.value.problems
    assert problem.line == 2
    assert str(problem.message).startswith("store.author_key: has 7 bytes; use at least 16")
    assert "hunter" not in str(problem)
    assert load(tmp_path, "store:\n  author_key: 0123456789abcdef\n").store.author_key == "0123456789abcdef"


def test_the_guild_in_the_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# guilds:")
    config = load(tmp_path, "\n".join(line.removeprefix("# ") for line in lines[start:]))
    guild = config.for_guild(GUILD)
    assert guild.false_answers == FalseAnswersConfig(overheard=1, addressed=5)
    assert set(GuildConfig.key_names()) == {
        "faq",
        "discord",
        "false_answers",
        "cooldown",
        "replies",
        "report",
    }
    assert all(isinstance(getattr(guild, name), Section) for name in GuildConfig.key_names())


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    for text in ("", "# nothing yet\n", "{}\n"):
        config = load(tmp_path, text)
        assert config.store.path == tmp_path / StoreConfig().path
        assert config.replace(store=StoreConfig()).as_mapping() == Config().as_mapping()


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/us")
    config = load(tmp_path, "faq: {files: [~/faq/*.yaml, ~x.yaml, ./~/a.yaml]}\nstore: {path: ~/db.sqlite3}\n")
    assert config.faq.files == ("/home/us/faq/*.yaml", "~x.yaml", "./~/a.yaml")
    assert config.store.path == Path("/home/us/db.sqlite3")
    guild = load(tmp_path, f"guilds: {{{GUILD}: {{faq: {{files: [~/own.yaml]}}}}}}").for_guild(GUILD)
    assert guild.faq.files == ("/home/us/own.yaml",)
    assert Config.from_mapping({"model": {"path": "~", "cache": "~/c"}}).model.cache == Path("/home/us/c")
    # What a program made is meant as it is.
    assert Config.from_mapping({"store": {"path": Path("~/db")}}).store.path == Path("~/db")


def test_without_a_home_folder_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", unknown)
    told = "store.path: the home folder is not known here; write it out, found '~/db'"
    assert problems_of(tmp_path, "store: {path: ~/db}") == [(1, told)]


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
            "false_answers": {"overheard": 1.5, "addressed": 10},
            "guilds": {str(GUILD): {"false_answers": {"addressed": 0.5}, "replies": {"help_hint": "Ask."}}},
        }
    )
    own, other = config.for_guild(GUILD), config.for_guild(GUILD + 5)
    assert own.false_answers == FalseAnswersConfig(overheard=1.5, addressed=0.5)
    assert (own.replies.help_hint, own.replies.show_similarity) == ("Ask.", False)
    assert (own.faq.files, own.discord.watch, own.discord.message_content) == (("a.yaml",), (GUILD + 1,), False)
    assert other.false_answers == FalseAnswersConfig(overheard=1.5, addressed=10)
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
false_answer: {}
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
    assert messages[9] == "unknown key 'false_answer'; did you mean 'false_answers'?"
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


@pytest.mark.parametrize("key", ["overheard", "addressed"])
@pytest.mark.parametrize(
    ("budget", "told"),
    [
        ("0", "should be above 0, found 0"),
        ("-1", "should be above 0, found -1"),
        ("51", "should be at most 50.0, found 51"),
        ("true", "should be a number, found true"),
        ("5 %", "should be a number, found '5 %'"),
        ("'5'", "should be a number, found '5'"),
        (".nan", "should be a number, found '.nan'"),
        ("", "should be a number, found nothing"),
    ],
)
def test_what_is_no_budget_is_refused(tmp_path: Path, key: str, budget: str, told: str) -> None:
    found = problems_of(tmp_path, f"false_answers:\n  {key}: {budget}\n")
    assert found == [(2, f"false_answers.{key} {told}")]


def test_a_servers_budget_is_checked_as_the_top_levels(tmp_path: Path) -> None:
    above = "false_answers: {overheard: 50}\n"
    text = f"{above}guilds:\n  {GUILD}:\n    false_answers:\n      overheard: 0\n      addressed: 51\n"
    assert problems_of(tmp_path, text) == [
        (5, f"guilds.{GUILD}.false_answers.overheard should be above 0, found 0"),
        (6, f"guilds.{GUILD}.false_answers.addressed should be at most 50.0, found 51"),
    ]


def test_a_budget_that_is_no_finite_number_is_refused_in_code_too() -> None:
    for budget in (nan, inf, -inf):
        with pytest.raises(ConfigError, match=r"^configuration: false_answers\.addressed should be "):
            Config.from_mapping({"false_answers": {"addressed": budget}})


@pytest.mark.parametrize("budget", [0.001, 1, 2.5, 50])
def test_budgets_are_per_cent_from_just_above_0_to_50(tmp_path: Path, budget: float) -> None:
    assert load(tmp_path, f"false_answers: {{addressed: {budget}}}\n").false_answers.addressed == budget


def test_the_thresholds_of_earlier_versions_are_an_unknown_key(tmp_path: Path) -> None:
    text = f"thresholds: {{answer: 0.7, suggest: 0.5}}\nguilds:\n  {GUILD}:\n    thresholds: {{answer: 0.8}}\n"
    (first, told), (second, told_of_guild) = problems_of(tmp_path, text)
    assert (first, second) == (1, 4)
    assert told.startswith("unknown key 'thresholds'; known here: ")
    assert "false_answers" in told
    assert told_of_guild.startswith(f"unknown key 'guilds.{GUILD}.thresholds'; known here: ")
    assert "false_answers" in told_of_guild


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
    false_answers: {{overheard: 95}}
    wacth: []
  "{GUILD + 1}":
    false_answers: {{overheard: high}}
"""
    found = problems_of(tmp_path, text)
    assert [line for line, _ in found] == [1, 2, 5, 8, 9, 11]
    assert (
        dict(found)[9]
        == f"unknown key 'guilds.{GUILD}.wacth'; known here: faq, discord, false_answers, cooldown, replies, report"
    )


def test_a_key_with_nothing_below_it_says_so(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "guilds:\nfalse_answers: 5\n")
    assert found == [
        (1, "guilds should have keys below it, found nothing"),
        (2, "false_answers should have keys below it, found 5"),
    ]


def test_a_mapping_made_in_code_may_have_numbers_as_keys_and_stays_as_it_is() -> None:
    mapping = {
        "guilds": {GUILD: {"false_answers": {"addressed": "high"}, "my_token": "x"}},
        "discord": {"watch": (GUILD,)},
    }
    with pytest.raises(ConfigError) as caught:
        Config.from_mapping(mapping)
    assert [str(problem.message).split(" ")[0] for problem in caught.value.problems] == [
        f"guilds.{GUILD}.false_answers.addressed",
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
        ("false_answers:\n  addressed: true\n", "false_answers.addressed should be a number, found true"),
        ("model:\n  threads: 1025\n", "model.threads should be at most 1024, found 1025"),
        ("model:\n  batch_size: 4097\n", "model.batch_size should be at most 4096, found 4097"),
        ("cooldown:\n  repeat_seconds: .inf\n", "cooldown.repeat_seconds should be a number, found '.inf'"),
        ("cooldown:\n  repeat_seconds: 1.0e+999\n", "cooldown.repeat_seconds should be a finite number, found inf"),
    ],
)
def test_a_wrong_value_is_one_problem_in_plain_words(tmp_path: Path, text: str, told: str) -> None:
    assert problems_of(tmp_path, text) == [(2, told)]


def test_a_misspelled_key_of_a_server_is_guessed(tmp_path: Path) -> None:
    ((line, told),) = problems_of(tmp_path, f"guilds:\n  {GUILD}:\n    false_answers:\n      adressed: 1\n")
    assert (line, told) == (4, f"unknown key 'guilds.{GUILD}.false_answers.adressed'; did you mean 'addressed'?")


def test_one_server_cannot_be_spelled_in_two_ways(tmp_path: Path) -> None:
    ((line, message),) = problems_of(tmp_path, f'guilds:\n  "{GUILD // 10}": {{}}\n  "0{GUILD // 10}": {{}}\n')
    assert line == 3
    assert "Discord id" in message


def test_an_empty_override_changes_nothing() -> None:
    own: dict[str, dict[str, object]] = {"faq": {}, "discord": {}, "false_answers": {}, "cooldown": {}, "replies": {}}
    config = Config.from_mapping({"faq": {"files": ["a.yaml"]}, "guilds": {GUILD: own}})
    assert config.for_guild(GUILD) == config.for_guild(None)
    own["faq"]["files"] = ["b.yaml"]
    assert Config.from_mapping({"guilds": {GUILD: own}}).for_guild(GUILD).faq.files == ("b.yaml",)


budgets = st.floats(allow_nan=True) | st.integers(-1, 51) | st.none()


@given(budgets, budgets, budgets, budgets)
def test_merged_budgets_are_within_bounds_or_refused(
    overheard: float | None, addressed: float | None, own_overheard: float | None, own_addressed: float | None
) -> None:
    above = {key: value for key, value in (("overheard", overheard), ("addressed", addressed)) if value is not None}
    own = {"overheard": own_overheard, "addressed": own_addressed}
    given_ = [*above.values(), *(value for value in own.values() if value is not None)]
    misfits = sum(not 0 < value <= MAX_BUDGET for value in given_)
    try:
        config = Config.from_mapping({"false_answers": above, "guilds": {GUILD: {"false_answers": own}}})
    except ConfigError as error:
        assert len(error.problems) == misfits  # noqa: PT017
        return
    assert misfits == 0
    merged = config.for_guild(GUILD).false_answers
    assert merged.overheard == (config.false_answers.overheard if own_overheard is None else own_overheard)
    assert merged.addressed == (config.false_answers.addressed if own_addressed is None else own_addressed)


keys = st.sampled_from(
    ["faq", "files", "discord", "watch", "false_answers", "overheard", "addressed", "guilds", "token", "x"]
)
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

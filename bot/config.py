"""The configuration: strict YAML into frozen models. Every key has a default, so that `Config()` works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from .core.decision import Thresholds
from .core.errors import ConfigError, Problem
from .yamlfile import Document, read_document, validate

CONFIG_VARIABLE = "FAQTOTUM_CONFIG"
TOKEN_VARIABLE = "FAQTOTUM_TOKEN"  # noqa: S105 - the name of a variable, not a token

# Cosine similarities of the default model, measured with five phrasings an entry on public sets of real questions:
# 0.7 keeps false answers to about 3 % of all questions where entries are not near misses of each other.
ANSWER_THRESHOLD = 0.7
SUGGEST_THRESHOLD = 0.5
CHANNEL_SECONDS = 10.0
REPEAT_SECONDS = 300.0
MAX_HINT = 300
"""Characters; the hint stands below every answer, within Discord's 6,000 for all embeds of a message."""
_SMALLEST_ID, _LARGEST_ID = 1 << 22, (1 << 63) - 1
"""Discord's ids hold milliseconds since 2015 above 22 other bits (its documentation, "Snowflakes")."""


def config_path_from_environment() -> Path:
    """Return the configuration file that the environment names, else `config.yaml`."""
    return Path(os.environ.get(CONFIG_VARIABLE) or "config.yaml")


def _to_id(value: object) -> object:
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 20 else value  # noqa: PLR2004
    if not isinstance(number, int) or isinstance(number, bool) or not _SMALLEST_ID <= number <= _LARGEST_ID:
        raise ValueError(f"expected a Discord id of 17 to 19 digits (right-click → Copy ID), found {value!r}")
    return number


DiscordId = Annotated[int, BeforeValidator(_to_id)]
Ids = Annotated[tuple[DiscordId, ...], Field(strict=False)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False, min_length=1)]
Similarity = Annotated[float, Field(ge=-1, le=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Hint = Annotated[str, Field(max_length=MAX_HINT)]
FilePath = Annotated[Path, Field(strict=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_SectionT = TypeVar("_SectionT", bound=_Section)


class FaqConfig(_Section):
    """`faq`: where the entries are."""

    files: Texts = ("faq_data/*.yaml",)


class DiscordConfig(_Section):
    """`discord`: where the bot reads along, and whether it may."""

    watch: Ids = ()
    message_content: bool = True


class ThresholdsConfig(_Section):
    """`thresholds`: how sure is sure enough."""

    answer: Similarity = ANSWER_THRESHOLD
    suggest: Similarity = SUGGEST_THRESHOLD

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest > self.answer:
            raise ValueError(
                f"suggest ({self.suggest:g}) is above answer ({self.answer:g}); lower suggest or raise answer"
            )
        return self

    def to_core(self) -> Thresholds:
        """Return the thresholds for deciding."""
        return Thresholds(answer=self.answer, suggest=self.suggest)


class CooldownConfig(_Section):
    """`cooldown`: how often is often enough."""

    channel_seconds: Seconds = CHANNEL_SECONDS
    repeat_seconds: Seconds = REPEAT_SECONDS


class RepliesConfig(_Section):
    """`replies`: what stands in them beside the answer."""

    show_similarity: bool = False
    help_hint: Hint = ""


class ModelConfig(_Section):
    """`model`: what embeds."""

    name: Annotated[str, Field(min_length=1)] = "sentence-transformers/all-MiniLM-L6-v2"
    path: FilePath | None = None
    query_prompt: str | None = None
    corpus_prompt: str | None = None
    threads: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 32


class StoreConfig(_Section):
    """`store`: what is kept."""

    path: FilePath = Path("data/faqtotum.sqlite3")
    log_questions: bool = True


class GuildDiscord(_Section):
    """`guilds.<id>.discord`."""

    watch: Ids | None = None


class GuildThresholds(_Section):
    """`guilds.<id>.thresholds`."""

    answer: Similarity | None = None
    suggest: Similarity | None = None


class GuildCooldown(_Section):
    """`guilds.<id>.cooldown`."""

    channel_seconds: Seconds | None = None
    repeat_seconds: Seconds | None = None


class GuildReplies(_Section):
    """`guilds.<id>.replies`."""

    show_similarity: bool | None = None
    help_hint: Hint | None = None


class GuildOverrides(_Section):
    """`guilds.<id>`: what one server has otherwise; what is left out is taken from the top level."""

    faq: FaqConfig | None = None
    discord: GuildDiscord = GuildDiscord()
    thresholds: GuildThresholds = GuildThresholds()
    cooldown: GuildCooldown = GuildCooldown()
    replies: GuildReplies = GuildReplies()


class GuildConfig(_Section):
    """What is in force for one server."""

    faq: FaqConfig
    discord: DiscordConfig
    thresholds: ThresholdsConfig
    cooldown: CooldownConfig
    replies: RepliesConfig


class Config(_Section):
    """The whole configuration. Relative paths in `faq.files` are relative to `base`."""

    faq: FaqConfig = FaqConfig()
    discord: DiscordConfig = DiscordConfig()
    thresholds: ThresholdsConfig = ThresholdsConfig()
    cooldown: CooldownConfig = CooldownConfig()
    replies: RepliesConfig = RepliesConfig()
    model: ModelConfig = ModelConfig()
    store: StoreConfig = StoreConfig()
    guilds: dict[DiscordId, GuildOverrides] = Field(default_factory=dict[int, GuildOverrides])
    _base: Path = PrivateAttr(default=Path())

    @property
    def base(self) -> Path:
        """The folder of the configuration file; the working directory for a configuration made in code."""
        return self._base

    @property
    def watches_anything(self) -> bool:
        """Whether any channel of any server is watched."""
        return bool(self.discord.watch) or any(guild.discord.watch for guild in self.guilds.values())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the configuration of a file.

        Raises:
            ConfigError: The file cannot be read or used; with every problem.
        """
        document, problems = read_document(path)
        if document is None:
            if not path.exists():
                advice = "there is no such file; copy config.example.yaml, or name another with --config"
                problems = [Problem(str(path), 0, advice)]
            raise ConfigError(problems)
        return cls._from_document(document, path.parent)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the configuration that a host makes in code, with the keys of the file.

        Raises:
            ConfigError: With every problem, named by its key.
        """
        return cls._from_document(Document("configuration", dict(mapping), {}), Path())

    @classmethod
    def _from_document(cls, document: Document, base: Path) -> Self:
        if document.value is None:
            document = Document(document.name, {}, document.lines)
        if problems := _find_tokens(document, document.value, ()):
            raise ConfigError(problems)
        config, problems = validate(cls, document)
        if config is None:
            raise ConfigError(problems)
        if problems := _find_threshold_problems(config, document):
            raise ConfigError(problems)
        resolved = config.model_copy(
            update={
                "model": config.model.model_copy(update={"path": config.model.path and base / config.model.path}),
                "store": config.store.model_copy(update={"path": base / config.store.path}),
            }
        )
        resolved._base = base  # noqa: SLF001 - our own class
        return resolved

    def for_guild(self, guild_id: int | None) -> GuildConfig:
        """Return what is in force for a server, or for direct messages (None)."""
        own = self.guilds.get(guild_id, _NOTHING_OWN) if guild_id is not None else _NOTHING_OWN
        return GuildConfig.model_construct(
            faq=own.faq or self.faq,
            discord=_overridden(self.discord, own.discord),
            thresholds=_overridden(self.thresholds, own.thresholds),
            cooldown=_overridden(self.cooldown, own.cooldown),
            replies=_overridden(self.replies, own.replies),
        )


_NOTHING_OWN = GuildOverrides()


def _overridden(section: _SectionT, own: _Section) -> _SectionT:
    changes = {name: value for name in type(own).model_fields if (value := getattr(own, name)) is not None}
    return section.model_copy(update=changes) if changes else section


def _find_threshold_problems(config: Config, document: Document) -> list[Problem]:
    """Return a problem for each server whose thresholds, merged with those above, are out of order."""
    problems: list[Problem] = []
    for guild_id in config.guilds:
        merged = config.for_guild(guild_id).thresholds
        if merged.suggest > merged.answer:
            where = f"guilds.{guild_id}.thresholds"
            message = f"suggest ({merged.suggest:g}) is above answer ({merged.answer:g}); set both here"
            place = ("guilds", str(guild_id), "thresholds")
            problems.append(document.problem(place, f"{where}: together with the top level {message}"))
    return problems


def _find_tokens(document: Document, value: object, location: tuple[str | int, ...]) -> list[Problem]:
    """Return a problem for each key that looks like the place for a token: a file with one gets shared."""
    if not isinstance(value, Mapping):
        return []
    problems: list[Problem] = []
    for key, inner in cast("Mapping[object, object]", value).items():
        if str(key).casefold() in {"token", "bot_token", "discord_token"}:
            advice = (
                f"the token does not belong into a file: put it into the environment variable {TOKEN_VARIABLE}, and "
                "reset it in Discord's developer portal if this file was ever shared"
            )
            problems.append(document.problem((*location, str(key)), advice))
        problems += _find_tokens(document, inner, (*location, str(key)))
    return problems

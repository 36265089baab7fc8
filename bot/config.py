"""The configuration: strict YAML into frozen models. Every key has a default, so that `Config()` works."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from .core.errors import ConfigError, Problem
from .core.privacy import MIN_KEY_BYTES
from .core.speech import LANGUAGES, verbatim
from .yamlfile import Document, Location, read_document, show, validate

CONFIG_VARIABLE = "FAQTOTUM_CONFIG"
TOKEN_VARIABLE = "FAQTOTUM_TOKEN"  # noqa: S105 - the name of a variable, not a token

OVERHEARD_BUDGET, ADDRESSED_BUDGET = 2.0, 5.0
"""Per cent. Who asks the bot would rather have a doubtful answer than none; who does not ask it, the opposite."""
MAX_BUDGET = 50
CHANNEL_SECONDS, REPEAT_SECONDS = 10.0, 300.0
MAX_DIMENSIONS = 65_536
MAX_THREADS, MAX_BATCH = 1024, 4096  # beyond any machine that we know of; PyTorch fails on numbers far above
MAX_RETENTION_DAYS = 3650
MAX_HINT = 300
"""Characters; the hint stands below every answer, within Discord's 6,000 for all embeds of a message."""
_TOKEN_ADVICE = (
    f"the token does not belong into a file: put it into the environment variable {TOKEN_VARIABLE}, and reset it in "
    "Discord's developer portal if this file was ever shared"
)
_SMALLEST_ID, _LARGEST_ID = 1 << 22, (1 << 63) - 1
"""Discord's ids hold milliseconds since 2015 above 22 other bits (its documentation, "Snowflakes")."""
_ID_DIGITS = re.compile(r"[1-9][0-9]{6,18}")  # no zero in front: else two keys below `guilds` could be one server


def config_path_from_environment() -> Path:
    """Return the configuration file that the environment names, else `config.yaml`."""
    return Path(os.environ.get(CONFIG_VARIABLE) or "config.yaml")


def _to_id(value: object) -> object:
    number = int(value) if isinstance(value, str) and _ID_DIGITS.fullmatch(value) else value
    if not isinstance(number, int) or isinstance(number, bool) or not _SMALLEST_ID <= number <= _LARGEST_ID:
        raise ValueError(f"expected a Discord id of 17 to 19 digits (right-click → Copy ID), found {show(value)}")
    return number


def _check_language(tag: str) -> str:
    if tag not in LANGUAGES:
        raise ValueError(f"the bot speaks {', '.join(LANGUAGES)}; found {show(tag)}")
    return tag


def _check_time_zone(name: str) -> str:
    # A configuration that names none need not wait for its import.
    from zoneinfo import available_timezones  # noqa: PLC0415

    if name not in available_timezones():
        raise ValueError(f"should be a name from the IANA time zone database like 'Europe/Berlin', found {show(name)}")
    return name


def _check_author_key(key: str) -> str:
    if (length := len(key.encode())) < MIN_KEY_BYTES:
        # Nothing of it is repeated: what is shown may be read by others.
        raise ValueError(f"has {length} bytes; use at least {MIN_KEY_BYTES}, for example from `openssl rand -hex 32`")
    return key


AuthorKey = Annotated[str, AfterValidator(_check_author_key)]
Language = Annotated[str, AfterValidator(_check_language)]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Hour = Annotated[int, Field(ge=0, le=23)]
DiscordId = Annotated[int, BeforeValidator(_to_id)]
Ids = Annotated[tuple[DiscordId, ...], Field(strict=False)]
Text = Annotated[str, Field(min_length=1)]
# Counted after the rest, because pydantic would count a wrong item as missing.
Texts = Annotated[tuple[Text, ...], Field(strict=False), AfterValidator(tuple), Field(min_length=1)]
Budget = Annotated[float, Field(gt=0, le=MAX_BUDGET)]
"""Per cent. With nothing allowed to be false nothing could be said."""
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
FilePath = Annotated[Path, Field(strict=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_SectionT = TypeVar("_SectionT", bound=_Section)


class FaqConfig(_Section):
    """`faq`: where the entries are."""

    files: Texts = ("faq_data/*.yaml",)
    watch_files: bool = False


class DiscordConfig(_Section):
    """`discord`: where the bot reads along, and whether it may."""

    watch: Ids = ()
    overhear: bool = True
    admin_roles: Ids = ()
    message_content: bool = True


class FalseAnswersConfig(_Section):
    """`false_answers`: how many are put up with, in per cent of the questions of a kind."""

    overheard: Budget = OVERHEARD_BUDGET
    addressed: Budget = ADDRESSED_BUDGET


class CooldownConfig(_Section):
    """`cooldown`: how often is often enough."""

    channel_seconds: Seconds = CHANNEL_SECONDS
    repeat_seconds: Seconds = REPEAT_SECONDS


class RepliesConfig(_Section):
    """`replies`: what stands in them beside the answer."""

    show_similarity: bool = False
    help_hint: Annotated[str, Field(max_length=MAX_HINT)] = ""
    language: Language = "en"


class ReportConfig(_Section):
    """`report`: where and when the nightly report is posted."""

    channel: DiscordId | None = None
    hour: Hour = 7
    time_zone: TimeZone = "UTC"


class ModelConfig(_Section):
    """`model`: what embeds."""

    name: Text = "sentence-transformers/all-MiniLM-L6-v2"
    path: FilePath | None = None
    query_prompt: str | None = None
    corpus_prompt: str | None = None
    engine: Literal["auto", "torch", "onnx"] = "auto"
    precision: Literal["float32", "bfloat16", "int8"] = "float32"
    cache: FilePath | None = None
    threads: Annotated[int, Field(ge=1, le=MAX_THREADS)] | None = 1
    batch_size: Annotated[int, Field(ge=1, le=MAX_BATCH)] = 32
    dimensions: Annotated[int, Field(ge=1, le=MAX_DIMENSIONS)] | None = None


class RerankConfig(_Section):
    """`rerank`: a second model that has a say on the first hits; none unless named."""

    name: Text | None = None
    path: FilePath | None = None


class StoreConfig(_Section):
    """`store`: what is kept."""

    path: FilePath = Path("data/faqtotum.sqlite3")
    log_questions: bool = True
    retention_days: Annotated[int, Field(ge=1, le=MAX_RETENTION_DAYS)] = 90
    author_key: AuthorKey | None = None


class GuildFaq(_Section):
    """`guilds.<id>.faq`."""

    files: Texts | None = None


class GuildDiscord(_Section):
    """`guilds.<id>.discord`."""

    watch: Ids | None = None
    overhear: bool | None = None
    admin_roles: Ids | None = None


class GuildFalseAnswers(_Section):
    """`guilds.<id>.false_answers`."""

    overheard: Budget | None = None
    addressed: Budget | None = None


class GuildCooldown(_Section):
    """`guilds.<id>.cooldown`."""

    channel_seconds: Seconds | None = None
    repeat_seconds: Seconds | None = None


class GuildReplies(_Section):
    """`guilds.<id>.replies`."""

    show_similarity: bool | None = None
    help_hint: Annotated[str, Field(max_length=MAX_HINT)] | None = None
    language: Language | None = None


class GuildReport(_Section):
    """`guilds.<id>.report`."""

    channel: DiscordId | None = None
    hour: Hour | None = None
    time_zone: TimeZone | None = None


class GuildOverrides(_Section):
    """`guilds.<id>`: what one server has otherwise; what is left out is taken from the top level."""

    faq: GuildFaq = GuildFaq()
    discord: GuildDiscord = GuildDiscord()
    false_answers: GuildFalseAnswers = GuildFalseAnswers()
    cooldown: GuildCooldown = GuildCooldown()
    replies: GuildReplies = GuildReplies()
    report: GuildReport = GuildReport()


class GuildConfig(_Section):
    """What is in force for one server."""

    faq: FaqConfig
    discord: DiscordConfig
    false_answers: FalseAnswersConfig
    cooldown: CooldownConfig
    replies: RepliesConfig
    report: ReportConfig


class Config(_Section):
    """The whole configuration. Relative paths in `faq.files` are relative to `base`."""

    faq: FaqConfig = FaqConfig()
    discord: DiscordConfig = DiscordConfig()
    false_answers: FalseAnswersConfig = FalseAnswersConfig()
    cooldown: CooldownConfig = CooldownConfig()
    replies: RepliesConfig = RepliesConfig()
    report: ReportConfig = ReportConfig()
    model: ModelConfig = ModelConfig()
    rerank: RerankConfig = RerankConfig()
    store: StoreConfig = StoreConfig()
    guilds: dict[DiscordId, GuildOverrides] = Field(default_factory=dict[int, GuildOverrides])
    _base: Path = PrivateAttr(default=Path())

    @property
    def base(self) -> Path:
        """The folder of the configuration file; the working directory for a configuration made in code."""
        return self._base

    @property
    def names_admins(self) -> bool:
        """Whether a role of any server may administer the FAQ without the permission to manage the server."""
        return bool(self.discord.admin_roles) or any(guild.discord.admin_roles for guild in self.guilds.values())

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
            if os.strerror(errno.ENOENT) in str(problems[0].message):
                fault = verbatim("there is no such file; copy config.example.yaml, or use --config")
                problems = [Problem(str(path), 0, fault)]
            raise ConfigError(problems)
        return cls._from_document(document, problems, path.parent)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Return the configuration that a host makes in code, with the keys of the file.

        Raises:
            ConfigError: With every problem, named by its key.
        """
        return cls._from_document(Document("configuration", mapping, {}), [], Path())

    @classmethod
    def _from_document(cls, document: Document, problems: list[Problem], base: Path) -> Self:
        content = dict[str, object]() if document.value is None else document.value
        document = Document(document.name, _prepared(content, (), document, problems), document.lines)
        config, misfits = validate(cls, document)
        if (problems := [*problems, *misfits]) or config is None:
            raise ConfigError(problems)
        resolved = config.model_copy(
            update={
                "model": config.model.model_copy(
                    update={
                        "path": config.model.path and base / config.model.path,
                        "cache": config.model.cache and base / config.model.cache,
                    }
                ),
                "rerank": config.rerank.model_copy(update={"path": config.rerank.path and base / config.rerank.path}),
                "store": config.store.model_copy(update={"path": base / config.store.path}),
            }
        )
        resolved._base = base  # noqa: SLF001 - our own class
        return resolved

    def for_guild(self, guild_id: int | None) -> GuildConfig:
        """Return what is in force for a server, or for direct messages (None)."""
        own = self.guilds.get(guild_id, _NOTHING_OWN) if guild_id is not None else _NOTHING_OWN
        return GuildConfig.model_construct(
            faq=_overridden(self.faq, own.faq),
            discord=_overridden(self.discord, own.discord),
            false_answers=_overridden(self.false_answers, own.false_answers),
            cooldown=_overridden(self.cooldown, own.cooldown),
            replies=_overridden(self.replies, own.replies),
            report=_overridden(self.report, own.report),
        )


_NOTHING_OWN = GuildOverrides()


def _overridden(section: _SectionT, own: _Section) -> _SectionT:
    changes = {name: value for name in type(own).model_fields if (value := getattr(own, name)) is not None}
    return section.model_copy(update=changes) if changes else section


def _prepared(value: object, location: Location, document: Document, problems: list[Problem]) -> object:
    """Return a copy with texts as keys (in code a server's id may be a number), and tell of each token in it."""
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return [_prepared(inner, (*location, at), document, problems) for at, inner in enumerate(items)]
    if not isinstance(value, Mapping):
        return value
    copy: dict[str, object] = {}
    for key, inner in cast("Mapping[object, object]", value).items():
        place = (*location, str(key))
        if str(key).casefold().endswith("token"):
            problems.append(document.problem(place, verbatim(_TOKEN_ADVICE)))
        elif str(key) in copy:
            double = verbatim(f"the key {key} is there as a text and as a number; keep one")
            problems.append(document.problem(place, double))
        else:
            copy[str(key)] = _prepared(inner, place, document, problems)
    return copy

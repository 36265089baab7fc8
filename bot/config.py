"""The configuration: strict YAML into immutable sections. Every key has a default, so that `Config()` works."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

from .core.errors import ConfigError, Problem
from .core.privacy import MAX_RETENTION_DAYS, MIN_KEY_BYTES
from .core.speech import LANGUAGES, verbatim
from .yamlfile import Document, Location, Section, UnfitError, key, read_document, rules, show, validate

CONFIG_VARIABLE = "FAQTOTUM_CONFIG"
TOKEN_VARIABLE = "FAQTOTUM_TOKEN"  # noqa: S105 - the name of a variable, not a token

OVERHEARD_BUDGET, ADDRESSED_BUDGET = 2.0, 5.0
"""Per cent. Who asks the bot would rather have a doubtful answer than none; who does not ask it, the opposite."""
MAX_BUDGET = 50
CHANNEL_SECONDS, REPEAT_SECONDS = 10.0, 300.0
MAX_DIMENSIONS = 65_536
MAX_THREADS, MAX_BATCH = 1024, 4096  # beyond any machine that we know of; PyTorch fails on numbers far above
MAX_HINT = 300
"""Characters; the hint stands below every answer, within Discord's 6,000 for all embeds of a message."""
_TOKEN_ADVICE = (
    f"the token does not belong into a file: put it into the environment variable {TOKEN_VARIABLE}, and reset it in "
    "Discord's developer portal if this file was ever shared"
)
_SMALLEST_ID, _LARGEST_ID = 1 << 22, (1 << 63) - 1
"""Discord's ids hold milliseconds since 2015 above 22 other bits (its documentation, "Snowflakes")."""
_ID_DIGITS = re.compile(r"[1-9][0-9]{6,18}")  # no zero in front: else two keys below `guilds` could be one server

_T = TypeVar("_T")
Engine = Literal["auto", "torch", "onnx"]
Precision = Literal["float32", "bfloat16", "int8"]


def config_path_from_environment() -> Path:
    """Return the configuration file that the environment names, else `config.yaml`."""
    return Path(os.environ.get(CONFIG_VARIABLE) or "config.yaml")


def _to_id(value: object) -> int:
    number = int(value) if isinstance(value, str) and _ID_DIGITS.fullmatch(value) else value
    if not isinstance(number, int) or isinstance(number, bool) or not _SMALLEST_ID <= number <= _LARGEST_ID:
        raise _unfit(f"expected a Discord id of 17 to 19 digits (right-click → Copy ID), found {show(value)}")
    return number


def _check_language(tag: str) -> None:
    if tag not in LANGUAGES:
        raise _unfit(f"the bot speaks {', '.join(LANGUAGES)}; found {show(tag)}")


def _check_time_zone(name: str) -> None:
    # A configuration that names none need not wait for its import.
    from zoneinfo import available_timezones  # noqa: PLC0415

    if name not in available_timezones():
        raise _unfit(f"should be a name from the IANA time zone database like 'Europe/Berlin', found {show(name)}")


def _check_author_key(secret: str) -> None:
    # Nothing of it is repeated: what is shown may be read by others.
    try:
        length = len(secret.encode())
    except UnicodeEncodeError:
        raise _unfit("holds half of a character; use one from `openssl rand -hex 32`") from None
    if length < MIN_KEY_BYTES:
        raise _unfit(f"has {length} bytes; use at least {MIN_KEY_BYTES}, for example from `openssl rand -hex 32`")


def _unfit(told: str) -> UnfitError:
    return UnfitError(verbatim(told))


def _from_home(value: _T) -> _T | str:
    """Return a text that begins with ``~/``, as shells know it, with the home folder in its place; else the value."""
    if not isinstance(value, str) or value.partition("/")[0] != "~":
        return value
    try:
        return str(Path(value).expanduser())
    except RuntimeError:
        raise _unfit(f"the home folder is not known here; write it out, found {show(value)}") from None


def _take_file(value: object) -> str:
    return _from_home(_text(value))


def _take_path(value: object) -> Path:
    return rules.file_path(_from_home(value))


_BASE = "_base"
"""Name below which a configuration knows its folder; no key, so that no file can set it."""
_text = rules.text(at_least=1)
_files = rules.collected(_take_file, at_least=1)
_ids = rules.collected(_to_id)
_budget = rules.number(above=0.0, at_most=float(MAX_BUDGET))
"""Per cent. With nothing allowed to be false nothing could be said."""
_seconds = rules.number(at_least=0.0)
_hour = rules.whole(at_least=0, at_most=23)
_hint = rules.text(at_most=MAX_HINT)
_language = rules.checked(rules.text(), _check_language)
_time_zone = rules.checked(rules.text(), _check_time_zone)
_author_key = rules.checked(rules.text(), _check_author_key)
_engine: rules.Rule[Engine] = rules.one_of("auto", "torch", "onnx")
_precision: rules.Rule[Precision] = rules.one_of("float32", "bfloat16", "int8")
_optional_text = rules.optional(_text)
_optional_path = rules.optional(_take_path)


class FaqConfig(Section):
    """`faq`: where the entries are."""

    files: tuple[str, ...] = key(_files, default=("faq_data/*.yaml",))
    watch_files: bool = key(rules.true_or_false, default=False)


class DiscordConfig(Section):
    """`discord`: where the bot reads along, and whether it may."""

    watch: tuple[int, ...] = key(_ids, default=())
    overhear: bool = key(rules.true_or_false, default=True)
    admin_roles: tuple[int, ...] = key(_ids, default=())
    message_content: bool = key(rules.true_or_false, default=True)


class FalseAnswersConfig(Section):
    """`false_answers`: how many are put up with, in per cent of the questions of a kind."""

    overheard: float = key(_budget, default=OVERHEARD_BUDGET)
    addressed: float = key(_budget, default=ADDRESSED_BUDGET)


class CooldownConfig(Section):
    """`cooldown`: how often is often enough."""

    channel_seconds: float = key(_seconds, default=CHANNEL_SECONDS)
    repeat_seconds: float = key(_seconds, default=REPEAT_SECONDS)


class RepliesConfig(Section):
    """`replies`: what stands in them beside the answer."""

    show_similarity: bool = key(rules.true_or_false, default=False)
    help_hint: str = key(_hint, default="")
    language: str = key(_language, default="en")


class ReportConfig(Section):
    """`report`: where and when the nightly report is posted."""

    channel: int | None = key(rules.optional(_to_id), default=None)
    hour: int = key(_hour, default=7)
    time_zone: str = key(_time_zone, default="UTC")


class ModelConfig(Section):
    """`model`: what embeds."""

    name: str = key(_text, default="sentence-transformers/all-MiniLM-L6-v2")
    path: Path | None = key(_optional_path, default=None)
    query_prompt: str | None = key(rules.optional(rules.text()), default=None)
    corpus_prompt: str | None = key(rules.optional(rules.text()), default=None)
    engine: Engine = key(_engine, default="auto")
    precision: Precision = key(_precision, default="float32")
    cache: Path | None = key(_optional_path, default=None)
    threads: int | None = key(rules.optional(rules.whole(at_least=1, at_most=MAX_THREADS)), default=1)
    batch_size: int = key(rules.whole(at_least=1, at_most=MAX_BATCH), default=32)
    dimensions: int | None = key(rules.optional(rules.whole(at_least=1, at_most=MAX_DIMENSIONS)), default=None)


class RerankConfig(Section):
    """`rerank`: a second model that has a say on the first hits; none unless named."""

    name: str | None = key(_optional_text, default=None)
    path: Path | None = key(_optional_path, default=None)


class StoreConfig(Section):
    """`store`: what is kept."""

    path: Path = key(_take_path, default=Path("data/faqtotum.sqlite3"))
    log_questions: bool = key(rules.true_or_false, default=True)
    retention_days: int = key(rules.whole(at_least=1, at_most=MAX_RETENTION_DAYS), default=90)
    author_key: str | None = key(rules.optional(_author_key), default=None)


class GuildFaq(Section):
    """`guilds.<id>.faq`."""

    files: tuple[str, ...] | None = key(rules.optional(_files), default=None)


class GuildDiscord(Section):
    """`guilds.<id>.discord`."""

    watch: tuple[int, ...] | None = key(rules.optional(_ids), default=None)
    overhear: bool | None = key(rules.optional(rules.true_or_false), default=None)
    admin_roles: tuple[int, ...] | None = key(rules.optional(_ids), default=None)


class GuildFalseAnswers(Section):
    """`guilds.<id>.false_answers`."""

    overheard: float | None = key(rules.optional(_budget), default=None)
    addressed: float | None = key(rules.optional(_budget), default=None)


class GuildCooldown(Section):
    """`guilds.<id>.cooldown`."""

    channel_seconds: float | None = key(rules.optional(_seconds), default=None)
    repeat_seconds: float | None = key(rules.optional(_seconds), default=None)


class GuildReplies(Section):
    """`guilds.<id>.replies`."""

    show_similarity: bool | None = key(rules.optional(rules.true_or_false), default=None)
    help_hint: str | None = key(rules.optional(_hint), default=None)
    language: str | None = key(rules.optional(_language), default=None)


class GuildReport(Section):
    """`guilds.<id>.report`."""

    channel: int | None = key(rules.optional(_to_id), default=None)
    hour: int | None = key(rules.optional(_hour), default=None)
    time_zone: str | None = key(rules.optional(_time_zone), default=None)


class GuildOverrides(Section):
    """`guilds.<id>`: what one server has otherwise; what is left out is taken from the top level."""

    faq: GuildFaq = key(GuildFaq.read, default=GuildFaq())
    discord: GuildDiscord = key(GuildDiscord.read, default=GuildDiscord())
    false_answers: GuildFalseAnswers = key(GuildFalseAnswers.read, default=GuildFalseAnswers())
    cooldown: GuildCooldown = key(GuildCooldown.read, default=GuildCooldown())
    replies: GuildReplies = key(GuildReplies.read, default=GuildReplies())
    report: GuildReport = key(GuildReport.read, default=GuildReport())


class GuildConfig(Section):
    """What is in force for one server."""

    faq: FaqConfig = key(FaqConfig.read)
    discord: DiscordConfig = key(DiscordConfig.read)
    false_answers: FalseAnswersConfig = key(FalseAnswersConfig.read)
    cooldown: CooldownConfig = key(CooldownConfig.read)
    replies: RepliesConfig = key(RepliesConfig.read)
    report: ReportConfig = key(ReportConfig.read)


class Config(Section):
    """The whole configuration. Relative paths in `faq.files` are relative to `base`."""

    faq: FaqConfig = key(FaqConfig.read, default=FaqConfig())
    discord: DiscordConfig = key(DiscordConfig.read, default=DiscordConfig())
    false_answers: FalseAnswersConfig = key(FalseAnswersConfig.read, default=FalseAnswersConfig())
    cooldown: CooldownConfig = key(CooldownConfig.read, default=CooldownConfig())
    replies: RepliesConfig = key(RepliesConfig.read, default=RepliesConfig())
    report: ReportConfig = key(ReportConfig.read, default=ReportConfig())
    model: ModelConfig = key(ModelConfig.read, default=ModelConfig())
    rerank: RerankConfig = key(RerankConfig.read, default=RerankConfig())
    store: StoreConfig = key(StoreConfig.read, default=StoreConfig())
    guilds: Mapping[int, GuildOverrides] = key(rules.mapping(_to_id, GuildOverrides.read), default={})

    @property
    def base(self) -> Path:
        """The folder of the configuration file; the working directory for a configuration made in code."""
        return self.__dict__.get(_BASE, Path())

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
        model, rerank, store = config.model, config.rerank, config.store
        resolved = config.replace(
            model=model.replace(path=model.path and base / model.path, cache=model.cache and base / model.cache),
            rerank=rerank.replace(path=rerank.path and base / rerank.path),
            store=store.replace(path=base / store.path),
        )
        if base != Path():
            resolved.__dict__[_BASE] = base
        return resolved

    def for_guild(self, guild_id: int | None) -> GuildConfig:
        """Return what is in force for a server, or for direct messages (None)."""
        own = self.guilds.get(guild_id, _NOTHING_OWN) if guild_id is not None else _NOTHING_OWN
        return GuildConfig(
            faq=_overridden(self.faq, own.faq),
            discord=_overridden(self.discord, own.discord),
            false_answers=_overridden(self.false_answers, own.false_answers),
            cooldown=_overridden(self.cooldown, own.cooldown),
            replies=_overridden(self.replies, own.replies),
            report=_overridden(self.report, own.report),
        )


_NOTHING_OWN = GuildOverrides()


_SectionT = TypeVar("_SectionT", bound=Section)


def _overridden(section: _SectionT, own: Section) -> _SectionT:
    changes = {name: value for name in own.key_names() if (value := getattr(own, name)) is not None}
    return section.replace(**changes) if changes else section


def _prepared(value: object, location: Location, document: Document, problems: list[Problem]) -> object:
    """Return a copy with texts as keys (in code a server's id may be a number), and tell of each token in it."""
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return [_prepared(inner, (*location, at), document, problems) for at, inner in enumerate(items)]
    if not isinstance(value, Mapping):
        return value
    copy: dict[str, object] = {}
    for name, inner in cast("Mapping[object, object]", value).items():
        place = (*location, str(name))
        if str(name).casefold().endswith("token"):
            problems.append(document.problem(place, verbatim(_TOKEN_ADVICE)))
        elif str(name) in copy:
            double = verbatim(f"the key {name} is there as a text and as a number; keep one")
            problems.append(document.problem(place, double))
        else:
            copy[str(name)] = _prepared(inner, place, document, problems)
    return copy

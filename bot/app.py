"""The composition root: picks the adapters, wires the use cases, opens and closes them in order."""

from __future__ import annotations

import functools
import logging
import os
import time
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from . import faqfiles, services, stores
from .core.entries import overlay
from .core.errors import ConfigError, Problem
from .core.privacy import MIN_KEY_BYTES
from .core.speech import verbatim
from .core.types import Query
from .embedders import EngineLoader, LocalEmbedder
from .resources import read_chatter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from .config import Config
    from .core.entries import Listed
    from .core.ports import Clock, Embedder, FaqSource, Ledger, Reports, Store
    from .core.types import Entry
    from .embedders import LocalReranker
    from .services import (
        Answerer,
        BatchingEmbedder,
        Editor,
        GuildSettings,
        Knowledge,
        Nightly,
        Outcome,
        Previewer,
        Privacy,
        Refresher,
        Renewer,
        Reporter,
        Settings,
    )
    from .stores import SqliteStore

_log = logging.getLogger(__name__)

AUTHOR_KEY_VARIABLE = "FAQTOTUM_AUTHOR_KEY"
"""Environment variable with the key for the askers' pseudonyms; without it a key file is made beside the database."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Basis:
    """What it takes to answer questions, opened.

    Attributes:
        config: The configuration that it was opened with.
        knowledge: The FAQ.
        answerer: Answers questions.
        store: The database.
        ledger: What was changed from within Discord, and the history of it.
        settings: How each server wants it.
        clock: Tells the time.
    """

    config: Config
    knowledge: Knowledge
    answerer: Answerer
    store: Store
    ledger: Ledger
    settings: Settings
    clock: Clock

    async def ask(self, text: str, *, addressed: bool = True, guild_id: int | None = None) -> Outcome:
        """Return what the FAQ says to a question, without cooldowns and without logging it.

        Args:
            text: The question.
            addressed: False judges as if it had been overheard, which takes more to be answered.
            guild_id: The server whose FAQ and settings count; None for those of all the others.

        Raises:
            EmbedderUnavailableError: The model failed.
        """
        return await self.answerer.answer(Query(text, guild_id=guild_id, addressed=addressed, private=True))


@dataclass(frozen=True, slots=True)
class App(Basis):
    """An opened Faqtotum, without Discord.

    Attributes:
        editor: Changes entries.
        previewer: Tries changes out.
        privacy: What is kept of the people who ask.
        reports: What the nightly reports come to.
        reporter: Builds them.
        nightly: Posts those that are due.
        refresher: Shows those anew that name what was deleted since.
        renewer: Embeds again what another model has embedded.
        knows_members: Whether the key of the askers' pseudonyms is the one under which members have decided what is
            kept of them; with another it counts for nobody.
    """

    editor: Editor
    previewer: Previewer
    privacy: Privacy
    reports: Reports
    reporter: Reporter
    nightly: Nightly
    refresher: Refresher
    renewer: Renewer
    knows_members: bool


@asynccontextmanager
async def open_app(
    config: Config,
    *,
    clock: Clock | None = None,
    embedder: Embedder | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> AsyncGenerator[App]:
    """Open everything that a configuration names, and close it again on leaving.

    Args:
        config: What to open.
        clock: Tells the time; the machine's own by default.
        embedder: An embedder that the caller opened and closes; by default the model that the configuration names is
            loaded.
        on_progress: Called with texts done and texts to do while the FAQ is embedded.

    Raises:
        FaqInvalidError: With every problem of the FAQ files.
        ConfigError: The key in the environment is too short.
        EmbedderUnavailableError: The model is missing, altered or broken.
        StoreUnavailableError: The database cannot be used.
    """
    # It reads in what machine it is, which who asks one question in a terminal need not wait for.
    from uuid import uuid4  # noqa: PLC0415

    # What it serves may serve for months, which is too long to keep what compiling takes.
    own = build_embedder(config, on_progress=on_progress, apart=True) if embedder is None else nullcontext(embedder)
    async with _open(config, clock, own) as (basis, store, batching, key):
        knowledge, clock, ledger, settings = basis.knowledge, basis.clock, basis.ledger, basis.settings
        problem = await services.find_key_problem(store, store.members, key)
        if problem:
            _log.warning("%s", problem)
        renewer = services.Renewer(store.reports, batching)
        miner = services.Miner(store.reports, batching)
        reporter = services.Reporter(knowledge, basis.answerer, miner, store.reports, renewer)
        holder = uuid4().hex
        yield App(
            config=config,
            knowledge=knowledge,
            answerer=basis.answerer,
            store=store,
            ledger=ledger,
            settings=settings,
            clock=clock,
            editor=services.Editor(knowledge, ledger, clock),
            previewer=services.Previewer(knowledge, ledger, store, batching, clock, settings),
            privacy=services.Privacy(
                store.members, clock, key, timedelta(days=config.store.retention_days), ledger, store
            ),
            reports=store.reports,
            reporter=reporter,
            nightly=services.Nightly(reporter, store.reports, store, clock, settings, holder),
            refresher=services.Refresher(store.reports, store.stale, clock, holder),
            renewer=renewer,
            knows_members=problem is None,
        )


@asynccontextmanager
async def open_basis(config: Config, *, on_progress: Callable[[int, int], None] | None = None) -> AsyncGenerator[Basis]:
    """Open what it takes to answer a question or a few, and close it again on leaving; see `open_app`."""
    loader = build_engine_loader(config, apart=True, brief=True)
    embedder = build_embedder(config, on_progress=on_progress, load=loader)
    # While one thread opens the model, this one imports what else it takes and reads the database.
    embedder.begin(loader.is_at_hand)
    try:
        async with _open(config, None, embedder) as (basis, _, _, _):
            yield basis
    finally:
        # Also where something else was wrong, before anybody waited for it.
        await embedder.close()


@asynccontextmanager
async def _open(
    config: Config,
    clock: Clock | None,
    embedder: AbstractAsyncContextManager[Embedder],
) -> AsyncGenerator[tuple[Basis, SqliteStore, BatchingEmbedder, bytes]]:
    """Open a basis; beside it there is what all that stands on it shares: store, embedder and key of the pseudonyms."""
    # All of it now: a thread may be opening the model meanwhile.
    from .services import Answerer, BatchingEmbedder, Knowledge, Settings  # noqa: PLC0415

    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(stores.open_sqlite(config.store.path))
        source = build_source(config, store)
        # What people mistype is told before the model costs them seconds.
        await source.read()
        batching = await stack.enter_async_context(BatchingEmbedder(await stack.enter_async_context(embedder)))
        reranker = build_reranker(config)
        if reranker:
            await stack.enter_async_context(reranker)
        knowledge = Knowledge(source, batching, store, clock, read_chatter(), reranker, store.ledger)
        await knowledge.reload()
        key = read_author_key(config)
        settings = Settings(knowledge, functools.partial(build_settings, config))
        answerer = Answerer(knowledge, batching, store, clock, settings, key, reranker)
        yield Basis(config, knowledge, answerer, store, store.ledger, settings, clock), store, batching, key


def build_source(config: Config, cache: Store | None = None) -> FaqSource:
    """Return the FAQ files that a configuration names.

    Args:
        config: The configuration.
        cache: Keeps what they say, see `FaqFiles`.
    """
    scopes = {None: config.faq.files} | {guild: config.for_guild(guild).faq.files for guild in config.guilds}
    return faqfiles.FaqFiles(scopes, config.base, cache)


async def read_listing(config: Config, guild_id: int | None) -> tuple[Listed, ...]:
    """Return all entries that a server has, in use or not: those of the files, and what was edited from within Discord.

    Nothing is loaded and nothing is made; where the bot never ran there are the files alone.

    Raises:
        FaqInvalidError: With every problem of the FAQ files.
        StoreUnavailableError: The database cannot be used.
    """
    scopes = await build_source(config).read()
    own: Mapping[str, Entry] = {}
    if guild_id is not None and stores.has_database(config.store.path):
        async with stores.open_sqlite(config.store.path) as store:
            own = (await store.ledger.read_ownings()).entries.get(guild_id, {})
    return overlay(scopes[guild_id if guild_id in scopes else None], own)


def build_embedder(
    config: Config,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    apart: bool = False,
    load: EngineLoader | None = None,
) -> LocalEmbedder:
    """Return the model that a configuration names, not loaded yet.

    Args:
        config: The configuration.
        on_progress: See `LocalEmbedder`.
        apart: See `EngineLoader`.
        load: Loads it; by default what `build_engine_loader` returns.
    """
    model = config.model
    return LocalEmbedder(
        model.name,
        path=model.path,
        query_prompt=model.query_prompt,
        corpus_prompt=model.corpus_prompt,
        batch_size=model.batch_size,
        dimensions=model.dimensions,
        on_progress=on_progress,
        load=load or build_engine_loader(config, apart=apart),
    )


def build_engine_loader(config: Config, *, apart: bool = False, brief: bool = False) -> EngineLoader:
    """Return what loads the model that a configuration names; for `apart` and `brief` see there."""
    model = config.model
    # The weights in a folder that the operator names are the operator's business.
    return EngineLoader(
        model.name if model.path is None else None,
        engine=model.engine,
        precision=model.precision,
        cache=model.cache,
        threads=model.threads,
        apart=apart,
        brief=brief,
    )


def build_reranker(config: Config) -> LocalReranker | None:
    """Return the reranking model that a configuration names, not loaded yet; None if it names none."""
    rerank = config.rerank
    if rerank.name is None and rerank.path is None:
        return None
    from .embedders import LocalReranker  # noqa: PLC0415 - few have one

    return LocalReranker(rerank.name or str(rerank.path), path=rerank.path, threads=config.model.threads)


def build_settings(config: Config, guild_id: int | None) -> GuildSettings:
    """Return what a configuration says for a server, or for direct messages (None)."""
    guild = config.for_guild(guild_id)
    return services.GuildSettings(
        watch=guild.discord.watch,
        overhear=guild.discord.overhear,
        admin_roles=guild.discord.admin_roles,
        overheard_budget=guild.false_answers.overheard,
        addressed_budget=guild.false_answers.addressed,
        channel_seconds=guild.cooldown.channel_seconds,
        repeat_seconds=guild.cooldown.repeat_seconds,
        report_channel=guild.report.channel,
        report_hour=guild.report.hour,
        time_zone=guild.report.time_zone,
        language=guild.replies.language,
        log_questions=config.store.log_questions,
    )


def read_author_key(config: Config) -> bytes:
    """Return the key for the askers' pseudonyms: from the environment, the configuration, or beside the database.

    Raises:
        ConfigError: The key in the environment is too short.
        StoreUnavailableError: The file cannot be read or made.
    """
    key = os.environ.get(AUTHOR_KEY_VARIABLE, "").encode()
    if not key and config.store.author_key is not None:
        return config.store.author_key.encode()
    if not key:
        return stores.read_or_create_key(config.store.path.with_name("author.key"))
    if len(key) < MIN_KEY_BYTES:
        message = f"has {len(key)} bytes; use at least {MIN_KEY_BYTES}, for example from `openssl rand -hex 32`"
        raise ConfigError([Problem(AUTHOR_KEY_VARIABLE, 0, verbatim(message))])
    return key

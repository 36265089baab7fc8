"""The composition root: picks the adapters, wires the use cases, opens and closes them in order."""

from __future__ import annotations

import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .core.errors import ConfigError, Problem
from .core.privacy import MIN_KEY_BYTES
from .core.types import Query
from .embedders import LocalEmbedder, LocalReranker
from .faqfiles import FaqFiles
from .resources import read_chatter
from .services import Answerer, BatchingEmbedder, Budgets, GuildRules, Knowledge, Rules
from .stores import open_sqlite, read_or_create_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from .config import Config, GuildConfig
    from .core.ports import Clock, Embedder, FaqSource, Store
    from .services import Outcome

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
class App:
    """An opened Faqtotum, without Discord.

    Attributes:
        config: The configuration that it was opened with.
        knowledge: The FAQ.
        answerer: Answers questions.
        store: The database.
    """

    config: Config
    knowledge: Knowledge
    answerer: Answerer
    store: Store

    async def ask(self, text: str, *, addressed: bool = True) -> Outcome:
        """Return what the FAQ says to a question, without cooldowns and without logging it.

        Args:
            text: The question.
            addressed: False judges as if it had been overheard, which takes more to be answered.

        Raises:
            EmbedderUnavailableError: The model failed.
        """
        return await self.answerer.answer(Query(text, addressed=addressed, private=True))


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
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        source = build_source(config)
        # What people mistype is told before the model costs them seconds.
        await source.read()
        store = await stack.enter_async_context(open_sqlite(config.store.path))
        if embedder is None:
            embedder = await stack.enter_async_context(build_embedder(config, on_progress=on_progress))
        batching = await stack.enter_async_context(BatchingEmbedder(embedder))
        reranker = build_reranker(config)
        if reranker:
            await stack.enter_async_context(reranker)
        knowledge = Knowledge(source, batching, store, clock, read_chatter(), reranker)
        await knowledge.reload()
        key = read_author_key(Path(config.store.path))
        answerer = Answerer(knowledge, batching, store, clock, build_rules(config), key, reranker)
        yield App(config, knowledge, answerer, store)


def build_source(config: Config) -> FaqSource:
    """Return the FAQ files that a configuration names."""
    scopes = {None: config.faq.files} | {guild: config.for_guild(guild).faq.files for guild in config.guilds}
    return FaqFiles(scopes, config.base)


def build_embedder(config: Config, *, on_progress: Callable[[int, int], None] | None = None) -> LocalEmbedder:
    """Return the model that a configuration names, not loaded yet."""
    model = config.model
    return LocalEmbedder(
        model.name,
        path=model.path,
        query_prompt=model.query_prompt,
        corpus_prompt=model.corpus_prompt,
        threads=model.threads,
        batch_size=model.batch_size,
        dimensions=model.dimensions,
        on_progress=on_progress,
    )


def build_reranker(config: Config) -> LocalReranker | None:
    """Return the reranking model that a configuration names, not loaded yet; None if it names none."""
    rerank = config.rerank
    if rerank.name is None and rerank.path is None:
        return None
    return LocalReranker(rerank.name or str(rerank.path), path=rerank.path)


def build_rules(config: Config) -> Rules:
    """Return the rules that a configuration sets."""
    return Rules(_rules_of(config, None), {guild: _rules_of(config, guild) for guild in config.guilds})


def _rules_of(config: Config, guild_id: int | None) -> GuildRules:
    guild: GuildConfig = config.for_guild(guild_id)
    return GuildRules(
        budgets=Budgets(guild.false_answers.overheard / 100, guild.false_answers.addressed / 100),
        channel_seconds=guild.cooldown.channel_seconds,
        repeat_seconds=guild.cooldown.repeat_seconds,
        log_questions=config.store.log_questions,
    )


def read_author_key(database: Path) -> bytes:
    """Return the key for the askers' pseudonyms: from the environment, else from a file beside the database.

    Raises:
        ConfigError: The key in the environment is too short.
        StoreUnavailableError: The file cannot be read or made.
    """
    key = os.environ.get(AUTHOR_KEY_VARIABLE, "").encode()
    if not key:
        return read_or_create_key(database.with_name("author.key"))
    if len(key) < MIN_KEY_BYTES:
        message = f"has {len(key)} bytes; use at least {MIN_KEY_BYTES}, for example from `openssl rand -hex 32`"
        raise ConfigError([Problem(AUTHOR_KEY_VARIABLE, 0, message)])
    return key

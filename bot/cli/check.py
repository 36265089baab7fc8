"""``faqtotum check``: everything that can be wrong before the bot starts, all at once."""

from __future__ import annotations

import asyncio
import functools
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ..app import build_embedder, build_reranker, build_source, read_author_key
from ..core.errors import FaqtotumError, StoreUnavailableError
from ..matching import MIN_ENTRIES, MIN_PHRASINGS, build_corpus, is_too_small
from ..services import accept_key, find_key_problem
from ..stores import open_sqlite
from .common import embedding_progress, load_config

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable

    from ..config import Config


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status: 0 if all is well, 1 with every problem printed."""
    console = Console(soft_wrap=True, highlight=False)
    try:
        config = load_config(arguments.config)
    except FaqtotumError as error:
        _print_failure(console, "configuration", error)
        # What the configuration names is unknown; the defaults at least show whether the rest would work.
        console.print("The FAQ files, the model and the database are checked once the configuration is mended.")
        return 1
    console.print("[green]✓[/] configuration")
    return asyncio.run(_check(config, console, accepting=arguments.accept_key))


async def _check(config: Config, console: Console, *, accepting: bool) -> int:
    checks: dict[str, Callable[[Config], Awaitable[str]]] = {
        "FAQ files": _check_faq,
        "model": _check_model,
        **({"reranker": _check_reranker} if build_reranker(config) else {}),
        "database": functools.partial(_check_store, accept=accepting),
    }
    failures = 0
    for name, check in checks.items():
        try:
            console.print(f"[green]✓[/] {name}: {escape(await check(config))}")
        except FaqtotumError as error:
            _print_failure(console, name, error)
            failures += 1
    return 1 if failures else 0


def _print_failure(console: Console, name: str, error: FaqtotumError) -> None:
    console.print(f"[red]✗[/] {name}")
    for line in str(error).splitlines():
        console.print(f"    {line}", markup=False)


async def _check_faq(config: Config) -> str:
    scopes = await build_source(config).read()
    entries = [entry for found in scopes.values() for entry in found if entry.enabled]
    phrasings = sum(len(entry.phrasings) for entry in entries)
    told = f"{len(entries)} entries with {phrasings} phrasings"
    if any(is_too_small(build_corpus([entry for entry in found if entry.enabled])) for found in scopes.values()):
        told += (
            f"\n    fewer than {MIN_ENTRIES} entries or {MIN_PHRASINGS} phrasings are too few to be calibrated: "
            "safe values are used, and the bot is quieter than it could be"
        )
    return told


async def _check_model(config: Config) -> str:
    with embedding_progress():
        async with build_embedder(config) as embedder:
            await embedder.embed_queries(["Does this model work?"])
            return f"{embedder.model_id}, {embedder.dim} dimensions"


async def _check_reranker(config: Config) -> str:
    async with AsyncExitStack() as stack:
        if reranker := build_reranker(config):
            await stack.enter_async_context(reranker)
            await reranker.rerank_pairs([("Does this model work?", "It does.")])
            return reranker.model_id
    return "none"


async def _check_store(config: Config, *, accept: bool) -> str:
    async with open_sqlite(config.store.path) as store:
        if damage := await store.find_damage():
            problems = "\n".join(damage)
            raise StoreUnavailableError(
                f"{config.store.path} is damaged; put a backup in its place, or move it away to begin anew:\n{problems}"
            )
        key = read_author_key(config)
        if accept:
            await accept_key(store, key)
        problem = await find_key_problem(store, store.members, key)
        return f"{config.store.path} is sound" + (f"\n    {problem}" if problem else "")

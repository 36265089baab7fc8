"""``faqtotum overlap``: which entries of an FAQ could be confused."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..app import build_embedder, build_reranker, read_listing
from ..core.entries import usable
from ..core.errors import InvalidInputError, Problem
from ..core.speech import counted, verbatim
from ..faqfiles import check_place
from ..plots import plot_overlap, write_picture
from ..resources import read_chatter
from ..services import Fitter, advise, find_overlap
from ..stores import has_database, open_sqlite
from .common import embedding_progress, load_config

if TYPE_CHECKING:
    from argparse import Namespace

    from ..config import Config
    from ..matching import Confusable, Side
    from ..services import Overlap

_INDENT = (0, 0, 0, 6)
"""Below the numbers of the list."""


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    if arguments.out:
        check_place(arguments.out)
    overlap = asyncio.run(_find(load_config(arguments.config), arguments.guild))
    if arguments.out:
        if not overlap.entries:
            message = "the FAQ has no entries, so there is nothing to draw; leave it out"
            raise InvalidInputError([Problem("--out", 0, verbatim(message))])
        write_picture(arguments.out, plot_overlap(overlap))
    if arguments.json:
        print(json.dumps(_to_json(overlap, arguments.top), ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show(overlap, arguments.top, Console(highlight=False))
    return 0


async def _find(config: Config, guild_id: int | None) -> Overlap:
    entries = usable(await read_listing(config, guild_id))
    async with AsyncExitStack() as stack:
        # What the bot embedded needs not be embedded again; where it never ran, nothing is left behind.
        has_cache = has_database(config.store.path)
        cache = await stack.enter_async_context(open_sqlite(config.store.path)) if has_cache else None
        on_progress = stack.enter_context(embedding_progress())
        embedder = await stack.enter_async_context(build_embedder(config, on_progress=on_progress))
        reranker = build_reranker(config)
        if reranker:
            await stack.enter_async_context(reranker)
        faqs, _ = await Fitter(embedder, read_chatter(), cache, reranker).fit({guild_id: entries})
        return await asyncio.to_thread(find_overlap, faqs[guild_id])


def _to_json(overlap: Overlap, top: int) -> dict[str, object]:
    return {
        "entries": len(overlap.entries),
        "asked": overlap.asked,
        "pairs": [
            {
                "a": _side_to_json(pair.a),
                "b": _side_to_json(pair.b),
                "similarity": round(pair.similarity, 6),
                "risk": round(pair.risk, 6),
                "advice": [str(sentence) for sentence in advise(pair)],
            }
            for pair in overlap.pairs[:top]
        ],
        "left_out": max(0, len(overlap.pairs) - top),
    }


def _side_to_json(side: Side) -> dict[str, object]:
    return {"entry": side.entry.id, "phrasing": side.phrasing, "astray": list(side.astray), "asked": side.asked}


def _show(overlap: Overlap, top: int, console: Console) -> None:
    for number, pair in enumerate(overlap.pairs[:top], start=1):
        console.print(Text.assemble(f"{number:4}  ", *_heading(pair)))
        for sentence in advise(pair):
            console.print(Padding(Text(str(sentence)), _INDENT))
        console.print()
    if len(overlap.pairs) > top:
        console.print(f"and {len(overlap.pairs) - top} more; --top shows them\n")
    pairs = counted("{count} pair could be confused", "{count} pairs could be confused", len(overlap.pairs))
    entries = counted("{count} entry", "{count} entries", len(overlap.entries))
    console.print(f"{entries}, {pairs}")
    if overlap.entries and not overlap.asked:
        console.print("No entry has a second phrasing, so none could be tried without it: only closeness was compared.")


def _heading(pair: Confusable) -> list[tuple[str, str]]:
    return [(pair.a.entry.id, "bold"), (" / ", "dim"), (pair.b.entry.id, "bold"), (f"  {pair.similarity:.2f}", "cyan")]

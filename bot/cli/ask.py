"""``faqtotum ask``: what the FAQ says to a question, with the ranked hits."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from ..app import open_app
from ..core.types import Answer, VerdictName
from .common import embedding_progress, load_config

if TYPE_CHECKING:
    from argparse import Namespace

    from ..services import Outcome

_SAYINGS = {
    VerdictName.ANSWER: "[bold green]answer[/]: the bot is sure",
    VerdictName.SUGGEST: "[bold yellow]suggest[/]: the bot offers “did you mean”, if it was asked",
    VerdictName.NO_MATCH: "[bold red]no_match[/]: the bot has nothing on that",
}


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    outcome = asyncio.run(_ask(arguments))
    if arguments.json:
        print(json.dumps(_to_json(outcome), ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show(outcome, Console())
    return 0


async def _ask(arguments: Namespace) -> Outcome:
    config = load_config(arguments.config)
    with embedding_progress() as on_progress:
        async with open_app(config, on_progress=on_progress) as app:
            return await app.ask(arguments.question)


def _to_json(outcome: Outcome) -> dict[str, object]:
    best = outcome.hits[0] if outcome.hits else None
    return {
        "verdict": VerdictName.of(outcome.verdict).value,
        "entry": best.entry.id if best else None,
        "similarity": round(best.similarity, 6) if best else None,
        "hits": [
            {"entry": hit.entry.id, "phrasing": hit.phrasing, "similarity": round(hit.similarity, 6)}
            for hit in outcome.hits
        ],
    }


def _show(outcome: Outcome, console: Console) -> None:
    table = Table(box=None, header_style="bold")
    table.add_column("similarity", justify="right")
    table.add_column("entry")
    table.add_column("closest phrasing")
    for hit in outcome.hits:
        table.add_row(f"{hit.similarity:.3f}", hit.entry.id, hit.phrasing)
    console.print(table)
    console.print()
    console.print(_SAYINGS[VerdictName.of(outcome.verdict)])
    if isinstance(outcome.verdict, Answer):
        console.print()
        console.print(Markdown(outcome.verdict.hit.entry.answer))

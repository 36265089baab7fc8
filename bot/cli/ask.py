"""``faqtotum ask``: what the FAQ says to a question, with the ranked hits."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from ..app import open_basis
from ..core.types import Answer, VerdictName
from ..services import explain
from .common import embedding_progress, load_config

if TYPE_CHECKING:
    from argparse import Namespace

    from rich.console import Console
    from rich.table import Table

    from ..services import Explanation, Outcome

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
        # A script that wants JSON need not wait for what draws tables.
        from rich.console import Console  # noqa: PLC0415

        _show(outcome, Console(), verbose=arguments.verbose)
    return 0


async def _ask(arguments: Namespace) -> Outcome:
    config = load_config(arguments.config)
    with embedding_progress() as on_progress:
        async with open_basis(config, on_progress=on_progress) as basis:
            return await basis.ask(arguments.question, addressed=not arguments.overheard)


def _to_json(outcome: Outcome) -> dict[str, object]:
    best = outcome.hits[0] if outcome.hits else None
    grounds = outcome.grounds
    return {
        "verdict": VerdictName.of(outcome.verdict).value,
        "entry": best.entry.id if best else None,
        "probability": round(grounds.odds.right, 6),
        "answers_from": round(grounds.limits.answer, 6),
        "similarity": round(best.similarity, 6) if best else None,
        "hits": [
            {
                "entry": hit.entry.id,
                "phrasing": hit.phrasing,
                "similarity": round(hit.similarity, 6),
                "relevance": round(hit.relevance, 6),
            }
            for hit in outcome.hits
        ],
        "why": list(map(str, explain(outcome).sentences)),
    }


def _show(outcome: Outcome, console: Console, *, verbose: bool) -> None:
    explanation = explain(outcome)
    if outcome.hits:
        console.print(_table_of(explanation, verbose=verbose))
        console.print()
    console.print(_SAYINGS[VerdictName.of(outcome.verdict)])
    if verbose:
        for sentence in map(str, explanation.sentences):
            console.print(f"  {sentence}", markup=False, highlight=False)
    if isinstance(outcome.verdict, Answer):
        from rich.markdown import Markdown  # noqa: PLC0415 - slow to import, and only answers are Markdown

        console.print()
        console.print(Markdown(outcome.verdict.hit.entry.answer))


def _table_of(explanation: Explanation, *, verbose: bool) -> Table:
    from rich.table import Table  # noqa: PLC0415 - see `run`

    table = Table(box=None, header_style="bold")
    table.add_column("relevance", justify="right")
    terms = [share.term for share in explanation.candidates[0].shares] if verbose else []
    for share in explanation.candidates[0].shares[: len(terms)]:
        table.add_column(f"{share.term}\n* {share.weight:g}", justify="right")
    if not verbose:
        table.add_column("similarity", justify="right")
    table.add_column("entry")
    table.add_column("closest phrasing")
    for candidate in explanation.candidates:
        hit = candidate.hit
        shares = [f"{share.value:.2f}" for share in candidate.shares] if verbose else [f"{hit.similarity:.3f}"]
        table.add_row(f"{hit.relevance:.3f}", *shares, hit.entry.id, hit.phrasing)
    return table

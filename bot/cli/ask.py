"""``faqtotum ask``: what the FAQ says to a question, with the ranked hits."""

from __future__ import annotations

import asyncio
import json
import re
import sys
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

_MARKUP = re.compile(r"\[[^]]*]")
_TEXTS = 2
"""Columns at the end that hold no numbers: entry and phrasing."""


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    outcome = asyncio.run(_ask(arguments))
    if arguments.json:
        print(json.dumps(_to_json(outcome), ensure_ascii=False))  # noqa: T201 - for scripts
    elif sys.stdout.isatty():
        # Into a file or another program goes plain text, which need not wait for what draws tables.
        from rich.console import Console  # noqa: PLC0415

        _show(outcome, Console(), verbose=arguments.verbose)
    else:
        print(_to_text(outcome, verbose=arguments.verbose))  # noqa: T201 - what was asked for
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
        console.print(_to_table(explanation, verbose=verbose))
        console.print()
    console.print(_SAYINGS[VerdictName.of(outcome.verdict)])
    if verbose:
        for sentence in map(str, explanation.sentences):
            console.print(f"  {sentence}", markup=False, highlight=False)
    if isinstance(outcome.verdict, Answer):
        from rich.markdown import Markdown  # noqa: PLC0415 - slow to import, and only answers are Markdown

        console.print()
        console.print(Markdown(outcome.verdict.hit.entry.answer))


def _to_table(explanation: Explanation, *, verbose: bool) -> Table:
    from rich.markup import escape  # noqa: PLC0415 - see `run`
    from rich.table import Table  # noqa: PLC0415 - likewise

    head, *rows = _list_hits(explanation, verbose=verbose)
    table = Table(box=None, header_style="bold")
    for number, name in enumerate(head):
        is_number = number < len(head) - _TEXTS
        # In a narrow terminal texts go on below; half an id or half a number helps nobody.
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _to_text(outcome: Outcome, *, verbose: bool) -> str:
    """Return what `_show` shows, without its colours, and no line broken."""
    explanation = explain(outcome)
    parts = list[str]()
    if outcome.hits:
        rows = [[cell.replace("\n", " ") for cell in row] for row in _list_hits(explanation, verbose=verbose)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for *numbers, entry, phrasing in rows:
            cells = [number.rjust(width) for number, width in zip(numbers, widths, strict=False)]
            parts.append("  ".join([*cells, entry.ljust(widths[-_TEXTS]), phrasing]))
        parts.append("")
    parts.append(_MARKUP.sub("", _SAYINGS[VerdictName.of(outcome.verdict)]))
    parts += [f"  {sentence}" for sentence in explanation.sentences if verbose]
    if isinstance(outcome.verdict, Answer):
        parts += ["", outcome.verdict.hit.entry.answer.rstrip()]
    return "\n".join(parts)


def _list_hits(explanation: Explanation, *, verbose: bool) -> list[list[str]]:
    """Return the headings and a row for each hit; the last `_TEXTS` columns are texts, the others numbers."""
    weights = [f"{share.term}\n* {share.weight:g}" for share in explanation.candidates[0].shares]
    rows = [["relevance", *(weights if verbose else ["similarity"]), "entry", "closest phrasing"]]
    for candidate in explanation.candidates:
        hit = candidate.hit
        shares = [f"{share.value:.2f}" for share in candidate.shares] if verbose else [f"{hit.similarity:.3f}"]
        rows.append([f"{hit.relevance:.3f}", *shares, hit.entry.id, hit.phrasing])
    return rows

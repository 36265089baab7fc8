"""``faqtotum evaluate duplicates``: how well questions with the same entry are found to be the same."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from rich.console import Console
from rich.table import Table

from ..core.errors import InvalidInputError, Problem
from ..core.speech import verbatim
from ..core.text import clean
from ..faqfiles import read_queries
from ..mining import TIGHT, TOPICS, find_clusters, smooth, worth_showing
from ..mining.evaluating import SMALLEST, Partition, Showing, average_precision, judge_partition, judge_showing
from ..mining.naive import MAX_PAIRS, THRESHOLD, TOP_K, connect, mine_naively, naive_precision
from .common import load_config, steps_progress
from .embedding import embed_questions

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..core.types import Embeddings

WORD = "duplicates"
"""Stands where else the FAQ is named."""
_NOT_HERE = ("phrasings", "in_scope", "models", "predictions", "plot")
"""Options that only the evaluation of answers has."""
_DECIMALS = 4
_NAME_WIDTH = 14
_FIGURE_WIDTH = 9
"""Columns of both tables, so that they stand in line."""


@dataclass(frozen=True, slots=True)
class _Way:
    """What one way of finding duplicates comes to.

    Attributes:
        pairs: Average precision of the pairs by similarity, in-scope questions only.
        drawn: The same by the similarity that the topics are made of; None where there is none.
        topics: Its division of the in-scope questions.
        shown: What it shows of the in-scope questions.
        mixed_pairs: As `pairs`, of all questions.
        mixed: What it shows of all questions.
    """

    pairs: float | None
    drawn: float | None
    topics: Partition
    shown: Showing
    mixed_pairs: float | None
    mixed: Showing


Figures: TypeAlias = "Mapping[str, tuple[Callable[[_Way], float | None], str]]"
"""How to read each figure, and what it means."""
_FIGURES: Figures = {
    "AP of pairs": (lambda way: way.pairs, "average precision of pairs, by similarity"),
    "AP, drawn": (lambda way: way.drawn, "by the similarity that topics are made of"),
    "ARI": (lambda way: way.topics.ari, "how far topics and entries agree"),
    "V-measure": (lambda way: way.topics.v_measure, "likewise"),
    "purity": (lambda way: way.topics.purity, "questions of their topic's main entry"),
    "coverage": (lambda way: way.topics.coverage, f"questions in topics of {SMALLEST} or more"),
    "shown": (lambda way: way.shown.clusters, "clusters that are shown"),
    "  right": (lambda way: way.shown.right, "pairs in them that have one entry"),
    "  covered": (lambda way: way.shown.covered, "repeated questions that are in them"),
}
_MIXED_FIGURES: Figures = {
    "AP of pairs": (lambda way: way.mixed_pairs, "average precision of pairs, by similarity"),
    "shown": (lambda way: way.mixed.clusters, "clusters that are shown"),
    "  right": (lambda way: way.mixed.right, "pairs in them that have one entry"),
    "  of in-scope": (lambda way: way.mixed.right_in_scope, "likewise, if at least one has an entry"),
    "  covered": (lambda way: way.mixed.covered, "repeated questions that are in them"),
}


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Different questions with their entries."""

    embeddings: Embeddings
    entries: list[str | None]

    def in_scope(self) -> _Labelled:
        rows = [row for row, entry in enumerate(self.entries) if entry is not None]
        return _Labelled(self.embeddings[rows], [self.entries[row] for row in rows])


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    given = [name for name in _NOT_HERE if getattr(arguments, name) is not None]
    given += ["overheard"] if arguments.overheard else []
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        message = "is for the evaluation of answers; leave it out to evaluate duplicates"
        raise InvalidInputError([Problem(options, 0, verbatim(message))])
    config = load_config(arguments.config)
    texts = _read(arguments.queries)
    with steps_progress() as show:
        embeddings, model = asyncio.run(embed_questions(config, list(texts), show))
        questions = _Labelled(embeddings, list(texts.values()))
        ways = {
            "naive": _measure_naively(questions),
            "faqtotum": _measure(questions, partial(show, "Clustering")),
        }
    if arguments.json:
        told: dict[str, object] = {
            "model": model,
            "questions": len(texts),
            "in_scope": len(questions.in_scope().entries),
        }
        told |= {name: _round(asdict(way)) for name, way in ways.items()}
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show(questions, model, ways, Console(highlight=False))
    return 0


def _read(path: Path) -> dict[str, str | None]:
    """Return the entry of each different text.

    Raises:
        FaqInvalidError: The file cannot be read or used; with every problem.
        InvalidInputError: No two questions have the same entry.
    """
    texts: dict[str, str | None] = {}
    for text, entry in read_queries(path):
        if cleaned := clean(text):
            texts.setdefault(cleaned, entry)
    entries = [entry for entry in texts.values() if entry is not None]
    if len(entries) == len(set(entries)):
        message = "no two different questions have the same entry, so there is nothing to find; label some that do"
        raise InvalidInputError([Problem(str(path), 0, verbatim(message))])
    return texts


def _measure(questions: _Labelled, on_progress: Callable[[int, int], None]) -> _Way:
    inside = questions.in_scope()
    topics = find_clusters(inside.embeddings, grain=TOPICS, on_progress=on_progress)

    def show(some: _Labelled) -> Showing:
        clusters = worth_showing(find_clusters(some.embeddings, grain=TIGHT, on_progress=on_progress))
        return judge_showing([cluster.rows for cluster in clusters], some.entries)

    return _Way(
        pairs=average_precision(inside.embeddings, inside.entries),
        drawn=average_precision(smooth(inside.embeddings, TOPICS.smoothing), inside.entries),
        topics=judge_partition([cluster.rows for cluster in topics], inside.entries),
        shown=show(inside),
        mixed_pairs=average_precision(questions.embeddings, questions.entries),
        mixed=show(questions),
    )


def _measure_naively(questions: _Labelled) -> _Way:
    inside = questions.in_scope()
    pairs, mixed_pairs = mine_naively(inside.embeddings), mine_naively(questions.embeddings)
    components, mixed = connect(pairs, len(inside.entries)), connect(mixed_pairs, len(questions.entries))
    return _Way(
        pairs=naive_precision(pairs, inside.entries),
        drawn=None,
        topics=judge_partition(components, inside.entries),
        shown=judge_showing(_large(components), inside.entries),
        mixed_pairs=naive_precision(mixed_pairs, questions.entries),
        mixed=judge_showing(_large(mixed), questions.entries),
    )


def _large(clusters: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    return [rows for rows in clusters if len(rows) >= SMALLEST]


def _round(value: object) -> object:
    if isinstance(value, dict):
        return {name: _round(own) for name, own in cast("dict[str, Any]", value).items()}
    return round(value, _DECIMALS) if isinstance(value, float) else value


def _show(questions: _Labelled, model: str, ways: dict[str, _Way], console: Console) -> None:
    inside = [entry for entry in questions.entries if entry is not None]
    console.print(
        f"{len(questions.entries)} different questions, {len(inside)} of them with one of {len(set(inside))} entries, "
        f"{model}",
        markup=False,
    )
    console.print(_to_table("in scope: questions with an entry", _FIGURES, ways))
    console.print(_to_table("out of scope mixed in", _MIXED_FIGURES, ways))
    console.print(
        "\nnaive: what sentence_transformers.util.paraphrase_mining does with its defaults, computed with numpy (the "
        f"{TOP_K} nearest of each question, {MAX_PAIRS:,} pairs), and connected components from {THRESHOLD} on. "
        "Questions without an entry are taken to be unlike each other; where they are not, more is right than is said."
    )


def _to_table(title: str, figures: Figures, ways: dict[str, _Way]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), title=f"\n{title}", title_justify="left")
    table.add_column("figure", min_width=_NAME_WIDTH)
    for name in ways:
        table.add_column(name, justify="right", width=_FIGURE_WIDTH)
    table.add_column("meaning", style="dim")
    for name, (read, meaning) in figures.items():
        table.add_row(name, *(_format(read(way)) for way in ways.values()), meaning)
    return table


def _format(figure: float | None) -> str:
    if figure is None:
        return "-"
    return str(figure) if isinstance(figure, int) else f"{figure:.3f}"

"""``faqtotum duplicates``: which questions of a list are the same in other words."""

from __future__ import annotations

import asyncio
import json
import os
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..core.errors import InvalidInputError, Problem
from ..core.speech import counted, verbatim
from ..faqfiles import read_questions
from ..matching import one_thread
from ..mining import (
    DEFAULT_THRESHOLD,
    MIN_COHESION,
    MIN_SIZE,
    TIGHT,
    TOPICS,
    closest_pairs,
    find_clusters,
    mine_pairs,
    similarity,
    worth_showing,
)
from .common import load_config, steps_progress
from .duplicates_file import Duplicates, askers_of, check_name, describe, write_duplicates
from .embedding import count_texts, embed_questions

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from ..config import Config
    from ..core.types import Embeddings
    from ..mining import Cluster

MOST_PAIRS = 1_000_000
"""Pairs that are kept, the closest ones; whoever wants more than that can set a higher threshold instead."""
_SHOWN_TEXTS = 8
"""Texts of a cluster that are printed below its representative question."""
_SHOWN_CHARACTERS = 150
"""Of a text; two lines of a terminal."""
_MARGIN = 5
"""Columns for the sizes of the clusters."""


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status."""
    config = load_config(arguments.config)
    if arguments.out:
        check_name(arguments.out)
    found = _find(config, arguments)
    if arguments.out:
        write_duplicates(arguments.out, found)
    if arguments.json:
        print(json.dumps(describe(found), ensure_ascii=False))  # noqa: T201 - for scripts
    else:
        _show(found, arguments.top, Console(highlight=False))
    return 0


def _find(config: Config, arguments: Namespace) -> Duplicates:
    questions = read_questions(arguments.input, arguments.asker_column)
    asked = count_texts(questions)
    if not asked:
        message = "holds nothing but markup and addresses; there has to be at least one question to read"
        raise InvalidInputError([Problem(str(arguments.input), 0, verbatim(message))])
    threshold = DEFAULT_THRESHOLD if arguments.threshold is None else arguments.threshold
    with steps_progress() as show:
        embeddings, model = asyncio.run(embed_questions(config, [one.text for one in asked], show))
        # Not in a thread: Ctrl-C is to end it at once. Its workers end with their blocks, within a moment.
        workers = os.cpu_count() or 1
        with one_thread():
            blocks = mine_pairs(embeddings, threshold, workers=workers, on_progress=partial(show, "Comparing"))
            pairs, pair_count = closest_pairs(blocks, MOST_PAIRS)
        clusters = _cluster(embeddings, [one.count for one in asked], arguments, partial(show, "Clustering"))
    clusters = [cluster for cluster in clusters if len(askers_of(asked, cluster)) >= arguments.min_askers]
    return Duplicates(
        questions=len(questions),
        names_askers=any(one.asker is not None for one in questions),
        asked=asked,
        model=model,
        threshold=threshold,
        clusters=clusters,
        nearness=[_nearness(embeddings, cluster) for cluster in clusters],
        pairs=pairs,
        pair_count=pair_count,
    )


def _cluster(
    embeddings: Embeddings, counts: Sequence[int], arguments: Namespace, on_progress: Callable[[int, int], None]
) -> list[Cluster]:
    grain = TOPICS if arguments.topics else TIGHT
    return worth_showing(
        find_clusters(embeddings, counts=counts, grain=grain, on_progress=on_progress),
        min_size=arguments.min_size or MIN_SIZE,
        min_cohesion=MIN_COHESION if arguments.cohesion is None else arguments.cohesion,
    )


def _nearness(embeddings: Embeddings, cluster: Cluster) -> list[float]:
    rows = embeddings[list(cluster.rows)]
    return similarity(rows, embeddings[[cluster.medoid] * len(rows)]).tolist()


def _show(found: Duplicates, top: int, console: Console) -> None:
    for number, cluster in enumerate(found.clusters[:top]):
        console.print(_to_grid(found, number, cluster))
        console.print()
    if len(found.clusters) > top:
        more = counted("{count} more cluster", "{count} more clusters", len(found.clusters) - top)
        console.print(f"and {more}; --top shows more, --out writes all\n")
    _sum_up(found, console)


def _to_grid(found: Duplicates, number: int, cluster: Cluster) -> Table:
    """Return a cluster with its size in the margin, and below the similarity of each text to the first."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", width=_MARGIN, style="cyan")
    grid.add_column(overflow="fold")
    medoid, members = found.asked[cluster.medoid], found.members(number)
    grid.add_row(Text(str(cluster.size), "bold"), _line(medoid.text, medoid.count, "bold"))
    if found.names_askers:
        people = counted("from {count} person", "from {count} people", len(askers_of(found.asked, cluster)))
        grid.add_row("", Text(str(people), "dim"))
    for one, near in members[:_SHOWN_TEXTS]:
        grid.add_row(f"{near:.2f}", _line(one.text, one.count))
    if len(members) > _SHOWN_TEXTS:
        grid.add_row("", Text(f"and {len(members) - _SHOWN_TEXTS} more", "dim"))
    return grid


def _line(text: str, count: int, style: str = "") -> Text:
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return Text.assemble((shown, style), (f" ({count} times)" if count > 1 else "", "dim"))


def _sum_up(found: Duplicates, console: Console) -> None:
    questions = counted("{count} question", "{count} questions", found.questions)
    inside = sum(cluster.size for cluster in found.clusters)
    clusters = counted("{count} cluster", "{count} clusters", len(found.clusters))
    pairs = counted("{count} pair", "{count} pairs", found.pair_count)
    console.print(
        f"{questions}, {len(found.asked)} different; {clusters} with {inside} of them; {pairs} with a similarity of "
        f"{found.threshold:.2f} or more"
    )
    if found.pair_count > len(found.pairs):
        console.print(f"Only the {len(found.pairs)} closest pairs are kept; a higher --threshold leaves fewer.")
    unreadable = found.questions - sum(one.count for one in found.asked)
    if unreadable:
        left_out = counted("{count} question was left out", "{count} questions were left out", unreadable)
        console.print(f"{left_out}: nothing but markup and addresses.")

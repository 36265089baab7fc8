"""The closest of many phrasings."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from bot.matching.inverted import build_inverted_search
from bot.matching.search import LARGEST_EXACT, ExactSearch

from .figures import Curve, Figure
from .inputs import SEED

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.core.types import Embeddings

CLOSEST = 5
GOAL = 15.0
FLOOR_GOAL = 2.0
SIZES = (1_000, 10_000, 100_000, 300_000, 1_000_000)
TURNS = 15
PHRASINGS = 5
"""Of an entry, as the groups of the search have them."""
QUICK_SIZE = 10_000
MIXED = 50
"""Rows of which a query is made that is like none of them: each is added or taken away."""


def measure_search(rows: Embeddings, *, quick: bool) -> tuple[list[Figure], list[Curve]]:
    """Return figures for 100,000 rows (10,000 if quick), and beyond for the index; and how search grows."""
    curve = Curve(f"The {CLOSEST} closest, one query", "phrasings", "ms")
    figures: list[Figure] = []
    for size in [size for size in SIZES if size <= len(rows)]:
        took, recall = compare(rows[:size])
        for way, each in took.items():
            curve.add(way, size, statistics.median(each))
        name = f"{CLOSEST} closest of {size:,}"
        if size == (QUICK_SIZE if quick else LARGEST_EXACT):
            far, _ = compare(rows[:size], is_far=True)
            share = [ours / floor for ours, floor in zip(took["exact"], took["reading"], strict=True)]
            figures.append(Figure(name, "exact", "ms", took["naive"], took["exact"], GOAL))
            figures.append(Figure(f"{name}, of which none is close", "exact", "ms", far["naive"], far["exact"]))
            figures.append(Figure(f"{name}, over reading them all", "exact", "times", [], share, FLOOR_GOAL))
        if recall is not None:
            note = f"recall@{CLOSEST} {recall:.3f}"
            figures.append(Figure(name, "index", "ms", took["naive"], took["index"], note=note))
    return figures, [curve]


def compare(rows: Embeddings, *, is_far: bool = False) -> tuple[dict[str, list[float]], float | None]:
    """Return the milliseconds of each way, query by query, and the index's recall where there is one.

    Args:
        rows: What is searched.
        is_far: Whether the queries are like no row; by default one row is closer to each of them than most are.
    """
    import torch  # noqa: PLC0415 - only where it is measured
    from sentence_transformers import util  # noqa: PLC0415

    starts = np.arange(0, len(rows), PHRASINGS)
    exact = ExactSearch(rows, starts)
    inverted = build_inverted_search(rows, starts) if len(rows) > LARGEST_EXACT else None
    corpus, numbers = torch.from_numpy(rows), rows.reshape(-1)
    ways: dict[str, Callable[[Embeddings], object]] = {
        "naive": lambda query: util.semantic_search(torch.from_numpy(query), corpus, top_k=CLOSEST),
        "exact": lambda query: exact.nearest(query, CLOSEST),
        # Each number once: whatever multiplies them with a query is no quicker.
        "reading": lambda _: np.dot(numbers, numbers),
    }
    if inverted is not None:
        ways["index"] = lambda query: inverted.nearest(query, CLOSEST)
    rng = np.random.default_rng(SEED)
    took: dict[str, list[float]] = {way: [] for way in ways}
    for at in range(-1, TURNS):
        query = (0.8 * rows[[at]] + 0.6 * rows[[at + TURNS]]).astype(np.float32)
        if is_far:
            query = rng.choice([-1.0, 1.0], size=(1, MIXED)).astype(np.float32) @ rows[:MIXED]
        query /= np.linalg.norm(query)
        for way, work in ways.items():
            started = time.perf_counter()
            work(query)
            # The first is to warm up.
            took[way] += [1000 * (time.perf_counter() - started)] * (at >= 0)
    return took, None if inverted is None else inverted.recall

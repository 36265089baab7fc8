"""Pairs of questions that mean the same."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.mining import mine_pairs

from ..mining import measure
from .figures import Curve, Figure

if TYPE_CHECKING:
    from bot.core.types import Embeddings

THRESHOLD = 0.85
GOAL = 35.0
MEMORY_GOAL = 25.0
NIGHT_GOAL, REMINE_GOAL = 10.0, 1000.0
NEW = 1000
SIZES = (5_000, 20_000, 100_000, 200_000)
NAIVE_UP_TO = 100_000
_TOP_K = 100
"""Of the naive way, as the default of paraphrase_mining_embeddings."""


def mine_naively(embeddings: Embeddings) -> int:
    """Return how many pairs the library's function finds with its defaults."""
    import torch  # noqa: PLC0415 - only where it is measured
    from sentence_transformers import util  # noqa: PLC0415

    found = util.paraphrase_mining_embeddings(torch.from_numpy(embeddings))
    return sum(similarity >= THRESHOLD for similarity, _, _ in found)


def mine(embeddings: Embeddings) -> int:
    """Return how many pairs ours finds, on all cores."""
    return sum(map(len, mine_pairs(embeddings, THRESHOLD, workers=os.cpu_count() or 1)))


def mine_night(embeddings: Embeddings, new: int) -> int:
    """Return how many pairs the last rows add to all before them."""
    rows = len(embeddings) - new
    return sum(
        map(len, mine_pairs(embeddings[rows:], THRESHOLD, stored=embeddings[:rows], workers=os.cpu_count() or 1))
    )


def search_night(embeddings: Embeddings, new: int) -> int:
    """Return how many pairs util.semantic_search finds for the last rows among all."""
    import torch  # noqa: PLC0415 - only where it is measured
    from sentence_transformers import util  # noqa: PLC0415

    every = torch.from_numpy(embeddings)
    hits = util.semantic_search(every[len(embeddings) - new :], every, top_k=_TOP_K)
    return sum(hit["score"] >= THRESHOLD for own in hits for hit in own)


def measure_mining(rows: Embeddings, *, quick: bool) -> tuple[list[Figure], list[Curve]]:
    """Return figures for 100,000 rows (20,000 if quick) and how mining grows."""
    size, turns = (20_000, 1) if quick else (NAIVE_UP_TO, 3)
    speed, memory = Curve("All pairs at 0.85", "questions", "s"), Curve("All pairs at 0.85, memory", "questions", "MiB")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        for count in [count for count in SIZES if count <= min(len(rows), 20_000 if quick else len(rows))]:
            np.save(path, rows[:count])
            repeats = turns if count == size else 1
            took = [
                ((measure(mine_naively, path) if count <= NAIVE_UP_TO else None), measure(mine, path))
                for _ in range(repeats)
            ]
            for naive, ours in took[:1]:
                if naive:
                    speed.add("naive", count, naive[0])
                    memory.add("naive", count, naive[1])
                speed.add("ours", count, ours[0])
                memory.add("ours", count, ours[1])
            if count == size:
                figures += tell_pairs(took, count)
        new = NEW if not quick else 200
        np.save(path, rows[: size + new] if size + new <= len(rows) else rows)
        took = [(measure(search_night, path, new), measure(mine_night, path, new)) for _ in range(max(turns, 2))]
        again = next((figure.naive for figure in figures if figure.unit == "s"), [])
        name = f"a night: {new:,} new × {size:,}"  # noqa: RUF001 - times
        ours = [one[0] for _, one in took]
        figures.append(
            Figure(f"{name}, against semantic_search", "ours", "s", [one[0] for one, _ in took], ours, NIGHT_GOAL)
        )
        figures.append(
            Figure(
                f"{name}, against mining all again",
                "ours",
                "s",
                [float(np.median(again))] * len(ours),
                ours,
                REMINE_GOAL,
            )
        )
    return figures, [speed, memory]


def tell_pairs(
    took: list[tuple[tuple[float, float, int] | None, tuple[float, float, int]]], count: int
) -> list[Figure]:
    """Return the figures of mining everything."""
    naive = [one for one, _ in took if one]
    ours = [one for _, one in took]
    dropped = 100 * (1 - naive[0][2] / max(1, ours[0][2]))
    name = f"all pairs of {count:,} at {THRESHOLD}"
    note = f"{ours[0][2]:,} pairs, of which the naive way drops {dropped:.0f} %"
    return [
        Figure(name, "ours", "s", [one[0] for one in naive], [one[0] for one in ours], GOAL, note),
        Figure(f"{name}, memory", "ours", "MiB", [one[1] for one in naive], [one[1] for one in ours], MEMORY_GOAL),
    ]

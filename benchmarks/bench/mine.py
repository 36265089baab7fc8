"""Pairs of questions that mean the same."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.mining import KeptCodes, mine_night, mine_pairs

from ..mining import measure
from . import night
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


def mine_first_night(embeddings: Embeddings, new: int) -> int:
    """Return how many pairs the last rows add to all before them, of which nothing was kept."""
    rows = len(embeddings) - new
    return sum(
        map(len, mine_pairs(embeddings[rows:], THRESHOLD, stored=embeddings[:rows], workers=os.cpu_count() or 1))
    )


def keep_codes(embeddings: Embeddings, new: int) -> KeptCodes:
    """Return what the bot keeps of all rows but the last from one night to the next."""
    rows = embeddings[: len(embeddings) - new]
    kept = KeptCodes(rows, len(rows))
    kept.append(rows)
    return kept


def mine_further_night(embeddings: Embeddings, kept: KeptCodes, new: int) -> int:
    """Return how many pairs the last rows add to all before them, of which the codes were kept."""
    rows = len(embeddings) - new
    found = mine_night(embeddings[rows:], THRESHOLD, kept, embeddings[:rows], workers=os.cpu_count() or 1)
    return sum(map(len, found))


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
        every = rows[: size + new] if size + new <= len(rows) else rows
        np.save(path, every)
        again = next((figure.naive for figure in figures if figure.unit == "s"), [])
        figures += tell_nights(path, new, size, max(turns, 2), float(np.median(again)) if again else None)
        figures += night.measure_night(Path(folder), every, new, max(turns, 2))
    return figures, [speed, memory]


def tell_nights(path: Path, new: int, size: int, turns: int, again: float | None) -> list[Figure]:
    """Return the figures of the first night after a start, and of every further one.

    Args:
        path: The embeddings.
        new: How many of them are new.
        size: How many are not.
        turns: How often.
        again: The seconds that mining everything again takes the naive way, None if that was not measured.
    """
    took = [
        (
            measure(search_night, path, new),
            measure(mine_first_night, path, new),
            measure(mine_further_night, path, new, prepare=keep_codes),
        )
        for _ in range(turns)
    ]
    name = f"a night: {new:,} new × {size:,}"  # noqa: RUF001 - times
    figures: list[Figure] = []
    for way, place in (("first night", 1), ("further nights", 2)):
        ours = [turn[place][0] for turn in took]
        searched = [turn[0][0] for turn in took]
        figures.append(Figure(f"{name}, against semantic_search", way, "s", searched, ours, NIGHT_GOAL))
        if again is not None:
            mined = [again] * len(ours)
            figures.append(Figure(f"{name}, against mining all again", way, "s", mined, ours, REMINE_GOAL))
    return figures


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

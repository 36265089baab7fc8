"""Measure the two default thresholds on labelled questions: share answered rightly, and false answers.

    python benchmarks/thresholds.py FOLDER ... [--phrasings 5]

Each FOLDER holds `phrasings.csv` (entry,phrasing) and `queries.csv` (text,entry; an empty entry: the FAQ has no
answer). The phrasings of an entry are drawn with a fixed seed, so that a second run gives the same figures.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.app import build_embedder
from bot.config import Config
from bot.core.text import clean

SEED = 7
THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw(rows: list[dict[str, str]], k: int) -> list[dict[str, str]]:
    """Return at most k phrasings of each entry."""
    rng, drawn = random.Random(SEED), []  # noqa: S311 - a repeatable choice, no secret
    for entry in sorted({row["entry"] for row in rows}):
        own = [row for row in rows if row["entry"] == entry]
        drawn += rng.sample(own, min(k, len(own)))
    return drawn


async def main() -> None:
    """Print a table for each folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--phrasings", type=int, default=5)
    arguments = parser.parse_args()
    async with build_embedder(Config()) as embedder:
        for folder in arguments.folders:
            faq, queries = draw(read(folder / "phrasings.csv"), arguments.phrasings), read(folder / "queries.csv")
            corpus = await embedder.embed_corpus([clean(row["phrasing"]) for row in faq])
            asked = await embedder.embed_queries([clean(row["text"]) for row in queries])
            similarities = asked @ corpus.T
            found = np.array([faq[best]["entry"] for best in similarities.argmax(1)])
            right_entry = np.array([row["entry"] for row in queries])
            right = found == right_entry
            print(f"{folder.name}, {arguments.phrasings} phrasings an entry")  # noqa: T201 - the table
            for threshold in THRESHOLDS:
                answered = similarities.max(1) >= threshold
                coverage = 100 * (answered & right).sum() / (right_entry != "").sum()
                false = 100 * (answered & ~right).mean()
                print(f"  {threshold:.2f}  answered rightly {coverage:5.1f} %  false {false:5.1f} %")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())

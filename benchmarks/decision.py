"""Measure how long a decision takes once the question is embedded.

    python benchmarks/decision.py [--entries 1000] [--phrasings 5]

The FAQ is made of random words and random embeddings: what is timed does not depend on what they mean. The median over
many questions is printed, beside that of a plain cosine search over the same phrasings, measured in turns.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.core.decision import decide
from bot.core.types import Entry
from bot.matching import ADDRESSED, KEPT, Calibration, Matcher, build_corpus
from bot.matching.fallback import SAFE_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

DIM = 384
QUESTIONS = 500


def make_words(rng: random.Random) -> list[str]:
    """Return words of plausible length."""
    letters = "etaoinshrdlucmfwypvbgk"
    return ["".join(rng.choice(letters) for _ in range(rng.randint(2, 9))) for _ in range(5000)]


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Print two medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--phrasings", type=int, default=5)
    arguments = parser.parse_args()
    rng, noise = random.Random(1), np.random.default_rng(1)  # noqa: S311 - a repeatable choice, no secret
    words = make_words(rng)

    def sentence() -> str:
        return " ".join(rng.choices(words, k=rng.randint(4, 12)))

    def unit_rows(count: int) -> np.ndarray:
        rows = noise.standard_normal((count, DIM)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    entries = [
        Entry(f"e{number}", sentence(), "", tuple(sentence() for _ in range(arguments.phrasings - 1)))
        for number in range(arguments.entries)
    ]
    corpus = build_corpus(entries)
    started = time.perf_counter()
    matcher = Matcher(corpus, unit_rows(len(corpus.texts)), words)
    print(f"{len(entries)} entries, {len(corpus.texts)} phrasings, fitted in {time.perf_counter() - started:.1f} s")  # noqa: T201
    calibration = Calibration(SAFE_SAMPLES)
    limits = calibration.limits(0.05, ADDRESSED)

    def decide_on(text: str, embedding: np.ndarray) -> None:
        ranking = matcher.rank(matcher.read(text), embedding, KEPT)
        decide(ranking.hits, calibration.odds(ranking.confidence, ADDRESSED), limits)

    ours, plain = list[float](), list[float]()
    for embedding in unit_rows(QUESTIONS):
        text = sentence()
        ours.append(timed(lambda text=text, embedding=embedding: decide_on(text, embedding)))
        plain.append(timed(lambda embedding=embedding: np.argsort(-(matcher.embeddings @ embedding))[:KEPT]))
    ratio = statistics.median(ours) / statistics.median(plain)
    print(  # noqa: T201
        f"decision {statistics.median(ours):.2f} ms, plain cosine search {statistics.median(plain):.2f} ms (median; "
        f"{ratio:.1f} times)"
    )


if __name__ == "__main__":
    main()

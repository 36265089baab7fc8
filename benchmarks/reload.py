"""Measure what a reload costs the people who ask meanwhile.

    python benchmarks/reload.py [--entries 1000] [--phrasings 3] [--rate 50] [--seconds 20]

An FAQ of random words is served with the default model; questions arrive at a steady rate, first undisturbed and then
while one phrasing is changed and the files are reloaded again and again. Printed are the texts that a reload encoded,
the seconds that it took, questions lost and answers changed, and the latency of the questions in both halves.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.app import App, open_app
from bot.config import Config
from bot.core.types import Answer

LETTERS = "etaoinshrdlucmfwypvbgk"


def write_faq(path: Path, phrasings: list[list[str]]) -> None:
    """Write an FAQ file with these phrasings."""
    entries = [
        f"  - id: entry-{number}\n    question: {own[0]}\n    alternates: [{', '.join(own[1:])}]\n"
        f"    answer: It is {number}.\n"
        for number, own in enumerate(phrasings)
    ]
    path.write_text("title: Benchmark\nentries:\n" + "".join(entries), encoding="utf-8")


async def ask_at(app: App, questions: list[str], rate: float, seconds: float) -> list[tuple[str, str | None, float]]:
    """Ask at a steady rate; return each question, the entry that answered it, and the milliseconds it took."""
    done: list[tuple[str, str | None, float]] = []

    async def ask(text: str) -> None:
        started = time.perf_counter()
        verdict = (await app.ask(text)).verdict
        entry = verdict.hit.entry.id if isinstance(verdict, Answer) else None
        done.append((text, entry, 1000 * (time.perf_counter() - started)))

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            group.create_task(ask(questions[number % len(questions)]))
    return done


async def measure(arguments: argparse.Namespace, folder: Path) -> None:
    """Print everything."""
    rng = random.Random(1)  # noqa: S311 - a repeatable choice, no secret
    words = ["".join(rng.choice(LETTERS) for _ in range(rng.randint(2, 9))) for _ in range(3000)]

    def sentence() -> str:
        return " ".join(rng.choices(words, k=rng.randint(4, 10)))

    phrasings = [[sentence() for _ in range(arguments.phrasings)] for _ in range(arguments.entries)]
    path = folder / "faq.yaml"
    write_faq(path, phrasings)
    settings = {"faq": {"files": [str(path)]}, "store": {"path": str(folder / "db.sqlite3")}}
    # One thread: with several, whoever shares the cores makes them wait for each other.
    config = Config.from_mapping(settings | {"model": {"threads": 1}})
    async with open_app(config) as app:
        # The first entry is the one that changes; nobody asks for it.
        questions = [rng.choice(own) for own in phrasings[1:200]]
        undisturbed = await ask_at(app, questions, arguments.rate, arguments.seconds)
        expected = {text: entry for text, entry, _ in undisturbed}
        asking = asyncio.create_task(ask_at(app, questions, arguments.rate, arguments.seconds))
        encoded, took = list[int](), list[float]()
        while not asking.done():
            phrasings[0][0] = sentence()
            write_faq(path, phrasings)
            result = await app.knowledge.reload()
            encoded.append(result.embedded)
            took.append(result.seconds)
        disturbed = await asking
    changed = sum(expected[text] != entry for text, entry, _ in disturbed)
    lost = 2 * int(arguments.rate * arguments.seconds) - len(undisturbed) - len(disturbed)
    lines = [
        f"{len(took)} reloads, {statistics.median(took):.1f} s each (median), texts encoded by each: {set(encoded)}",
        f"{len(disturbed)} questions meanwhile; lost: {lost}, answered otherwise: {changed}",
    ]
    for name, half in (("undisturbed", undisturbed), ("while reloading", disturbed)):
        latencies = sorted(one for _, _, one in half)
        p50, p99 = latencies[len(latencies) // 2], latencies[int(0.99 * len(latencies))]
        lines.append(f"{name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--phrasings", type=int, default=3)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(arguments, Path(folder)))


if __name__ == "__main__":
    main()

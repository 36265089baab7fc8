"""Measure a nightly report on a long history of questions, as a table in Markdown.

    python benchmarks/history.py [--sizes 100000 1000000] [--scratch 100000] [--folder FOLDER]

A database is filled with 90 days of one server's questions: half of them about a thousand subjects, some far more
popular than others, half about anything. Three in ten repeat an earlier text; wordings of one subject have a
similarity of about 0.8, so that one pair in a thousand reaches it, as in public sets of customers' questions. All but
the last night's are mined already; `--scratch` is a history of which nothing is. No model is loaded: what is measured
is what the log costs. A million questions take 3 GB of disk, which `--folder` keeps for the next time.

Each history has a process of its own, with one thread for numpy. Printed are the seconds that each step takes, the most
memory beyond what the process had before, and the longest time that a question, of which one is logged every 20 ms, had
to wait for the database and for its turn in the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from made_history import CHANNEL, GUILD, SUBJECTS, UNTIL, Kept, MadeUp, fill

from bot.app import open_app
from bot.config import Config
from bot.core.memory import peak_memory
from bot.core.types import QuestionRecord, VerdictName
from bot.services import Miner
from bot.services.reporting import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from multiprocessing.connection import Connection

    from bot.app import App

ELSEWHERE = GUILD + 1
EVERY = 0.02
"""Seconds between two questions that are logged meanwhile."""
_MEBI = 2**20

_FAQ = """
title: Benchmark
entries:
""" + "".join(
    f"  - id: entry-{number}\n    question: wording {number} of subject {number}\n    answer: It is {number}.\n"
    f"    alternates: [another wording {SUBJECTS + number} of subject {number}]\n"
    for number in range(20)
)


@dataclass
class Waiting:
    """How long a question had to wait until it was logged, at the longest, in seconds."""

    longest: float = 0.0


@asynccontextmanager
async def logging_meanwhile(app: App) -> AsyncGenerator[Waiting]:
    """Log a question again and again, in another server."""
    waiting, embedding = Waiting(), MadeUp().place("anything")
    question = QuestionRecord(
        asked_at=UNTIL,
        guild_id=ELSEWHERE,
        channel_id=CHANNEL,
        message_id=None,
        reply_id=None,
        author_hash=b"a" * 32,
        text="anything",
        embedding=embedding,
        model_id=MadeUp.model_id,
        addressed=False,
        replied=False,
        verdict=VerdictName.NO_MATCH,
        entry_id=None,
        similarity=0.4,
        latency=0.1,
    )

    async def log() -> None:
        planned = time.perf_counter()
        while True:
            await app.store.add_question(replace(question, asked_at=UNTIL + timedelta(days=1)))
            waiting.longest = max(waiting.longest, time.perf_counter() - planned)
            planned = max(planned + EVERY, time.perf_counter())
            await asyncio.sleep(planned - time.perf_counter())

    task = asyncio.create_task(log())
    try:
        yield waiting
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def report(path: Path, folder: Path) -> dict[str, float]:
    """Make the report; return what it took, by what that is."""
    (folder / "faq.yaml").write_text(_FAQ, encoding="utf-8")
    config = Config.from_mapping({"faq": {"files": [str(folder / "faq.yaml")]}, "store": {"path": str(path)}})
    embedder, zone, day = MadeUp(), ZoneInfo("UTC"), UNTIL.date()
    took: dict[str, float] = {}
    async with open_app(config, embedder=embedder) as app:
        threshold = THRESHOLDS[0]
        await app.reporter.build(ELSEWHERE, day, UNTIL, zone)  # what is imported and warmed up is not to be measured
        _forget_peak()
        before = peak_memory()
        for name, work in (
            ("assigning", lambda: app.reports.assign_texts(GUILD, embedder.model_id)),
            ("mining", lambda: Miner(app.reports, embedder).mine(GUILD, threshold)),
            ("building", lambda: app.reporter.build(GUILD, day, UNTIL, zone)),
        ):
            async with logging_meanwhile(app) as waiting:
                started = time.perf_counter()
                found = await work()
                took[name] = time.perf_counter() - started
            took[f"{name}, longest wait"] = waiting.longest
            if name == "mining":
                took["pairs"] = float(found) if isinstance(found, int) else 0
            elif name == "building":
                took["topics"] = len(found.topics) if not isinstance(found, int) else 0
            took[f"{name}, MiB"] = (peak_memory() - before) / _MEBI
    return took


def _forget_peak() -> None:
    """Have the system measure the peak memory of this process from now on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _run(pipe: Connection, path: Path, folder: Path) -> None:
    pipe.send(asyncio.run(report(path, folder)))


def measure(kept: Kept) -> dict[str, float]:
    """Return what the report of a history takes, in a process of its own, on a copy of the database."""
    with tempfile.TemporaryDirectory(dir=kept.path.parent) as name:
        folder = Path(name)
        copy = folder / "history.sqlite3"
        shutil.copy(kept.path, copy)
        # Or the first write of the report would wait for all of the copy.
        os.sync()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_run, args=(theirs, copy, folder))
        process.start()
        theirs.close()
        took = ours.recv()
        process.join()
        took["database, MiB"] = copy.stat().st_size / _MEBI
    return took


def show(kept: Kept, took: dict[str, float]) -> str:
    """Return a row of the table."""
    steps = ("assigning", "mining", "building")
    seconds = " | ".join(f"{took[step]:.1f} s" for step in steps)
    memory = max(took[f"{step}, MiB"] for step in steps)
    waits = " | ".join(f"{1000 * took[f'{step}, longest wait']:.0f} ms" for step in steps)
    return (
        f"| {kept.questions:,} | {kept.texts:,} | {kept.new:,} | {took['pairs']:,.0f} | {took['topics']:.0f} "
        f"| {seconds} | {memory:.0f} MiB | {waits} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--scratch", type=int, nargs="*", default=[100_000])
    parser.add_argument("--folder", type=Path, help="where the databases are kept; otherwise they are deleted")
    parser.add_argument("--json", action="store_true", help="print all figures below each row")
    arguments = parser.parse_args()
    # Of this process and those that it starts: what is compared has one thread.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    print(  # noqa: T201 - the table
        "| questions | texts | new | pairs | topics | assigning | mining | building | memory "
        "| wait: assigning | mining | building |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for sizes, mined, name in ((arguments.sizes, True, "night"), (arguments.scratch, False, "scratch")):
            for size in sizes:
                kept = fill(folder / f"{name}-{size}.sqlite3", size, mined=mined)
                took = measure(kept)
                print(show(kept, took), flush=True)  # noqa: T201
                if arguments.json:
                    print(json.dumps(took), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

"""The bot in Discord: how soon it replies, and what memory it takes."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from pathlib import Path

from ..traffic import Traffic, measure_precision, open_street, read_questions
from .figures import PRECISIONS, Curve, Figure

GOALS = {"float32": 200.0, "int8": 130.0}
RATES = (1.0, 10.0, 50.0)
SECONDS = 20.0
HOUR = 3600
STARTS = 5


def measure_serving() -> tuple[list[Figure], list[Curve]]:
    """Return the figures of `faqtotum run` on the loopback Discord, at three rates and over an hour's questions."""
    told = asyncio.run(_measure())
    figures: list[Figure] = []
    memory = Curve("The bot's resident memory", "questions asked before", "MB")
    for precision, traffic in told.items():
        figures.append(Figure("the bot, from its start to its first reply", precision, "s", [], traffic.starts))
        for rate, took in traffic.replies.items():
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                value = took[int(share * len(took))]
                figures.append(Figure(f"a reply at {rate:g} questions a second, {name}", precision, "ms", [], [value]))
        for count, resident in traffic.resident.items():
            memory.add(precision, count, resident)
        last = list(traffic.resident.values())[-1]
        name = f"the whole bot's memory after {max(traffic.resident):,} questions"
        figures.append(Figure(name, precision, "MB", [], [last], GOALS[precision]))
    return figures, [memory]


async def _measure() -> dict[str, Traffic]:
    questions = await read_questions()
    told: dict[str, Traffic] = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in PRECISIONS:
            # Of its own: a seat looks through all that it has seen before it waits for a reply.
            async with open_street(questions) as street:
                # Else the one before, with all that was said in it, goes while somebody waits for a reply.
                gc.collect()
                told[precision] = await measure_precision(
                    street, precision, Path(folder), rates=RATES, seconds=SECONDS, hour=HOUR, starts=STARTS
                )
    return told

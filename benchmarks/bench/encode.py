"""Questions into embeddings: many at once, one by one, 64 in flight."""

from __future__ import annotations

import asyncio
import os
import statistics
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from ..encoding import (
    IN_FLIGHT,
    JACK,
    Naive,
    Ours,
    Took,
    in_turns,
    make_embedder,
    make_questions,
    repeat,
    timed,
)
from .figures import PRECISIONS, Curve, Figure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    Ways = dict[str, Callable[[Sequence[str]], Awaitable[object]]]

GOALS = {"float32": 3.0, "int8": 8.0}
FLIGHT_GOAL = 12.0
ONE_GOAL = 3.0
QUESTIONS, QUICK_QUESTIONS = 10_000, 1_500
QUICK_JACKS = 500
TURNS, QUICK_TURNS = 10, 5
SINGLES, QUICK_SINGLES = 200, 60
LENGTHS = (8, 16, 32, 64, 128)
BATCHES = (1, 4, 16, 64, 256)
ONE_CORE = "one core"
ALL_CORES = "all cores"
WORD = "question "
"""One token, and a space."""


def seconds(took: list[Took]) -> list[float]:
    """Return what the clock said."""
    return [one.wall for one in took]


def measure_encoding(cache: Path, *, quick: bool) -> tuple[list[Figure], list[Curve]]:
    """Return figures and curves; naive and ours have one core each time, or all of them each time."""
    questions = make_questions(QUICK_QUESTIONS if quick else QUESTIONS)
    figures, curves = asyncio.run(_measure(questions, cache, quick=quick))
    return figures + asyncio.run(_measure_few(questions, None, cache, quick=quick)), curves


async def _measure(questions: Sequence[str], cache: Path, *, quick: bool) -> tuple[list[Figure], list[Curve]]:
    count = len(questions)
    figures: list[Figure] = []
    async with AsyncExitStack() as stack:
        naive, ours = await _open(stack, 1, cache)
        together: Ways = {"naive": naive.embed} | {name: way.embed for name, way in ours.items()}
        size = count // (QUICK_TURNS if quick else TURNS)
        asked = repeat(questions)
        for what, blocks, goals in (
            ("all different", [questions[at : at + size] for at in range(0, count, size)], GOALS),
            # Who finds doubles has to have them together, so they are not cut into blocks.
            ("as often as asked", [asked] * (1 if quick else 3), GOALS),
        ):
            took = await in_turns(together, blocks)
            note = f"{len({*blocks[0]}):,} different in {len(blocks[0]):,}"
            figures += to_figures(f"{len(blocks[0]):,} questions, {what}, {ONE_CORE}", took, goals, note)
        curves = [await measure_lengths(together, quick=quick), await measure_batches(together, questions, quick=quick)]
    return figures + await _measure_few(questions, 1, cache, quick=quick), curves


async def _measure_few(questions: Sequence[str], threads: int | None, cache: Path, *, quick: bool) -> list[Figure]:
    """Return what single questions take, and questions that arrive together, on one core or (None) on all of them."""
    singles, turns = (QUICK_SINGLES, QUICK_TURNS) if quick else (SINGLES, TURNS)
    where, goals = (ONE_CORE, (None, None)) if threads == 1 else (ALL_CORES, (ONE_GOAL, FLIGHT_GOAL))
    async with AsyncExitStack() as stack:
        naive, ours = await _open(stack, threads, cache)
        together: Ways = {"naive": naive.embed} | {name: way.embed for name, way in ours.items()}
        took = await in_turns(together, [[one] for one in questions[:singles]])
        figures = to_figures(f"one question, {where}", took, dict.fromkeys(PRECISIONS, goals[0]), "p50", unit="ms")
        flight: Ways = {"naive": naive.embed_in_flight} | {name: way.embed_in_flight for name, way in ours.items()}
        took = await in_turns(flight, [questions[at : at + IN_FLIGHT] for at in range(0, turns * IN_FLIGHT, IN_FLIGHT)])
        name = f"{IN_FLIGHT} questions in flight, {where}"
        return figures + to_figures(name, took, dict.fromkeys(PRECISIONS, goals[1]), "naive: one by one")


async def _open(stack: AsyncExitStack, threads: int | None, cache: Path) -> tuple[Naive, dict[str, Ours]]:
    """Return both ways with so many threads, None for one a core."""
    opened = {name: Ours(await stack.enter_async_context(make_embedder(name, threads, cache))) for name in PRECISIONS}
    # None would leave torch with what was set before.
    return Naive(threads or os.cpu_count()), opened


def to_figures(
    name: str, took: dict[str, list[Took]], goals: Mapping[str, float | None], note: str, unit: str = "s"
) -> list[Figure]:
    """Return a figure for each of our ways."""
    factor = 1000 if unit == "ms" else 1
    naive, *ours = ((way, [factor * one for one in seconds(turns)]) for way, turns in took.items())
    return [Figure(name, way, unit, naive[1], own, goals.get(way), note) for way, own in ours]


def measure_jack(cache: Path, count: int) -> tuple[list[Figure], list[Curve]]:
    """Return what one sentence takes many times, each time worked out anew, and what as many different ones take.

    Naive and ours have all cores. The naive way gets a tenth of them, and ten times what it took is told.
    """
    return asyncio.run(_measure_jack(cache, count)), []


async def _measure_jack(cache: Path, count: int) -> list[Figure]:
    async with AsyncExitStack() as stack:
        ours = {
            precision: Ours(await stack.enter_async_context(make_embedder(precision, None, cache)))
            for precision in PRECISIONS
        }
        return await _compare_jacks(Naive(None), ours, count)


async def _compare_jacks(naive: Naive, ours: dict[str, Ours], count: int) -> list[Figure]:
    same, different = ([make(JACK, number) for number in range(count)] for make in (spell, "{} {}".format))
    figures: list[Figure] = []
    for what, texts in (("the same each time", same), ("all different", different)):
        slow = [10 * (await timed(naive.embed(texts[: count // 10]))).wall]
        for precision, way in ours.items():
            fast = await timed(way.embed(texts))
            name = f"{count:,} times “{JACK}”, {what}, {ALL_CORES}"
            figures.append(Figure(name, precision, "s", slow, [fast.wall], note="naive: ten times a tenth"))
    return figures


def spell(text: str, number: int) -> str:
    """Return a text with some letters in the other case, by a number: another text, of the same tokens."""
    flipped, left = list[str](), number
    for character in text:
        flipped.append(character.swapcase() if character.isalpha() and left % 2 else character)
        left //= 2 if character.isalpha() else 1
    return "".join(flipped)


async def measure_lengths(ways: Ways, *, quick: bool) -> Curve:
    """Return the milliseconds that a text takes among 32, by its length."""
    curve = Curve("A text among 32, by its length", "tokens", "ms a text")
    for tokens in LENGTHS[: 3 if quick else None]:
        texts = [f"{WORD * (tokens - 3)}{number}" for number in range(32)]
        took = await in_turns(ways, [texts] * 3)
        for way, turns in took.items():
            curve.add(way, tokens, 1000 * statistics.median(seconds(turns)) / len(texts))
    return curve


async def measure_batches(ways: Ways, questions: Sequence[str], *, quick: bool) -> Curve:
    """Return the milliseconds that a question takes, by how many are embedded together."""
    curve = Curve("A question, by how many are embedded together", "questions", "ms a question")
    for count in BATCHES[: 3 if quick else None]:
        blocks = [questions[at * count : (at + 1) * count] for at in range(5)]
        took = await in_turns(ways, blocks)
        for way, turns in took.items():
            curve.add(way, count, 1000 * statistics.median(seconds(turns)) / count)
    return curve

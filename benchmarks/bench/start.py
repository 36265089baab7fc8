"""From the start of a process to its first answer."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..cold_start import QUESTIONS, Run, measure, name_naive, name_ways, prepare
from .figures import PRECISIONS, Curve, Figure

GOALS = {"float32": 20.0, "int8": 25.0}
ROUNDS, QUICK_ROUNDS = 9, 2


def measure_start(*, quick: bool) -> tuple[list[Figure], list[Curve]]:
    """Return the figures of `faqtotum ask`, against loading sentence-transformers and asking it."""
    naive: list[Run] = []
    ours: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ways = name_ways(folder, [*PRECISIONS])
        prepare(folder, ways)
        for number in range(QUICK_ROUNDS if quick else ROUNDS):
            question = QUESTIONS[number % len(QUESTIONS)]
            naive.append(measure(name_naive(folder, question)))
            for way, command in ways.items():
                ours.setdefault(way.removeprefix("ours, "), []).append(measure([*command, question]))
    figures: list[Figure] = []
    for way, runs in ours.items():
        goal = GOALS[way.split(",")[0]]
        name = "first answer of a process, FAQ embedded before"
        figures += [
            Figure(name, way, "s", [run.clock for run in naive], [run.clock for run in runs], goal),
            Figure(
                f"{name}: processor time",
                way,
                "s",
                [run.processor for run in naive],
                [run.processor for run in runs],
                goal,
            ),
            Figure(f"{name}: memory", way, "MB", [run.memory for run in naive], [run.memory for run in runs]),
        ]
    return figures, []

"""What is measured, and how it is told: medians, spread and ratios of ways that took turns."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

PRECISIONS = ("float32", "int8")
LIBRARIES = ("torch", "sentence-transformers", "transformers", "onnxruntime", "numpy", "scipy", "discord.py")
_KIBIBYTES_A_GIBIBYTE = 1024 * 1024
_EXPLAINED = (
    "Medians. Ratios are those of the turns, in each of which naive and ours were measured side by side: median "
    "(lowest to highest)."
)
_TENFOLD = 10
"""Ratios from here on need no decimal."""


@dataclass(frozen=True)
class Figure:
    """One thing that was measured the naive way and ours, turn by turn.

    Attributes:
        name: What.
        way: Which of ours.
        unit: Of the numbers, of which less is better: "s", "ms", "MB".
        naive: What the naive way took, one number a turn.
        ours: What ours took in the same turns.
        goal: How many times less it should be, or how much at most where there is no naive way; None without one.
        note: What else has to be said.
    """

    name: str
    way: str
    unit: str
    naive: list[float]
    ours: list[float]
    goal: float | None = None
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """How many times less ours took, turn by turn."""
        return [naive / ours for naive, ours in zip(self.naive, self.ours, strict=True)] if self.naive else []

    def to_row(self) -> str:
        """Return the row of the table."""
        naive = f"{_tell(statistics.median(self.naive))} {self.unit}" if self.naive else ""
        ours = f"{_tell(statistics.median(self.ours))} {self.unit}"
        if self.ratios:
            middle, low, high = statistics.median(self.ratios), min(self.ratios), max(self.ratios)
            ratio = (
                f"**{_tell(middle)}** ({_tell(low)} to {_tell(high)})"
                if len(self.ratios) > 1
                else f"**{_tell(middle)}**"
            )
            goal = f"{self.goal:g}" if self.goal else ""
        else:
            ratio, goal = "", f"at most {self.goal:g} {self.unit}" if self.goal else ""
        return f"| {self.name} | {self.way} | {naive} | {ours} | {ratio} | {goal} | {self.note} |"


@dataclass(frozen=True)
class Curve:
    """How something grows.

    Attributes:
        name: What.
        x: Name of what grows.
        unit: Of the numbers.
        points: By way, pairs of x and what it took.
    """

    name: str
    x: str
    unit: str
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict[str, "list[tuple[float, float]]"])

    def add(self, way: str, x: float, took: float) -> None:
        """Add a point."""
        self.points.setdefault(way, []).append((x, took))

    def to_table(self) -> list[str]:
        """Return it as a table, one row for each x."""
        ways = list(self.points)
        places = sorted({x for points in self.points.values() for x, _ in points})
        told = {way: dict(points) for way, points in self.points.items()}
        lines = [
            f"**{self.name}**, {self.unit}",
            "",
            f"| {self.x} | {' | '.join(ways)} |",
            "|---" * (1 + len(ways)) + "|",
        ]
        for place in places:
            cells = [_tell(told[way][place]) if place in told[way] else "" for way in ways]
            lines.append(f"| {place:,.0f} | {' | '.join(cells)} |")
        return [*lines, ""]


def _tell(number: float) -> str:
    if number >= 100:  # noqa: PLR2004 - three digits
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= _TENFOLD else f"{number:.2f}"


def describe_machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    processor = platform.processor() or platform.machine()
    flags: list[str] = []
    for line in (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else ()
    ):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            processor = value.strip()
        if name.strip() == "flags":
            flags = [
                flag for flag in value.split() if flag in {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"}
            ]
    memory = next((int(line.split()[1]) for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()), 0)
    return {
        "processor": processor,
        "instructions": sorted(flags),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / _KIBIBYTES_A_GIBIBYTE, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def to_markdown(machine: dict[str, Any], figures: list[Figure], curves: list[Curve]) -> str:
    """Return everything as Markdown."""
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    described = (
        f"{machine['cores']} cores of {machine['processor']} ({', '.join(machine['instructions'])}), "
        f"{machine['memory_gib']:g} GiB, {machine['system']}, Python {machine['python']}; {libraries}. "
        f"Load before: {machine['load_before']:.1f}."
    )
    lines = [
        described,
        "",
        _EXPLAINED,
        "",
        "| | way | naive | ours | times less | goal | |",
        "|---|---|---|---|---|---|---|",
        *[figure.to_row() for figure in figures],
        "",
    ]
    for curve in curves:
        lines += curve.to_table()
    return "\n".join(lines)


def to_json(machine: dict[str, Any], figures: list[Figure], curves: list[Curve]) -> dict[str, Any]:
    """Return everything as JSON has it."""
    told = [asdict(figure) | {"ratios": figure.ratios} for figure in figures]
    return {"machine": machine, "figures": told, "curves": [asdict(curve) for curve in curves]}

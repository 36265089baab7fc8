"""The figures and the curves as one picture."""

from __future__ import annotations

import math
import statistics
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from .figures import Curve, Figure

COLUMNS = 2
CURVE_HEIGHT = 3.4
"""In inches."""
COLOURS = {
    "naive": "#8a8f98",
    "float32": "#3b6fd4",
    "int8": "#12a37f",
    "ours": "#3b6fd4",
    "exact": "#3b6fd4",
    "index": "#12a37f",
    "reading": "#c9a227",
}
_OTHER = "#7a4fc4"


def draw(figures: list[Figure], curves: list[Curve], path: Path) -> None:
    """Write the picture.

    Args:
        figures: Those with a naive way become bars.
        curves: Each has a panel of its own.
        path: A PNG file.
    """
    compared = [figure for figure in figures if figure.ratios]
    height = 0.34 * len(compared) + 1.2
    below = math.ceil(len(curves) / COLUMNS)
    heights = ([height] if compared else []) + ([CURVE_HEIGHT * below] if below else [])
    if not heights:
        return
    canvas = Canvas(figsize=(12, sum(heights)), layout="constrained")
    FigureCanvasAgg(canvas)
    # Floors of their own, so that the bars' long names do not push the curves to the right.
    floors = list(np.ravel(canvas.subfigures(len(heights), 1, height_ratios=heights)))
    if compared:
        draw_bars(floors.pop(0).subplots(), compared)
    if curves:
        panels = list(np.ravel(floors.pop(0).subplots(below, COLUMNS, squeeze=False)))
        for curve, panel in zip_longest(curves, panels):
            if curve:
                draw_curve(panel, curve)
            else:
                panel.set_axis_off()
    canvas.savefig(path, dpi=110)


def draw_bars(axes: Axes, figures: list[Figure]) -> None:
    """Draw how many times less ours takes."""
    for place, figure in enumerate(figures):
        middle = statistics.median(figure.ratios)
        axes.barh(place, middle, color=COLOURS.get(figure.way, _OTHER), height=0.62)
        axes.plot([min(figure.ratios), max(figure.ratios)], [place, place], color="#222222", linewidth=1)
        if figure.goal:
            axes.plot([figure.goal] * 2, [place - 0.4, place + 0.4], color="#d43b3b", linewidth=2)
        axes.annotate(f" {middle:.3g}", (max(middle, *figure.ratios), place), va="center", fontsize=8)
    axes.set_yticks(range(len(figures)), [f"{figure.name}, {figure.way}" for figure in figures], fontsize=8)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color="#8a8f98", linewidth=1)
    axes.set_xlabel("times less than the naive way (red: goal; line: lowest to highest turn)")
    axes.spines[["top", "right"]].set_visible(False)


def draw_curve(axes: Axes, curve: Curve) -> None:
    """Draw how something grows."""
    for way, points in curve.points.items():
        places, took = zip(*sorted(points), strict=True)
        axes.plot(places, took, marker="o", markersize=4, label=way, color=COLOURS.get(way, _OTHER))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(curve.name, fontsize=10, loc="left")
    axes.set_xlabel(curve.x, fontsize=9)
    axes.set_ylabel(curve.unit, fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)

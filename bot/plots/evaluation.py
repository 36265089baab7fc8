"""Pictures of how good the answers are."""

# pyright: reportUnknownMemberType=false
# (matplotlib's functions take keyword arguments that have no types.)

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.evaluation import BUDGETS, evaluate, precision_coverage, reliability, within_budget
from .style import BLUE, DPI, GREY, INK, LARGE, MEDIUM, SKY, SMALL, VERMILLION, cut, to_png, write_picture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from ..core.evaluation import Figures, Prediction

INCHES = (12.0, 5.8)
"""1800 by 870 pixels: both panels can be read beside each other in a chat and on a page."""
_BUDGET_MARKS = ("o", "s", "^", "D")
_NOTE_AT = 103.5
"""Above the panel, in its per cent, where nothing is drawn."""
_FEW_POINTS = 30
"""A curve of fewer points shows each of them, because a line alone would hide how little it rests on."""
_GRID = {"left": 0.065, "right": 0.975, "bottom": 0.255, "top": 0.815, "wspace": 0.19}
"""Shares of the picture; the legends stand below the panels, where they cover nothing, whatever is drawn."""


def plot_evaluation(predictions: Sequence[Prediction], target: Path, *, title: str) -> None:
    """Draw precision against coverage, and confidence against the share that is right, into one PNG.

    Args:
        predictions: The predictions.
        target: The file, which is replaced.
        title: What was measured; cut after 80 characters.

    Raises:
        ValueError: As `evaluate`.
        InvalidInputError: The file cannot be written.
    """
    # Half a second that only those wait for who want a picture.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figures = evaluate(predictions)
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
    figure.suptitle(cut(title), y=0.965, fontsize=LARGE, fontweight="bold", color=INK, parse_math=False)
    left, right = figure.subplots(1, 2, gridspec_kw=_GRID)
    _draw_precision(left, predictions, figures)
    _draw_reliability(right, predictions, figures)
    write_picture(target, to_png(figure))


def _draw_precision(axes: Axes, predictions: Sequence[Prediction], figures: Figures) -> None:
    curve = precision_coverage(predictions)
    marker = "." if len(curve.threshold) < _FEW_POINTS else ""
    axes.plot(
        curve.coverage,
        curve.precision,
        color=BLUE,
        linewidth=2,
        marker=marker,
        markersize=7,
        clip_on=False,
        label="all thresholds",
        zorder=2,
    )
    for budget, mark in zip(BUDGETS, _BUDGET_MARKS, strict=True):
        if point := within_budget(predictions, budget):
            axes.plot(
                point.coverage,
                point.precision,
                mark,
                color="white",
                markeredgecolor=BLUE,
                markeredgewidth=1.8,
                markersize=8.5,
                clip_on=False,
                label=f"≤ {budget} % false: {point.coverage:.0f} % covered",
                zorder=3,
            )
    if figures.precision is None:
        setting = "at the bot's setting nothing is answered"
    else:
        setting = (
            f"at the bot's setting {figures.coverage:.0f} % covered, {figures.precision:.0f} % precise, "
            f"{figures.false_answers:.1f} % false answers"
        )
        axes.plot(
            figures.coverage,
            figures.precision,
            "*",
            color=VERMILLION,
            markeredgecolor="white",
            markersize=16,
            clip_on=False,
            label="the bot's setting",
            zorder=4,
        )
    axes.text(50, _NOTE_AT, setting, ha="center", fontsize=SMALL, color=VERMILLION)
    _dress(axes, "Precision against coverage")
    axes.set_xlabel("Coverage: in-scope queries answered rightly (%)", fontsize=MEDIUM, color=INK)
    axes.set_ylabel("Precision: answers that are right (%)", fontsize=MEDIUM, color=INK)
    _put_legend_below(axes, columns=2)


def _draw_reliability(axes: Axes, predictions: Sequence[Prediction], figures: Figures) -> None:
    bins = reliability(predictions)
    axes.bar(
        [50 * (one.low + one.high) for one in bins],
        [100 * one.right for one in bins],
        width=[100 * (one.high - one.low) for one in bins],
        color=SKY,
        alpha=0.45,
        edgecolor="white",
        linewidth=1.5,
        label="share that is right",
        zorder=1,
    )
    axes.plot(
        [0, 100],
        [0, 100],
        linestyle="--",
        color=GREY,
        linewidth=1.5,
        label="ideal: as often right as confident",
        zorder=2,
    )
    axes.plot(
        [100 * one.confidence for one in bins],
        [100 * one.right for one in bins],
        "o",
        color=BLUE,
        markeredgecolor="white",
        markersize=8.5,
        clip_on=False,
        label="mean confidence, and share that is right",
        zorder=3,
    )
    axes.text(-1.5, _NOTE_AT, "queries", ha="right", fontsize=SMALL - 1, color=INK)
    for one in bins:
        middle = 50 * (one.low + one.high)
        axes.text(middle, _NOTE_AT, str(one.count), ha="center", fontsize=SMALL - 1, color=INK)
    _dress(axes, f"Reliability (ECE {figures.ece:.1f} %)")
    axes.set_xlabel("Confidence (%)", fontsize=MEDIUM, color=INK)
    axes.set_ylabel("Predictions that are right (%)", fontsize=MEDIUM, color=INK)
    _put_legend_below(axes, columns=1)


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=MEDIUM + 1.5, color=INK, pad=26)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xticks(range(0, 101, 10))
    axes.set_yticks(range(0, 101, 20))
    axes.tick_params(labelsize=SMALL, colors=INK, length=0, pad=5)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(GREY)


def _put_legend_below(axes: Axes, *, columns: int) -> None:
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.025, -0.165),
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        borderaxespad=0,
        columnspacing=1.2,
    )

"""The map of which entries lie close to each other, for a dark background."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (matplotlib's functions take keyword arguments that have no types.)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..matching import CLOSE
from .style import DPI, LARGE, MEDIUM, SKY, SMALL, cut, to_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..matching import Confusable
    from ..services import Overlap

WIDTH, HEIGHT = 1900, 1280
"""Pixels. Everything below is in pixels too, from the lower left corner, except for the sizes of fonts."""
MOST_LABELS = 60
"""Entries of which all have their labels; of more entries only those that could be confused."""
MOST_VALUES = 12
"""Entries up to which the similarities stand in the cells."""
MOST_LISTED = 10
"""Pairs that are listed beside the map."""
# Discord's dark theme shows pictures on a grey like this; its texts are as light as these.
_BACKGROUND, _BLANK, _LIGHT, _MUTED = "#2b2d31", "#404249", "#e3e5e8", "#a6abb3"
_COLOURS = "magma"
"""Even to the eye, from black to near white, and the same order for everybody who is colour-blind."""
_DARK_TEXT_FROM = 0.6
"""Similarity from which on the colour is so light that only dark digits can be read on it."""
_MARGIN, _TOP, _GAP = 40, 96, 40
_LIST_LEFT, _LIST_WIDTH, _INDENT = 1360, 500, 92
_BAR_BOTTOM, _BAR_HEIGHT = 104, 24
_ROOM_WIDE, _ROOM_HIGH = _LIST_LEFT - _MARGIN - _GAP, HEIGHT - _TOP - _MARGIN
"""For the map with its labels."""
_LABEL_ROOM = 300
"""What labels may take of it at most."""
_SMALLEST_LABEL = 8.0
"""Points; longer labels are cut rather than smaller, except where the cells are smaller."""
_LETTER = 0.56
"""Width of an average letter of DejaVu Sans, matplotlib's own font, in font sizes; measured on ids."""
_LINE = 1.3
"""Height of a line of text, in font sizes."""
_FONT_OF_CELL = 0.78
_VALUE_OF_CELL = 0.3
_PAD = 12
"""Between labels and map."""
_LEADER = 60
"""Between labels and map where labels had to move, and lines lead to their rows."""
_SMALLEST_OUTLINE = 15
"""Smaller ones would not be seen where a chat shows the picture at a quarter of its size."""
_BOLD, _THIN, _CROWDED = 2.2, 0.9, 0.6
"""Lines in points: of outlines whose pair is listed, and of the others; thinner by this factor on small cells."""
_MOST_OUTLINED = 300
"""Pairs, the likeliest: more outlines than that hide the colours, and take minutes where entries are alike by the
thousand."""
_WHOLE_FROM = 8
"""Cells from this size on have whole pixels, or some would be visibly larger than others."""


@dataclass(frozen=True)
class OverlapWords:
    """What the picture says, in the reader's language; English by itself.

    Attributes:
        title: What was compared; cut after 80 characters.
        pairs: Heading of the list of entries that could be confused.
        none: What stands there if there are none.
        legend: How list and map belong together.
        more: How many pairs are not listed, with the field `count`.
        scale: What the colours mean.
        close: From where on on the scale entries lie close.
    """

    title: str = "Which entries could be confused"
    pairs: str = "Could be confused"
    none: str = "No two entries could be confused"
    legend: str = "outlined in the map; likeliest first"
    more: str = "and {count} more"
    scale: str = "Similarity of the closest phrasings (cosine)"
    close: str = "close"


def plot_overlap(overlap: Overlap, words: OverlapWords | None = None) -> bytes:
    """Draw how close the entries lie to each other into one PNG.

    Args:
        overlap: At least one entry.
        words: What the picture says.

    Raises:
        ValueError: There is no entry.
    """
    # Half a second that only those wait for who want a picture.
    from matplotlib.figure import Figure  # noqa: PLC0415

    if not overlap.entries:
        raise ValueError("there are no entries to draw")
    words = words or OverlapWords()
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=_BACKGROUND)
    paper = figure.add_axes((0, 0, 1, 1), zorder=2, facecolor="none")
    paper.set_xlim(0, WIDTH)
    paper.set_ylim(0, HEIGHT)
    paper.set_axis_off()
    grid = _lay_out(overlap)
    _draw_map(figure, overlap, grid, words)
    _draw_labels(paper, overlap, grid)
    _draw_outlines(paper, overlap, grid)
    _draw_list(paper, overlap.pairs, words)
    figure.text(_MARGIN / WIDTH, 1 - 62 / HEIGHT, cut(words.title), **_font(LARGE), fontweight="bold", parse_math=False)
    return to_png(figure)


@dataclass(frozen=True)
class _Grid:
    """Where the map is.

    Attributes:
        left: Its left side.
        top: Its upper side.
        side: Its width and height.
        count: Entries.
        font: Size of the labels in points.
    """

    left: float
    top: float
    side: float
    count: int
    font: float

    @property
    def is_crowded(self) -> bool:
        """Whether there are too many entries for each to have a label."""
        return self.count > MOST_LABELS

    @property
    def cell(self) -> float:
        """Width and height of a cell."""
        return self.side / self.count

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top - self.side

    def x(self, column: int) -> float:
        """Return the middle of a column."""
        return self.left + (column + 0.5) * self.cell

    def y(self, row: int) -> float:
        """Return the middle of a row; rows are counted from the top."""
        return self.top - (row + 0.5) * self.cell


def _lay_out(overlap: Overlap) -> _Grid:
    count, letters = len(overlap.entries), max(len(entry.id) for entry in overlap.entries)
    fitting = max(_SMALLEST_LABEL, min(MEDIUM, _to_points(_LABEL_ROOM / (_LETTER * letters))))
    if count > MOST_LABELS:
        font, beside, below = min(SMALL, fitting), _LABEL_ROOM + _LEADER, 0.0
    else:
        # Labels are as high as a cell allows, and cells as high as the labels below them allow.
        cell = _ROOM_HIGH / (count + _FONT_OF_CELL * _LETTER * letters)
        font = min(fitting, _to_points(_FONT_OF_CELL * cell))
        beside = below = min(_LABEL_ROOM, letters * _LETTER * _to_pixels(font)) + _PAD
    side = min(_ROOM_WIDE - beside, _ROOM_HIGH - below)
    if side / count >= _WHOLE_FROM:
        side = side // count * count
    return _Grid(left=_MARGIN + beside, top=HEIGHT - _TOP, side=side, count=count, font=font)


def _draw_map(figure: Figure, overlap: Overlap, grid: _Grid, words: OverlapWords) -> None:
    from matplotlib import colormaps  # noqa: PLC0415

    axes = _add_axes(figure, grid.left, grid.bottom, grid.side, grid.side)
    axes.set_axis_off()
    # Every entry is like itself; that would be the brightest line of all and say nothing.
    shown = np.ma.masked_array(overlap.similarities, np.eye(grid.count, dtype=np.bool_))
    colours = colormaps[_COLOURS].with_extremes(bad=_BLANK)
    image = axes.imshow(shown, cmap=colours, vmin=0, vmax=1, aspect="auto")
    if grid.count <= MOST_VALUES:
        size = min(LARGE, _to_points(grid.cell * _VALUE_OF_CELL))
        for (row, column), value in np.ndenumerate(overlap.similarities):
            if row != column:
                colour = "black" if value >= _DARK_TEXT_FROM else "white"
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", **_font(size, colour))
    bar = _add_axes(figure, _LIST_LEFT, _BAR_BOTTOM, _LIST_WIDTH, _BAR_HEIGHT)
    figure.colorbar(image, cax=bar, orientation="horizontal").outline.set_visible(False)
    bar.set_xticks([0, 0.25, 0.5, CLOSE, 1], ["0", "0.25", "0.5", f"{CLOSE:g}\n{words.close}", "1"])
    bar.tick_params(axis="x", colors=_LIGHT, labelsize=SMALL, length=0, pad=8)
    bar.axvline(CLOSE, color=SKY, linewidth=3)


def _draw_labels(paper: Axes, overlap: Overlap, grid: _Grid) -> None:
    numbers = _number(overlap)
    listed = {numbers[side.entry.id] for pair in overlap.pairs[:MOST_LISTED] for side in (pair.a, pair.b)}
    labelled = sorted(listed) if grid.is_crowded else range(grid.count)
    pad = _LEADER if grid.is_crowded else _PAD
    rows = [grid.y(number) for number in labelled]
    heights = _spread(rows, _LINE * _to_pixels(grid.font), grid.bottom, grid.top) if grid.is_crowded else rows
    for number, row, y in zip(labelled, rows, heights, strict=True):
        label = _shorten(overlap.entries[number].id, _LABEL_ROOM, grid.font)
        font = _font(grid.font, SKY if number in listed else _LIGHT)
        paper.text(grid.left - pad, y, label, ha="right", va="center", **font)
        if grid.is_crowded:
            bend = [grid.left - pad + 8, grid.left - pad / 4, grid.left]
            paper.plot(bend, [y, row, row], color=SKY, linewidth=0.9, alpha=0.8)
        else:
            x = grid.x(number)
            paper.text(x, grid.bottom - pad, label, ha="center", va="top", rotation="vertical", **font)


def _draw_outlines(paper: Axes, overlap: Overlap, grid: _Grid) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    numbers = _number(overlap)
    # The likeliest last, so that they lie on top of the others.
    for rank, pair in reversed([*enumerate(overlap.pairs[:_MOST_OUTLINED])]):
        a, b = numbers[pair.a.entry.id], numbers[pair.b.entry.id]
        is_listed = rank < MOST_LISTED
        size = max(grid.cell, _SMALLEST_OUTLINE) if is_listed else grid.cell
        for row, column in ((a, b), (b, a)):
            corner = grid.x(column) - size / 2, grid.y(row) - size / 2
            width = (_BOLD if is_listed else _THIN) * (_CROWDED if grid.is_crowded else 1)
            paper.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=SKY, linewidth=width))


def _draw_list(paper: Axes, pairs: Sequence[Confusable], words: OverlapWords) -> None:
    line, y = _LINE * _to_pixels(MEDIUM), float(HEIGHT - _TOP)
    heading = words.pairs if pairs else words.none
    paper.text(_LIST_LEFT, y, heading, va="top", **_font(MEDIUM, SKY if pairs else _LIGHT), fontweight="bold")
    if pairs:
        y -= 1.1 * line
        paper.text(_LIST_LEFT, y, words.legend, va="top", **_font(SMALL, _MUTED))
    y -= 1.6 * line
    for pair in pairs[:MOST_LISTED]:
        paper.text(_LIST_LEFT, y, f"{pair.similarity:.2f}", va="top", **_font(MEDIUM, _MUTED))
        for side in (pair.a, pair.b):
            label = _shorten(side.entry.id, _LIST_WIDTH - _INDENT, MEDIUM)
            paper.text(_LIST_LEFT + _INDENT, y, label, va="top", **_font(MEDIUM))
            y -= line
        y -= 0.55 * line
    if len(pairs) > MOST_LISTED:
        paper.text(_LIST_LEFT, y, words.more.format(count=len(pairs) - MOST_LISTED), va="top", **_font(MEDIUM, _MUTED))
    above_bar = _BAR_BOTTOM + _BAR_HEIGHT + _PAD
    paper.text(_LIST_LEFT, above_bar, words.scale, **_font(SMALL, _MUTED))


def _spread(wanted: Sequence[float], gap: float, lowest: float, highest: float) -> list[float]:
    """Return heights with a gap between any two, all in all as close to the wanted ones as can be.

    Isotonic regression by pooling neighbours that are too close (Ayer et al., "An empirical distribution function for
    sampling with incomplete information", 1955).

    Args:
        wanted: From the top down.
        gap: The least distance.
        lowest: The least height.
        highest: The greatest.
    """
    pools = list[tuple[float, int]]()
    for at, y in enumerate(wanted):
        mean, size = y + at * gap, 1
        while pools and pools[-1][0] < mean:
            other, more = pools.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        pools.append((mean, size))
    least = lowest + (len(wanted) - 1) * gap
    levels = [min(max(mean, least), highest) for mean, size in pools for _ in range(size)]
    return [level - at * gap for at, level in enumerate(levels)]


def _number(overlap: Overlap) -> dict[str, int]:
    return {entry.id: number for number, entry in enumerate(overlap.entries)}


def _add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    return figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))


def _font(size: float, colour: str = _LIGHT) -> dict[str, Any]:
    return {"fontsize": size, "color": colour}


def _shorten(label: str, room: float, size: float) -> str:
    letters = int(room / (_LETTER * _to_pixels(size)))
    if len(label) <= letters:
        return label
    # In the middle, because ids that begin alike differ at the end, if anywhere.
    end = (letters - 1) // 2
    return f"{label[: letters - 1 - end]}…{label[-end:]}"


def _to_points(pixels: float) -> float:
    return pixels * 72 / DPI


def _to_pixels(points: float) -> float:
    return points * DPI / 72

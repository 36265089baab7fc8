"""A sheet that is filled from the top down, for Discord's dark theme."""

# pyright: reportUnknownMemberType=false
# (matplotlib's functions take keyword arguments that have no types.)

from __future__ import annotations

from typing import TYPE_CHECKING

from .lettering import Lettering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 1100
"""Pixels: twice the width of Discord's preview on a desktop, three times that on a phone. All lengths are in pixels,
and so are the sizes of fonts."""
MARGIN = 24
RIGHT = WIDTH - MARGIN
ROOM = WIDTH - 2 * MARGIN
BACKGROUND, LIGHT, MUTED, FAINT, DARK = "#313338", "#f2f3f5", "#b5bac1", "#4e5058", "#111214"
"""Discord's dark theme, and what is drawn on it."""
TEXT, SMALL = 25, 22
"""Sizes of fonts."""
LINE = 1.28
"""Height of a line, in font sizes."""
PAD, GAP = 5, 22
"""Between what belongs together, and between what does not."""
LEGEND_HEIGHT = 34
_DPI = 72
"""So that points are pixels."""
_CAPITALS = 0.729
"""Height of DejaVu Sans's capitals, in font sizes."""
_SWATCH, _SWATCH_GAP = 20, 8


class Page:
    """A sheet that is filled from the top down.

    Heights are counted from the top, because how much there is to draw shows at the end only.

    Attributes:
        y: How far it is filled.
        regular: The font of most of it.
        bold: The font of what stands out.
    """

    def __init__(self) -> None:
        # Half a second that only those wait for who want a picture.
        from matplotlib.figure import Figure  # noqa: PLC0415

        self.y = float(MARGIN)
        self.regular, self.bold = Lettering(), Lettering(bold=True)
        self._figure = Figure(dpi=_DPI, facecolor=BACKGROUND)
        self._paper: Axes = self._figure.add_axes((0, 0, 1, 1), facecolor="none")
        self._paper.set_axis_off()

    def write(
        self,
        x: float,
        middle: float,
        text: str,
        size: float,
        colour: str = LIGHT,
        *,
        align: str = "left",
        bold: bool = False,
    ) -> None:
        """Write a line, so that its capitals are around some height."""
        font = (self.bold if bold else self.regular).at(size)
        baseline = middle + _CAPITALS * size / 2
        self._paper.text(
            x, baseline, text, ha=align, va="baseline", color=colour, fontproperties=font, parse_math=False
        )

    def write_lines(self, lines: Sequence[str], size: float, colour: str = LIGHT, *, bold: bool = False) -> None:
        """Write lines at the left margin, below what is there."""
        for line in lines:
            self.write(MARGIN, self.y + LINE * size / 2, line, size, colour, bold=bold)
            self.y += LINE * size

    def fill(self, x: float, top: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        self._paper.add_patch(Rectangle((x, top), width, height, facecolor=colour, linewidth=0))

    def draw_legend(self, keys: Sequence[tuple[str, str]], right: float = RIGHT) -> None:
        """Draw what colours mean, in as many lines as that takes, no further to the right than given."""
        x = float(MARGIN)
        for colour, said in keys:
            label = self.regular.cut(self.regular.readable(said), SMALL, right - MARGIN - _SWATCH - _SWATCH_GAP)
            width = _SWATCH + _SWATCH_GAP + self.regular.width(label, SMALL)
            if x > MARGIN and x + width > right:
                x, self.y = float(MARGIN), self.y + LEGEND_HEIGHT
            middle = self.y + LEGEND_HEIGHT / 2
            self.fill(x, middle - _SWATCH / 2, _SWATCH, _SWATCH, colour)
            self.write(x + _SWATCH + _SWATCH_GAP, middle, label, SMALL, MUTED)
            x += width + GAP
        self.y += LEGEND_HEIGHT

    def finish(self) -> Figure:
        """Return the figure, as high as it is filled."""
        height = round(self.y + MARGIN)
        self._figure.set_size_inches(WIDTH / _DPI, height / _DPI)
        self._paper.set_xlim(0, WIDTH)
        self._paper.set_ylim(height, 0)
        return self._figure

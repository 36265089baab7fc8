"""Texts of members in pictures: only characters that the font has, and lines that fit."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (matplotlib's functions take keyword arguments that have no types.)

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.font_manager import FontProperties

ELLIPSIS = "…"
MAIN = "DejaVu Sans"
OTHERS = (
    # Chinese, Japanese and Korean in one; several, because each distribution has its own.
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Noto Sans JP",
    "Noto Sans SC",
    "Noto Sans KR",
    "Noto Sans Thai",
    "Loma",
    "Thonburi",
    "Noto Sans Devanagari",
    "Lohit Devanagari",
    "Noto Sans Bengali",
    "Lohit Bengali",
    "Noto Sans Tamil",
    "Lohit Tamil",
)
"""Fonts of the machine that stand in for what `MAIN` lacks, in this order."""
_RUN_OF_PLACEHOLDERS = re.compile(rf"{ELLIPSIS}(?:[\W_]*{ELLIPSIS})+")
_SPACE = re.compile(r"\s+")
_MOST_MARKS = 2
"""Marks on one letter; Vietnamese and Hebrew need no more, and piled up they would cover the lines above."""
_MOST_READ = 2_000
"""Characters of a text that are looked at: what a message may have; no line holds more than some hundred of them."""
_DPI = 72
"""So that a font's size is the same in points and in pixels."""
_LEAST_FILLED = 0.5
"""Share of a line; a word that would leave less of it filled is divided instead of moved to the next line."""


class Lettering:
    """DejaVu Sans, the font that comes with matplotlib, and for what it lacks those of `OTHERS` that the machine has.

    It has Latin, Greek, Cyrillic, Arabic, Hebrew and many signs, but neither Chinese, Japanese, Korean, Thai and the
    scripts of India nor most emoji. Texts from right to left are put in order by matplotlib, from version 3.11 on.

    Args:
        bold: Whether it is the bold weight, which has fewer characters.
        others: Families that stand in, in this order; by default those of `OTHERS` that are there.
    """

    def __init__(self, *, bold: bool = False, others: Sequence[str] | None = None) -> None:
        # Half a second that only those wait for who want a picture.
        from matplotlib import get_data_path  # noqa: PLC0415
        from matplotlib.backends.backend_agg import RendererAgg  # noqa: PLC0415
        from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415

        others = find_others() if others is None else tuple(others)
        self._path = Path(get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
        self._others = others
        self._bold = bold
        self._fonts = [get_font(self._path), *(get_font(findfont(name)) for name in others)]
        self._renderer = RendererAgg(1, 1, _DPI)

    def at(self, size: float) -> FontProperties:
        """Return the font in a size in points."""
        return _properties(self._path, self._others, size, bold=self._bold)

    def width(self, text: str, size: float) -> float:
        """Return the width of a line in points."""
        return self._renderer.get_text_width_height_descent(text, self.at(size), ismath=False)[0] if text else 0.0

    def readable(self, text: str) -> str:
        """Return a text as one line of characters that the fonts have.

        Letters and digits that they lack become an ellipsis, one for all that stand together; signs that they lack,
        such as emoji, are left out, and so is what cannot be seen. A text of which nothing is left is an ellipsis.
        """
        shown, marks = list[str](), 0
        for char in unicodedata.normalize("NFC", text[:_MOST_READ]):
            if _is_mark(char):
                marks += 1
                # Not on a placeholder or on nothing.
                if marks <= _MOST_MARKS and shown and shown[-1][:1].isalnum() and self._has(char):
                    shown[-1] += char
            else:
                marks = 0
                shown.append(self._show(char))
        line = _RUN_OF_PLACEHOLDERS.sub(ELLIPSIS, _SPACE.sub(" ", "".join(shown)).strip())
        return line if any(char.isalnum() for char in line) else ELLIPSIS

    def cut(self, text: str, size: float, room: float) -> str:
        """Return a line that is no wider than some room, with an ellipsis if it had to be cut."""
        if self.width(text, size) <= room:
            return text
        return f"{text[: self._count_fitting(text, size, room, ELLIPSIS)].rstrip()}{ELLIPSIS}"

    def wrap(self, text: str, size: float, room: float, most: int) -> list[str]:
        """Return a text in lines that are no wider than some room; what `most` lines do not hold is cut."""
        lines, rest = list[str](), text
        while len(lines) < most - 1 and self.width(rest, size) > room:
            end = self._count_fitting(rest, size, room)
            space = rest.rfind(" ", 0, end + 1)
            if space > 0 and self.width(rest[:space], size) >= _LEAST_FILLED * room:
                end = space
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*lines, self.cut(rest, size, room)]

    def _show(self, char: str) -> str:
        category = unicodedata.category(char)
        if char.isspace():
            return " "
        if category[0] == "C":  # it cannot be seen, or is no character
            return ""
        if self._has(char):
            return char
        plain = unicodedata.normalize("NFKC", char)
        if plain != char and all(map(self._has, plain)):
            return plain
        return ELLIPSIS if category[0] in "LN" else ""

    def _has(self, char: str) -> bool:
        return any(font.get_char_index(ord(char)) for font in self._fonts)

    def _count_fitting(self, text: str, size: float, room: float, tail: str = "") -> int:
        """Return how many of a text's characters, at least one, fit into some room with a tail behind them."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + tail, size) <= room:
                low = middle
            else:
                high = middle - 1
        return low


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


@cache
def find_others() -> tuple[str, ...]:
    """Return those of `OTHERS` that this machine has; who adds fonts has to start the bot anew."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415

    there = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in OTHERS if name in there)


@cache
def _properties(path: Path, others: tuple[str, ...], size: float, *, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    if not others:
        return FontProperties(fname=path, size=size)
    # Which stand in for which, matplotlib knows of families alone; of the same name, its own comes before the system's.
    return FontProperties(family=[MAIN, *others], weight="bold" if bold else "normal", size=size)

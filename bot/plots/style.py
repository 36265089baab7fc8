"""What the pictures share: colours, sizes, and how a figure becomes a file."""

# pyright: reportUnknownMemberType=false
# (matplotlib's functions take keyword arguments that have no types.)

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..core.errors import InvalidInputError, Problem
from ..core.speech import verbatim

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

DPI = 150
# Okabe and Ito's colours, which people tell apart however they see colours (https://jfly.uni-koeln.de/color/).
BLUE, SKY, VERMILLION, GREY, INK = "#0072b2", "#56b4e9", "#d55e00", "#8a8a8a", "#222222"
LARGE, MEDIUM, SMALL = 15, 11.5, 10
"""Font sizes in points."""
_MAX_TITLE = 80


def cut(title: str) -> str:
    """Return a title with at most 80 characters, and a sign that there were more."""
    return title if len(title) <= _MAX_TITLE else f"{title[:_MAX_TITLE]}…"


def to_png(figure: Figure) -> bytes:
    """Return a figure as a PNG."""
    # Half a second that only those wait for who want a picture.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def write_picture(target: Path, content: bytes) -> None:
    """Write a picture into a file, which is replaced.

    Raises:
        InvalidInputError: The file cannot be written.
    """
    try:
        target.write_bytes(content)
    except (OSError, ValueError) as error:  # ValueError: no file can have that name
        reason = getattr(error, "strerror", None) or error
        fault = verbatim(f"cannot be written: {reason}; name a file in a folder that you may write")
        raise InvalidInputError([Problem(str(target), 0, fault)]) from error

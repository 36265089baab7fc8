r"""Texts in the cells of tables, which spreadsheets take for formulas if they begin like one.

Such a text (it begins with one of ``= + - @``, one of these in full width, a tab or a line break) gets an apostrophe
in front, which reading takes away again. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
"""With the apostrophes that were there before, so that taking one away gives back exactly what was written."""


def write_text(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def read_text(cell: str) -> str:
    """Return the text of a cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell

"""In which encoding a file of text is."""

from __future__ import annotations

import codecs

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def find_encoding(content: bytes) -> str | None:
    """Return Python's name of the encoding that a byte order mark tells, UTF-8 without one, and None for UTF-32.

    UTF-32 is what no spreadsheet writes, and its mark begins as that of UTF-16 does.

    Args:
        content: The file's bytes, or the first four.
    """
    if content.startswith(_UTF32_MARKS):
        return None
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")

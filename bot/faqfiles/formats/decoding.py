"""From bytes to text, and what kind of file it is."""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import PurePath

from ...core.speech import sentence
from ..encodings import find_encoding
from .model import Format, invalid
from .tables import first_fields, is_header


class Container(Enum):
    """How a file is built, whichever program wrote it."""

    YAML = auto()
    JSON = auto()
    TABLE = auto()
    MARKDOWN = auto()


ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins what Office wrote until 2007, and workbooks with a password since. Source: [MS-CFB], section 2.2."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream in which a workbook with a password lies. Source: [MS-OFFCRYPTO], section 2.3.4.4."""
_SAVE_AS_UTF8 = sentence("save it with the encoding UTF-8 (in Excel: File, Save As, “CSV UTF-8”)")

_SUFFIXES = {
    ".yaml": Container.YAML,
    ".yml": Container.YAML,
    ".json": Container.JSON,
    ".csv": Container.TABLE,
    ".tsv": Container.TABLE,
    ".tab": Container.TABLE,
    ".md": Container.MARKDOWN,
    ".markdown": Container.MARKDOWN,
}
_WANTED = {
    Format.YAML: Container.YAML,
    Format.JSON: Container.JSON,
    Format.CSV: Container.TABLE,
    Format.MARKDOWN: Container.MARKDOWN,
}
_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{\]])")
_YAML = re.compile(r"^entries[ \t]*:", re.MULTILINE)
_MARKDOWN = re.compile(r"^(?:#{1,6}[ \t]|<details\b|\*\*Q)", re.MULTILINE | re.IGNORECASE)


def is_workbook(content: bytes, name: str, wanted: Format | None) -> bool:
    """Return whether the content is a ZIP archive, as workbooks are.

    Raises:
        FaqInvalidError: It is a workbook that cannot be read, or should be one and is none.
    """
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            locked = sentence("has a password; remove it (in Excel: File, Info, Protect Workbook) and save it again")
            raise invalid(name, locked)
        raise invalid(name, sentence("is in the format of Office before 2007; save it as .xlsx or as CSV UTF-8"))
    if content.startswith(ZIP):
        return True
    if wanted is Format.XLSX:
        raise invalid(name, sentence("is no .xlsx workbook; save it as one, or name another format"))
    return False


def decode(content: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        FaqInvalidError: It is in another encoding, is no text, or has nothing in it.
    """
    encoding = find_encoding(content)
    if encoding is None:
        raise invalid(name, sentence("is in UTF-32; {advice}", advice=_SAVE_AS_UTF8))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        kind = "UTF-16" if encoding == "utf-16" else "UTF-8"
        fault = sentence("is not {encoding} text; {advice}", encoding=kind, advice=_SAVE_AS_UTF8)
        raise invalid(name, fault, line) from error
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        fault = sentence("holds a NUL character, so it is no text in UTF-8; {advice}", advice=_SAVE_AS_UTF8)
        raise invalid(name, fault, line)
    if not text.strip():
        raise invalid(name, sentence("is empty; there has to be at least one question with its answer"))
    return text


def find_container(text: str, name: str, wanted: Format | None) -> Container:
    """Return how a text is built: as is wanted, else as the name says, else by what is in it.

    Raises:
        FaqInvalidError: Nothing tells.
    """
    if wanted is not None and wanted in _WANTED:
        return _WANTED[wanted]
    by_name = _SUFFIXES.get(PurePath(name).suffix.casefold())
    # No program writes its FAQ as Markdown or YAML, whatever somebody called the file.
    if by_name is not None and (wanted is None or by_name in {Container.JSON, Container.TABLE}):
        return by_name
    if _JSON.match(text):
        return Container.JSON
    # Before Markdown: an answer in a table may have headings.
    if is_header(first_fields(text)) or wanted is not None:
        return Container.TABLE
    if _YAML.search(text):
        return Container.YAML
    if _MARKDOWN.search(text):
        return Container.MARKDOWN
    fault = sentence("does not show what kind of file it is; name the format: {formats}", formats=", ".join(Format))
    raise invalid(name, fault)

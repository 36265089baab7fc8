"""One entry that a person typed into a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import FaqInvalidError
from ..yamlfile import Document, validate
from .schema import EntryModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..core.types import Entry


def parse_entry(raw: Mapping[str, object]) -> Entry:
    """Return the entry that something with the keys of the FAQ files is.

    Raises:
        FaqInvalidError: With every problem.
    """
    entry, problems = validate(EntryModel, Document("entry", raw, {}))
    if problems or entry is None:
        raise FaqInvalidError(problems)
    return entry.to_core()

"""What no entry may hold, wherever it comes from: our own files could not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from ..core.speech import sentence
from ..yamlfile import name_char

if TYPE_CHECKING:
    from ..core.speech import Sentence
    from ..yamlfile import Location

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: our own files, which YAML has to read, cannot hold them."""

_DEEPEST = 4
"""Steps down to what can hold a text: entries, 1, links, 2. What is nested deeper is not valid anyway."""


def showable(value: object, location: Location, faults: list[tuple[Location, Sentence]]) -> object:
    """Return a value without characters that nothing can show, and tell of the first in each of its texts.

    Args:
        value: Entries, or what is in them.
        location: Where it is.
        faults: What is told is added to them.
    """
    match value:
        case str() if found := _UNSHOWABLE.search(value):
            fault = sentence(
                "holds a control character or half of a character ({code}); remove it", code=name_char(ord(found[0]))
            )
            faults.append((location, fault))
            return _UNSHOWABLE.sub("\ufffd", value)
        case list() if len(location) <= _DEEPEST:
            items = cast("list[object]", value)
            return [showable(item, (*location, number), faults) for number, item in enumerate(items)]
        case dict() if len(location) <= _DEEPEST:
            pairs = cast("dict[str, object]", value).items()
            return {key: showable(item, (*location, key), faults) for key, item in pairs}
        case _:
            return value

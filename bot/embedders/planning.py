"""Which texts go to the model together: each different text once, those of like length side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PIECE_BYTES = 4096
"""UTF-8 bytes of the texts that the thread takes at once, about 1,000 tokens of English: a quarter of a second on one
core, which is the longest that a question waits for a reload. Of like length already, such texts lose nothing by it."""

_EXTRA_BYTES = 8
"""What a text counts beyond its own bytes: the tokens that every text has around it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The order in which texts are embedded.

    Attributes:
        texts: The different ones, by length.
        ends: Where in them each piece ends.
        places: For each text that was given its place among the different ones, shape ``(given,)``.
    """

    texts: list[str]
    ends: list[int]
    places: NDArray[np.intp]


def plan(texts: Sequence[str], piece_bytes: int = PIECE_BYTES) -> Plan:
    """Return how to embed texts in pieces.

    Args:
        texts: Any number, any of them any number of times.
        piece_bytes: How much goes into a piece; a text that is longer is a piece by itself.
    """
    sizes = {text: len(text.encode(errors="replace")) + _EXTRA_BYTES for text in texts}
    ordered = sorted(sizes, key=sizes.__getitem__)
    ends, filled = list[int](), 0
    for place, text in enumerate(ordered):
        if filled and filled + sizes[text] > piece_bytes:
            ends.append(place)
            filled = 0
        filled += sizes[text]
    places = {text: place for place, text in enumerate(ordered)}
    given = np.fromiter((places[text] for text in texts), dtype=np.intp, count=len(texts))
    return Plan(ordered, [*ends, len(ordered)] if ordered else ends, given)

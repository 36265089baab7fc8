"""Repair of slips in questions, limited to words that nobody knows.

A word that the model's tokenizer keeps whole stays, and so do its inflections, and words that the FAQ uses. A text in
which most words are unknown stays as a whole: that is another language, not bad spelling.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..core.vocabulary import Vocabulary

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['\u2019][^\W\d_]+)*(?!\w)")
"""Letters only: what holds a digit is a code, a version or a name."""
SHORTEST = 4
"""Letters; shorter words are names and abbreviations as often as slips."""
SHORTEST_GENERAL = 5
"""Letters, where the repair is a word that the FAQ does not use."""
TWO_SLIPS = 7
"""Letters from which on a word may be two slips away from the FAQ's."""
LONGEST = 40
"""Letters; nobody's word is longer, but a message may be one long row of them."""
_SUFFIXES = ("s", "es", "d", "ed", "r", "er", "ers", "ing", "ings", "ly", "al", "y", "able", "less", "ness", "ment")
_CACHED = 4096


class Speller:
    """Repairs what people type.

    Args:
        texts: The FAQ's phrasings.
        vocabulary: Words that the model knows; empty where it cannot tell.
    """

    def __init__(self, texts: Iterable[str], vocabulary: Vocabulary) -> None:
        self._uses = Counter(word for text in texts for word in _WORD.findall(text.casefold()))
        self._vocabulary = vocabulary
        self._repair_word = lru_cache(maxsize=_CACHED)(self._find_repair)

    @cached_property
    def _own(self) -> dict[int, list[str]]:
        lengths: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._uses:
            if SHORTEST <= len(word) <= LONGEST and word.isalpha():
                lengths[len(word)].append(word)
        return lengths

    def repair(self, text: str) -> str:
        """Return a cleaned text with slips repaired; the same text if there are none, or if nothing can be told."""
        if not self._vocabulary:
            # Without the model's words every word that the FAQ does not use would look like a slip.
            return text
        words = [word.group() for word in _WORD.finditer(text)]
        unknown = sum(not self._is_known(word.casefold()) for word in words)
        if not unknown or (unknown > 1 and 2 * unknown > len(words)):
            return text
        return _WORD.sub(lambda match: self._repair_word(match.group()), text)

    def _is_known(self, word: str) -> bool:
        return (
            len(word) < SHORTEST
            or len(word) > LONGEST
            or not word.isalpha()
            or word in self._uses
            or word in self._vocabulary
            or any(
                word.endswith(suffix)
                and ((stem := word.removesuffix(suffix)) in self._vocabulary or stem + "e" in self._vocabulary)
                for suffix in _SUFFIXES
            )
        )

    def _find_repair(self, written: str) -> str:
        word = written.casefold()
        if self._is_known(word):
            return written
        found = [*self._near_own(word), *self._near_general(word)]
        return min(found)[-1] if found else written

    def _near_own(self, word: str) -> list[tuple[float, int, str]]:
        slips = 1 if len(word) < TWO_SLIPS else 2
        lengths = range(len(word) - slips, len(word) + slips + 1)
        near = _near(word, [other for length in lengths for other in self._own.get(length, ())], slips)
        # Two slips and another first letter is another word.
        return [
            (slips + 0.3 * (other[0] != word[0]), -self._uses[other], other)
            for slips, other in near
            if slips == 1 or other[0] == word[0]
        ]

    def _near_general(self, word: str) -> list[tuple[float, int, str]]:
        # A letter too many, too few, or two swapped is a slip of the fingers. One letter for another is as often a
        # word that the vocabulary lacks: "expire" is not "empire".
        shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
        swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
        # What may be a letter longer is compared; of the others there are few enough to look them up.
        longer = {other for _, other in _near(word, self._vocabulary.of_length(len(word) + 1), 1)}
        return [
            (1.5 + 0.3 * (other[0] != word[0]), self._vocabulary.rank(other), other)
            for other in shorter | swapped | longer
            if SHORTEST_GENERAL <= len(other) <= LONGEST and other.isalpha() and other in self._vocabulary
        ]


def _near(word: str, others: Sequence[str], slips: int) -> list[tuple[int, str]]:
    """Return those of some words that are within so many slips (optimal string alignment), with how many."""
    # Most starts see no slip, and its import takes longer than finding the first.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=slips, limit=None)
    return [(int(distance), other) for other, distance, _ in found]

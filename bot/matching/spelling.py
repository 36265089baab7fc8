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
    from collections.abc import Callable, Iterable, Sequence

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
        near = _near(word, lambda length: self._own.get(length, ()), slips)
        # Two slips and another first letter is another word.
        return [
            (slips + 0.3 * (other[0] != word[0]), -self._uses[other], other)
            for slips, other in near
            if slips == 1 or other[0] == word[0]
        ]

    def _near_general(self, word: str) -> list[tuple[float, int, str]]:
        # A letter too many, too few, or two swapped is a slip of the fingers. One letter for another is as often a
        # word that the vocabulary lacks: "expire" is not "empire".
        return [
            (slips + 0.5 + 0.3 * (other[0] != word[0]), self._vocabulary.rank(other), other)
            for slips, other in _near(word, self._general, 1)
            if len(other) != len(word) or sorted(other) == sorted(word)
        ]

    def _general(self, length: int) -> list[str]:
        if not SHORTEST_GENERAL <= length <= LONGEST:
            return []
        return [word for word in self._vocabulary.of_length(length) if word.isalpha()]


def _near(word: str, words: Callable[[int], Sequence[str]], slips: int) -> list[tuple[int, str]]:
    """Return the words within so many slips (optimal string alignment), with how many.

    Args:
        word: What was written.
        words: Tells the words of a length.
        slips: How many at most.
    """
    # Most starts see no slip, and its import takes longer than finding the first.
    from rapidfuzz import process  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    candidates = [other for length in range(len(word) - slips, len(word) + slips + 1) for other in words(length)]
    found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=None)
    return [(int(distance), other) for other, distance, _ in found]

"""The words that a model knows, packed: eleven bytes a word, where a dict of strings takes more than a hundred."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Vocabulary:
    """Words, each with its place in the order of their frequency.

    Args:
        rows: The words by their number of letters, from none on: in each row all that have so many, sorted and with
            nothing between them.
        ranks: The words' places in the order of their frequency, from 0, in the order of the rows.

    Raises:
        ValueError: There are more or fewer places than words.
    """

    def __init__(self, rows: Sequence[str], ranks: Sequence[int]) -> None:
        self.rows = tuple(rows)
        self.ranks = ranks
        counts = [len(row) // max(length, 1) for length, row in enumerate(rows)]
        self._starts = [sum(counts[:length]) for length in range(len(counts))]
        if len(ranks) != sum(counts):
            raise ValueError(f"{len(ranks)} places for {sum(counts)} words")

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Pack words, most frequent first; of equal ones the first counts, and an empty one does not."""
        ranks = {word: rank for rank, word in enumerate(dict.fromkeys(filter(None, words)))}
        lengths: dict[int, list[str]] = {}
        for word in sorted(ranks):
            lengths.setdefault(len(word), []).append(word)
        rows = [lengths.get(length, []) for length in range(max(lengths, default=-1) + 1)]
        return cls(["".join(row) for row in rows], array("I", [ranks[word] for row in rows for word in row]))

    def __len__(self) -> int:
        return len(self.ranks)

    def __iter__(self) -> Iterator[str]:
        """Most frequent first."""
        words = [word for length in range(len(self.rows)) for word in self.of_length(length)]
        return (word for _, word in sorted(zip(self.ranks, words, strict=True)))

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._find(word) is not None

    def rank(self, word: str) -> int:
        """Return a word's place in the order of frequency.

        Raises:
            KeyError: It is not there.
        """
        at = self._find(word)
        if at is None:
            raise KeyError(word)
        return int(self.ranks[at])

    def of_length(self, length: int) -> list[str]:
        """Return the words of so many letters, sorted."""
        if not 0 < length < len(self.rows):
            return []
        row = self.rows[length]
        return [row[start : start + length] for start in range(0, len(row), length)]

    def _find(self, word: str) -> int | None:
        """Return a word's place in the order of the rows, None if it is not there."""
        length = len(word)
        if not 0 < length < len(self.rows):
            return None
        row = self.rows[length]
        at = bisect_left(range(0, len(row), length), word, key=lambda start: row[start : start + length])
        return self._starts[length] + at if row[at * length : (at + 1) * length] == word else None


NO_WORDS = Vocabulary.of(())
"""Of a model that cannot tell which words it knows."""

"""Likeness of spelling: character n-grams carry names, error codes and slips that embeddings lose."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .sparse import SparseRows, multiply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

SHORTEST, LONGEST = 2, 4
"""Characters in an n-gram; within words, their edges included."""
_BETWEEN, _ANY = "\n", "surrogatepass"
"""Between n-grams that are kept, which are parts of words and hold no line break; and halves of characters pass."""


class Lexicon:
    """TF-IDF weights of character n-grams, learnt from an FAQ's phrasings.

    They are those of scikit-learn's ``TfidfVectorizer(analyzer="char_wb", sublinear_tf=True)``, whose import would cost
    every start half a second and 70 MB for good.

    Args:
        texts: The phrasings, cleaned and in lower case; at least one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [Counter(_ngrams(text)) for text in texts]
        texts_with = Counter(chain.from_iterable(counted))
        self._columns = {ngram: column for column, ngram in enumerate(sorted(texts_with))}
        frequencies = np.array([texts_with[ngram] for ngram in self._columns], dtype=np.float64)
        # Smoothed as if one more text had every n-gram, so that none weighs nothing.
        self._rarity = np.log((1 + len(texts)) / (1 + frequencies)) + 1
        self.rows = self._weigh(counted)
        """The phrasings' weights, one row a phrasing, each of length 1."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the lexicon whose `to_arrays` made these.

        Raises:
            KeyError, ValueError: They are something else.
        """
        ngrams = arrays["ngrams"].tobytes().decode(errors=_ANY).split(_BETWEEN)
        lexicon = cls(())
        lexicon._columns = {ngram: column for column, ngram in enumerate(ngrams)}
        lexicon._rarity = arrays["rarity"]
        lexicon.rows = SparseRows(arrays["weights"], arrays["columns"], arrays["ends"], len(ngrams))
        return lexicon

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that was learnt: what takes a while for thousands of phrasings."""
        ngrams = np.frombuffer(_BETWEEN.join(self._columns).encode(errors=_ANY), dtype=np.uint8)
        rows = self.rows
        return {
            "ngrams": ngrams,
            "rarity": self._rarity,
            "weights": rows.weights,
            "columns": rows.columns,
            "ends": rows.ends,
        }

    def weigh(self, texts: Sequence[str]) -> SparseRows:
        """Return the weights of texts, one row a text; n-grams that no phrasing has are left out.

        A row's length is 1, or 0 where the FAQ has none of the text's n-grams.
        """
        # One after the other: the counts of a thousand texts would take ten megabytes.
        return self._weigh(Counter(filter(self._columns.__contains__, _ngrams(text))) for text in texts)

    def _weigh(self, counted: Iterable[Counter[str]]) -> SparseRows:
        rows = [self._weigh_one(counts) for counts in counted]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)], dtype=np.int64)
        columns = np.concatenate([columns for columns, _ in rows]) if rows else np.zeros(0, dtype=np.int32)
        weights = np.concatenate([weights for _, weights in rows]) if rows else np.zeros(0, dtype=np.float32)
        return SparseRows(weights, columns, ends, len(self._columns))

    def _weigh_one(self, counts: Counter[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns and weights of a text, shape ``(its different n-grams,)`` each."""
        # In order, so that a product is added up in the same order whoever made the row.
        own = sorted((self._columns[ngram], times) for ngram, times in counts.items())
        if not own:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        places, times = np.array(own).T
        row = (1 + np.log(times)) * self._rarity[places]
        return places.astype(np.int32), (row / np.sqrt(row @ row)).astype(np.float32)


def likeness(queries: SparseRows, by_ngram: SparseRows) -> NDArray[np.float32]:
    """Return the cosine of each query with each row, shape ``(queries, rows)``, 0 to 1.

    Args:
        queries: Weights, one row a query.
        by_ngram: Weights, one column a row of the FAQ: so only the n-grams that a query has are looked at.
    """
    return multiply(queries, by_ngram)


def _ngrams(text: str) -> Iterator[str]:
    """Yield the n-grams of each word, with a space before and behind it; one that is too short counts once, whole."""
    for word in text.split():
        edged = f" {word} "
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(max(1, len(edged) - length + 1)):
                yield edged[start : start + length]
            if len(edged) <= length:
                break

"""Likeness of spelling: character n-grams carry names, error codes and slips that embeddings lose."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHORTEST, LONGEST = 2, 4
"""Characters in an n-gram; within words, their edges included (scikit-learn's ``char_wb``)."""


class Lexicon:
    """TF-IDF weights of character n-grams, learnt from an FAQ's phrasings (scikit-learn's TfidfVectorizer).

    Args:
        texts: The phrasings, cleaned; at least one.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        # A second's import, which the command line's help should not pay for.
        from sklearn.feature_extraction.text import (  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]
            TfidfVectorizer,
        )

        make = cast("Any", TfidfVectorizer)
        self._vectorizer = make(
            analyzer="char_wb", ngram_range=(SHORTEST, LONGEST), sublinear_tf=True, dtype=np.float32
        )
        self._analyze = self._vectorizer.build_analyzer()
        self.rows: Any = self._vectorizer.fit_transform(texts)
        """The phrasings' weights, a sparse matrix with one row a phrasing, each of length 1."""

    def weigh(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - scipy has no types for its sparse matrices
        """Return the weights of texts, a sparse matrix with one row a text; n-grams that no phrasing has are left out.

        A row's length is 1, or 0 where the FAQ has none of the text's n-grams.
        """
        return self._weigh_one(texts[0]) if len(texts) == 1 else self._vectorizer.transform(texts)

    def _weigh_one(self, text: str) -> Any:  # noqa: ANN401 - a sparse matrix
        # The same as `transform`, which prepares for thousands of texts: a third of a millisecond that every question
        # would wait.
        from scipy.sparse import csr_matrix  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

        known = self._vectorizer.vocabulary_
        counts = Counter(known[ngram] for ngram in self._analyze(text) if ngram in known)
        columns = np.array(sorted(counts), dtype=np.int32)
        times = np.array([counts[column] for column in columns.tolist()], dtype=np.float64)
        weights = (1 + np.log(times)) * self._vectorizer.idf_[columns] if len(columns) else times
        weights /= max(float(np.sqrt(weights @ weights)), 1e-12)
        parts = weights.astype(np.float32), columns, np.array([0, len(columns)], dtype=np.int32)
        return csr_matrix(parts, shape=(1, self.rows.shape[1]))


def likeness(queries: Any, by_ngram: Any) -> NDArray[np.float32]:  # noqa: ANN401 - sparse matrices
    """Return the cosine of each query with each row, shape ``(queries, rows)``, 0 to 1.

    Args:
        queries: Weights, one row a query.
        by_ngram: Weights, one column a row of the FAQ: so only the n-grams that a query has are looked at.
    """
    return np.asarray((queries @ by_ngram).toarray(), dtype=np.float32)

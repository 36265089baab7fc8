"""Searching an FAQ: its phrasings made comparable once, and each query ranked against its entries."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.text import as_question, clean, phrasing_key
from ..core.types import Hit, Ranking, Terms
from ..core.vocabulary import NO_WORDS
from .lexicon import Lexicon
from .relevance import WEIGHT_MARGIN, Relevance, confidence, first_rows
from .reranking import rerank_hits
from .samples import KEPT, is_too_small
from .search import choose_search
from .spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..core.types import Embeddings, Entry
    from ..core.vocabulary import Vocabulary
    from .head import Head
    from .reranking import Rerank

_WORD_BREAKS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"\d+")
_MIN_TITLE_LETTERS = 3
_DECIMALS = 6
_LARGEST_HEAD = 20_000_000
"""Phrasings times entries for which a head is fitted, which then takes some ten seconds and 300 MB. Above, the other
terms have to do, and the calibration measures what they are worth."""


@dataclass(frozen=True)
class Corpus:
    """What an FAQ's entries are compared by: their phrasings, and what their ids say in words.

    Attributes:
        entries: The entries.
        texts: Cleaned texts as people see them, grouped by entry.
        labels: Number of the entry of each text.
        titles: Whether a text is the entry's id in words, which nobody would ask like that.
    """

    entries: tuple[Entry, ...]
    texts: tuple[str, ...]
    labels: NDArray[np.intp]
    titles: NDArray[np.bool_]

    @property
    def to_embed(self) -> list[str]:
        """The texts in the form in which they are embedded."""
        return [as_question(text) for text in self.texts]


def build_corpus(entries: Sequence[Entry]) -> Corpus:
    """Return what the entries are compared by.

    An entry's id counts as one more phrasing if it says something: "activate-my-card" does; "q17" does not, and
    neither does what several ids have in common but for a number.
    """
    titles = [to_title(entry.id) for entry in entries]
    uses = Counter(map(_without_numbers, titles))
    texts, labels, flags = list[str](), list[int](), list[bool]()
    for number, (entry, title) in enumerate(zip(entries, titles, strict=True)):
        own = [clean(phrasing) for phrasing in entry.phrasings]
        extra = title and uses[_without_numbers(title)] == 1 and phrasing_key(title) not in map(phrasing_key, own)
        own += [title] if extra else []
        texts += own
        labels += [number] * len(own)
        flags += [False] * len(entry.phrasings) + [True] * (len(own) - len(entry.phrasings))
    return Corpus(tuple(entries), tuple(texts), np.array(labels, dtype=np.intp), np.array(flags, dtype=np.bool_))


def to_title(entry_id: str) -> str:
    """Return an entry's id in words, empty if it says nothing: ``activate-my-card``, ``ActivateMyCard``."""
    words = _WORD_BREAKS.sub(" ", entry_id).split()
    says_something = any(sum(map(str.isalpha, word)) >= _MIN_TITLE_LETTERS for word in words)
    return " ".join(words) if says_something else ""


def _without_numbers(title: str) -> str:
    return phrasing_key(_DIGITS.sub("", title))


class Matcher:
    """Ranks the entries of one FAQ; immutable.

    Args:
        corpus: The FAQ.
        embeddings: Embeddings of `corpus.to_embed`, one row each.
        vocabulary: Words that the model knows.
        head: What was fitted to the same phrasings before; None fits it.
        lexicon: What was learnt from the same phrasings before; None learns it.

    Raises:
        ValueError: The number of rows is not the number of texts, or a value is not finite.
    """

    def __init__(
        self,
        corpus: Corpus,
        embeddings: Embeddings,
        vocabulary: Vocabulary = NO_WORDS,
        head: Head | None = None,
        lexicon: Lexicon | None = None,
    ) -> None:
        if len(embeddings) != len(corpus.texts):
            raise ValueError(f"{len(embeddings)} embeddings for {len(corpus.texts)} phrasings")
        if not np.isfinite(embeddings).all():
            raise ValueError("an embedding holds a value that is not finite")
        self.corpus = corpus
        # What is mapped from a file stays there; what somebody else could change is copied.
        as_it_is = isinstance(embeddings, np.memmap) and not embeddings.flags.writeable
        self.embeddings = embeddings if as_it_is else np.array(embeddings, dtype=np.float32, order="C")
        self.embeddings.setflags(write=False)
        self._speller = Speller(corpus.texts, vocabulary)
        self._fitted = None
        if corpus.texts:
            self.lexicon = lexicon or Lexicon(spellable(corpus.texts))
            # Of very few entries a head is sure whatever it is asked, and nothing could tell how sure it may be.
            with_head = not is_too_small(corpus) and len(corpus.texts) * len(corpus.entries) <= _LARGEST_HEAD
            rows = self.embeddings, corpus.labels, self.lexicon.rows
            search = choose_search(self.embeddings, first_rows(corpus.labels))
            self._fitted = Relevance(*rows, with_head=with_head, head=head, search=search)

    @property
    def head(self) -> Head | None:
        """The linear head, None where none takes part."""
        return self._fitted.head if self._fitted else None

    def read(self, text: str) -> str:
        """Return a cleaned query as it is understood: slips repaired."""
        return self._speller.repair(text)

    def rank(self, text: str, embedding: Embeddings, k: int) -> Ranking:
        """Return the k most relevant entries, most relevant first; equals keep the FAQ's order.

        Args:
            text: The query as `read` returned it.
            embedding: Its embedding in question form (`as_question`), shape ``(dim,)``.
            k: How many entries at most, at least 1.
        """
        if self._fitted is None:
            return Ranking((), 0.0)
        weighed = self._fitted.weigh(embedding[None], self.lexicon.weigh(spellable([text])))
        # Rounded, so that entries with the same phrasings are equals in spite of the arithmetic, and keep their order.
        relevance = weighed.relevance[0].round(_DECIMALS)
        hits = list[Hit]()
        for entry in _best_positions(relevance, max(k, 2)):
            row = self._fitted.nearest_row(embedding, entry)
            terms = Terms(
                cosine=float(weighed.cosine[0, entry]),
                centroid=float(weighed.centroid[0, entry]),
                head=float(weighed.head[0, entry]),
                spelling=float(weighed.spelling[0, entry]),
            )
            place = self.corpus.entries[entry], self.corpus.texts[row]
            hits.append(Hit(*place, similarity=terms.cosine, relevance=float(relevance[entry]), terms=terms))
        return rank_hits(hits, k)

    def firsts(self, texts: Sequence[str], embeddings: Embeddings) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the most relevant entry of many queries at once, and the confidence in it, shape ``(n,)`` each.

        Args:
            texts: The queries as `read` returned them.
            embeddings: Their embeddings in question form.
        """
        if self._fitted is None or not texts:
            return np.zeros(len(texts), dtype=np.intp), np.zeros(len(texts))
        found = self._fitted.relevance(embeddings, self.lexicon.weigh(spellable(texts)))
        return found.round(_DECIMALS).argmax(axis=1), confidence(found).astype(np.float64)

    def confidences(
        self, texts: Sequence[str], embeddings: Embeddings, rerank: Rerank | None = None
    ) -> NDArray[np.float64]:
        """Return the confidence of many queries at once, shape ``(n,)``.

        Args:
            texts: The queries as `read` returned them.
            embeddings: Their embeddings in question form.
            rerank: The reranking model, if one takes part.
        """
        if rerank is None or self._fitted is None or not texts:
            return self.firsts(texts, embeddings)[1]
        found = [self.rank(text, embedding, KEPT).hits for text, embedding in zip(texts, embeddings, strict=True)]
        scores = rerank([(text, hit.phrasing) for text, hits in zip(texts, found, strict=True) for hit in hits])
        split = np.split(scores, np.cumsum([len(hits) for hits in found])[:-1])
        reranked = [rerank_hits(hits, own) for hits, own in zip(found, split, strict=True)]
        return np.array([rank_hits(hits, KEPT).confidence for hits in reranked])


def rank_hits(hits: Sequence[Hit], k: int) -> Ranking:
    """Return the k most relevant of some hits, and how much speaks for the first; equals keep their order."""
    ordered = sorted(hits, key=lambda hit: -hit.relevance)
    if not ordered:
        return Ranking((), 0.0)
    lead = ordered[0].relevance - ordered[1].relevance if len(ordered) > 1 else 0.0
    return Ranking(tuple(ordered[:k]), ordered[0].relevance + WEIGHT_MARGIN * lead)


def spellable(texts: Sequence[str]) -> list[str]:
    """Return cleaned texts in the form in which their spelling is compared."""
    return [as_question(text).lower() for text in texts]


def _best_positions(values: NDArray[np.float32], k: int) -> list[int]:
    """Return the positions of the k largest values, largest first, ties in order of position."""
    # Everything tied with the k-th value stays a candidate, so that the stable sort below breaks the tie.
    smallest = np.partition(values, -k)[-k] if k < len(values) else values.min()
    candidates = np.flatnonzero(values >= smallest)
    order = np.argsort(-values[candidates], kind="stable")
    return [int(position) for position in candidates[order[:k]]]

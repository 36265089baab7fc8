"""Pseudo-queries: what an FAQ's own phrasings tell about questions that nobody has asked yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .relevance import Relevance, confidence
from .reranking import add_rerank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..core.types import Embeddings
    from .matcher import Corpus, Matcher
    from .reranking import Rerank

MIN_ENTRIES = 8
MIN_PHRASINGS = 20
"""With fewer, chance decides: one phrasing more or less would move the threshold by a tenth."""
FOLDS = 5
"""Parts into which the phrasings are cut; each is held out once."""
GROUPS = 10
"""Parts into which the entries are cut."""
ROUNDS = 2
"""How often both is done, each time cut otherwise."""
SHOWN = 3
"""Hits among which a "did you mean" has the right entry, or not."""
KEPT = 5
"""Hits that a reranking model may be asked about."""
MOST_RERANKED = 200
"""Pseudo-queries of a kind, where each costs the reranking model some hundredths of a second."""
MOST_KEPT = 2000
"""Samples of a kind; with more the curves are no smoother, and a new prior would cost a noticeable moment."""
_LARGEST_FIT = 1_500_000
"""Rows times entries that are fitted for held-out phrasings, and again for near misses; beyond it fewer parts are used,
each of which then holds more than enough."""
_LARGEST_ASKED = 20_000_000
"""Rows times entries that are asked about at once: 80 MB. The curves need no more rows than `MOST_KEPT`."""
_NOT_TOLD_APART, _TOLD_APART = 0.25, 0.6
"""Shares of an entry's phrasings that find it without themselves: up to the first it is taken for others so often that
it might as well be one of them, from the second on as often as entries are."""
_SEED = 20


@dataclass(frozen=True)
class Taken:
    """Which entries held-out phrasings were taken for, one row for each time that a phrasing was asked.

    Attributes:
        rows: The row of the phrasing, shape ``(n,)``.
        entries: The number of the entry that came first, shape ``(n,)``.
    """

    rows: NDArray[np.intp]
    entries: NDArray[np.intp]


NOTHING_TAKEN = Taken(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
"""Where nothing was held out."""


@dataclass(frozen=True)
class Samples:
    """Confidences of pseudo-queries.

    Attributes:
        held_out: Of phrasings whose entry was there without them.
        right: Whether the first hit was their entry.
        found: Whether their entry was among the first `SHOWN` hits.
        near: Of phrasings whose entry was not there at all.
        near_weights: How much each of them counts as a near miss, 0 to 1: less where its entry is hard to tell from the
            others, see `_weigh_entries`.
        chatter: Of everyday chatter.
        taken: What every phrasing that was held out was taken for, not only those of which samples were kept.
    """

    held_out: NDArray[np.float64]
    right: NDArray[np.bool_]
    found: NDArray[np.bool_]
    near: NDArray[np.float64]
    near_weights: NDArray[np.float64]
    chatter: NDArray[np.float64]
    taken: Taken = NOTHING_TAKEN


def is_too_small(corpus: Corpus) -> bool:
    """Return whether an FAQ has too little to hold out: too few entries, or phrasings of entries that have more."""
    sizes = np.bincount(corpus.labels, minlength=1)
    others_left = sizes[corpus.labels] > 1
    return len(corpus.entries) < MIN_ENTRIES or int((~corpus.titles & others_left).sum()) < MIN_PHRASINGS


def collect_samples(
    matcher: Matcher, queries: Embeddings, chatter: NDArray[np.float64], rerank: Rerank | None = None
) -> Samples:
    """Ask an FAQ its own phrasings.

    Args:
        matcher: The FAQ, not too small.
        queries: Its texts embedded as questions, one row each.
        chatter: Confidences of everyday chatter, shape ``(n,)``.
        rerank: The reranking model, if one takes part.
    """
    trial = _Trial(matcher, queries, rerank)
    rng = np.random.default_rng(_SEED)
    held_out = _join([trial.ask_without(rows) for rows in trial.phrasing_parts(rng)])
    near = _join([trial.ask(rows, trial.without_entries(rows)) for rows in trial.entry_parts(rng)])
    first, second = _spread(len(held_out.rows)), _spread(len(near.rows))
    return Samples(
        held_out=held_out.confidence[first],
        right=held_out.right[first],
        found=held_out.found[first],
        near=near.confidence[second],
        near_weights=_weigh_entries(matcher, held_out)[near.rows][second],
        chatter=np.asarray(chatter, dtype=np.float64),
        taken=Taken(held_out.rows, held_out.first),
    )


def hold_out(matcher: Matcher, queries: Embeddings) -> Taken:
    """Ask an FAQ its own phrasings, also one that is too small for samples of it to mean anything.

    Args:
        matcher: The FAQ.
        queries: Its texts embedded as questions, one row each.
    """
    if not matcher.corpus.entries:
        return NOTHING_TAKEN
    trial = _Trial(matcher, queries, rerank=None)
    parts = trial.phrasing_parts(np.random.default_rng(_SEED))
    asked = [trial.ask_without(rows) for rows in parts if trial.can_ask_without(rows)]
    if not asked:
        return NOTHING_TAKEN
    held_out = _join(asked)
    return Taken(held_out.rows, held_out.first)


def _weigh_entries(matcher: Matcher, held_out: _Asked) -> NDArray[np.float64]:
    """Return how much each row's near misses count.

    Two entries that say the same make each other's questions look like answerable ones while one of them is held out:
    an answer from the other would not be false. So those count less, the whole entry alike: of its single phrasings
    chance decides which one is taken for another entry's, and those are the near misses of which the bot is too sure.
    """
    labels = matcher.corpus.labels
    asked = np.bincount(labels[held_out.rows], minlength=len(matcher.corpus.entries))
    right = np.bincount(labels[held_out.rows], weights=held_out.right, minlength=len(asked))
    # An entry of which nothing was held out alone counts like the average.
    found = np.divide(right, asked, out=np.full(len(asked), held_out.right.mean()), where=asked > 0)
    return np.clip((found - _NOT_TOLD_APART) / (_TOLD_APART - _NOT_TOLD_APART), 0, 1)[labels]


def _spread(count: int) -> NDArray[np.intp]:
    """Return the positions of as many samples as are worth keeping, spread evenly."""
    return np.linspace(0, count - 1, min(count, MOST_KEPT)).astype(np.intp)


@dataclass(frozen=True)
class _Asked:
    """What came of rows that were held out, shape ``(n,)`` each."""

    rows: NDArray[np.intp]
    first: NDArray[np.intp]
    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    found: NDArray[np.bool_]


def _join(parts: list[_Asked]) -> _Asked:
    return _Asked(
        rows=np.concatenate([part.rows for part in parts]),
        first=np.concatenate([part.first for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        right=np.concatenate([part.right for part in parts]),
        found=np.concatenate([part.found for part in parts]),
    )


class _Trial:
    """An FAQ of which parts are held out and asked."""

    def __init__(self, matcher: Matcher, queries: Embeddings, rerank: Rerank | None) -> None:
        self._embeddings = matcher.embeddings
        self._queries = queries
        # The n-grams' weights are those of the whole FAQ: learning them anew for each part changes next to nothing.
        self._spellings = matcher.lexicon.rows
        self._texts = matcher.corpus.texts
        self._labels = matcher.corpus.labels
        self._phrasings = np.flatnonzero(~matcher.corpus.titles)
        self._entries = len(matcher.corpus.entries)
        self._fits = max(1, _LARGEST_FIT // (len(self._labels) * self._entries))
        self._rounds = ROUNDS if self._fits >= ROUNDS * FOLDS else 1
        self._rerank = rerank
        self._with_head = matcher.head is not None

    def phrasing_parts(self, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
        """Yield rows to hold out together, spread over the entries."""
        parts = min(FOLDS, self._fits)
        for _ in range(self._rounds):
            part = np.full(len(self._labels), -1)
            shuffled = rng.permutation(self._phrasings)
            by_entry = shuffled[np.argsort(self._labels[shuffled], kind="stable")]
            position = np.arange(len(by_entry)) - np.searchsorted(self._labels[by_entry], self._labels[by_entry])
            part[by_entry] = (position + rng.integers(FOLDS, size=self._entries)[self._labels[by_entry]]) % FOLDS
            yield from (self._thin_out(np.flatnonzero(part == number), parts) for number in range(parts))

    def entry_parts(self, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
        """Yield the rows of entries to hold out together."""
        groups = min(GROUPS, self._entries)
        parts = min(groups, 2 * self._fits)
        for _ in range(self._rounds):
            part = (rng.permutation(self._entries) % groups)[self._labels[self._phrasings]]
            yield from (self._thin_out(self._phrasings[part == number], parts) for number in range(parts))

    def without_rows(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which rows stay if some are held out."""
        stays = np.ones(len(self._labels), dtype=np.bool_)
        stays[rows] = False
        return stays

    def without_entries(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which rows stay if the whole entries of some are held out."""
        return ~np.isin(self._labels, self._labels[rows])

    def can_ask_without(self, rows: NDArray[np.intp]) -> bool:
        """Return whether the entry of any of these rows is still there without them."""
        return bool(np.isin(self._labels[rows], self._labels[self.without_rows(rows)]).any())

    def ask_without(self, rows: NDArray[np.intp]) -> _Asked:
        """Ask some rows of the others, as far as their entries are still there."""
        stays = self.without_rows(rows)
        return self.ask(rows[np.isin(self._labels[rows], self._labels[stays])], stays)

    def ask(self, rows: NDArray[np.intp], stays: NDArray[np.bool_]) -> _Asked:
        """Ask some rows of what stays."""
        there, numbers = np.unique(self._labels[stays], return_inverse=True)
        kept = np.flatnonzero(stays)
        parts = self._embeddings[kept], numbers.astype(np.intp), self._spellings[kept]
        fitted = Relevance(*parts, with_head=self._with_head)
        relevance = fitted.relevance(self._queries[rows], self._spellings[rows])
        best = np.argsort(-relevance, axis=1, kind="stable")[:, :KEPT]
        top = np.take_along_axis(relevance, best, axis=1)
        if self._rerank:
            phrasings: list[list[str]] = [
                [self._texts[kept[fitted.nearest_row(self._queries[row], entry)]] for entry in entries]
                for row, entries in zip(rows.tolist(), best.tolist(), strict=True)
            ]
            queries: list[str] = [self._texts[row] for row in rows.tolist()]
            top, order = add_rerank(top, queries, phrasings, self._rerank)
            best = np.take_along_axis(best, order, axis=1)
        found = there[best]
        hit = found == self._labels[rows][:, None]
        certain = confidence(top).astype(np.float64)
        return _Asked(rows, found[:, 0], certain, hit[:, 0], hit[:, :SHOWN].any(axis=1))

    def _thin_out(self, rows: NDArray[np.intp], parts: int) -> NDArray[np.intp]:
        """Return no more rows of a part than there is room, and the reranking model has time for, spread evenly."""
        most = max(1, _LARGEST_ASKED // self._entries)
        if self._rerank:
            most = min(most, max(1, MOST_RERANKED // (parts * self._rounds)))
        if len(rows) <= most:
            return rows
        return rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]

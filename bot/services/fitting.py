"""From entries to an FAQ that can be searched: embedded, fitted and calibrated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..core.text import as_question, clean, content_hash
from ..core.vocabulary import NO_WORDS
from ..matching import (
    ADDRESSED,
    OVERHEARD,
    Calibration,
    Fit,
    Matcher,
    build_corpus,
    calibrate,
    is_too_small,
    name_embeddings,
    name_fit,
    pack_fit,
    rank_hits,
    rerank_hits,
    unpack_fit,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..core.ports import Embedder, Reranker, Store
    from ..core.types import Embeddings, Entry, FaqScope, Ranking
    from ..core.vocabulary import Vocabulary
    from ..matching import Corpus, Prior, Rerank


_CHUNK = 32
"""Texts embedded as questions at once while an FAQ is read."""


@dataclass(frozen=True)
class Priors:
    """Of what the questions to one FAQ consist.

    Attributes:
        addressed: Those put to the bot.
        overheard: Those that it overheard.
    """

    addressed: Prior = ADDRESSED
    overheard: Prior = OVERHEARD

    def of(self, *, addressed: bool) -> Prior:
        """Return the prior for one kind of question."""
        return self.addressed if addressed else self.overheard


@dataclass(frozen=True)
class Faq:
    """The FAQ of one scope, ready to be searched.

    Attributes:
        matcher: Ranks its entries.
        calibration: Says what a ranking is worth.
        priors: Assumed, or learnt from the log.
        judged: The confidence in the logged questions from which the priors were learnt, by the digest that `learning`
            makes of each: no text outlives the log here.
    """

    matcher: Matcher
    calibration: Calibration
    priors: Priors = Priors()
    judged: Mapping[bytes, float] = field(default_factory=dict[bytes, float], compare=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The enabled entries, in the order of the files."""
        return self.matcher.corpus.entries

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry with this id, None if there is none (any more)."""
        return self._by_id.get(entry_id)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}


@dataclass(eq=False)
class Trial:
    """An FAQ that was tried out, and what there is to keep once it is put into service.

    Attributes:
        faq: The FAQ.
        subject: What it was fitted to.
        fresh: Embeddings of its texts that the cache did not hold.
        unkept: Whether there is no matrix of its embeddings.
        kept: Whether all of it is kept by now.
    """

    faq: Faq
    subject: _Subject
    fresh: Mapping[str, Embeddings]
    unkept: bool
    kept: bool = False


@dataclass(frozen=True)
class _Embedded:
    """Texts in question form with their embeddings, as the model takes questions and as it takes the FAQ.

    Those that are fresh were not in the cache; they come by the keys that they would have there.
    """

    corpus: Mapping[str, Embeddings]
    queries: Mapping[str, Embeddings]
    fresh: Mapping[str, Embeddings]


class Fitter:
    """Makes FAQs searchable.

    Args:
        embedder: Embeds the phrasings.
        chatter: What people write all day and no FAQ answers, to calibrate with.
        cache: Keeps embeddings and what was fitted between starts; None makes everything anew.
        reranker: Has a say on the first hits; calibrating then takes a minute.
    """

    def __init__(
        self,
        embedder: Embedder,
        chatter: Sequence[str] = (),
        cache: Store | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._embedder = embedder
        self._reranker = reranker
        self._lines = chatter
        self._cache = cache

    @cached_property
    def _chatter(self) -> list[str]:
        return [text for line in self._lines if (text := clean(line))]

    async def fit(self, scopes: Mapping[FaqScope, Sequence[Entry]]) -> tuple[dict[FaqScope, Faq], int]:
        """Return the FAQ of each scope, and how many texts had to be embedded.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The cache could not be read or written.
        """
        subjects = {scope: await self._recall(build_corpus(entries)) for scope, entries in scopes.items()}
        vectors, background = await self._embed_subjects(subjects.values())
        await self._cache_embeddings(vectors.fresh)
        faqs: dict[FaqScope, Faq] = {}
        for scope, subject in subjects.items():
            if subject.embeddings is None:
                embeddings = _stack(subject.to_embed, vectors.corpus)
                subject.embeddings = await self._keep_embeddings(subject.corpus, embeddings)
            faqs[scope] = faq = await self._fit(subject, vectors.queries, background)
            await self._keep_fit(subject, faq)
        return faqs, len(vectors.fresh)

    async def try_out(self, entries: Sequence[Entry]) -> Trial:
        """Return an FAQ of which nothing is kept: it may hold what a member asked, and may never be saved.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The cache could not be read or written.
        """
        subject = await self._recall(build_corpus(entries))
        vectors, background = await self._embed_subjects([subject])
        chatter = _hash_texts(map(as_question, background.texts), as_queries=not self._embedder.is_symmetric)
        own = {key: embedding for key, embedding in vectors.fresh.items() if key not in chatter}
        # That is nobody's, and many lines to embed for each preview.
        await self._cache_embeddings({key: vectors.fresh[key] for key in vectors.fresh.keys() - own.keys()})
        unkept = subject.embeddings is None
        if unkept:
            subject.embeddings = _stack(subject.to_embed, vectors.corpus)
        return Trial(await self._fit(subject, vectors.queries, background), subject, own, unkept=unkept)

    async def keep(self, trial: Trial) -> None:
        """Keep for the next start what was tried out, because it is put into service.

        Raises:
            StoreUnavailableError: The cache could not be written.
        """
        if trial.kept:
            return
        await self._cache_embeddings(trial.fresh)
        if trial.unkept:
            await self._keep_embeddings(trial.subject.corpus, trial.faq.matcher.embeddings)
        await self._keep_fit(trial.subject, trial.faq)
        trial.kept = True

    def list_used(self, faqs: Iterable[Faq]) -> list[str]:
        """Return the keys of all cached embeddings that some FAQs may need to be fitted anew."""
        texts = [text for faq in faqs for text in faq.matcher.corpus.to_embed]
        asked = _hash_texts([*texts, *map(as_question, self._chatter)], as_queries=True)
        return [*_hash_texts([*texts, *map(as_question, self._chatter)], as_queries=False), *asked]

    async def _embed_subjects(self, subjects: Collection[_Subject]) -> tuple[_Embedded, _Background]:
        phrasings = [text for subject in subjects for text in subject.to_embed]
        asked = [text for subject in subjects for text in subject.to_ask]
        chatter = self._chatter if asked else []
        vectors = await self._embed_all(phrasings, [*asked, *map(as_question, chatter)])
        return vectors, _Background(chatter, _stack(map(as_question, chatter), vectors.queries))

    async def _recall(self, corpus: Corpus) -> _Subject:
        """Return an FAQ with what is known of it from an earlier start."""
        subject = _Subject(corpus)
        if self._cache is None or not corpus.texts:
            return subject
        subject.embeddings = await self._cache.read_matrix(name_embeddings(corpus, self._embedder.model_id))
        if subject.embeddings is not None and len(subject.embeddings) != len(corpus.texts):
            # What lies there was put there by nobody of us.
            subject.embeddings = None
        if subject.is_measurable and (content := await self._cache.read_kept(self._name_fit(corpus))) is not None:
            subject.fit = await asyncio.to_thread(unpack_fit, content)
        return subject

    def _name_fit(self, corpus: Corpus) -> str:
        reranker_id = self._reranker.model_id if self._reranker else None
        return name_fit(corpus, self._embedder.model_id, self._lines, reranker_id)

    async def _keep_embeddings(self, corpus: Corpus, embeddings: Embeddings) -> Embeddings:
        if self._cache is None or not corpus.texts:
            return embeddings
        return await self._cache.keep_matrix(name_embeddings(corpus, self._embedder.model_id), embeddings)

    async def _cache_embeddings(self, fresh: Mapping[str, Embeddings]) -> None:
        if self._cache and fresh:
            await self._cache.cache_embeddings(self._embedder.model_id, fresh)

    async def _keep_fit(self, subject: _Subject, faq: Faq) -> None:
        if self._cache and subject.is_measurable and subject.fit is None:
            kept = Fit(faq.matcher.head, faq.calibration.samples, faq.matcher.lexicon)
            await self._cache.keep(self._name_fit(subject.corpus), pack_fit(kept))

    async def _fit(self, subject: _Subject, queries: Mapping[str, Embeddings], background: _Background) -> Faq:
        rerank = None if self._reranker is None else from_thread(self._reranker)
        # Fitting takes a while for a big FAQ; the event loop has questions to answer.
        return await asyncio.to_thread(_fit, subject, self._embedder.vocabulary, queries, background, rerank)

    async def _embed_all(self, phrasings: Sequence[str], questions: Sequence[str]) -> _Embedded:
        if self._embedder.is_symmetric:
            embeddings, fresh = await self._embed([*phrasings, *questions], as_queries=False)
            return _Embedded(embeddings, embeddings, fresh)
        corpus, fresh = await self._embed(phrasings, as_queries=False)
        queries, more = await self._embed(questions, as_queries=True)
        return _Embedded(corpus, queries, fresh | more)

    async def _embed(
        self, texts: Iterable[str], *, as_queries: bool
    ) -> tuple[dict[str, Embeddings], dict[str, Embeddings]]:
        """Return the embeddings by text, and by their key those that the cache did not hold."""
        wanted = _hash_texts(texts, as_queries=as_queries)
        by_hash = await self._read_cached(wanted)
        missing = [key for key in wanted if key not in by_hash]
        fresh: dict[str, Embeddings] = {}
        if missing:
            texts = [wanted[key] for key in missing]
            rows = await (self._embed_queries(texts) if as_queries else self._embedder.embed_corpus(texts))
            fresh = dict(zip(missing, rows, strict=True))
        by_hash |= fresh
        return {text: by_hash[key] for key, text in wanted.items()}, fresh

    async def _embed_queries(self, texts: Sequence[str]) -> Embeddings:
        # In parts, between which people's questions have their turn.
        parts = [await self._embedder.embed_queries(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)]
        return np.concatenate(parts)

    async def _read_cached(self, hashes: Iterable[str]) -> dict[str, Embeddings]:
        return await self._cache.read_cached_embeddings(self._embedder.model_id, hashes) if self._cache else {}


def _hash_texts(texts: Iterable[str], *, as_queries: bool) -> dict[str, str]:
    """Return texts by the key under which their embeddings are cached."""
    # A cleaned text has no line breaks, so the two kinds cannot be taken for each other.
    return {content_hash(f"query\n{text}" if as_queries else text): text for text in texts}


@dataclass(frozen=True)
class _Background:
    """Everyday chatter, cleaned, and embedded in question form."""

    texts: Sequence[str]
    embeddings: Embeddings


async def rerank(ranking: Ranking, text: str, reranker: Reranker | None) -> Ranking:
    """Return a ranking after the reranker, if there is one, had its say.

    Args:
        ranking: The hits of a query.
        text: The query as it was searched for.
        reranker: Whom to ask.

    Raises:
        EmbedderUnavailableError: The model failed.
    """
    if reranker is None or not ranking.hits:
        return ranking
    scores = await reranker.rerank_pairs([(text, hit.phrasing) for hit in ranking.hits])
    return rank_hits(rerank_hits(ranking.hits, scores), len(ranking.hits))


def from_thread(reranker: Reranker) -> Rerank:
    """Return the reranker as a function that another thread than the event loop's may call."""
    loop = asyncio.get_running_loop()
    return lambda pairs: asyncio.run_coroutine_threadsafe(reranker.rerank_pairs(pairs), loop).result()


@dataclass
class _Subject:
    """An FAQ that is to be fitted.

    Attributes:
        corpus: Its texts.
        embeddings: Of its texts, None as long as they are not known.
        fit: What was fitted to it at an earlier start, None if nothing was.
    """

    corpus: Corpus
    embeddings: Embeddings | None = None
    fit: Fit | None = None

    @property
    def is_measurable(self) -> bool:
        """Whether it is large enough to be calibrated."""
        return not is_too_small(self.corpus)

    @property
    def to_embed(self) -> Sequence[str]:
        """Texts to embed as the model takes the FAQ."""
        return self.corpus.to_embed if self.embeddings is None else ()

    @property
    def to_ask(self) -> Sequence[str]:
        """Texts to embed as the model takes questions: those with which it is to be calibrated."""
        return self.corpus.to_embed if self.is_measurable and self.fit is None else ()


def _fit(
    subject: _Subject,
    vocabulary: Vocabulary,
    queries: Mapping[str, Embeddings],
    background: _Background,
    rerank: Rerank | None,
) -> Faq:
    fit, embeddings = subject.fit, subject.embeddings
    assert embeddings is not None  # noqa: S101 - they were looked up or made
    if fit:
        return Faq(Matcher(subject.corpus, embeddings, vocabulary, fit.head, fit.lexicon), Calibration(fit.samples))
    matcher = Matcher(subject.corpus, embeddings, vocabulary)
    asked = _stack(subject.to_ask, queries)
    return Faq(matcher, calibrate(matcher, asked, background.texts, background.embeddings, rerank))


def _stack(texts: Iterable[str], embeddings: Mapping[str, Embeddings]) -> Embeddings:
    rows = [embeddings[text] for text in texts]
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)


def _fit_nothing() -> Faq:
    nothing = _Background((), np.zeros((0, 0), dtype=np.float32))
    return _fit(_Subject(build_corpus(()), np.zeros((0, 0), dtype=np.float32)), NO_WORDS, {}, nothing, None)


EMPTY_FAQ = _fit_nothing()
"""What the bot knows before the first reload."""

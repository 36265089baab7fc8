"""From entries to an FAQ that can be searched: embedded, fitted and calibrated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..core.text import as_question, clean
from ..matching import (
    Calibration,
    Fit,
    Matcher,
    build_corpus,
    calibrate,
    is_too_small,
    name_embeddings,
    name_fit,
    pack_fit,
    unpack_fit,
)
from .embedding import CachedEmbedder, hash_texts
from .faq import Faq
from .reranking import from_thread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..core.ports import Embedder, Reranker, Store
    from ..core.types import Embeddings, Entry, FaqScope
    from ..core.vocabulary import Vocabulary
    from ..matching import Corpus, Rerank
    from .embedding import Embedded


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
        self._texts = CachedEmbedder(embedder, cache)

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
        await self._texts.keep(vectors.fresh)
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
        chatter = hash_texts(map(as_question, background.texts), as_queries=not self._embedder.is_symmetric)
        own = {key: embedding for key, embedding in vectors.fresh.items() if key not in chatter}
        # That is nobody's, and many lines to embed for each preview.
        await self._texts.keep({key: vectors.fresh[key] for key in vectors.fresh.keys() - own.keys()})
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
        await self._texts.keep(trial.fresh)
        if trial.unkept:
            await self._keep_embeddings(trial.subject.corpus, trial.faq.matcher.embeddings)
        await self._keep_fit(trial.subject, trial.faq)
        trial.kept = True

    def list_used(self, faqs: Iterable[Faq]) -> list[str]:
        """Return the keys of all cached embeddings that some FAQs may need to be fitted anew."""
        texts = [text for faq in faqs for text in faq.matcher.corpus.to_embed]
        asked = hash_texts([*texts, *map(as_question, self._chatter)], as_queries=True)
        return [*hash_texts([*texts, *map(as_question, self._chatter)], as_queries=False), *asked]

    async def _embed_subjects(self, subjects: Collection[_Subject]) -> tuple[Embedded, _Background]:
        phrasings = [text for subject in subjects for text in subject.to_embed]
        asked = [text for subject in subjects for text in subject.to_ask]
        chatter = self._chatter if asked else []
        vectors = await self._texts.embed(phrasings, [*asked, *map(as_question, chatter)])
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

    async def _keep_fit(self, subject: _Subject, faq: Faq) -> None:
        if self._cache and subject.is_measurable and subject.fit is None:
            kept = Fit(faq.matcher.head, faq.calibration.samples, faq.matcher.lexicon)
            await self._cache.keep(self._name_fit(subject.corpus), pack_fit(kept))

    async def _fit(self, subject: _Subject, queries: Mapping[str, Embeddings], background: _Background) -> Faq:
        rerank = None if self._reranker is None else from_thread(self._reranker)
        # Fitting takes a while for a big FAQ; the event loop has questions to answer.
        return await asyncio.to_thread(_fit, subject, self._embedder.vocabulary, queries, background, rerank)


@dataclass(frozen=True)
class _Background:
    """Everyday chatter, cleaned, and embedded in question form."""

    texts: Sequence[str]
    embeddings: Embeddings


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

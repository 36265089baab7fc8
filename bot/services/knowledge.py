"""The FAQ in memory: read, embedded, indexed and replaced as a whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..core.index import Index
from ..core.text import clean, content_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..core.ports import Clock, Embedder, FaqSource, Store
    from ..core.types import Embeddings, Entry, FaqScope


@dataclass(frozen=True)
class Faq:
    """The FAQ of one scope, ready to be searched.

    Attributes:
        index: The embedded phrasings of all enabled entries.
    """

    index: Index

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The enabled entries, in the order of the files."""
        return self.index.entries

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry with this id, None if there is none (any more)."""
        return self._by_id.get(entry_id)

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}


@dataclass(frozen=True)
class Snapshot:
    """Everything the bot knows at one moment; it never changes, so whoever holds it sees one consistent FAQ."""

    faqs: Mapping[FaqScope, Faq]

    def faq_of(self, guild_id: int | None) -> Faq:
        """Return the FAQ that serves a server, or direct messages (None)."""
        return self.faqs.get(guild_id) or self.faqs[None]


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """What a reload changed, in entries over all scopes.

    Attributes:
        added: Entries that are new.
        changed: Entries of which anything changed.
        removed: Entries that are gone or disabled now.
        unchanged: The rest.
        embedded: Phrasings that had to be embedded, because no cache held them.
        seconds: How long it took.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    embedded: int
    seconds: float


class Knowledge:
    """Holds the current snapshot and replaces it on a reload.

    Args:
        source: Where the entries come from.
        embedder: Embeds the phrasings.
        store: Caches their embeddings between starts.
        clock: Times the reload.
    """

    def __init__(self, source: FaqSource, embedder: Embedder, store: Store, clock: Clock) -> None:
        self._source = source
        self._embedder = embedder
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()
        self._current = Snapshot({None: Faq(Index((), np.zeros((0, 0), dtype=np.float32)))})

    @property
    def current(self) -> Snapshot:
        """The snapshot in service: read it once a question, so that a reload in between changes nothing."""
        return self._current

    async def reload(self) -> ReloadResult:
        """Read the FAQ anew and put it into service; one reload at a time, questions are answered meanwhile.

        Raises:
            FaqInvalidError: With every problem; the old snapshot stays.
            EmbedderUnavailableError: The model failed; the old snapshot stays.
            StoreUnavailableError: The cache could not be read or written; the old snapshot stays.
        """
        async with self._lock:
            started = self._clock.monotonic()
            scopes = await self._source.read()
            texts = [text for entries in scopes.values() for text in _corpus(entries)]
            embeddings, embedded = await self._embed(texts)
            # Building the matrices takes a while for a big FAQ; the event loop has questions to answer.
            snapshot = await asyncio.to_thread(_build_snapshot, scopes, embeddings)
            before, self._current = self._current, snapshot
            return _compare(before, snapshot, embedded, self._clock.monotonic() - started)

    async def _embed(self, texts: Iterable[str]) -> tuple[dict[str, Embeddings], int]:
        """Return the embeddings by cleaned text, and how many of them the cache did not hold."""
        wanted = {content_hash(text): text for text in texts}
        by_hash = await self._store.read_cached_embeddings(self._embedder.model_id, wanted)
        missing = [key for key in wanted if key not in by_hash]
        if missing:
            fresh = await self._embedder.embed_corpus([wanted[key] for key in missing])
            new = dict(zip(missing, fresh, strict=True))
            await self._store.cache_embeddings(self._embedder.model_id, new)
            by_hash |= new
        return {text: by_hash[key] for key, text in wanted.items()}, len(missing)


def _corpus(entries: Sequence[Entry]) -> list[str]:
    """Return the cleaned phrasings in the order in which an Index wants their embeddings."""
    return [clean(phrasing) for entry in entries for phrasing in entry.phrasings]


def _build_snapshot(scopes: Mapping[FaqScope, Sequence[Entry]], embeddings: Mapping[str, Embeddings]) -> Snapshot:
    return Snapshot({scope: Faq(_build_index(entries, embeddings)) for scope, entries in scopes.items()})


def _build_index(entries: Sequence[Entry], embeddings: Mapping[str, Embeddings]) -> Index:
    rows = [embeddings[text] for text in _corpus(entries)]
    return Index(entries, np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32))


def _compare(before: Snapshot, after: Snapshot, embedded: int, seconds: float) -> ReloadResult:
    old, new = _by_place(before), _by_place(after)
    kept = old.keys() & new.keys()
    unchanged = sum(old[place] == new[place] for place in kept)
    return ReloadResult(
        added=len(new) - len(kept),
        changed=len(kept) - unchanged,
        removed=len(old) - len(kept),
        unchanged=unchanged,
        embedded=embedded,
        seconds=seconds,
    )


def _by_place(snapshot: Snapshot) -> dict[tuple[FaqScope, str], Entry]:
    return {(scope, entry.id): entry for scope, faq in snapshot.faqs.items() for entry in faq.entries}

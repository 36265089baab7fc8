"""The FAQ in memory, replaced as a whole."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ..core.edits import Ownings, Version
from ..core.entries import overlay, usable
from ..core.errors import FaqInvalidError
from .faq import EMPTY_FAQ
from .fitting import Fitter
from .learning import learn_priors, leave_out_damaged
from .reranking import from_thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..core.edits import SettingValue
    from ..core.entries import Listed
    from ..core.ports import Clock, Embedder, FaqSource, Ledger, Reranker, Store
    from ..core.types import Entry, FaqScope
    from .faq import Faq
    from .fitting import Trial

_log = logging.getLogger(__name__)

EMBEDDINGS_KEPT = timedelta(days=7)
"""How long cached embeddings stay that no FAQ in service needs: an FAQ, or the model, may be changed back."""
LOG_DAYS = 30
TRIED = 4
"""FAQs that were tried out and are kept fitted, for as many admins who look at a preview at the same time."""
LOG_QUESTIONS = 1000
"""Newest logged questions, of at most `LOG_DAYS`, from which the priors are learnt."""


@dataclass(frozen=True)
class Snapshot:
    """Everything the bot knows at one moment; it never changes, so whoever holds it sees one consistent FAQ.

    Attributes:
        faqs: What it answers from, by scope.
        listings: All entries by scope, also those that are not enabled.
        settings: What the servers set from within Discord, by server and name.
    """

    faqs: Mapping[FaqScope, Faq]
    listings: Mapping[FaqScope, tuple[Listed, ...]]
    settings: Mapping[int, Mapping[str, SettingValue]] = field(default_factory=dict[int, "Mapping[str, SettingValue]"])

    def scope_of(self, guild_id: int | None) -> FaqScope:
        """Return the scope that serves a server, or direct messages (None)."""
        return guild_id if guild_id in self.faqs else None

    def faq_of(self, guild_id: int | None) -> Faq:
        """Return the FAQ that serves a server, or direct messages (None)."""
        return self.faqs[self.scope_of(guild_id)]

    def listing_of(self, guild_id: int | None) -> tuple[Listed, ...]:
        """Return all entries of a server, or those of direct messages (None)."""
        return self.listings[self.scope_of(guild_id)]

    def find_listed(self, guild_id: int | None, entry_id: str) -> Listed | None:
        """Return an entry of a server, in use or not; None if there is none."""
        return next((one for one in self.listing_of(guild_id) if one.entry.id == entry_id), None)


@dataclass(frozen=True, slots=True)
class ReloadResult:
    """What a reload changed, in entries over all scopes.

    Attributes:
        added: Entries that are new.
        changed: Entries of which anything changed.
        removed: Entries that are gone or disabled now.
        unchanged: The rest.
        embedded: Texts that had to be embedded, because no cache held them.
        uncalibrated: Scopes whose FAQ is too small to be calibrated, and is answered from with safe values.
        seconds: How long it took.
    """

    added: int
    changed: int
    removed: int
    unchanged: int
    embedded: int
    uncalibrated: tuple[FaqScope, ...]
    seconds: float


class Knowledge:
    """Holds the current snapshot and replaces it on a reload.

    Args:
        source: Where the entries come from.
        embedder: Embeds the phrasings.
        store: Caches their embeddings between starts, and has the log.
        clock: Times the reload.
        chatter: What people write all day and no FAQ answers, to calibrate with.
        reranker: Has a say on the first hits.
        ledger: Has what the servers changed from within Discord; without it there are the files alone.
    """

    def __init__(
        self,
        source: FaqSource,
        embedder: Embedder,
        store: Store,
        clock: Clock,
        chatter: Sequence[str] = (),
        reranker: Reranker | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._embedder = embedder
        self._store = store
        self._clock = clock
        self._reranker = reranker
        self._fitter = Fitter(embedder, chatter, store, reranker)
        self._lock = asyncio.Lock()
        self._current = Snapshot({None: EMPTY_FAQ}, {None: ()})
        self._filed: Mapping[FaqScope, Sequence[Entry]] = {None: ()}
        self._version = Version()
        self._read_at = 0
        self._stamp = ""
        self._tried: deque[Trial] = deque(maxlen=TRIED)

    @property
    def current(self) -> Snapshot:
        """The snapshot in service: read it once a question, so that a reload in between changes nothing."""
        return self._current

    async def reload(self) -> ReloadResult:
        """Read the files anew and put them into service; one reload at a time, questions are answered meanwhile.

        Raises:
            FaqInvalidError: With every problem; the old snapshot stays.
            EmbedderUnavailableError: The model failed; the old snapshot stays.
            StoreUnavailableError: The cache could not be read or written; the old snapshot stays.
        """
        async with self._lock:
            started = self._clock.monotonic()
            # Before reading: what changes in between is read once more.
            stamp = await self._source.read_stamp()
            version = await self._ledger.read_version() if self._ledger else Version()
            try:
                filed = await self._source.read()
            except FaqInvalidError:
                self._stamp = stamp
                raise
            result = await self._serve(filed, started)
            self._stamp, self._read_at = stamp, version.changes
            self._version = replace(self._version, reloads=version.reloads)
            return result

    async def refresh(self) -> ReloadResult:
        """Put into service what was changed from within Discord, on top of the files as they were last read.

        A file that is being mended, or another server's, does not stand in the way of an edit.

        Raises:
            EmbedderUnavailableError: The model failed; the old snapshot stays.
            StoreUnavailableError: The edits or the cache could not be read or written; the old snapshot stays.
        """
        async with self._lock:
            return await self._serve(self._filed, self._clock.monotonic())

    async def follow(self) -> ReloadResult | None:
        """Put into service what other processes changed or reloaded; None if there was nothing.

        Raises:
            FaqInvalidError: Another process reloaded, and here the files have problems; the old snapshot stays.
            EmbedderUnavailableError: As for `reload`.
            StoreUnavailableError: As for `reload`.
        """
        if self._ledger is None:
            return None
        version = await self._ledger.read_version()
        if version == self._version:
            return None
        if version.reloads != self._version.reloads:
            try:
                return await self.reload()
            except FaqInvalidError:
                # What was edited from within Discord must not wait until the files are mended.
                await self.refresh()
                # Once mended they change, and are read by `reload_if_changed`.
                self._version = replace(self._version, reloads=version.reloads)
                raise
        return await self.refresh()

    async def reload_if_changed(self) -> ReloadResult | None:
        """Read the files anew if one was changed since they were last read; None if none was.

        Files with problems are not read again until one of them changes.

        Raises:
            FaqInvalidError: As for `reload`.
            EmbedderUnavailableError: As for `reload`.
            StoreUnavailableError: As for `reload`.
        """
        if await self._source.read_stamp() == self._stamp:
            return None
        return await self.reload()

    async def check_files(self) -> bool:
        """Read the files and put nothing into service; return whether they are as they were when last read.

        Raises:
            FaqInvalidError: With every problem.
        """
        await self._source.read()
        return await self._source.read_stamp() == self._stamp

    def acknowledge(self, reload_id: int) -> None:
        """Take note that a reload by this very process is in the history now, so that `follow` need not repeat it."""
        # If something else came in between, following it once more does no harm.
        if reload_id == self._read_at + 1:
            self._version = Version(max(reload_id, self._version.changes), reload_id)

    async def try_out(self, guild_id: int, own: Mapping[str, Entry]) -> Faq:
        """Return the FAQ that a server would have if these were the entries of its own; nothing changes.

        Raises:
            EmbedderUnavailableError: The model failed.
            StoreUnavailableError: The cache could not be read or written.
        """
        entries = usable(overlay(self.filed_of(guild_id), own))
        faq = self._list_fitted().get(entries)
        if faq is None:
            trial = await self._fitter.try_out(entries)
            # What is tried out is mostly saved a moment later, and need not be fitted again then.
            self._tried.append(trial)
            faq = trial.faq
        return replace(faq, priors=self._current.faq_of(guild_id).priors)

    async def forget_unused(self) -> int:
        """Delete cached embeddings that no FAQ has needed for a while; return how many there were.

        Raises:
            StoreUnavailableError: The cache could not be written.
        """
        used = await asyncio.to_thread(self._fitter.list_used, self._current.faqs.values())
        now = self._clock.now()
        return await self._store.prune_embeddings(self._embedder.model_id, used, now, now - EMBEDDINGS_KEPT)

    def filed_of(self, guild_id: int) -> Sequence[Entry]:
        """Return the entries that the files have for a server."""
        return self._filed[guild_id if guild_id in self._filed else None]

    async def _serve(self, filed: Mapping[FaqScope, Sequence[Entry]], started: float) -> ReloadResult:
        ownings = await self._ledger.read_ownings() if self._ledger else Ownings()
        listings = {scope: overlay(entries, ownings.entries.get(scope or 0, {})) for scope, entries in filed.items()}
        for guild_id, own in ownings.entries.items():
            listings.setdefault(guild_id, overlay(filed[None], own))
        entries = {scope: usable(listing) for scope, listing in listings.items()}
        fitted, embedded = await self._fit(entries)
        for trial in list(self._tried):
            if fitted.get(trial.faq.entries) is trial.faq and trial.faq.entries in entries.values():
                await self._fitter.keep(trial)
        before = self._current
        snapshot = Snapshot({scope: fitted[own] for scope, own in entries.items()}, listings, ownings.settings)
        self._current = await self._learn(snapshot)
        # Only now, so that a failure on the way is made up for by `follow`.
        # Who edits has not read the files again that another process reloaded.
        self._filed, self._version = filed, replace(self._version, changes=ownings.version.changes)
        return _compare(before, snapshot, embedded, self._clock.monotonic() - started)

    async def _fit(self, scopes: Mapping[FaqScope, tuple[Entry, ...]]) -> tuple[dict[tuple[Entry, ...], Faq], int]:
        """Return the FAQ of each set of entries, fitted once whoever has it and not again if it is in service."""
        kept = self._list_fitted()
        fresh: dict[FaqScope, tuple[Entry, ...]] = {}
        for scope, entries in scopes.items():
            if entries not in kept and entries not in fresh.values():
                fresh[scope] = entries
        fitted, embedded = await self._fitter.fit(fresh)
        return kept | {faq.entries: faq for faq in fitted.values()}, embedded

    def _list_fitted(self) -> dict[tuple[Entry, ...], Faq]:
        tried = (trial.faq for trial in self._tried)
        return {faq.entries: faq for faq in (*tried, *self._current.faqs.values())}

    async def learn(self) -> None:
        """Learn from the log of what the questions consist, and put that into service.

        Raises:
            StoreUnavailableError: The log could not be read; what was known stays.
        """
        async with self._lock:
            self._current = await self._learn(self._current)

    async def _learn(self, snapshot: Snapshot) -> Snapshot:
        since = self._clock.now() - timedelta(days=LOG_DAYS)
        log = await self._store.read_questions(since=since, newest=LOG_QUESTIONS)
        own = [one for one in log if one.model_id == self._embedder.model_id]
        log = leave_out_damaged(own, self._embedder)
        if damaged := len(own) - len(log):
            _log.warning(
                "the embeddings of %d logged questions are damaged: the bot learns nothing from them",
                damaged,
            )
        rerank = None if self._reranker is None else from_thread(self._reranker)
        faqs = await asyncio.to_thread(learn_priors, snapshot.faqs, log, snapshot.scope_of, rerank)
        return replace(snapshot, faqs=faqs)


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
        uncalibrated=tuple(scope for scope, faq in after.faqs.items() if faq.entries and not faq.calibration.measured),
        seconds=seconds,
    )


def _by_place(snapshot: Snapshot) -> dict[tuple[FaqScope, str], Entry]:
    return {(scope, entry.id): entry for scope, faq in snapshot.faqs.items() for entry in faq.entries}

"""Edits from within Discord: proposed, checked, saved, and taken back."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.edits import Change, ChangeKind, Edit, SettingEdit
from ..core.entries import Origin, overlay
from ..core.errors import EditConflictError, EditRefusedError, EmbedderUnavailableError, StoreUnavailableError
from ..core.soundness import find_reasons, merged
from ..core.speech import sentence
from ..core.text import clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..core.entries import Listed
    from ..core.ports import Clock, Ledger
    from ..core.types import Entry
    from .knowledge import Knowledge, ReloadResult

_log = logging.getLogger(__name__)

_PAGE = 50
"""Changes read at once while looking for the one to undo."""
_TYPED = frozenset({ChangeKind.ADD, ChangeKind.EDIT, ChangeKind.IMPORT})
"""Changes for which somebody wrote the entries anew; the others bring back what was there."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that may be made.

    Attributes:
        guild_id: The server.
        kind: What it is.
        edits: What it does to entries; none if it would do nothing.
        settings: What it does to settings.
        undoes: The change that it takes back.
        note: What else there is to know.
    """

    guild_id: int
    kind: ChangeKind
    edits: tuple[Edit, ...]
    settings: tuple[SettingEdit, ...] = ()
    undoes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that was made.

    Attributes:
        change_id: Its number in the history.
        failure: Why it could not be put into service yet; empty if it was. `Knowledge.follow` makes up for it.
    """

    change_id: int
    failure: str = ""


class Editor:
    """Changes the entries that a server has of its own.

    Every method that proposes raises EditRefusedError, with all reasons, where the result would not be sound, and
    changes nothing.

    Args:
        knowledge: The FAQ.
        ledger: Keeps the changes.
        clock: Tells when they were made.
    """

    def __init__(self, knowledge: Knowledge, ledger: Ledger, clock: Clock) -> None:
        self._knowledge = knowledge
        self._ledger = ledger
        self._clock = clock

    async def propose(self, guild_id: int, entry: Entry, *, seen: Entry | None, kind: ChangeKind) -> Proposal:
        """Propose to add an entry, or to put it in place of one.

        Args:
            guild_id: The server.
            entry: The entry as it is to be.
            seen: The entry of that id as it was when the edit began, None if there was none.
            kind: What to call it in the history.

        Raises:
            EditConflictError: The entry is not as it was seen.
        """
        own = await self._read_own(guild_id)
        if next((one.entry for one in self._list(guild_id, own) if one.entry.id == entry.id), None) != seen:
            raise EditConflictError(entry.id)
        return self._checked(guild_id, kind, {entry.id: entry}, own)

    async def propose_removal(self, guild_id: int, entry_id: str) -> Proposal:
        """Propose to remove an entry of the server's own; an overridden one of the files comes back."""
        own = await self._read_own(guild_id)
        if _find(self._list(guild_id, own), entry_id).origin is Origin.FILE:
            raise EditRefusedError(
                sentence(
                    "“{id}” stands in a file of the bot's operator and cannot be removed here; disable it for this "
                    "server instead.",
                    id=entry_id,
                )
            )
        return self._checked(guild_id, ChangeKind.REMOVE, {entry_id: None}, own)

    async def propose_switch(self, guild_id: int, entry_id: str, *, enabled: bool) -> Proposal:
        """Propose to take an entry into use, or out of it; one of the files too, for this server."""
        own = await self._read_own(guild_id)
        entry = _find(self._list(guild_id, own), entry_id).entry
        if entry.enabled == enabled:
            raise EditRefusedError(
                sentence("“{id}” is enabled already.", id=entry_id)
                if enabled
                else sentence("“{id}” is disabled already.", id=entry_id)
            )
        kind = ChangeKind.ENABLE if enabled else ChangeKind.DISABLE
        return self._checked(guild_id, kind, {entry_id: replace(entry, enabled=enabled)}, own)

    async def propose_merge(self, guild_id: int, into: str, other: str) -> Proposal:
        """Propose to make one entry of two: the first gets the phrasings of the second, which answers no more.

        Its own answer, tags and links stay with the second: one of the server's own is disabled and can be taken into
        use again, and so is, for this server, one of the files.
        """
        own = await self._read_own(guild_id)
        listing = self._list(guild_id, own)
        first, second = _find(listing, into).entry, _find(listing, other).entry
        if first.id == second.id:
            raise EditRefusedError(sentence("“{id}” cannot be merged with itself.", id=into))
        if not first.enabled:
            # Perhaps it was merged into the other one already: then neither of them would answer any more.
            raise EditRefusedError(
                sentence(
                    "“{id}” is disabled, so that neither of the two would answer any more; enable it first.",
                    id=into,
                )
            )
        known = set(map(_key, first.phrasings))
        alternates = (*first.alternates, *(one for one in second.phrasings if _key(one) not in known))
        merged_entries = {
            first.id: replace(first, alternates=alternates),
            second.id: replace(second, enabled=False),
        }
        return self._checked(guild_id, ChangeKind.EDIT, merged_entries, own)

    async def propose_import(self, guild_id: int, entries: Iterable[Entry], note: str) -> Proposal:
        """Propose to add entries, and to put those with an id that is there in place of what is there."""
        own = await self._read_own(guild_id)
        return self._checked(guild_id, ChangeKind.IMPORT, {entry.id: entry for entry in entries}, own, note)

    async def propose_undo(self, guild_id: int, change_id: int | None = None) -> tuple[Proposal, Change]:
        """Propose to take a change back; the newest that is still in force where none is named.

        Returns:
            The proposal, and the change that it takes back.
        """
        change, later = await self._find_undoable(guild_id, change_id)
        ownings = await self._ledger.read_ownings()
        own, set_ = ownings.entries.get(guild_id, {}), ownings.settings.get(guild_id, {})
        # What is again as the change left it may still be so because of a later one.
        again_entries = {edit.entry_id for one in later for edit in one.edits}
        again_settings = {edit.name for one in later for edit in one.settings}
        stale = [
            edit.entry_id
            for edit in change.edits
            if edit.entry_id in again_entries or own.get(edit.entry_id) != edit.after
        ] + [edit.name for edit in change.settings if edit.name in again_settings or set_.get(edit.name) != edit.after]
        if stale:
            raise EditRefusedError(
                sentence(
                    "Change #{number} cannot be taken back by itself, because “{id}” was changed again since; take "
                    "back the later change first.",
                    number=change.id,
                    id=stale[0],
                )
            )
        edits = tuple(Edit(edit.entry_id, edit.after, edit.before) for edit in change.edits)
        self._check(guild_id, ChangeKind.UNDO, {edit.entry_id: edit.after for edit in edits}, own)
        settings = tuple(SettingEdit(edit.name, edit.after, edit.before) for edit in change.settings)
        return Proposal(guild_id, ChangeKind.UNDO, edits, settings, undoes=change.id), change

    async def save(self, proposal: Proposal, by: int) -> Saved:
        """Make a change and put it into service.

        Raises:
            EditRefusedError: It does nothing, or what it was checked against has changed.
            EditConflictError: An entry is not as it was when the change was proposed.
            StoreUnavailableError: It could not be kept; nothing was changed.
        """
        if not proposal.edits and not proposal.settings:
            raise EditRefusedError(sentence("That would change nothing."))
        change = Change(
            guild_id=proposal.guild_id,
            kind=proposal.kind,
            by=by,
            at=self._clock.now(),
            edits=proposal.edits,
            settings=proposal.settings,
            undoes=proposal.undoes,
            note=proposal.note,
        )
        after = {edit.entry_id: edit.after for edit in proposal.edits}
        # Somebody else may have added the same phrasing to another entry while this was looked at, here or elsewhere.
        change_id = await self._ledger.add_change(
            change, lambda own: self._check(proposal.guild_id, proposal.kind, after, own)
        )
        try:
            await self._knowledge.refresh()
        except (EmbedderUnavailableError, StoreUnavailableError) as error:
            _log.exception("change %d is kept and cannot be put into service yet", change_id)
            return Saved(change_id, str(error))
        return Saved(change_id)

    async def reload(self, guild_id: int, by: int) -> ReloadResult:
        """Read the files anew and note in the history who had it done.

        Raises:
            FaqInvalidError: With every problem; the old FAQ stays.
            EmbedderUnavailableError: The model failed; the old FAQ stays.
            StoreUnavailableError: The database failed; the old FAQ may stay.
        """
        result = await self._knowledge.reload()
        note = f"+{result.added} ~{result.changed} -{result.removed} ={result.unchanged}"
        change = Change(guild_id, ChangeKind.RELOAD, by, self._clock.now(), note=note)
        self._knowledge.acknowledge(await self._ledger.add_change(change))
        return result

    def find(self, guild_id: int, entry_id: str) -> Listed:
        """Return an entry, in use or not.

        Raises:
            EditRefusedError: There is none of that id.
        """
        return _find(self._knowledge.current.listing_of(guild_id), entry_id)

    async def _read_own(self, guild_id: int) -> Mapping[str, Entry]:
        """Return a server's own entries as the ledger has them: the snapshot may not have followed others yet."""
        return (await self._ledger.read_ownings()).entries.get(guild_id, {})

    def _list(self, guild_id: int, own: Mapping[str, Entry]) -> tuple[Listed, ...]:
        return overlay(self._knowledge.filed_of(guild_id), own)

    def _checked(
        self,
        guild_id: int,
        kind: ChangeKind,
        wanted: Mapping[str, Entry | None],
        own: Mapping[str, Entry],
        note: str = "",
    ) -> Proposal:
        filed = {entry.id: entry for entry in self._knowledge.filed_of(guild_id)}
        # An entry that says what its file says is none of the server's own: it should follow the file again.
        after = {entry_id: None if filed.get(entry_id) == entry else entry for entry_id, entry in wanted.items()}
        edits = [
            Edit(entry_id, own.get(entry_id), entry) for entry_id, entry in after.items() if own.get(entry_id) != entry
        ]
        self._check(guild_id, kind, after, own)
        return Proposal(guild_id, kind, tuple(edits), note=note)

    def _check(
        self, guild_id: int, kind: ChangeKind, after: Mapping[str, Entry | None], own: Mapping[str, Entry]
    ) -> None:
        earlier, entries = (
            [listed.entry for listed in self._list(guild_id, entries)] for entries in (own, merged(own, after))
        )
        if reasons := list(find_reasons(entries, after.keys(), earlier, typed=kind in _TYPED)):
            raise EditRefusedError(*reasons)

    async def _find_undoable(self, guild_id: int, change_id: int | None) -> tuple[Change, list[Change]]:
        """Return the change to take back, and those that must be taken back before it if they touch the same."""
        if change_id is None:
            in_force, _ = await self._read_in_force(guild_id)
            if not in_force or in_force[-1].kind is ChangeKind.UNDO:
                raise EditRefusedError(sentence("There is nothing to take back."))
            return in_force[-1], []
        change = root = await self._ledger.read_change(guild_id, change_id)
        if change is None or not (change.edits or change.settings):
            raise EditRefusedError(sentence("There is no change #{number} to take back.", number=change_id))
        # To take back an undo is to make the change again that it took back, as if it had stood there all along.
        while root and root.undoes:
            root = await self._ledger.read_change(guild_id, root.undoes)
        root = root or change
        in_force, newest = await self._read_in_force(guild_id, root.id)
        later = [one for one in in_force if one.id != root.id and one.kind is not ChangeKind.UNDO]
        # Of those that took a change back and forth, only the newest can be taken back.
        is_last = change in in_force if change == root else newest[root.id] == change.id
        return change, later if is_last else [*later, change]

    async def _read_in_force(self, guild_id: int, end: int | None = None) -> tuple[list[Change], dict[int, int]]:
        """Return the changes that were not taken back, newest first; and for each the newest undo of it, or of that.

        Args:
            guild_id: The server.
            end: The number to end with; None ends with the first that is no undo.
        """
        found, undone, newest = list[Change](), set[int](), dict[int, int]()
        page = await self._ledger.read_changes(guild_id, limit=_PAGE)
        while page:
            for change in page:
                if end is not None and change.id < end:
                    return found, newest
                if change.undoes:
                    newest[change.undoes] = max(newest.get(change.undoes, 0), newest.get(change.id, change.id))
                if change.id in undone or not (change.edits or change.settings):
                    continue
                found.append(change)
                if change.undoes:
                    undone.add(change.undoes)
                elif end is None:
                    return found, newest
            page = await self._ledger.read_changes(guild_id, before=page[-1].id, limit=_PAGE)
        return found, newest


def _key(phrasing: str) -> str:
    return phrasing_key(phrasing) or clean(phrasing)


def _find(listing: Sequence[Listed], entry_id: str) -> Listed:
    for listed in listing:
        if listed.entry.id == entry_id:
            return listed
    raise EditRefusedError(sentence("There is no entry “{id}” (any more).", id=entry_id))

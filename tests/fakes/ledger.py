"""A ledger that lives as long as the test."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.core.edits import Change, ChangeKind, Draft, Ownings, SettingValue, Version
from bot.core.errors import EditConflictError
from bot.core.types import Entry

_T = TypeVar("_T")


class MemoryLedger:
    """Keeps everything in plain attributes for the test to look at; raises `error` if a test set one."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.entries: dict[int, dict[str, Entry]] = {}
        self.settings: dict[int, dict[str, SettingValue]] = {}
        self.drafts: dict[int, Draft] = {}
        self.error: Exception | None = None
        self.on_undo: Callable[[set[int]], None] | None = None
        self._drafted = 0

    async def read_version(self) -> Version:
        self._fail_if_told()
        reloads = [change.id for change in self.changes if change.kind is ChangeKind.RELOAD]
        return Version(len(self.changes), max(reloads, default=0))

    async def read_ownings(self) -> Ownings:
        version = await self.read_version()
        return Ownings(version, _copied(self.entries), _copied(self.settings))

    async def add_change(self, change: Change, check: Callable[[Mapping[str, Entry]], None] | None = None) -> int:
        self._fail_if_told()
        entries = dict(self.entries.get(change.guild_id, {}))
        if check is not None:
            check(dict(entries))
        settings = dict(self.settings.get(change.guild_id, {}))
        for edit in change.edits:
            if entries.get(edit.entry_id) != edit.before:
                raise EditConflictError(edit.entry_id)
            _put(entries, edit.entry_id, edit.after)
        for setting in change.settings:
            if settings.get(setting.name) != setting.before:
                raise EditConflictError(setting.name)
            _put(settings, setting.name, setting.after)
        self.entries[change.guild_id], self.settings[change.guild_id] = entries, settings
        self.changes.append(replace(change, id=len(self.changes) + 1))
        if self.on_undo and change.undoes:
            self.on_undo(self._chain(change.undoes))
        return len(self.changes)

    async def read_change(self, guild_id: int, change_id: int) -> Change | None:
        self._fail_if_told()
        return next((one for one in self.changes if (one.guild_id, one.id) == (guild_id, change_id)), None)

    async def read_changes(
        self, guild_id: int, *, entry_id: str | None = None, before: int | None = None, limit: int
    ) -> list[Change]:
        self._fail_if_told()
        found = [
            change
            for change in reversed(self.changes)
            if change.guild_id == guild_id
            and (before is None or change.id < before)
            and (entry_id is None or entry_id in {edit.entry_id for edit in change.edits})
        ]
        return found[:limit]

    async def keep_draft(self, draft: Draft) -> int:
        self._fail_if_told()
        content = json.loads(json.dumps(draft.content))
        if not draft.id:
            self._drafted += 1
            self.drafts[self._drafted] = replace(draft, content=content, id=self._drafted)
            return self._drafted
        if draft.id in self.drafts:
            self.drafts[draft.id] = replace(self.drafts[draft.id], at=draft.at, content=content)
        return draft.id

    async def read_draft(self, draft_id: int) -> Draft | None:
        self._fail_if_told()
        return self.drafts.get(draft_id)

    async def drop_drafts(self, *, draft_id: int | None = None, before: datetime | None = None) -> int:
        self._fail_if_told()
        gone = [
            one.id for one in self.drafts.values() if one.id == draft_id or (before is not None and one.at < before)
        ]
        for number in gone:
            del self.drafts[number]
        return len(gone)

    def _chain(self, change_id: int | None) -> set[int]:
        """Return what is taken back with a change: if that is an undo, also what it has taken back, and so on."""
        chain = set[int]()
        while change_id:
            chain.add(change_id)
            change_id = self.changes[change_id - 1].undoes
        return chain

    def _fail_if_told(self) -> None:
        if self.error:
            raise self.error


def _put(mapping: dict[str, _T], name: str, value: _T | None) -> None:
    if value is None:
        mapping.pop(name, None)
    else:
        mapping[name] = value


def _copied(by_guild: Mapping[int, Mapping[str, _T]]) -> dict[int, Mapping[str, _T]]:
    return {guild: dict(own) for guild, own in by_guild.items() if own}

"""Bots that run at the same time on the same files, the same database and the same ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.edits import Change, ChangeKind, SettingValue
from bot.core.entries import Origin
from bot.core.ports import Clock, FaqSource, Ledger, Store
from bot.core.types import Entry
from bot.services import Editor, GuildSettings, Knowledge, Proposal, Settings
from tests.fakes.clock import FrozenClock
from tests.fakes.embedder import HashEmbedder
from tests.fakes.ledger import MemoryLedger
from tests.fakes.source import ListSource
from tests.fakes.store import MemoryStore

GUILD, ADMIN = 1, 7
CARD = Entry("card", "How do I replace my card?", "Like this.", ("I lost my card",))
COST = Entry("cost", "What does it cost?", "Nothing.", follow_ups=("card",))
PETS = Entry("pets", "Are pets allowed?", "No.")
DEFAULTS = GuildSettings(
    watch=(5,),
    overhear=True,
    admin_roles=(),
    overheard_budget=2.0,
    addressed_budget=5.0,
    channel_seconds=10.0,
    repeat_seconds=60.0,
    report_channel=None,
    report_hour=8,
    time_zone="UTC",
    language="en",
    log_questions=True,
)


def defaults(_: int | None) -> GuildSettings:
    return DEFAULTS


@dataclass
class Place:
    """What processes share."""

    source: ListSource = field(default_factory=ListSource)
    ledger: Ledger = field(default_factory=MemoryLedger)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FrozenClock = field(default_factory=FrozenClock)

    async def start(self) -> "Process":
        process = Process(self.source, self.ledger, self.store, self.clock)
        await process.knowledge.reload()
        return process

    async def history(self, guild_id: int = GUILD) -> list[Change]:
        """Return the changes of a server, oldest first."""
        return (await self.ledger.read_changes(guild_id, limit=10_000))[::-1]


class Process:
    """One of them."""

    def __init__(self, source: FaqSource, ledger: Ledger, store: Store, clock: Clock) -> None:
        self.embedder = HashEmbedder()
        self.knowledge = Knowledge(source, self.embedder, store, clock, ledger=ledger)
        self.editor = Editor(self.knowledge, ledger, clock)
        self.settings = Settings(self.knowledge, defaults)

    def see(self, entry_id: str, guild_id: int = GUILD) -> Entry | None:
        """Return an entry as it is in service, in use or not."""
        listed = self.knowledge.current.find_listed(guild_id, entry_id)
        return listed and listed.entry

    def origin(self, entry_id: str) -> Origin | None:
        listed = self.knowledge.current.find_listed(GUILD, entry_id)
        return listed and listed.origin

    def answers(self, guild_id: int | None = GUILD) -> list[str]:
        """Return the ids of the entries that may be the answer."""
        return [entry.id for entry in self.knowledge.current.faq_of(guild_id).entries]

    async def save(self, proposal: Proposal) -> int:
        saved = await self.editor.save(proposal, ADMIN)
        assert saved.failure == ""
        return saved.change_id

    async def put(self, entry: Entry, guild_id: int = GUILD) -> int:
        """Add an entry, or put it in place of the one that is there."""
        seen = self.see(entry.id, guild_id)
        kind = ChangeKind.EDIT if seen else ChangeKind.ADD
        return await self.save(await self.editor.propose(guild_id, entry, seen=seen, kind=kind))

    async def remove(self, entry_id: str) -> int:
        return await self.save(await self.editor.propose_removal(GUILD, entry_id))

    async def switch(self, entry_id: str, *, enabled: bool) -> int:
        return await self.save(await self.editor.propose_switch(GUILD, entry_id, enabled=enabled))

    async def bring_in(self, entries: Sequence[Entry]) -> int:
        return await self.save(await self.editor.propose_import(GUILD, entries, "faq.csv"))

    async def set(self, values: Mapping[str, SettingValue]) -> int:
        return await self.save(self.settings.propose(GUILD, values))

    async def undo(self, change_id: int | None = None) -> int:
        proposal, _ = await self.editor.propose_undo(GUILD, change_id)
        return await self.save(proposal)


def replay(changes: Sequence[Change]) -> tuple[dict[str, Entry], dict[str, SettingValue]]:
    """Return the entries and settings that a server's changes, oldest first, come to."""
    entries: dict[str, Entry] = {}
    settings: dict[str, SettingValue] = {}
    for change in changes:
        for edit in change.edits:
            assert entries.get(edit.entry_id) == edit.before
            entries.pop(edit.entry_id, None)
            entries |= {edit.entry_id: edit.after} if edit.after else {}
        for setting in change.settings:
            assert settings.get(setting.name) == setting.before
            settings.pop(setting.name, None)
            settings |= {} if setting.after is None else {setting.name: setting.after}
    return entries, settings

"""How each server wants it: set from within Discord, else by the configuration."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ..core.edits import ChangeKind, SettingEdit
from .rules import Budgets, GuildRules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..core.edits import SettingValue
    from .editing import Proposal
    from .knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What is in force for one server.

    Attributes:
        watch: Ids of the channels and forums in which the bot reads along.
        overhear: Whether it answers there unasked; False answers only who asks it.
        admin_roles: Ids of the roles that may administer the FAQ, besides everybody who may manage the server.
        overheard_budget: Per cent of the overheard questions that may be answered falsely.
        addressed_budget: Per cent of the questions put to it that may be answered falsely.
        channel_seconds: Rest of a channel after an overheard question was answered in it.
        repeat_seconds: For how long the same asker is not given the same answer again.
        report_channel: Id of the channel for the nightly report, None for none.
        report_hour: Hour of the day for it, 0 to 23.
        time_zone: Of that hour, a name of the IANA time zone database.
        language: Of the bot's own words, a language tag.
        log_questions: False keeps nothing of what was asked; the configuration alone decides.
    """

    watch: tuple[int, ...]
    overhear: bool
    admin_roles: tuple[int, ...]
    overheard_budget: float
    addressed_budget: float
    channel_seconds: float
    repeat_seconds: float
    report_channel: int | None
    report_hour: int
    time_zone: str
    language: str
    log_questions: bool

    @property
    def rules(self) -> GuildRules:
        """What of it the answerer needs."""
        return GuildRules(
            budgets=Budgets(self.overheard_budget / 100, self.addressed_budget / 100),
            channel_seconds=self.channel_seconds,
            repeat_seconds=self.repeat_seconds,
            log_questions=self.log_questions,
        )

    @property
    def overheard_in(self) -> frozenset[int]:
        """Ids of the channels and forums in which questions are answered unasked."""
        return frozenset(self.watch) if self.overhear else frozenset()


NO_CHANNEL = 0
"""Kept as a server's own `report_channel` where it wants no report, whatever the configuration says."""
SETTABLE = frozenset(field.name for field in fields(GuildSettings)) - {"log_questions"}
"""What a server may set from within Discord."""


class Settings:
    """The settings of all servers; a RuleBook.

    Args:
        knowledge: Its snapshot holds what was set from within Discord.
        defaults: Returns what the configuration says for a server, or for direct messages (None).
    """

    def __init__(self, knowledge: Knowledge, defaults: Callable[[int | None], GuildSettings]) -> None:
        self._knowledge = knowledge
        self._defaults = defaults

    def of(self, guild_id: int | None, /) -> GuildRules:
        """Return the rules for a server, or for direct messages (None)."""
        return self.read(guild_id).rules

    def read(self, guild_id: int | None) -> GuildSettings:
        """Return what is in force for a server, or for direct messages (None)."""
        own = self._own(guild_id)
        settings = replace(self._defaults(guild_id), **{name: _thawed(own[name]) for name in SETTABLE & own.keys()})
        return replace(settings, report_channel=settings.report_channel or None)

    def is_own(self, guild_id: int, name: str) -> bool:
        """Return whether a server has set something itself."""
        return name in self._own(guild_id)

    def propose(self, guild_id: int, values: Mapping[str, SettingValue]) -> Proposal:
        """Propose to set something; None goes back to the configuration's.

        Args:
            guild_id: The server.
            values: By name, one of `SETTABLE` each.

        Raises:
            ValueError: There is no such setting.
        """
        if unknown := sorted(values.keys() - SETTABLE):
            raise ValueError(f"no settings: {', '.join(unknown)}")
        own = self._own(guild_id)
        edits = [SettingEdit(name, own.get(name), value) for name, value in values.items() if own.get(name) != value]
        from .editing import Proposal  # noqa: PLC0415 - only who changes settings needs what edits need

        return Proposal(guild_id, ChangeKind.SETTINGS, (), tuple(edits))

    def _own(self, guild_id: int | None) -> Mapping[str, SettingValue]:
        return {} if guild_id is None else self._knowledge.current.settings.get(guild_id, {})


def _thawed(value: SettingValue) -> Any:  # noqa: ANN401 - as the field of that name has it
    return tuple(value) if isinstance(value, list) else value

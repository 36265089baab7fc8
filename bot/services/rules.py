"""How servers want their questions handled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Budgets:
    """How many false answers are put up with, as shares of all questions of a kind, above 0.

    Attributes:
        overheard: Of the messages overheard that look like questions.
        addressed: Of the questions put to the bot.
    """

    overheard: float
    addressed: float

    def of(self, *, addressed: bool) -> float:
        """Return the budget for one kind of question."""
        return self.addressed if addressed else self.overheard


@dataclass(frozen=True, slots=True)
class GuildRules:
    """How one server wants its questions handled.

    Attributes:
        budgets: How many false answers are put up with.
        channel_seconds: Rest of a channel after an overheard question was answered in it.
        repeat_seconds: For how long the same asker is not given the same answer again.
        log_questions: False keeps nothing of what was asked.
    """

    budgets: Budgets
    channel_seconds: float
    repeat_seconds: float
    log_questions: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of all servers.

    Attributes:
        default: For servers without rules of their own, direct messages and use outside Discord.
        guilds: The others', by server id.
    """

    default: GuildRules
    guilds: Mapping[int, GuildRules] = field(default_factory=dict[int, GuildRules])

    def of(self, guild_id: int | None) -> GuildRules:
        """Return the rules for a server, or for direct messages (None)."""
        return self.default if guild_id is None else self.guilds.get(guild_id, self.default)


class RuleBook(Protocol):
    """Knows the rules of every server."""

    def of(self, guild_id: int | None, /) -> GuildRules:
        """Return the rules for a server, or for direct messages (None)."""
        ...

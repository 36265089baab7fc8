"""The values of settings: how they are said, what there is to choose, and what was chosen. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from ...core.errors import EditRefusedError
from ...core.speech import LANGUAGES, counted, sentence
from .. import limits
from . import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from ...core.edits import SettingValue
    from ...core.speech import Sentence
    from ...services import GuildSettings
    from ..speech import Speech

LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}
"""What the languages call themselves."""
OVERHEARD_BUDGETS = (0.5, 1.0, 2.0, 5.0)
ADDRESSED_BUDGETS = (2.0, 5.0, 10.0)
CHANNEL_PAUSES = (0.0, 10.0, 30.0, 60.0, 300.0)
REPEAT_PAUSES = (0.0, 60.0, 300.0, 3600.0)
HOURS = 24
YES, NO = "yes", "no"
_MINUTE, _HOUR = 60, 3600
"""By setting, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a panel is about: one server at one moment.

    Attributes:
        settings: What is in force for it, without what belongs to other servers.
        own: Names of the settings that it has set itself.
        channels: Ids of its channels.
        roles: Ids of its roles.
        now: The time, aware.
        speech: Its language.
        is_hidden: Whether Discord shows the admins' commands only to who may manage the server, unless told otherwise.
    """

    settings: GuildSettings
    own: frozenset[str]
    channels: frozenset[int]
    roles: frozenset[int]
    now: datetime
    speech: Speech
    is_hidden: bool = True

    def value(self, name: str) -> Any:  # noqa: ANN401 - as the field of that name has it
        """Return one of the settings."""
        return getattr(self.settings, name)

    def deleted(self, name: str) -> list[int]:
        """Return which of the chosen channels or roles no longer exist."""
        there = self.roles if name == "admin_roles" else self.channels
        return [one for one in self.value(name) if one not in there]

    def there(self, name: str) -> list[int]:
        """Return which of the chosen channels or roles exist."""
        deleted = self.deleted(name)
        return [one for one in self.value(name) if one not in deleted]


def fingerprint(settings: GuildSettings, own: Collection[str], names: Iterable[str]) -> str:
    """Return something that differs once one of these settings was changed."""
    values = [(name, name in own, getattr(settings, name)) for name in names]
    return f"{crc32(json.dumps(values).encode()):08x}"


def say_value(name: str, scene: Scene) -> str:
    """Return a setting's value in words."""
    return _SAYERS[name](scene.value(name), scene)


def _say_channels(ids: Sequence[int], scene: Scene) -> str:
    said = _say_ids(ids, scene.channels, "<#{id}>", texts.DELETED_CHANNEL, scene.speech)
    return said or scene.speech.say(texts.NONE)


def _say_roles(ids: Sequence[int], scene: Scene) -> str:
    said = _say_ids(ids, scene.roles, "<@&{id}>", texts.DELETED_ROLE, scene.speech)
    return said or scene.speech.say(texts.ADMIN_ROLES_NONE)


def _say_budget(budget: float, scene: Scene) -> str:
    return scene.speech.say(texts.BUDGET, budget=budget)


def _say_pause(seconds: float, scene: Scene) -> str:
    return say_duration(seconds, scene.speech)


_SAYERS: dict[str, Callable[[Any, Scene], str]] = {
    "watch": _say_channels,
    "overhear": lambda value, scene: scene.speech.say(texts.OVERHEAR_YES if value else texts.OVERHEAR_NO),
    "admin_roles": _say_roles,
    "overheard_budget": _say_budget,
    "addressed_budget": _say_budget,
    "channel_seconds": _say_pause,
    "repeat_seconds": _say_pause,
    "report_channel": lambda value, scene: _say_channels((value,) if value else (), scene),
    "report_hour": lambda value, scene: scene.speech.say(texts.HOUR, hour=value),
    "time_zone": lambda value, _scene: str(value),
    "language": lambda value, _scene: LANGUAGE_NAMES[value],
}


def say_duration(seconds: float, speech: Speech) -> str:
    """Return a duration in its largest whole unit."""
    if not seconds:
        return speech.say(texts.NO_PAUSE)
    return speech.tell(_duration(seconds))


def _duration(seconds: float) -> Sentence:
    if seconds % 1:
        return sentence("{seconds:g} seconds", seconds=seconds)
    if seconds % _MINUTE:
        return counted("{count} second", "{count} seconds", int(seconds))
    if seconds % _HOUR:
        return counted("{count} minute", "{count} minutes", int(seconds / _MINUTE))
    return counted("{count} hour", "{count} hours", int(seconds / _HOUR))


def _say_ids(ids: Sequence[int], there: Collection[int], mention: str, deleted: str, speech: Speech) -> str:
    named = [mention.format(id=one) if one in there else speech.say(deleted, id=one) for one in ids]
    shown = ", ".join(named[: limits.SELECT_OPTIONS])
    more = len(named) - limits.SELECT_OPTIONS
    return speech.say(texts.AND_MORE, names=shown, count=more) if more > 0 else shown


def with_current(offered: Sequence[float], current: float) -> list[float]:
    """Return what there is to choose, with what is in force even where it is none of that."""
    return sorted({*offered, current})


def _read_flag(chosen: str) -> bool:
    if chosen not in {YES, NO}:
        raise ValueError(chosen)
    return chosen == YES


def _read_language(chosen: str) -> str:
    if chosen not in LANGUAGES:
        raise ValueError(chosen)
    return chosen


_READERS: dict[str, Callable[[str], SettingValue]] = {
    "overhear": _read_flag,
    "overheard_budget": float,
    "addressed_budget": float,
    "channel_seconds": float,
    "repeat_seconds": float,
    "report_channel": int,
    "report_hour": int,
    "time_zone": str,
    "language": _read_language,
}


def read_choice(name: str, chosen: Sequence[str], guild_id: int) -> SettingValue:
    """Return the value of a setting that was chosen in its menu.

    Raises:
        EditRefusedError: The setting cannot be that.
    """
    try:
        if name in {"watch", "admin_roles"}:
            ids = sorted(map(int, chosen))
        else:
            return _READERS[name](chosen[0])
    except (ValueError, KeyError, IndexError) as error:
        outdated = sentence("That menu is from another version of the bot; call `/settings` again.")
        raise EditRefusedError(outdated) from error
    # The role that everybody has goes by the server's own id.
    if name == "admin_roles" and guild_id in ids:
        raise EditRefusedError(sentence("Everybody has the role @everyone; choose roles that only admins have."))
    return list(ids)

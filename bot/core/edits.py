"""What is changed from within Discord: a server's entries and settings, on top of the files and the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from .text import clean, phrasing_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from .types import Entry

SettingValue: TypeAlias = "str | int | float | bool | list[int] | None"
"""What a setting may be, as JSON knows it; None where the server takes the configuration's."""


DRAFT_KEPT = timedelta(days=7)
"""For how long a draft waits for its author."""

_CUT_FROM = 100
"""Characters from which on an ellipsis at the end says that something was cut off: nobody cuts shorter than that."""

OPERATOR = 0
"""Who changed something where it was done in the terminal, where nobody has a Discord id."""


class ChangeKind(StrEnum):
    """What somebody did."""

    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    ENABLE = "enable"
    DISABLE = "disable"
    IMPORT = "import"
    UNDO = "undo"
    RELOAD = "reload"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a change does to one entry.

    Attributes:
        entry_id: The entry.
        before: The server's own version of it until then; None if it had none, so that a file's counted, if any.
        after: Its own version from then on; None if it has none.
    """

    entry_id: str
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, slots=True)
class SettingEdit:
    """What a change does to one setting; None stands for the configuration's."""

    name: str
    before: SettingValue
    after: SettingValue


@dataclass(frozen=True, slots=True)
class Change:
    """Something that somebody did, as the history keeps it; it never changes any more.

    Attributes:
        guild_id: The server.
        kind: What was done.
        by: Discord id of the person who did it.
        at: When, aware, UTC.
        edits: What it did to entries.
        settings: What it did to settings.
        undoes: The change that it takes back.
        note: What else there is to know, such as the name of an imported file.
        id: Its number, from 1 and growing; 0 until it is kept.
    """

    guild_id: int
    kind: ChangeKind
    by: int
    at: datetime
    edits: tuple[Edit, ...] = ()
    settings: tuple[SettingEdit, ...] = ()
    undoes: int | None = None
    note: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """How far the history has come; equal versions have equal entries and settings.

    Attributes:
        changes: The newest change's number, 0 without any.
        reloads: The newest reload's number, 0 without any.
    """

    changes: int = 0
    reloads: int = 0


@dataclass(frozen=True, slots=True)
class Ownings:
    """What the servers have of their own.

    Attributes:
        version: Of the moment when it was read.
        entries: By server and entry id, oldest first.
        settings: By server and name.
    """

    version: Version = Version()
    entries: Mapping[int, Mapping[str, Entry]] = field(default_factory=dict[int, "Mapping[str, Entry]"])
    settings: Mapping[int, Mapping[str, SettingValue]] = field(default_factory=dict[int, "Mapping[str, SettingValue]"])


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has typed and not saved yet.

    Attributes:
        guild_id: The server.
        by: Discord id of the person.
        at: When it was last written, aware, UTC.
        content: What was typed, as JSON knows it.
        id: Its number; 0 until it is kept.
    """

    guild_id: int
    by: int
    at: datetime
    content: Mapping[str, object]
    id: int = 0

    def find_quoted(self, texts: Iterable[str]) -> list[str]:
        """Return those of some questions that the draft holds, whole or cut off at its end with an ellipsis.

        What also stands in the entry as it was seen was published before, and does not count.
        """
        published = {_to_key(line) for line in _lines_in(self.content.get("seen"))}
        held = {key: line for line in _lines_in(self.content) if (key := _to_key(line)) not in published}
        stems = tuple(key for key, line in held.items() if line.endswith("…") and len(line) >= _CUT_FROM)
        return [text for text in texts if (key := _to_key(text)) in held or (stems and key.startswith(stems))]


def _lines_in(content: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    if isinstance(content, str):
        yield content
        yield from content.splitlines()
    elif isinstance(content, dict):
        for value in content.values():  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            yield from _lines_in(value)
    elif isinstance(content, list | tuple):
        for value in content:  # pyright: ignore[reportUnknownVariableType]
            yield from _lines_in(value)


def _to_key(text: str) -> str:
    return phrasing_key(text) or clean(text)

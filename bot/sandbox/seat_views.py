"""What a seat sees and holds: messages, files, commands, failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._json import as_list, as_object
from .command_types import NESTING
from .component_types import SELECTS, ComponentType, walk
from .entities import MessageFlag

if TYPE_CHECKING:
    from ._json import Json
    from .seat_modals import Modal


class SeatError(Exception):
    """The server refused a request. `status` is HTTP's, `code` Discord's, `body` the whole answer."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('message')}")
        self.status = status
        self.code: int = body.get("code", 0)
        self.body = body


class InteractionFailedError(Exception):
    """Nobody answered an interaction in time: what people read as "The application did not respond"."""


@dataclass(frozen=True)
class SeatFile:
    """A file to send."""

    filename: str
    content: bytes
    description: str | None = None


@dataclass(frozen=True)
class Choice:
    """A suggestion for an option that is being typed."""

    name: str
    value: str | int | float


@dataclass(frozen=True)
class SeenMessage:
    """A message as its reader has it on the screen; it does not change, ask the seat for the newest state."""

    raw: Json
    """The message object that Discord sent."""

    @property
    def id(self) -> int:
        """The message's id."""
        return int(self.raw["id"])

    @property
    def channel_id(self) -> int:
        """Where it is."""
        return int(self.raw["channel_id"])

    @property
    def author_id(self) -> int:
        """Who wrote it."""
        return int(self.raw["author"]["id"])

    @property
    def author_name(self) -> str:
        """The name of who wrote it."""
        return self.raw["author"]["global_name"] or self.raw["author"]["username"]

    @property
    def content(self) -> str:
        """Its text."""
        return self.raw["content"]

    @property
    def embeds(self) -> list[Json]:
        """Its embeds."""
        return self.raw["embeds"]

    @property
    def attachments(self) -> list[Json]:
        """Its files; `Seat.download` fetches one."""
        return self.raw["attachments"]

    @property
    def ephemeral(self) -> bool:
        """Whether only this reader sees it."""
        return bool(self.raw["flags"] & MessageFlag.EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it reads "… is thinking"."""
        return bool(self.raw["flags"] & MessageFlag.LOADING)

    @property
    def edited(self) -> bool:
        """Whether it is marked as edited."""
        return self.raw["edited_timestamp"] is not None

    @property
    def reply_to(self) -> int | None:
        """The id of the message it replies to."""
        reference = as_object(self.raw.get("message_reference"))
        return int(reference["message_id"]) if "message_id" in reference else None

    @property
    def interaction_id(self) -> int | None:
        """The interaction it answers."""
        metadata = self.raw.get("interaction_metadata")
        return int(metadata["id"]) if metadata else None

    @property
    def buttons(self) -> list[Json]:
        """Its buttons, in reading order."""
        return [each for _, each in walk(self.raw["components"]) if each["type"] == ComponentType.BUTTON]

    @property
    def selects(self) -> list[Json]:
        """Its select menus, in reading order."""
        found = walk(self.raw["components"])
        return [each for _, each in found if each["type"] in SELECTS]


@dataclass(frozen=True)
class Used:
    """An interaction that its application has acknowledged, with the modal it was answered with, if it was."""

    interaction_id: int
    channel_id: int
    modal: Modal | None = None


def shown_commands(commands: list[Json]) -> dict[str, str]:
    """Full names of commands and subcommands, and how they read in the language of the objects."""
    shown: dict[str, str] = {}
    for command in commands:
        _show(command, (), (), shown)
    return shown


def _show(thing: Json, path: tuple[str, ...], read: tuple[str, ...], shown: dict[str, str]) -> None:
    path, read = (*path, thing["name"]), (*read, thing.get("name_localized", thing["name"]))
    nested = [option for option in as_list(thing.get("options")) if option["type"] in NESTING]
    for option in nested:
        _show(option, path, read, shown)
    if not nested:
        shown[" ".join(path)] = " ".join(read)

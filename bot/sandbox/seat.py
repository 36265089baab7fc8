"""A seat in the sandbox: a person's client, which reaches the server over HTTP and a websocket like everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command_types import CommandType
from .interactions import InteractionType
from .seat_modals import Modal, chosen_values
from .seat_views import Choice, InteractionFailedError, SeatFile, SeenMessage, Used, shown_commands
from .seat_writer import SeatWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._json import Json
    from .seat_gateway import SeatEvent
    from .seat_modals import Filled

OptionValue = str | int | float | bool | SeatFile

_OUTCOMES = frozenset(
    {
        "INTERACTION_SUCCESS",
        "INTERACTION_FAILURE",
        "INTERACTION_MODAL_CREATE",
        "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
    }
)


class Seat(SeatWriter):
    """A person's client: an async context manager that is connected while its context lasts.

    Takes from the sandbox its two addresses and from the user the token; everything else goes over the wire.
    """

    async def commands(self, channel_id: int) -> list[Json]:
        """The command objects that this person can call in a channel.

        Names are those that commands are registered under; where there is a translation into the user's language,
        `name_localized` and `description_localized` stand beside them, also of options and choices.
        """
        found = await self.request("GET", f"/channels/{channel_id}/application-command-index")
        return found["application_commands"]

    async def shown_commands(self, channel_id: int) -> dict[str, str]:
        """What can be called in a channel: full names, such as "faq add", and how this person's client shows them."""
        return shown_commands(await self.commands(channel_id))

    async def slash(
        self,
        channel_id: int,
        name: str,
        options: Mapping[str, OptionValue] | None = None,
        *,
        sub: str | None = None,
    ) -> Used:
        """Call a slash command.

        Args:
            channel_id: where.
            name: the command's name. This one and all others may also be as the user's language shows them.
            options: what is filled in; a `SeatFile` is uploaded, ids go for people, roles and channels.
            sub: a subcommand, or a group and a subcommand with a blank between.

        Raises:
            SeatError: when the server refuses the call, as it does (50013) where the default permissions of a command
                hide it. `Guild.open_commands` opens it to everybody, as an admin can.
            InteractionFailedError: when the application does not answer.
        """
        filled, files = _fill(options)
        data = {"name": name, "type": int(CommandType.CHAT_INPUT), "options": _nest(filled, sub)}
        return await self._use(InteractionType.APPLICATION_COMMAND, channel_id, data, files=files)

    async def context_menu(
        self, name: str, channel_id: int, message_id: int | None = None, *, user_id: int | None = None
    ) -> Used:
        """Use a context-menu command on a message or a user.

        Raises:
            SeatError: when the server refuses the call.
            InteractionFailedError: when the application does not answer.
        """
        kind = CommandType.MESSAGE if message_id is not None else CommandType.USER
        data: Json = {"name": name, "type": int(kind), "target_id": str(message_id or user_id)}
        return await self._use(InteractionType.APPLICATION_COMMAND, channel_id, data)

    async def autocomplete(
        self,
        channel_id: int,
        name: str,
        option: str,
        typed: str,
        *,
        others: Mapping[str, OptionValue] | None = None,
        sub: str | None = None,
    ) -> list[Choice]:
        """The suggestions for a text option while it is being typed.

        Raises:
            InteractionFailedError: when the application does not answer.
        """
        filled, files = _fill(others)
        filled.append({"name": option, "value": typed, "focused": True})
        data = {"name": name, "type": int(CommandType.CHAT_INPUT), "options": _nest(filled, sub)}
        outcome = await self._outcome(InteractionType.AUTOCOMPLETE, channel_id, data, files=files)
        return [Choice(each.get("name_localized", each["name"]), each["value"]) for each in outcome.data["choices"]]

    async def press(self, message: SeenMessage, button: str | int = 0) -> Used:
        """Press a button, by custom id, label, or place in reading order.

        Raises:
            LookupError: if the message has no such button.
            SeatError: when the server refuses it.
            InteractionFailedError: when the application does not answer.
        """
        if isinstance(button, int):
            found = message.buttons[button]
        else:
            named = [each for each in message.buttons if button in {each.get("custom_id"), each.get("label")}]
            if not named:
                raise LookupError(f"no button {button!r}")
            found = named[0]
        data: Json = {"component_type": found["type"], "custom_id": found["custom_id"]}
        return await self._component(message, data)

    async def select(self, message: SeenMessage, values: Sequence[str | int], menu: str | None = None) -> Used:
        """Choose in a select menu, found by custom id or placeholder; the first one, if none is named.

        Values are ids, or the values or labels of options.

        Raises:
            LookupError: if the message has no such menu.
            SeatError: when the server refuses the choice.
            InteractionFailedError: when the application does not answer.
        """
        menus = [each for each in message.selects if menu in {None, each["custom_id"], each.get("placeholder")}]
        if not menus:
            raise LookupError("no such select menu")
        data: Json = {"component_type": menus[0]["type"], "custom_id": menus[0]["custom_id"]}
        return await self._component(message, data | {"values": chosen_values(menus[0], values)})

    async def submit_modal(self, modal: Modal, values: Mapping[str, Filled]) -> Used:
        """Fill in a modal and send it off; keys are labels or custom ids, what is not named stays as it is.

        Raises:
            LookupError: if the modal asks for no such thing.
            SeatError: when the server refuses what was filled in.
            InteractionFailedError: when the application does not answer.
        """
        components, files = modal.filled(values)
        data: Json = {"id": str(modal.interaction_id), "custom_id": modal.custom_id, "components": components}
        return await self._use(InteractionType.MODAL_SUBMIT, modal.channel_id, data, files=files)

    async def _component(self, message: SeenMessage, data: Json) -> Used:
        extra: Json = {"message_id": str(message.id), "message_flags": message.raw["flags"]}
        return await self._use(InteractionType.MESSAGE_COMPONENT, message.channel_id, data, extra)

    async def _use(
        self,
        kind: InteractionType,
        channel_id: int,
        data: Json,
        extra: Json | None = None,
        *,
        files: Sequence[SeatFile] = (),
    ) -> Used:
        outcome = await self._outcome(kind, channel_id, data, extra, files=files)
        seen, modal = outcome.data, None
        if outcome.name == "INTERACTION_MODAL_CREATE":
            modal = Modal(int(seen["id"]), channel_id, seen["custom_id"], seen["title"], seen["components"])
        return Used(int(seen["id"]), channel_id, modal)

    async def _outcome(
        self,
        kind: InteractionType,
        channel_id: int,
        data: Json,
        extra: Json | None = None,
        *,
        files: Sequence[SeatFile] = (),
    ) -> SeatEvent:
        nonce = self._nonce()
        body: Json = {
            "type": int(kind),
            "channel_id": str(channel_id),
            "session_id": self.gateway.session_id,
            "nonce": nonce,
            "data": data,
        }
        await self.post_files("/interactions", body | (extra or {}), files, "data")
        outcome = await self.next(lambda event: event.name in _OUTCOMES and event.data["nonce"] == nonce)
        if outcome.name == "INTERACTION_FAILURE":
            raise InteractionFailedError("The application did not respond")
        return outcome


def _fill(options: Mapping[str, OptionValue] | None) -> tuple[list[Json], list[SeatFile]]:
    """Options as they are sent, where a file is a number, and the files."""
    filled: list[Json] = []
    files: list[SeatFile] = []
    for name, value in (options or {}).items():
        if isinstance(value, SeatFile):
            filled.append({"name": name, "value": str(len(files))})
            files.append(value)
        else:
            filled.append({"name": name, "value": value})
    return filled, files


def _nest(options: list[Json], sub: str | None) -> list[Json]:
    """Options inside their subcommand, and that inside its group."""
    for depth, name in enumerate(reversed(sub.split() if sub else [])):
        options = [{"name": name, "type": 1 + min(depth, 1), "options": options}]
    return options

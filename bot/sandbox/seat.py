"""A seat in the sandbox: a person's client, which reaches the server over HTTP and a websocket like everybody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp

from .commands import CommandType
from .interactions import InteractionType
from .seat_reader import SeatReader
from .seat_views import Choice, InteractionFailedError, Modal, SeatFile, SeenMessage, Used

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._json import Json
    from .seat_gateway import SeatEvent

OptionValue = str | int | float | bool

_OUTCOMES = frozenset(
    {
        "INTERACTION_SUCCESS",
        "INTERACTION_FAILURE",
        "INTERACTION_MODAL_CREATE",
        "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
    }
)


class Seat(SeatReader):
    """A person's client: an async context manager that is connected while its context lasts.

    Takes from the sandbox its two addresses and from the user the token; everything else goes over the wire.
    """

    # What a person writes.

    async def say(
        self,
        channel_id: int,
        text: str = "",
        *,
        reply_to: SeenMessage | int | None = None,
        files: Sequence[SeatFile] = (),
        ping: bool = True,
    ) -> SeenMessage:
        """Send a message. `ping`: a reply mentions the author of what it replies to.

        Raises:
            SeatError: when the server refuses.
        """
        body: Json = {"content": text, "nonce": self._nonce()}
        if reply_to is not None:
            target = reply_to if isinstance(reply_to, int) else reply_to.id
            body["message_reference"] = {"message_id": str(target)}
            if not ping:
                body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        return SeenMessage(await self._post(f"/channels/{channel_id}/messages", body, files))

    async def _post(self, path: str, body: Json, files: Sequence[SeatFile], key: str | None = None) -> Json:
        if not files:
            return await self.request("POST", path, body)
        message: Json = body[key] if key else body
        message["attachments"] = [
            {"id": str(index), "filename": file.filename}
            | ({"description": file.description} if file.description else {})
            for index, file in enumerate(files)
        ]
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(body), content_type="application/json")
        for index, file in enumerate(files):
            form.add_field(f"files[{index}]", file.content, filename=file.filename)
        return await self.request("POST", path, data=form)

    async def edit(self, message: SeenMessage, text: str) -> SeenMessage:
        """Edit one's own message."""
        path = f"/channels/{message.channel_id}/messages/{message.id}"
        return SeenMessage(await self.request("PATCH", path, {"content": text}))

    async def delete(self, message: SeenMessage) -> None:
        """Delete a message."""
        await self.request("DELETE", f"/channels/{message.channel_id}/messages/{message.id}")

    async def react(self, message: SeenMessage, emoji: str) -> None:
        """React to a message with a Unicode emoji."""
        path = f"/channels/{message.channel_id}/messages/{message.id}/reactions/{emoji}/@me"
        await self.request("PUT", path)

    async def dm(self, user_id: int) -> int:
        """Open the direct-message channel with somebody; gives its id."""
        return int((await self.request("POST", "/users/@me/channels", {"recipient_id": str(user_id)}))["id"])

    async def post(
        self, forum_id: int, title: str, text: str, *, tags: Sequence[int] = (), files: Sequence[SeatFile] = ()
    ) -> SeenMessage:
        """Open a forum post; gives its first message, whose channel is the new thread."""
        body: Json = {"name": title, "message": {"content": text}, "applied_tags": [str(tag) for tag in tags]}
        thread = await self._post(f"/channels/{forum_id}/threads", body, files, "message")
        return SeenMessage(thread["message"])

    async def start_thread(self, name: str, *, at: SeenMessage | None = None, channel_id: int = 0) -> int:
        """Start a public thread at a message, or in a channel without one; gives its id."""
        if at is not None:
            path = f"/channels/{at.channel_id}/messages/{at.id}/threads"
            return int((await self.request("POST", path, {"name": name}))["id"])
        body: Json = {"name": name, "type": 11}
        return int((await self.request("POST", f"/channels/{channel_id}/threads", body))["id"])

    async def download(self, attachment: Json) -> bytes:
        """Fetch an attached file."""
        if self._http is None:
            raise RuntimeError("the seat is not taken: use it as an async context manager")
        async with self._http.get(attachment["url"], raise_for_status=True) as response:
            return await response.read()

    # What a person uses.

    async def commands(self, channel_id: int) -> list[Json]:
        """The command objects that can be called in a channel."""
        found = await self.request("GET", f"/channels/{channel_id}/application-command-index")
        return found["application_commands"]

    async def slash(
        self,
        channel_id: int,
        name: str,
        options: Mapping[str, OptionValue] | None = None,
        *,
        sub: str | None = None,
    ) -> Used:
        """Call a slash command. `sub` names a subcommand, or a group and a subcommand with a blank between.

        Raises:
            SeatError: when the server refuses the call.
            InteractionFailedError: when the application does not answer.
        """
        filled: list[Json] = [{"name": key, "value": value} for key, value in (options or {}).items()]
        data = {"name": name, "type": int(CommandType.CHAT_INPUT), "options": _nest(filled, sub)}
        return await self._use(InteractionType.APPLICATION_COMMAND, channel_id, data)

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
        filled: list[Json] = [{"name": key, "value": value} for key, value in (others or {}).items()]
        filled.append({"name": option, "value": typed, "focused": True})
        data = {"name": name, "type": int(CommandType.CHAT_INPUT), "options": _nest(filled, sub)}
        outcome = await self._outcome(InteractionType.AUTOCOMPLETE, channel_id, data)
        return [Choice(each["name"], each["value"]) for each in outcome.data["choices"]]

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

    async def select(self, message: SeenMessage, values: Sequence[str], custom_id: str | None = None) -> Used:
        """Choose values in a select menu; the first one, if none is named.

        Raises:
            LookupError: if the message has no such menu.
            SeatError: when the server refuses the choice.
            InteractionFailedError: when the application does not answer.
        """
        menus = [each for each in message.selects if custom_id in {None, each["custom_id"]}]
        if not menus:
            raise LookupError("no such select menu")
        data: Json = {"component_type": menus[0]["type"], "custom_id": menus[0]["custom_id"], "values": list(values)}
        return await self._component(message, data)

    async def submit_modal(self, modal: Modal, values: Mapping[str, str | list[str]]) -> Used:
        """Fill in a modal and send it off; keys are custom ids.

        Raises:
            SeatError: when the server refuses what was filled in.
            InteractionFailedError: when the application does not answer.
        """
        data: Json = {"id": str(modal.interaction_id), "custom_id": modal.custom_id, "components": modal.filled(values)}
        return await self._use(InteractionType.MODAL_SUBMIT, modal.channel_id, data)

    async def _component(self, message: SeenMessage, data: Json) -> Used:
        extra: Json = {"message_id": str(message.id), "message_flags": message.raw["flags"]}
        return await self._use(InteractionType.MESSAGE_COMPONENT, message.channel_id, data, extra)

    async def _use(self, kind: InteractionType, channel_id: int, data: Json, extra: Json | None = None) -> Used:
        outcome = await self._outcome(kind, channel_id, data, extra)
        seen, modal = outcome.data, None
        if outcome.name == "INTERACTION_MODAL_CREATE":
            modal = Modal(int(seen["id"]), channel_id, seen["custom_id"], seen["title"], seen["components"])
        return Used(int(seen["id"]), channel_id, modal)

    async def _outcome(
        self, kind: InteractionType, channel_id: int, data: Json, extra: Json | None = None
    ) -> SeatEvent:
        nonce = self._nonce()
        body: Json = {
            "type": int(kind),
            "channel_id": str(channel_id),
            "session_id": self.gateway.session_id,
            "nonce": nonce,
            "data": data,
        }
        await self.request("POST", "/interactions", body | (extra or {}))
        outcome = await self.next(lambda event: event.name in _OUTCOMES and event.data["nonce"] == nonce)
        if outcome.name == "INTERACTION_FAILURE":
            raise InteractionFailedError("The application did not respond")
        return outcome


def _nest(options: list[Json], sub: str | None) -> list[Json]:
    """Options inside their subcommand, and that inside its group."""
    for depth, name in enumerate(reversed(sub.split() if sub else [])):
        options = [{"name": name, "type": 1 + min(depth, 1), "options": options}]
    return options

"""A person's own gateway connection: keeps a log of events and of every message as it now stands."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from .gateway import CLOSE_ALREADY_AUTHENTICATED, OP_HELLO, OP_IDENTIFY, OP_INVALID_SESSION, OP_RECONNECT, OP_RESUME
from .handshake import CLOSE_AUTHENTICATION_FAILED
from .seat_views import SeenMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._json import Json

T = TypeVar("T")

_log = logging.getLogger(__name__)

_COMING_BACK = 4000
_FATAL = frozenset({CLOSE_AUTHENTICATION_FAILED, CLOSE_ALREADY_AUTHENTICATED})
"""Close codes after which a client does not come back."""

DEFAULT_TIMEOUT = 5.0
"""Seconds that a wait may take before it fails."""


@dataclass
class SeatEvent:
    """One event as it arrived. `taken`: a wait has already returned it."""

    name: str
    data: Json
    taken: bool = field(default=False, compare=False)


class SeatGateway:
    """Connects, resumes after a drop, and lets others wait for what arrives."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http = http
        self._url = url
        self._token = token
        self._session_id: str | None = None
        self._sequence = 0
        self._refused: int | None = None
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.events: list[SeatEvent] = []
        self.messages: dict[int, SeenMessage] = {}
        self.deleted: dict[int, SeenMessage] = {}
        self._dismissed: set[int] = set()
        self._arriving: list[asyncio.Queue[SeenMessage]] = []

    @property
    def session_id(self) -> str | None:
        """The gateway session, which interactions name."""
        return self._session_id

    async def start(self) -> None:
        """Connect, and wait until READY has come.

        Raises:
            ConnectionRefusedError: if the gateway does not take the token.
            TimeoutError: if READY does not come.
        """
        self._task = asyncio.create_task(self._run(), name="sandbox-seat")
        await self.wait_for(lambda: self._session_id or self._refused)
        if self._refused is not None:
            raise ConnectionRefusedError(f"the gateway closed the connection with code {self._refused}")

    async def stop(self) -> None:
        """Disconnect for good."""
        if self._task is not None:
            self._task.cancel()
            [outcome] = await asyncio.gather(self._task, return_exceptions=True)
            if isinstance(outcome, Exception):
                raise outcome

    async def wait_for(self, look: Callable[[], T | None], seconds: float = DEFAULT_TIMEOUT) -> T:
        """Look again after every event until there is something to see.

        Raises:
            TimeoutError: when `seconds` have passed.
        """
        async with asyncio.timeout(seconds), self._changed:
            while (found := look()) is None:
                await self._changed.wait()
            return found

    async def message(self, wanted: Callable[[SeenMessage], bool], seconds: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """Return the oldest message that is wanted as it now stands, or the first one that comes to be.

        What is wanted depends on the message alone: of those that are there already it is looked at once, however many
        arrive meanwhile.

        Raises:
            TimeoutError: when `seconds` have passed.
        """
        arriving = asyncio.Queue[SeenMessage]()
        self._arriving.append(arriving)
        try:
            async with asyncio.timeout(seconds):
                for message in self.messages.values():
                    if wanted(message):
                        return message
                while not wanted(message := await arriving.get()):
                    pass
                return message
        finally:
            self._arriving.remove(arriving)

    def dismiss(self, message_id: int) -> None:
        """Take a message off the screen for good."""
        self._dismissed.add(message_id)
        self.messages.pop(message_id, None)

    async def _run(self) -> None:
        try:
            while True:
                async with self._http.ws_connect(self._url + "?v=10&encoding=json") as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT and not await self._receive(
                            socket, json.loads(message.data)
                        ):
                            # Any other code than 1000 and 1001 keeps the session.
                            await socket.close(code=_COMING_BACK)
                if socket.close_code in _FATAL:
                    async with self._changed:
                        self._refused = socket.close_code
                        self._changed.notify_all()
                    return
        except aiohttp.ClientError as error:
            _log.debug("the seat has lost its server: %s", error)

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse, payload: Json) -> bool:
        """Handle one payload; false when the connection has to be made anew."""
        op = payload["op"]
        if op == OP_HELLO:
            await socket.send_json(self._login())
        elif op == OP_INVALID_SESSION:
            self._session_id = None
            return False
        elif op == OP_RECONNECT:
            return False
        elif payload.get("t"):
            self._sequence = payload["s"]
            await self._note(payload["t"], payload["d"])
        return True

    def _login(self) -> Json:
        if self._session_id is not None:
            data: Json = {"token": self._token, "session_id": self._session_id, "seq": self._sequence}
            return {"op": OP_RESUME, "d": data}
        properties = {"os": "linux", "browser": "sandbox", "device": "sandbox"}
        return {"op": OP_IDENTIFY, "d": {"token": self._token, "properties": properties}}

    async def _note(self, name: str, data: Json) -> None:
        async with self._changed:
            if name == "READY":
                self._session_id = data["session_id"]
            elif name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
                message = SeenMessage(data)
                if message.id not in self._dismissed:
                    self.messages[message.id] = message
                    for arriving in self._arriving:
                        arriving.put_nowait(message)
            elif name == "MESSAGE_DELETE":
                self._delete(data["id"])
            elif name == "MESSAGE_DELETE_BULK":
                for each in data["ids"]:
                    self._delete(each)
            self.events.append(SeatEvent(name, data))
            self._changed.notify_all()

    def _delete(self, message_id: str) -> None:
        message = self.messages.pop(int(message_id), None)
        if message is not None:
            self.deleted[message.id] = message

"""One gateway connection: the websocket, its opcodes, and what they do to a session.

Source: Discord's documentation of the gateway ("Connection Lifecycle") and the tables of opcodes and close codes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from . import events, handshake
from .observers import GatewayFrame, GatewayObserver

if TYPE_CHECKING:
    from ._json import Json
    from .sessions import Hub, Session
    from .world import World

_log = logging.getLogger(__name__)

OP_HEARTBEAT, OP_IDENTIFY, OP_PRESENCE, OP_VOICE_STATE, OP_RESUME, OP_RECONNECT = 1, 2, 3, 4, 6, 7
OP_REQUEST_MEMBERS, OP_INVALID_SESSION, OP_HELLO, OP_HEARTBEAT_ACK = 8, 9, 10, 11

_GOODBYES = frozenset({1000, 1001})
"""Codes with which a client says that it will not resume."""
CLOSE_UNKNOWN_OPCODE = 4001
CLOSE_DECODE_ERROR = 4002
CLOSE_NOT_AUTHENTICATED = 4003
CLOSE_ALREADY_AUTHENTICATED = 4005

HEARTBEAT_INTERVAL_MS = 41_250
MAX_PAYLOAD_BYTES = 15 * 1024
"""What a client may send at once ("4096 bytes" in the documentation, raised here for long tokens in tests)."""


class Connection:
    """Speaks with one client from HELLO to the end."""

    def __init__(self, world: World, hub: Hub, gateway_url: str, observers: list[GatewayObserver]) -> None:
        self._world = world
        self._hub = hub
        self._gateway_url = gateway_url
        self._observers = observers
        self._socket = web.WebSocketResponse(autoping=True, compress=False)
        self._outgoing: asyncio.Queue[Json | None] = asyncio.Queue()
        self._deflate: Any = None
        self._close_code = 1000
        self._closing = False
        self._transport: asyncio.Transport | None = None
        self.session: Session | None = None
        self.done = asyncio.Event()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run the connection until either side ends it."""
        if request.query.get("compress") == "zlib-stream":
            self._deflate = zlib.compressobj()
        transport = request.transport
        self._transport = transport if isinstance(transport, asyncio.Transport) else None
        await self._socket.prepare(request)
        writer = asyncio.create_task(self._write(), name="sandbox-gateway-writer")
        self.send({"op": OP_HELLO, "d": {"heartbeat_interval": HEARTBEAT_INTERVAL_MS}, "s": None, "t": None})
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(message.data)
        finally:
            if self._socket.close_code in _GOODBYES and not self._closing:
                self._end_session()
            self._detach()
            self._outgoing.put_nowait(None)
            await asyncio.gather(writer, return_exceptions=True)
            self.done.set()
        return self._socket

    async def _write(self) -> None:
        while (payload := await self._outgoing.get()) is not None:
            data = json.dumps(payload, separators=(",", ":"))
            if self._deflate is None:
                await self._socket.send_str(data)
            else:
                packed = self._deflate.compress(data.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                await self._socket.send_bytes(packed)
        await self._socket.close(code=self._close_code)

    def send(self, payload: Json) -> None:
        """Queue a payload for the client."""
        self._observe("receive", payload)
        self._outgoing.put_nowait(payload)

    def close(self, code: int) -> None:
        """End the connection with a close code, after what is queued has been sent."""
        self._detach()
        self._closing = True
        self._close_code = code
        self._outgoing.put_nowait(None)

    def abort(self) -> None:
        """Cut the connection off, as a broken network does."""
        self._detach()
        if self._transport is not None:
            self._transport.abort()

    def _end_session(self) -> None:
        if self.session is not None and self.session.write == self.send:
            self._hub.forget(self.session.id)

    def _detach(self) -> None:
        # Only its own hold on the session: the client may already be back on another connection.
        if self.session is not None and self.session.write == self.send:
            self.session.write = None

    def _observe(self, direction: Any, payload: Json) -> None:  # noqa: ANN401 - the literal type of GatewayFrame
        bot = self.session.user.bot if self.session else None
        for observer in self._observers:
            observer(GatewayFrame(direction, bot, payload))

    def _receive(self, text: str) -> None:
        try:
            payload: Json = json.loads(text)
            op = payload["op"]
        except (ValueError, KeyError, TypeError):
            self.close(CLOSE_DECODE_ERROR)
            return
        self._observe("send", payload)
        data: Any = payload.get("d")
        if op == OP_HEARTBEAT:
            self.send({"op": OP_HEARTBEAT_ACK, "d": None, "s": None, "t": None})
        elif op in {OP_IDENTIFY, OP_RESUME}:
            self._login(op, data)
        elif self.session is None:
            self.close(CLOSE_NOT_AUTHENTICATED)
        elif op == OP_REQUEST_MEMBERS:
            for chunk in handshake.member_chunks(self._world, self.session, data):
                self.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        elif op not in {OP_PRESENCE, OP_VOICE_STATE}:
            self.close(CLOSE_UNKNOWN_OPCODE)

    def _login(self, op: int, data: Json) -> None:
        if self.session is not None:
            self.close(CLOSE_ALREADY_AUTHENTICATED)
        elif op == OP_IDENTIFY:
            self._identify(data)
        else:
            self._resume(data)

    def _identify(self, data: Json) -> None:
        try:
            session = handshake.identify(self._world, data)
        except handshake.RefusedError as refusal:
            self.close(refusal.code)
            return
        self._attach(session)
        self._hub.open(session)
        guilds = self._hub.guilds_of(session)
        session.dispatch("READY", handshake.ready(session, guilds, self._gateway_url))
        for guild in guilds:
            event = events.guild_create(guild, session.user)
            if session.wants(event):
                session.deliver(event)

    def _resume(self, data: Json) -> None:
        session = self._hub.sessions.get(str(data.get("session_id")))
        seen = int(data.get("seq") or 0)
        if session is None or data.get("token") != session.user.token or not session.can_replay(seen):
            self.send({"op": OP_INVALID_SESSION, "d": False, "s": None, "t": None})
            return
        self._attach(session)
        session.replay(seen)
        session.dispatch("RESUMED", {})

    def _attach(self, session: Session) -> None:
        self.session = session
        session.write = self.send

    def ask_to_reconnect(self) -> None:
        """Send opcode 7: the client has to come back and resume."""
        self._detach()
        self.send({"op": OP_RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Send opcode 9, which ends the session unless it is `resumable`."""
        if self.session is not None and not resumable:
            self._hub.forget(self.session.id)
        self._detach()
        self.send({"op": OP_INVALID_SESSION, "d": resumable, "s": None, "t": None})

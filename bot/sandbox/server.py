"""A loopback Discord: one HTTP server with the REST API, the gateway and uploaded files."""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING, Self

from aiohttp import web

from . import messaging
from .desk import Desk
from .entities import MessageFlag
from .faults import Faults
from .gateway import Connection
from .interactions import FIRST_RESPONSE_SECONDS
from .ratelimits import RateLimits
from .rest import API_PREFIX, MAX_REQUEST_BYTES, Rest
from .sessions import Hub

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .entities import Attachment
    from .events import Event
    from .observers import GatewayObserver, RestObserver
    from .world import World

_log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 1.0
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here
"""Where to reach a server that is bound to every address."""

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a browser may show by itself."""
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Sandbox:
    """Serves a world on the loopback interface for as long as its context lasts.

    async with Sandbox(world) as sandbox:
        print(sandbox.rest_url, sandbox.gateway_url)

    Args:
        world: what it serves.
        host: the address to bind to.
        port: the port; 0 takes any that is free.
        extend: called with the web application before it starts, for whoever serves more at the same address.

    Attributes:
        faults: failures to inject into the next requests.
        rate_limits: sizes of the rate-limit buckets.
        observers: called with every REST exchange.
        gateway_observers: called with every gateway payload.
        unimplemented: requests that were answered with 501.
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        extend: Callable[[web.Application], None] | None = None,
    ) -> None:
        self.world = world
        self.faults = Faults()
        self.rate_limits = RateLimits()
        self.gateway_observers: list[GatewayObserver] = []
        self._host = host
        self._port = port
        self._extend = extend
        self._desk = Desk(world)
        self._hub = Hub(world)
        self._rest = Rest(world, self._desk, self.faults, self.rate_limits)
        self._connections: set[Connection] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._runner: web.AppRunner | None = None

    @property
    def observers(self) -> list[RestObserver]:
        """Called with every REST exchange."""
        return self._rest.observers

    @property
    def unimplemented(self) -> list[str]:
        """Requests that were answered with 501, as "METHOD /path"."""
        return self._rest.unimplemented

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def base_url(self) -> str:
        """The address of the server; also where uploaded files and avatars are."""
        return f"http://{self._reachable}:{self._port}"

    @property
    def rest_url(self) -> str:
        """What stands for `https://discord.com/api/v10`."""
        return self.base_url + API_PREFIX

    @property
    def gateway_url(self) -> str:
        """What stands for `wss://gateway.discord.gg/`."""
        return f"ws://{self._reachable}:{self._port}/gateway"

    @property
    def _reachable(self) -> str:
        """An address at which this machine finds the server, bound to all of its addresses as it may be."""
        host = _LOOPBACK.get(self._host, self._host)
        return f"[{host}]" if ":" in host else host

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_get(r"/attachments/{channel_id:\d+}/{attachment_id:\d+}/{filename}", self._attachment)
        app.router.add_get(r"/ephemeral-attachments/{channel_id:\d+}/{attachment_id:\d+}/{filename}", self._upload)
        app.router.add_get("/embed/avatars/{number}.png", _avatar)
        app.router.add_route("*", API_PREFIX + "/{path:.*}", self._rest.handle)
        if self._extend is not None:
            self._extend(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        self._rest.gateway_url = self.gateway_url
        self.world.base_url = self.base_url
        self.world.subscribe(self._publish)
        _log.debug("sandbox listens on %s", self.base_url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.world.unsubscribe(self._publish)
        for timer in self._timers:
            timer.cancel()
        await self.drop_connections(resumable=False)
        if self._runner is not None:
            await self._runner.cleanup()

    def _publish(self, event: Event) -> None:
        self._hub.publish(event)
        if event.name == "INTERACTION_CREATE":
            loop = asyncio.get_running_loop()
            # A hair later than the limit, so that the desk finds the time to be over.
            timer = loop.call_later(FIRST_RESPONSE_SECONDS + 0.01, self._desk.expire)
            self._timers = {each for each in self._timers if not each.cancelled() and each.when() > loop.time()}
            self._timers.add(timer)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        connection = Connection(self.world, self._hub, self.gateway_url, self.gateway_observers)
        self._connections.add(connection)
        try:
            return await connection.serve(request)
        finally:
            self._connections.discard(connection)

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        channel = self.world.channels.get(int(request.match_info["channel_id"]))
        hidden = [each for each in self.world.ephemeral.values() if each.flags & MessageFlag.EPHEMERAL]
        for message in [*(channel.messages.values() if channel else ()), *hidden]:
            for file in message.attachments:
                if str(file.id) == request.match_info["attachment_id"]:
                    return _serve(file)
        raise web.HTTPNotFound

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = self.world.uploads.get(int(request.match_info["attachment_id"]))
        if file is None:
            raise web.HTTPNotFound
        return _serve(file)

    def release_starters(self) -> int:
        """Post the first messages that `World.hold_starters` held back. Returns how many."""
        return messaging.release_starters(self.world)

    async def drop_connections(
        self, *, resumable: bool = True, user_id: int | None = None, code: int | None = None
    ) -> int:
        """Cut gateway connections off, and wait until they are gone.

        Args:
            resumable: whether the sessions live on, so that clients can resume them.
            user_id: only the connections of this account.
            code: close properly with this code; without one the connection breaks off.

        Returns:
            How many connections were cut.
        """

        def cut(connection: Connection) -> None:
            if connection.session is not None and not resumable:
                self._hub.forget(connection.session.id)
            if code is None:
                connection.abort()
            else:
                connection.close(code)

        return await self._each(cut, user_id)

    async def reconnect(self, *, user_id: int | None = None) -> int:
        """Ask clients to reconnect (opcode 7), and wait until they have left. Returns how many."""
        return await self._each(Connection.ask_to_reconnect, user_id)

    async def invalidate(self, *, resumable: bool = False, user_id: int | None = None) -> int:
        """Tell clients that their session is invalid (opcode 9), and wait until they have left. Returns how many."""
        return await self._each(lambda connection: connection.invalidate(resumable=resumable), user_id)

    async def _each(self, act: Callable[[Connection], None], user_id: int | None) -> int:
        chosen = [
            connection
            for connection in self._connections
            if user_id is None or (connection.session is not None and connection.session.user.id == user_id)
        ]
        for connection in chosen:
            act(connection)
        await asyncio.gather(*(connection.done.wait() for connection in chosen))
        return len(chosen)


def _serve(file: Attachment) -> web.Response:
    headers = {"Content-Type": file.content_type, "X-Content-Type-Options": "nosniff"}
    # In a browser anything but a picture is to be saved: shown, a page or a drawing would run its scripts here.
    if file.content_type not in _SHOWN:
        # The last part of its address is its name.
        headers["Content-Disposition"] = "attachment"
    return web.Response(body=file.content, headers=headers)


async def _avatar(_: web.Request) -> web.StreamResponse:
    return web.Response(body=_PIXEL, content_type="image/png")

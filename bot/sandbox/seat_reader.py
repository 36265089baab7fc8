"""The half of a seat that is connected and sees what happens."""

from __future__ import annotations

import itertools
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from .seat_gateway import DEFAULT_TIMEOUT, SeatEvent, SeatGateway
from .seat_views import SeatError, SeenMessage

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .entities import User
    from .seat_views import Used
    from .server import Sandbox

_HTTP_ERROR = 400


class SeatReader:
    """A connection, requests, and the messages and events that have arrived; `Seat` adds what a person does."""

    def __init__(self, sandbox: Sandbox, user: User) -> None:
        self.user = user
        self._token = user.token
        self._rest_url = sandbox.rest_url
        self._gateway_url = sandbox.gateway_url
        self._nonces = itertools.count(1)
        self._stack = AsyncExitStack()
        self._http: aiohttp.ClientSession | None = None
        self._gateway: SeatGateway | None = None

    async def __aenter__(self) -> Self:
        http = aiohttp.ClientSession(headers={"Authorization": self._token})
        self._http = await self._stack.enter_async_context(http)
        self._gateway = SeatGateway(http, self._gateway_url, self._token)
        self._stack.push_async_callback(self._gateway.stop)
        try:
            await self._gateway.start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def gateway(self) -> SeatGateway:
        """The connection, with the log of its events.

        Raises:
            RuntimeError: outside the context.
        """
        if self._gateway is None:
            raise RuntimeError("the seat is not taken: use it as an async context manager")
        return self._gateway

    async def request(self, method: str, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401
        """Send any request below the API's base; gives the decoded JSON, None for an empty answer.

        Raises:
            SeatError: when the server refuses.
        """
        if self._http is None:
            raise RuntimeError("the seat is not taken: use it as an async context manager")
        if body is not None:
            options["json"] = body
        async with self._http.request(method, self._rest_url + path, **options) as response:
            text = await response.text()
            answer = json.loads(text) if text else None
            if response.status >= _HTTP_ERROR:
                raise SeatError(response.status, answer or {})
            return answer

    def _nonce(self) -> str:
        return str(next(self._nonces))

    @property
    def messages(self) -> list[SeenMessage]:
        """Every message on the screen as it now stands, oldest first, ephemeral ones included."""
        return list(self.gateway.messages.values())

    def in_channel(self, channel_id: int) -> list[SeenMessage]:
        """The messages of one channel that arrived while the seat was taken."""
        return [message for message in self.messages if message.channel_id == channel_id]

    async def next(self, wanted: Callable[[SeatEvent], bool], *, seconds: float = DEFAULT_TIMEOUT) -> SeatEvent:
        """The earliest event that is wanted and that no wait has returned before, awaited if need be.

        Raises:
            TimeoutError: when `seconds` have passed.
        """

        def look() -> SeatEvent | None:
            return next((event for event in self.gateway.events if not event.taken and wanted(event)), None)

        event = await self.gateway.wait_for(look, seconds)
        event.taken = True
        return event

    async def next_message(
        self,
        wanted: Callable[[SeenMessage], bool] = lambda _: True,
        *,
        seconds: float = DEFAULT_TIMEOUT,
    ) -> SeenMessage:
        """The next new message of somebody else that is wanted.

        Raises:
            TimeoutError: when `seconds` have passed.
        """

        def is_it(event: SeatEvent) -> bool:
            if event.name != "MESSAGE_CREATE":
                return False
            message = SeenMessage(event.data)
            return message.author_id != self.user.id and wanted(message)

        return SeenMessage((await self.next(is_it, seconds=seconds)).data)

    async def until(self, wanted: Callable[[SeenMessage], bool], *, seconds: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """A message whose present state is wanted, as soon as there is one; see `SeatGateway.message`.

        Raises:
            TimeoutError: when `seconds` have passed.
        """
        return await self.gateway.message(wanted, seconds)

    async def reply(self, message: SeenMessage, *, seconds: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """The reply to a message, as soon as there is one.

        Raises:
            TimeoutError: when `seconds` have passed.
        """
        return await self.until(lambda each: each.reply_to == message.id and not each.loading, seconds=seconds)

    async def response(self, used: Used, *, seconds: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """The first message that answers an interaction, once it no longer reads "… is thinking".

        Raises:
            TimeoutError: when `seconds` have passed.
        """
        return await self.until(
            lambda each: each.interaction_id == used.interaction_id and not each.loading, seconds=seconds
        )

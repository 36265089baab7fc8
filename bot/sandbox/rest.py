"""From an HTTP request to a handler and back: bodies, log-in, faults, rate limits, errors.

Source: Discord's API reference ("Authentication", "Error Messages", "Uploading Files").
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from . import rest_channels, rest_commands, rest_core, rest_interactions, rest_messages, rest_people
from .attachments import Upload
from .errors import ApiError, too_large, unauthorized
from .observers import RestExchange, RestObserver
from .ratelimits import RateLimits, refusal
from .routing import Call, Reply, Route, Routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._json import Json
    from .desk import Desk
    from .entities import User
    from .faults import Fault, Faults
    from .world import World

API_PREFIX = "/api/v10"
MAX_REQUEST_BYTES = 25 * 1024 * 1024
"""Discord's documented limit for a whole request with files."""

_TABLES: tuple[Routes, ...] = (
    rest_core.routes,
    rest_channels.routes,
    rest_messages.routes,
    rest_commands.routes,
    rest_interactions.routes,
    rest_people.routes,
)
_OBSERVED_HEADERS = ("Content-Type", "User-Agent", "X-Audit-Log-Reason")
_TOKEN_ROUTES = ("/interactions/{interaction_id}/", "/webhooks/{webhook_id}/{webhook_token}")
"""Routes that a token in the path opens; they need no log-in and do not count towards the global rate limit."""


@dataclass
class _Body:
    json: Any = None
    uploads: list[Upload] = field(default_factory=list[Upload])


class Rest:
    """Answers every request below `/api/v10`."""

    def __init__(self, world: World, desk: Desk, faults: Faults, limits: RateLimits) -> None:
        self._world = world
        self._desk = desk
        self._faults = faults
        self._limits = limits
        self._routes = Routes()
        for table in _TABLES:
            self._routes.table += table.table
        self.gateway_url = ""
        self.observers: list[RestObserver] = []
        self.unimplemented: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.rel_url.raw_path.removeprefix(API_PREFIX)
        found = self._routes.find(request.method, path)
        body = _Body()
        fault = self._faults.take(request.method, found[0].template) if found else None
        headers: dict[str, str] = {}
        try:
            body = await _read(request)
            if fault is not None:
                reply = self._fail(request, fault, headers)
            elif found is None:
                reply = self._unknown(request.method, path)
            else:
                reply = self._answer(request, found[0], found[1], body, headers)
        except ApiError as error:
            reply = Reply(error.status, error.body)
        exchange = self._exchange(request, path, found[0] if found else None, body, reply, injected=fault is not None)
        for observer in self.observers:
            observer(exchange)
        if reply.status == 0:
            # The connection is gone; aiohttp still wants something to not send.
            return web.Response()
        if reply.body is None:
            return web.Response(status=reply.status, headers=headers)
        # Bytes and not `json_response`: that one adds a charset, which discord.py does not take for JSON.
        data = json.dumps(reply.body).encode()
        return web.Response(status=reply.status, headers=headers, body=data, content_type="application/json")

    def _answer(
        self, request: web.Request, route: Route, params: dict[str, str], body: _Body, headers: dict[str, str]
    ) -> Reply:
        account = self._account(request.headers)
        by_token = route.template.startswith(_TOKEN_ROUTES)
        if account is None and not by_token and route.template != "/gateway":
            raise unauthorized()
        if by_token or (account is not None and account.bot):
            name = str(account.id) if account else "-"
            verdict = self._limits.check(route.method, route.template, params, name, counted=not by_token)
            headers |= verdict.headers
            if verdict.retry_after:
                headers["Via"] = "1.1 sandbox"
                return Reply(429, refusal(verdict.retry_after, is_global=verdict.scope == "global"))
        self._desk.expire()
        query = dict(request.query)
        call = Call(
            self._world,
            self._desk,
            self.gateway_url,
            route.method,
            params,
            query,
            body.json,
            body.uploads,
            account,
        )
        return route.handler(call)

    def _account(self, headers: Mapping[str, str]) -> User | None:
        authorization = headers.get("Authorization")
        if authorization is None:
            return None
        bot = authorization.startswith("Bot ")
        user = self._world.user_by_token(authorization.removeprefix("Bot "), bot=bot)
        if user is None:
            raise unauthorized()
        return user

    def _unknown(self, method: str, path: str) -> Reply:
        self.unimplemented.append(f"{method} {path}")
        return Reply(501, {"message": f"The sandbox does not implement {method} {path}", "code": 0})

    @staticmethod
    def _fail(request: web.Request, fault: Fault, headers: dict[str, str]) -> Reply:
        if fault.status == 0:
            if request.transport is not None:
                request.transport.abort()
            return Reply(0)
        if fault.status != 429:  # noqa: PLR2004 - the status itself
            return Reply(fault.status, {"message": f"{fault.status}: Injected", "code": 0})
        # discord.py takes a 429 without `Via` for one that Discord itself never saw.
        headers |= {"Via": "1.1 sandbox", "Retry-After": str(max(1, round(fault.retry_after)))}
        headers["X-RateLimit-Scope"] = fault.scope
        if fault.scope == "global":
            headers["X-RateLimit-Global"] = "true"
        return Reply(429, refusal(fault.retry_after, is_global=fault.scope == "global"))

    @staticmethod
    def _exchange(
        request: web.Request, path: str, route: Route | None, body: _Body, reply: Reply, *, injected: bool
    ) -> RestExchange:
        authorization = request.headers.get("Authorization")
        kind: Literal["bot", "user", "none"] = "none"
        if authorization is not None:
            kind = "bot" if authorization.startswith("Bot ") else "user"
        return RestExchange(
            request.method,
            path,
            route.template if route else "",
            kind,
            {name: request.headers[name] for name in _OBSERVED_HEADERS if name in request.headers},
            dict(request.query),
            body.json,
            tuple(upload.filename for upload in body.uploads),
            reply.status,
            json.loads(json.dumps(reply.body)),
            injected,
            route.user_only if route else False,
        )


async def _read(request: web.Request) -> _Body:
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        raise too_large()
    try:
        if request.content_type == "multipart/form-data":
            return await _read_multipart(request)
        text = await request.text()
        return _Body(json.loads(text) if text else None)
    except (ValueError, HttpProcessingError) as error:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from error


async def _read_multipart(request: web.Request) -> _Body:
    body = _Body({})
    form: Mapping[str, Any] = await request.post()
    for name, part in form.items():
        if isinstance(part, web.FileField):
            content = part.file.read()
            part.file.close()
            body.uploads.append(Upload(name, part.filename, content, part.content_type))
        elif name == "payload_json":
            text = part.decode() if isinstance(part, (bytes, bytearray)) else str(part)
            payload: Json = json.loads(text)
            body.json = payload
    return body

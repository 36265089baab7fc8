"""Which handler answers which route; the templates are those of Discord's documentation.

A handler is a plain function: `@route("GET", "/channels/{channel_id}")` above `def read(call: Call) -> Reply`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from .errors import missing_access, missing_permissions, not_found, unauthorized, wrong_channel_type
from .payloads import Viewer
from .permissions import Permission, permissions_in

if TYPE_CHECKING:
    from ._json import Json
    from .attachments import Upload
    from .desk import Desk
    from .entities import Application, Channel, User
    from .guild import Guild
    from .world import World

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Reply:
    """A status and a JSON body; no body at all for 204."""

    status: int = 200
    body: Any = None


NO_CONTENT = Reply(204)


@dataclass
class Call:
    """One request, ready for its handler."""

    world: World
    desk: Desk
    gateway_url: str
    method: str
    params: dict[str, str]
    query: dict[str, str]
    json: Any
    uploads: list[Upload]
    account: User | None

    @property
    def user(self) -> User:
        """The account that asks.

        Raises:
            ApiError: 401, if nobody is logged in.
        """
        if self.account is None:
            raise unauthorized()
        return self.account

    @property
    def application(self) -> Application:
        """The application whose bot asks, which must be the one in the path if the path names one.

        Raises:
            ApiError: 401 for people, 404 for another application's affairs.
        """
        application = self.world.applications.get(self.user.id)
        if application is None:
            raise unauthorized()
        if self.params.get("application_id", str(application.id)) != str(application.id):
            raise not_found("Application")
        return application

    @property
    def body(self) -> Json:
        """The JSON body, {} if there is none."""
        return self.json if isinstance(self.json, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]

    @property
    def viewer(self) -> Viewer:
        """Who reads the answer. Over HTTP it is the switch in the portal that decides, there being no intents."""
        application = self.world.applications.get(self.user.id)
        return Viewer(self.user, content=application is None or application.message_content)

    def id(self, name: str) -> int:
        """An id in the path; 0, which nothing has, for something that is no id."""
        text = self.params[name]
        return int(text) if text.isdecimal() else 0

    def channel(self, needed: int = 0) -> Channel:
        """The channel in the path, seen by the account.

        Raises:
            ApiError: 404 for an unknown one, 403 for one that the account cannot see or lacks `needed` in.
        """
        channel = self.world.channels.get(self.id("channel_id"))
        if channel is None:
            raise not_found("Channel")
        require(channel, self.user, needed)
        return channel

    def thread(self) -> Channel:
        """The channel in the path, if it is a thread.

        Raises:
            ApiError: 400 (50024), if it is none.
        """
        channel = self.channel()
        if not channel.is_thread:
            raise wrong_channel_type()
        return channel

    def guild(self) -> Guild:
        """The guild in the path, of which the account is a member.

        Raises:
            ApiError: 404 or 403.
        """
        guild = self.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise not_found("Guild")
        if self.user.id not in guild.members:
            raise missing_access()
        return guild


def require(channel: Channel, user: User, needed: int = 0) -> None:
    """Check that an account sees a channel and has every permission of `needed` there.

    Raises:
        ApiError: 403, with 50001 where it sees nothing and 50013 where it sees but may not.
    """
    held = permissions_in(channel, user.id)
    if not held & Permission.VIEW_CHANNEL:
        raise missing_access()
    if held & needed != needed:
        raise missing_permissions()


Handler: TypeAlias = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """One method of one template."""

    method: str
    template: str
    handler: Handler
    user_only: bool
    pattern: re.Pattern[str] = field(repr=False)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The placeholders of a raw path, decoded, if this is its route."""
        found = self.pattern.fullmatch(path) if method == self.method else None
        return {name: unquote(text) for name, text in found.groupdict().items()} if found else None


class Routes:
    """A table of routes that modules fill by decorating their handlers."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def add(self, method: str, template: str, *, user_only: bool = False) -> Callable[[Handler], Handler]:
        """Register a handler. `user_only` marks what only people's own clients use and Discord does not document."""
        pattern = re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", template))

        def register(handler: Handler) -> Handler:
            self.table.append(Route(method, template, handler, user_only, pattern))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a raw (still quoted) path below the API's base. A literal part wins over a placeholder."""
        found = [(route, params) for route in self.table if (params := route.match(method, path)) is not None]
        return min(found, key=lambda each: len(each[1]), default=None)

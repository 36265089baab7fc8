"""What passed over the wire, for whoever wants to look: tests validate it, the demo may show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from ._json import Json


@dataclass(frozen=True)
class RestExchange:
    """One request and its answer. `template` is the route as Discord's documentation writes it, "" for none."""

    method: str
    path: str
    template: str
    authorization: Literal["bot", "user", "none"]
    headers: dict[str, str]
    query: dict[str, str]
    request: Any
    """The JSON body, or the `payload_json` of a multipart one; None without a body."""
    filenames: tuple[str, ...]
    status: int
    response: Any
    injected: bool
    """Whether the answer is a fault that was ordered."""
    user_only: bool
    """Whether the route is one that only people's clients use; Discord documents none of these."""


@dataclass(frozen=True)
class GatewayFrame:
    """One payload on a gateway connection, sent by the sandbox ("receive", as the client sees it) or by a client."""

    direction: Literal["receive", "send"]
    bot: bool | None
    """Whether the session is a bot's; None before the client has said who it is."""
    payload: Json

    @property
    def op(self) -> int | None:
        """The opcode."""
        return self.payload.get("op")

    @property
    def t(self) -> str | None:
        """The name of a dispatched event."""
        return self.payload.get("t")

    @property
    def d(self) -> Any:  # noqa: ANN401 - any JSON value
        """The data."""
        return self.payload.get("d")


RestObserver: TypeAlias = Callable[[RestExchange], None]
GatewayObserver: TypeAlias = Callable[[GatewayFrame], None]

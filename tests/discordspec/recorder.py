"""Looks over a sandbox's shoulder and collects every problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from .gateway import GatewayValidator
from .openapi import load, openapi_path

if TYPE_CHECKING:
    from bot.sandbox import GatewayFrame, RestExchange, Sandbox


class Recorder:
    """Every exchange and every gateway payload, with what is wrong with them.

    Without Discord's OpenAPI document only the gateway's tables are held against what passes.
    """

    def __init__(self) -> None:
        path = openapi_path()
        self._openapi = load(path) if path else None
        self._gateway = GatewayValidator(self._openapi)
        self.exchanges: list[RestExchange] = []
        self.frames: list[GatewayFrame] = []
        self.problems: list[str] = []

    @classmethod
    def attached_to(cls, sandbox: Sandbox) -> Self:
        """A recorder that sees everything from now on."""
        recorder = cls()
        sandbox.observers.append(recorder.on_exchange)
        sandbox.gateway_observers.append(recorder.on_frame)
        return recorder

    def on_exchange(self, exchange: RestExchange) -> None:
        self.exchanges.append(exchange)
        if self._openapi is not None:
            self.problems += self._openapi.check(exchange)

    def on_frame(self, frame: GatewayFrame) -> None:
        self.frames.append(frame)
        self.problems += self._gateway.check(frame)

    @property
    def refused(self) -> list[RestExchange]:
        """What bots sent and the server would not take (status 400); their bodies are in no list of problems."""
        return [each for each in self.exchanges if each.status == 400 and each.authorization != "user"]

    def sent(self, method: str, template: str) -> list[RestExchange]:
        """The exchanges of one route."""
        return [each for each in self.exchanges if (each.method, each.template) == (method, template)]

"""Faults on order: the next requests to a route fail the way Discord's do on a bad day."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Fault:
    """What happens to the next `left` matching requests. Status 0 drops the connection without an answer."""

    method: str
    template: str
    status: int
    left: int
    retry_after: float = 0.0
    scope: str = "user"


@dataclass
class Faults:
    """Orders, first come, first served.

    A template is a path as Discord's documentation writes it, such as `/channels/{channel_id}/messages`.
    """

    orders: list[Fault] = field(default_factory=list[Fault])

    def rate_limit(
        self, method: str, template: str, *, retry_after: float = 0.05, times: int = 1, scope: str = "user"
    ) -> None:
        """Answer 429 with `retry_after` seconds. Scopes: "user", "shared", and "global", which sets the global flag."""
        self.orders.append(Fault(method, template, 429, times, retry_after, scope))

    def status(self, method: str, template: str, status: int, *, times: int = 1) -> None:
        """Answer with a server error such as 500, 502 or 503."""
        self.orders.append(Fault(method, template, status, times))

    def drop(self, method: str, template: str, *, times: int = 1) -> None:
        """Close the connection instead of answering."""
        self.orders.append(Fault(method, template, 0, times))

    def take(self, method: str, template: str) -> Fault | None:
        """The fault that this request meets, if any."""
        for fault in self.orders:
            if fault.left > 0 and (fault.method, fault.template) == (method, template):
                fault.left -= 1
                return fault
        return None

"""Rate limits: buckets by route and major parameter, the headers that tell of them, and the global limit.

Source: Discord's documentation, topic "Rate Limits". Which bucket a route has and how large it is Discord does not
publish and asks nobody to hard-code, so the sizes here are the sandbox's own.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .snowflakes import Clock

GLOBAL_LIMIT = 50
"""Requests a second of one bot over all routes; the documented global limit."""
DEFAULT_LIMIT = 100
DEFAULT_WINDOW_SECONDS = 1.0
_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")


@dataclass(frozen=True)
class Bucket:
    """So many requests in a window of so many seconds."""

    limit: int
    seconds: float


@dataclass
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True)
class Verdict:
    """What the limiter says of one request: its headers, and for how many seconds it is refused (0: it is not)."""

    headers: dict[str, str]
    retry_after: float = 0.0
    scope: str = ""


@dataclass
class RateLimits:
    """Counts requests. Real seconds, not the world's: a client sleeps in real time.

    `buckets` sets the size for single routes, by `"METHOD /template"`.
    """

    default: Bucket = field(default_factory=lambda: Bucket(DEFAULT_LIMIT, DEFAULT_WINDOW_SECONDS))
    overall: Bucket = field(default_factory=lambda: Bucket(GLOBAL_LIMIT, 1.0))
    buckets: dict[str, Bucket] = field(default_factory=dict[str, Bucket])
    clock: Clock = time.time
    _windows: dict[str, _Window] = field(default_factory=dict[str, _Window], init=False, repr=False)

    def check(self, method: str, template: str, params: dict[str, str], account: str, *, counted: bool) -> Verdict:
        """Count a request of an account. `counted`: it counts towards the global limit (interactions do not)."""
        now = self.clock()
        name = f"{method} {template}"
        bucket = self.buckets.get(name, self.default)
        major = ":".join(params[key] for key in _MAJOR if key in params)
        retry_after = self._take(f"{account}", self.overall, now) if counted else 0.0
        if retry_after:
            return Verdict({"X-RateLimit-Global": "true", **_retry(retry_after, "global")}, retry_after, "global")
        key = f"{account} {name} {major}"
        refused = self._take(key, bucket, now)
        window = self._windows[key]
        headers = {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(max(0, bucket.limit - window.used)),
            "X-RateLimit-Reset": f"{window.ends:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, window.ends - now):.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
        }
        if refused:
            return Verdict(headers | _retry(refused, "user"), refused, "user")
        return Verdict(headers)

    def _take(self, key: str, bucket: Bucket, now: float) -> float:
        window = self._windows.get(key)
        if window is None or now >= window.ends:
            window = self._windows[key] = _Window(now + bucket.seconds)
        if window.used >= bucket.limit:
            return window.ends - now
        window.used += 1
        return 0.0


def _retry(seconds: float, scope: str) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": scope}


def refusal(retry_after: float, *, is_global: bool) -> dict[str, object]:
    """The body of a 429."""
    return {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": is_global,
        "code": 0,
    }

"""Who may come in: only the page that was opened with the printed address, and no other web page in its name.

A page of another host can send requests to this machine, and a name of its own can be made to point here ("DNS
rebinding"). Against the first stand the Origin header, a cookie that other sites do not send and the absence of any
permission for them to read (CORS); against the second the Host header. Sources: OWASP's cheat sheet "Cross-Site
Request Forgery Prevention"; RFC 6265bis for SameSite; Content Security Policy Level 3.
"""

from __future__ import annotations

import hmac
import re
import secrets
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

COOKIE = "faqtotum_playground"
"""The cookie's name, with the port behind it: browsers do not tell the ports of a machine apart."""
_KEY_BYTES = 24
OWN_PLACES = "/playground/"
"""Below this stands what is no part of Discord's interface."""
_LOCAL = "localhost"
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?", re.ASCII)
"""A Host header: a name, an IPv4 address or an IPv6 address in brackets, and a port (RFC 9110, section 7.2)."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'none'; "
    "connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
"""What the page may load: what this server has, nothing from elsewhere, no script or style written into the page.
``ws:`` is named because not every browser takes 'self' to mean websockets too. Only the template engine of the
page's components may make HTML out of texts, under the one policy that has its name."""
NO_POLICY = "default-src 'none'"
"""For whoever is told that he is wrong here."""
FILE_POLICY = "sandbox; default-src 'none'"
"""For files that people uploaded: whatever they are, no script of theirs runs, and they are of no origin."""
_FILES = ("/attachments/", "/ephemeral-attachments/")


class Guard:
    """Checks every request, and adds to every answer what browsers should hold it to.

    Args:
        host: The address that the server is bound to.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self.key = secrets.token_urlsafe(_KEY_BYTES)
        self.port = 0

    def attach(self, app: web.Application) -> None:
        """Have all requests to an application checked."""
        app.middlewares.append(self._check)
        app.on_response_prepare.append(self._add_headers)

    @property
    def cookie(self) -> str:
        """The name of this server's cookie."""
        return f"{COOKIE}_{self.port}"

    def opens(self, key: str | None) -> bool:
        """Return whether this is the key."""
        return hmac.compare_digest((key or "").encode(), self.key.encode())

    def let_in(self, response: web.StreamResponse) -> None:
        """Hand the cookie out to whoever has shown the key."""
        response.set_cookie(self.cookie, self.key, httponly=True, samesite="Strict", path="/")

    @web.middleware
    async def _check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.is_ours(request.host):
            return refuse(421, f"this server is not {request.host}: open the address that the demo printed")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return refuse(403, "another web page may not use this server")
        if request.path.startswith(OWN_PLACES) and not self.opens(request.cookies.get(self.cookie)):
            return refuse(401, "open the address that the demo printed: it holds the key of this session")
        return await handler(request)

    def is_ours(self, host: str) -> bool:
        """Return whether a Host header names this machine: by an address, or by the name that was bound.

        Whoever makes a name of his own point here has that name in the header. The port does not matter, it may be
        forwarded.
        """
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").casefold()
        if name in {_LOCAL, self._host.casefold()}:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not is_loopback(self._host)

    async def _add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        if not self.is_ours(request.host):
            policy = NO_POLICY
        elif request.path.startswith(_FILES):
            policy = FILE_POLICY
        else:
            policy = POLICY.format(host=request.host)
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.path.startswith(OWN_PLACES):
            # Tokens are in there.
            response.headers["Cache-Control"] = "no-store"


def is_loopback(host: str) -> bool:
    """Return whether an address to bind to is one that other machines do not reach."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == _LOCAL


def refuse(status: int, error: str) -> web.Response:
    """Return a refusal that says what to do."""
    return web.json_response({"error": error}, status=status)

"""Nobody comes in without the key, and no other web page can use what is open here."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.playground.guard import FILE_POLICY, Guard
from bot.sandbox import SeatFile
from tests.playground.conftest import send

if TYPE_CHECKING:
    from tests.playground.conftest import Visit

OWN = [
    ("GET", "/playground/session"),
    ("GET", "/playground/state"),
    ("GET", "/playground/why?channel_id=1&message_id=1"),
    ("POST", "/playground/week"),
    ("POST", "/playground/night"),
    ("POST", "/playground/bot"),
    ("POST", "/playground/faq"),
    ("DELETE", "/playground/faq"),
    ("GET", "/playground/nothing"),
]
EVERYWHERE = [*OWN, ("GET", "/"), ("GET", "/assets/page.js"), ("GET", "/gateway"), ("GET", "/api/v10/users/@me")]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


async def test_the_key_is_taken_for_a_cookie_that_scripts_and_other_sites_do_not_get(unmanned: Visit) -> None:
    address = unmanned.playground.address
    async with aiohttp.ClientSession() as http, http.get(address, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"] == "/"
        [cookie] = response.headers.getall("Set-Cookie")
    assert cookie.startswith(f"faqtotum_playground_{urlsplit(address).port}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


async def test_another_key_opens_nothing(unmanned: Visit) -> None:
    for key in ("", "wrong", "ключ"):
        async with aiohttp.ClientSession() as http:
            answer = await send(http, "GET", unmanned.base + "/", params={"key": key}, allow_redirects=False)
        assert answer.status == 403
        assert "open the address" in answer.body["error"]
        assert "Set-Cookie" not in answer.headers


async def test_without_the_cookie_nothing_of_ours_is_told_or_done(unmanned: Visit) -> None:
    for cookies in ({}, {unmanned.cookie: "wrong"}):
        async with aiohttp.ClientSession(cookies=cookies) as http:
            for method, path in OWN:
                answer = await send(http, method, unmanned.base + path)
                assert answer.status == 401, path
                assert "open the address that the demo printed" in answer.body["error"]


async def test_a_name_of_somebody_else_that_points_here_is_refused(unmanned: Visit) -> None:
    for method, path in EVERYWHERE:
        answer = await unmanned.ask(method, path, headers={"Host": "rebound.example"})
        assert answer.status == 421, path
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


async def test_another_web_page_may_do_nothing_even_with_the_cookie(unmanned: Visit) -> None:
    origins = ("https://elsewhere.example", "null", "http://127.0.0.1:1", "")
    for (method, path), origin in product(EVERYWHERE, origins):
        answer = await unmanned.ask(method, path, headers={"Origin": origin})
        assert answer.status == 403, path
        assert answer.body == {"error": "another web page may not use this server"}


async def test_the_page_itself_may(unmanned: Visit) -> None:
    answer = await unmanned.ask("GET", "/playground/state", headers={"Origin": unmanned.base})
    assert answer.status == 200
    assert not [name for name in answer.headers if name.casefold().startswith("access-control")]


async def test_a_websocket_of_another_page_is_not_opened(unmanned: Visit) -> None:
    url = unmanned.playground.sandbox.gateway_url
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await unmanned.http.ws_connect(url, origin="https://elsewhere.example")
    assert refused.value.status == 403
    async with unmanned.http.ws_connect(url, origin=unmanned.base) as socket:
        assert (await socket.receive_json())["op"] == 10


@pytest.mark.parametrize(
    ("bound", "header", "ours"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost:1", True),
        ("127.0.0.1", "LOCALHOST:1", True),
        ("127.0.0.1", "[::1]:8080", True),
        ("127.0.0.1", "192.168.1.5:8080", False),
        ("127.0.0.1", "127.0.0.1.nip.example:8080", False),
        ("127.0.0.1", "localhost.example", False),
        ("127.0.0.1", "evil.example@127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1:80; script-src *", False),
        ("127.0.0.1", "127.0.0.1:http", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[", False),
        ("0.0.0.0", "192.168.1.5:8080", True),  # noqa: S104 - nothing is bound here
        ("0.0.0.0", "[fe80::1]:8080", True),  # noqa: S104
        ("0.0.0.0", "rebound.example:8080", False),  # noqa: S104
        ("demo.example", "demo.example:8080", True),
        ("demo.example", "rebound.example:8080", False),
        ("localhost", "192.168.1.5", False),
    ],
)
def test_hosts_are_addresses_of_this_machine_or_the_name_that_was_bound(bound: str, header: str, *, ours: bool) -> None:
    assert Guard(bound).is_ours(header) is ours


async def test_what_the_page_may_load_is_written_into_every_answer(unmanned: Visit) -> None:
    host = urlsplit(unmanned.base).netloc
    for path in ("/", "/?seat=owner&channel=5", "/nothing", "/playground/state", "/api/v10/users/@me"):
        headers = (await unmanned.ask("GET", path)).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data: blob:",
            "font-src": "'none'",
            "connect-src": f"'self' ws://{host}",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "lit-html",
        }
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (await unmanned.ask("GET", "/playground/session")).headers["Cache-Control"] == "no-store"


UPLOADS = (
    ("a.png", PICTURE, True),
    ("a.html", b"<script>alert(1)</script>", False),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", False),
    ("a.js", b"alert(1)", False),
    ("a.txt", b"words", False),
    ("a", b"?", False),
    ('"><script>alert(1)<', b"?", False),
)


async def test_an_uploaded_file_never_runs_here(unmanned: Visit) -> None:
    seat = await unmanned.seat()
    for name, content, is_shown in UPLOADS:
        message = await seat.say(unmanned.playground.town.unwatched.id, files=[SeatFile(name, content)])
        async with unmanned.http.get(message.attachments[0]["url"]) as response:
            assert await response.read() == content
            headers = response.headers
        assert headers["Content-Security-Policy"] == FILE_POLICY == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers.get("Content-Disposition") == (None if is_shown else "attachment"), name

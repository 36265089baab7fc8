"""Requests that make no sense, or come to the wrong place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox import Sandbox, SeatError, SeatFile, World

if TYPE_CHECKING:
    from tests.sandbox.house import House


async def test_requests_that_make_no_sense(house: House) -> None:
    path = f"/channels/{house.help.id}/messages"
    assert (await house.rest("POST", path, {"content": " "})).body["code"] == 50006
    assert (await house.rest("POST", path, data=b"{", headers={"Content-Type": "application/json"})).status == 400
    torn = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await house.rest("POST", path, data=b"--x\r\nno", headers=torn)).status == 400
    assert (await house.rest("GET", "/users/@me", authorization="Bot wrong")).status == 401
    assert (await house.rest("GET", "/gateway/bot", authorization=house.ann.token)).status == 401
    assert (await house.rest("GET", f"/applications/{house.ann.id}/commands")).body["code"] == 10002
    assert (await house.rest("GET", f"/channels/{house.help.id}/messages?limit=101")).status == 400
    assert (await house.rest("GET", "/channels/zero")).body["code"] == 10003
    assert (await house.rest("POST", "/users/@me/channels", {"recipient_id": "x"})).body["code"] == 10013
    assert (await house.rest("GET", f"/channels/{house.help.id}/thread-members")).body["code"] == 50024
    assert (await house.rest("GET", "/gateway")).body == {"url": house.sandbox.gateway_url}
    async with aiohttp.ClientSession() as http:
        async with http.get(house.sandbox.rest_url + "/users/@me") as response:
            assert response.status == 401
            assert response.headers["Content-Type"] == "application/json"
        async with http.get(house.sandbox.base_url + "/embed/avatars/0.png") as response:
            assert response.content_type == "image/png"
        async with http.get(house.sandbox.base_url + "/attachments/1/1/x.txt") as response:
            assert response.status == 404
    assert (await house.rest("POST", "/interactions", {}, authorization=f"Bot {house.app.user.token}")).status == 401


async def test_bulk_deletion_has_its_limits(house: House) -> None:
    path = f"/channels/{house.help.id}/messages/bulk-delete"
    assert (await house.rest("POST", path, {"messages": ["1"]})).body["code"] == 50035
    assert (await house.rest("POST", path, {"messages": ["1", "2"]})).body["code"] == 50034
    seat = await house.seat()
    with pytest.raises(SeatError, match="50013"):
        await seat.request("POST", path, {"messages": ["1", "2"]})
    dm = await seat.dm(house.app.id)
    with pytest.raises(SeatError, match="50024"):
        await seat.request("POST", f"/channels/{dm}/messages/bulk-delete", {"messages": ["1", "2"]})


async def test_what_is_not_there_is_recorded(house: House) -> None:
    answer = await house.rest("GET", "/voice/regions")
    assert answer.status == 501
    assert "voice/regions" in answer.body["message"]
    assert house.sandbox.unimplemented == ["GET /voice/regions"]
    house.sandbox.unimplemented.clear()
    assert len(house.recorder.problems) <= 1
    house.recorder.problems.clear()


async def test_somebody_else_may_serve_more_at_the_same_address() -> None:
    async def greet(_: web.Request) -> web.StreamResponse:
        return web.Response(text="hello")

    def extend(app: web.Application) -> None:
        app.router.add_get("/greeting", greet)

    async with Sandbox(World(), extend=extend) as sandbox, aiohttp.ClientSession() as http:
        assert sandbox.port == int(sandbox.base_url.rpartition(":")[2])
        async with http.get(sandbox.base_url + "/greeting") as response:
            assert await response.text() == "hello"
        async with http.get(sandbox.rest_url + "/gateway") as response:
            assert await response.json() == {"url": sandbox.gateway_url}


async def test_a_server_at_every_address_names_one_that_leads_to_it() -> None:
    async with Sandbox(World(), host="0.0.0.0") as sandbox, aiohttp.ClientSession() as http:  # noqa: S104 - for a moment
        assert sandbox.gateway_url == f"ws://127.0.0.1:{sandbox.port}/gateway"
        async with http.get(sandbox.rest_url + "/gateway") as response:
            assert response.status == 200
    assert Sandbox(World(), host="::", port=5).base_url == "http://[::1]:5"


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [("a.png", True), ("a.jpg", True), ("a.gif", True), ("a.webp", True), ("a.svg", False), ("a.html", False)],
)
async def test_a_browser_shows_pictures_and_saves_all_else(house: House, name: str, *, is_shown: bool) -> None:
    seat = await house.seat()
    [file] = (await seat.say(house.help.id, files=[SeatFile(name, b"<script>")])).attachments
    async with aiohttp.ClientSession() as http, http.get(file["url"]) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers.get("Content-Disposition") == (None if is_shown else "attachment")

"""A playground with its bot at work on a small FAQ, and a browser's session with it."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import pytest

from bot.playground import Playground, open_playground
from bot.playground.own_faq import SHIPPED
from bot.sandbox import Seat
from tests.fakes.embedder import HashEmbedder
from tests.seeding import SMALL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from bot.core.ports import Embedder
    from bot.sandbox import SeenMessage

CARD = "How do I get a replacement Medicare card?"


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class Visit:
    """A playground, a browser that was let in, and the member's seat."""

    playground: Playground
    http: aiohttp.ClientSession
    stack: AsyncExitStack

    @property
    def base(self) -> str:
        return self.playground.sandbox.base_url

    @property
    def cookie(self) -> str:
        """The name of the cookie that the browser was given."""
        [cookie] = self.http.cookie_jar
        return cookie.key

    async def ask(self, method: str, path: str, **options: Any) -> Answer:  # noqa: ANN401
        """Send a request with the browser's cookie."""
        return await send(self.http, method, self.base + path, **options)

    async def drop(self, files: Mapping[str, bytes]) -> Answer:
        """Drop files on the page."""
        form = aiohttp.FormData(quote_fields=False)
        for name, content in files.items():
            form.add_field("files", io.BytesIO(content), filename=name)
        return await self.ask("POST", "/playground/faq", data=form)

    async def seat(self, key: str = "member") -> Seat:
        seat = Seat(self.playground.sandbox, self.playground.town.people[key])
        return await self.stack.enter_async_context(seat)

    async def why(self, message: SeenMessage) -> Answer:
        """Ask about a message as the page does, as soon as the bot has noted what it did."""
        await self.playground.reasons.wait_for(message.channel_id, message.id)
        return await self.ask("GET", f"/playground/why?channel_id={message.channel_id}&message_id={message.id}")


async def send(http: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Answer:  # noqa: ANN401
    async with http.request(method, url, **options) as response:
        text = await response.text()
        body = json.loads(text) if response.content_type == "application/json" else text
        return Answer(response.status, body, response.headers)


@asynccontextmanager
async def visiting(folder: Path, embedder: Embedder) -> AsyncIterator[Visit]:
    faq = folder / "faq"
    faq.mkdir()
    shutil.copy(SMALL, faq)
    async with open_playground(faq, embedder=embedder) as playground, browsing(playground) as visit:
        yield visit
    assert playground.sandbox.unimplemented == []


@asynccontextmanager
async def browsing(playground: Playground) -> AsyncIterator[Visit]:
    # Browsers keep cookies of addresses without a name too.
    jar = aiohttp.CookieJar(unsafe=True)
    async with AsyncExitStack() as stack, aiohttp.ClientSession(cookie_jar=jar) as http:
        async with http.get(playground.address) as response:
            assert response.status == 200
        yield Visit(playground, http, stack)


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path, HashEmbedder()) as visit:
        yield visit


@pytest.fixture
async def unmanned(tmp_path: Path) -> AsyncIterator[Visit]:
    """A playground whose bot was never started."""
    async with AsyncExitStack() as stack:
        playground = Playground(tmp_path, SHIPPED, host="127.0.0.1", port=0)
        await playground.serve(stack)
        yield await stack.enter_async_context(browsing(playground))

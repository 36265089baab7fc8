"""One window on the playground's page: what a person does there, and what the browser thought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

from playwright.async_api import expect

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import ConsoleMessage, Locator, Page, Request

    from bot.playground import Playground

Scheme = Literal["dark", "light"]

PATIENCE_MS = 15_000
"""How long to wait for what must come; it comes in a fraction of a second where the cores are free."""
_LOCAL_SCHEMES = {"data", "blob", "about"}


expect.set_options(timeout=PATIENCE_MS)


class Desk:
    """A seat in a window.

    Attributes:
        page: The browser's page.
        origin: The server's address.
        wrong: Errors in the console, and requests that left this server.
        forgiven: Beginnings of console errors that a test makes happen itself.
    """

    def __init__(self, playground: Playground, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.forgiven: list[str] = []
        self._playground = playground
        self.origin = playground.sandbox.base_url
        self._host = urlsplit(self.origin).netloc
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.wrong.append(f"uncaught: {error}"))
        page.on("request", self._note_request)

    async def open(self, seat: str = "member", channel: str | None = None) -> None:
        """Open the printed address, then the seat's, and wait for the channels."""
        await self.page.goto(self._playground.address)
        place = f"&channel={getattr(self._playground.town, channel).id}" if channel else ""
        await self.page.goto(f"{self.origin}/?seat={seat}{place}")
        await self.page.locator(".channel[aria-current]").wait_for(state="attached")

    def check(self) -> None:
        """Fail where the browser complained, or anything was fetched from elsewhere."""
        assert [each for each in self.wrong if not each.startswith(tuple(self.forgiven) or ("\0",))] == []

    @property
    def box(self) -> Locator:
        """The text box."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def messages(self) -> Locator:
        """The messages on the screen."""
        return self.page.locator("discord-message")

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.messages.last

    def message(self, text: str) -> Locator:
        """The newest message that holds a text."""
        return self.messages.filter(has_text=text).last

    async def say(self, text: str) -> None:
        """Write a message, and wait until it stands in the channel."""
        await self.box.fill(text)
        await self.box.press("Enter")
        await self.box.and_(self.page.locator(":placeholder-shown")).wait_for()

    async def command(self, name: str, text: str = "") -> None:
        """Call a command by its name, with a text for its first option."""
        await self.box.fill(f"{name} {text}")
        await self.page.locator(".command-form").wait_for()
        await self.page.keyboard.press("Enter")

    async def go(self, channel: str) -> None:
        """Open a channel by its name."""
        await self.page.locator(".channel", has_text=channel).click()

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{message.text} ({message.location['url']})")

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in _LOCAL_SCHEMES and address.netloc != self._host:
            self.wrong.append(f"request to another host: {request.url}")


class Sit(Protocol):
    """Takes a seat in a window of its own; `channel` is one of the town's, such as "unwatched"."""

    def __call__(
        self,
        seat: str = "member",
        *,
        channel: str | None = None,
        width: int = 1280,
        height: int = 800,
        scheme: Scheme = "dark",
    ) -> AbstractAsyncContextManager[Desk]: ...


async def expect_gone(locator: Locator) -> None:
    """Wait until nothing fits any more."""
    await expect(locator).to_have_count(0)

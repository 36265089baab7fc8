"""An admin at work: `/faq` commands, forms and buttons, in few words."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bot.sandbox import Seat, SeenMessage
    from bot.sandbox.seat_views import Used
    from tests.e2e.conftest import Town

ROOT = Path(__file__).parents[2]
SMALL, ALL = ("medicare.yaml",), ("*.yaml",)
QUESTION = "Can I bring my dog to the meetup?"
ANSWER = "Dogs are welcome on a leash."
TYPED = {
    "question": QUESTION,
    "answer": ANSWER,
    "alternates": "are dogs allowed\nmay my puppy come along",
    "tags": "a, b",
}
DOG = "can-i-bring-my-dog-to-the-meetup"
"""The id that is made of the question."""
ASKED = "are dogs allowed at the meetup?"


@dataclass
class Office:
    """A seat from which somebody administers."""

    town: Town
    seat: Seat

    async def do(self, sub: str, **options: str | int | bool) -> SeenMessage:
        """Call a subcommand of `/faq`; give what it shows."""
        return await self.seat.response(await self.call(sub, **options))

    async def call(self, sub: str, **options: str | int | bool) -> Used:
        return await self.seat.slash(self.town.lounge.id, "faq", options, sub=sub)

    async def fill_in(self, used: Used, values: Mapping[str, str]) -> SeenMessage:
        """Submit the form that something opened; give the message that answers it."""
        assert used.modal
        return await self.seat.response(await self.seat.submit_modal(used.modal, values))

    async def press(self, message: SeenMessage, label: str) -> SeenMessage:
        """Press a button of a private message that is edited in place; give what it becomes."""
        before = message.raw
        await self.seat.press(message, label)
        return await self.seat.until(lambda each: each.id == message.id and not each.loading and each.raw != before)

    async def refill(self, message: SeenMessage, label: str, values: Mapping[str, str]) -> SeenMessage:
        """Press a button that opens a form, and submit that; give what the message becomes."""
        used = await self.seat.press(message, label)
        assert used.modal
        before = message.raw
        await self.seat.submit_modal(used.modal, values)
        return await self.seat.until(lambda each: each.id == message.id and not each.loading and each.raw != before)

    async def add(self, values: Mapping[str, str] = TYPED) -> SeenMessage:
        """Add an entry; give the message that says so."""
        preview = await self.fill_in(await self.call("add"), values)
        return await self.press(preview, "Save")

    async def answer_to(self, question: str) -> str | None:
        """Ask as a member does; give the title of what is answered, None if that is no entry."""
        used = await self.seat.slash(self.town.lounge.id, "ask", {"question": question, "private": True})
        shown = await self.seat.response(used)
        return shown.embeds[0].get("title") if shown.embeds else None


@asynccontextmanager
async def office(town: Town, *files: str) -> AsyncIterator[Office]:
    """The bot at work, and the server's owner at a seat.

    Args:
        town: Where.
        files: The FAQ files; by default a small one, which is fitted in no time.
    """
    town.settings.setdefault("faq", {"files": [str(ROOT / "faq_data" / name) for name in files or SMALL]})
    async with town.running(), town.seat(town.guild.owner) as seat:
        yield Office(town, seat)


def text_of(message: SeenMessage) -> str:
    """Everything that a message says."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
    return "\n".join(part for part in parts if part)

"""What a member does in the page: asks, presses, replies, looks things up, with the real bot answering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.playground_page.conftest import Sit

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

CARD = "how do I get a new card?"
CARD_TITLE = "How do I get a replacement Medicare card?"


async def test_question_gets_an_embed_and_its_reasons(sit: Sit) -> None:
    async with sit() as desk:
        await desk.say(CARD)
        embed = desk.page.locator("discord-embed").filter(has_text=CARD_TITLE)
        await embed.wait_for()
        panel = desk.page.locator(".why")
        await panel.get_by_text("Answered").wait_for()
        assert await panel.locator(".quoted").inner_text() == CARD
        assert await panel.locator(".hits li").first.locator(".hit-title").inner_text() == CARD_TITLE

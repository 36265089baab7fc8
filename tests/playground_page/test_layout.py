"""The page as it is used: by keyboard alone, on a narrow screen, by screen readers, with very much in a channel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from bot.sandbox import messaging
from tests.playground_page.conftest import AXE

if TYPE_CHECKING:
    from bot.playground import Playground
    from tests.playground_page.desk import Desk, Scheme, Sit

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

MANY = 5000
MOST_DRAWN = 200
"""Messages in the document, however many the channel holds."""
FIRST_PAINT_MS = 1000
STICKING_OUT = """() => {
    const found = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            const { right, width } = element.getBoundingClientRect();
            if (width && right > innerWidth && !element.closest("pre")) found.push(element.outerHTML.slice(0, 200));
            if (element.shadowRoot) walk(element.shadowRoot);
        }
    };
    walk(document.querySelector(".middle"));
    return found;
}"""
"""What is cut off at the right; code scrolls by itself."""
TITLE = "What is the penalty for enrolling late in Medicare?"


async def faults(desk: Desk) -> list[dict[str, Any]]:
    """Return the serious faults that axe-core finds."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in playground/")
    await desk.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await desk.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        {"id": each["id"], "impact": each["impact"], "where": [node["target"] for node in each["nodes"]][:3]}
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_no_serious_fault_for_assistive_technology(sit: Sit, scheme: Scheme, width: int) -> None:
    async with sit("owner", channel="watched", scheme=scheme, width=width) as desk:
        await desk.say(f"how do I get a new card? **{scheme}** {width} `code` https://example.org ||secret||")
        await desk.command("/settings")
        await desk.messages.filter(has_text="Only you can see this").last.wait_for()
        assert await faults(desk) == []
        if width < 720:
            await desk.page.get_by_role("button", name="Why, and this playground").click()
            assert await faults(desk) == []
            return
        await desk.command("/faq add")
        await desk.page.get_by_role("dialog").wait_for()
        assert await faults(desk) == []
        await desk.page.keyboard.press("Escape")
        await desk.last.click(button="right")
        await desk.page.get_by_role("menuitem").first.wait_for()
        assert await faults(desk) == []
        await desk.page.keyboard.press("Escape")
        await desk.box.fill("/")
        await desk.page.locator(".listbox [role=option]").first.wait_for()
        assert await faults(desk) == []
        await desk.box.fill("")
        await desk.go("questions")
        assert await faults(desk) == []


async def test_everything_by_keyboard(sit: Sit) -> None:
    async with sit("moderator", channel="unwatched") as desk:
        keys = desk.page.keyboard
        await expect(desk.box).to_be_focused()
        await keys.type("@Faqtotum what about the penalty")
        await keys.press("Enter")
        await desk.last.locator("discord-embed").filter(has_text=TITLE).wait_for()
        # Back into the messages: the newest can be reached with Tab, the arrows lead on.
        await keys.press("F6")  # the panel
        await keys.press("F6")  # the channels
        await expect(desk.page.locator(".channel[aria-current]")).to_be_focused()
        await keys.press("F6")
        await expect(desk.last).to_be_focused()
        await keys.press("ArrowUp")
        await expect(desk.message("what about the penalty").first).not_to_be_focused()
        await expect(desk.messages.nth(-2)).to_be_focused()
        await keys.press("ArrowDown")
        await keys.press("w")
        await desk.page.locator(".why").get_by_text("Answered").wait_for()
        await keys.press("Enter")
        await expect(desk.page.get_by_role("menuitem", name="Why this?")).to_be_focused()
        await keys.press("Escape")
        await expect(desk.last).to_be_focused()
        await keys.press("r")
        await expect(desk.box).to_be_focused()
        await desk.page.get_by_text("Replying to Faqtotum").wait_for()
        await keys.press("Escape")
        await expect(desk.page.get_by_text("Replying to Faqtotum")).to_be_hidden()
        # A button of the answer, by Tab from its message.
        await keys.press("F6")
        await keys.press("F6")
        await keys.press("F6")
        pressed = desk.last.locator("discord-button").last
        await keys.press("Tab")
        for _ in range(9):
            if await pressed.evaluate("button => button === document.activeElement"):
                break
            await keys.press("Tab")
        await keys.press("Enter")
        # The bot adds the entry to the message whose button it was.
        await expect(desk.last.locator("discord-embed")).to_have_count(2)
        await expect(desk.last).to_be_focused()


async def test_new_messages_are_read_out(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("member2", channel="unwatched") as other:
        await other.say("can you **hear** me?")
        await expect(desk.page.locator("[aria-live=polite][role=log]")).to_have_text("Ben: can you hear me?")


async def test_narrow_screen_has_drawers_and_no_sideways_scrolling(sit: Sit) -> None:
    async with sit("member2", channel="unwatched", width=390, height=844) as desk:
        await desk.say("@Faqtotum is this ChatGPT or some other GPT")
        await desk.last.locator("discord-embed").wait_for()
        assert await desk.page.evaluate("document.documentElement.scrollWidth") == 390
        assert await desk.page.evaluate(STICKING_OUT) == []
        await expect(desk.page.locator("nav")).to_be_hidden()
        await desk.page.get_by_role("button", name="Channels").click()
        await expect(desk.page.locator("nav")).to_be_visible()
        await desk.go("help")
        await expect(desk.page.locator("nav")).to_be_hidden()
        await expect(desk.page.locator(".channel-name")).to_have_text("help")
        await desk.page.get_by_role("button", name="Why, and this playground").click()
        await desk.page.get_by_role("button", name="nice weather today").click()
        await expect(desk.box).to_have_value("nice weather today")
        await expect(desk.page.locator("aside")).to_be_hidden()


async def test_theme_can_be_switched_and_is_kept(sit: Sit) -> None:
    async with sit(scheme="light") as desk:
        back = "getComputedStyle(document.body).backgroundColor"
        light = await desk.page.evaluate(back)
        await desk.page.get_by_role("button", name="Switch between light and dark").click()
        dark = await desk.page.evaluate(back)
        assert dark != light
        await desk.page.reload()
        await desk.box.wait_for()
        assert await desk.page.evaluate(back) == dark


async def test_thousands_of_messages_are_scrolled_through_without_holding_them_all(
    sit: Sit, playground: Playground
) -> None:
    town = playground.town
    for number in range(MANY):
        author = town.people["member" if number % 3 else "member2"]
        message = messaging.new_message(town.world, town.report, author)
        message.content = f"line {number} " + "and more " * (number % 25)
        town.report.messages[message.id] = message
    async with sit("owner", channel="report") as desk:
        await expect(desk.message(f"line {MANY - 1} ")).to_be_in_viewport()
        scroller = desk.page.locator(".scroller")
        for _ in range(12):
            seen = await scroller.evaluate(
                "scroller => (scroller.scrollTo(0, 300), [...scroller.querySelectorAll('discord-message')]"
                ".find((each) => each.getBoundingClientRect().top > 100).dataset.id)"
            )
            # More is put above what is seen, which stays where it is.
            await desk.page.wait_for_function(
                "id => { const all = [...document.querySelectorAll('discord-message')];"
                " return all.findIndex((each) => each.dataset.id === id) > 20; }",
                arg=seen,
            )
            place = desk.page.locator(f"discord-message[data-id='{seen}']")
            await expect(place).to_be_in_viewport()
            assert await desk.messages.count() <= MOST_DRAWN
        await desk.page.get_by_role("button", name="Jump to present").click()
        await expect(desk.message(f"line {MANY - 1} ")).to_be_in_viewport()
        # And the end stays in view as more is said.
        message = messaging.new_message(town.world, town.report, town.people["member"])
        message.content = "said just now " * 40
        messaging.post(town.world, message)
        await expect(desk.message("said just now")).to_be_in_viewport(ratio=1)


async def test_page_is_painted_within_a_second(sit: Sit) -> None:
    async with sit() as desk:
        entries = await desk.page.evaluate("JSON.stringify(performance.getEntriesByName('first-contentful-paint'))")
        assert json.loads(entries)[0]["startTime"] < FIRST_PAINT_MS

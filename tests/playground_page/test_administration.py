"""What moderators and the owner do in the page, what members may not, and what the playground itself offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.playground_page.desk import expect_gone

if TYPE_CHECKING:
    from pathlib import Path

    from bot.playground import Playground
    from tests.playground_page.desk import Sit

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

GOOD_FAQ = """\
title: The library
entries:
  - id: opening-hours
    question: When is the library open?
    alternates: [library opening hours, is the library open on sundays]
    answer: The library is open from nine to five, except on Mondays.
"""
BROKEN_FAQ = """\
title: The library
entries:
  - id: opening-hours
    question: When is the library open?
  - id: membership
    answer: It has no question.
"""
UNANSWERED = "The application did not respond"


async def test_member_is_refused_what_only_admins_may_do(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk:
        await desk.command("/faq reload")
        refused = desk.messages.filter(has_text="Only you can see this").last
        await expect(refused).to_contain_text("manage")


async def test_owner_adds_an_entry_through_a_modal(sit: Sit) -> None:
    async with sit("owner", channel="unwatched") as desk:
        await desk.command("/faq add")
        form = desk.page.get_by_role("dialog", name="Add to the FAQ")
        await form.get_by_label("Question").fill("Where do I park my bicycle?")
        await form.get_by_label("Other ways to ask it").fill("is there a bicycle rack\nbike stand near the entrance")
        await form.get_by_role("button", name="Submit").click()
        await expect(form).to_be_visible()  # the answer is missing yet: the browser asks for it
        await form.get_by_label("Answer").fill("Behind the house, under the **roof**.")
        await form.get_by_role("button", name="Submit").click()
        await expect(form).to_be_hidden()
        await desk.command("/ask", "bike stand near the entrance")
        answer = desk.page.locator("discord-embed").filter(has_text="Behind the house")
        await expect(answer.locator("strong")).to_have_text("roof")


async def test_modal_can_be_left_with_escape(sit: Sit) -> None:
    async with sit("owner", channel="unwatched") as desk:
        await desk.command("/faq add")
        form = desk.page.get_by_role("dialog", name="Add to the FAQ")
        await expect(form.get_by_label("Question")).to_be_focused()
        await desk.page.keyboard.press("Escape")
        await expect(form).to_be_hidden()


async def test_owner_chooses_in_a_select_menu(sit: Sit) -> None:
    async with sit("owner", channel="unwatched") as desk:
        await desk.command("/settings")
        menu = desk.page.get_by_role("button", name="What do you want to change?")
        await menu.press("ArrowDown")
        options = desk.page.locator(".select-holder [role=option]")
        await expect(options.first).to_be_visible()
        named = await options.nth(1).locator(".option-label").inner_text()
        await menu.press("ArrowDown")
        await menu.press("Enter")
        await expect(desk.messages.filter(has_text="Only you can see this").last).to_contain_text(named)


async def test_moderator_deletes_what_a_member_wrote_and_members_cannot(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("moderator", channel="unwatched") as other:
        await desk.say("buy my stuff")
        await other.say("please do not")
        await desk.message("please do not").click(button="right")
        await desk.page.get_by_role("menuitem", name="Reply").wait_for()
        assert await desk.page.get_by_role("menuitem", name="Delete message").count() == 0
        await desk.page.keyboard.press("Escape")
        await other.message("buy my stuff").click(button="right")
        await other.page.get_by_role("menuitem", name="Delete message").click()
        await expect_gone(desk.messages.filter(has_text="buy my stuff"))


async def test_stopped_bot_does_not_answer_and_a_started_one_does(sit: Sit) -> None:
    async with sit("owner", channel="unwatched") as desk:
        await desk.page.get_by_role("button", name="Stop the bot").click()
        await desk.page.get_by_text("The bot is stopped").wait_for()
        await desk.command("/ask", "what about the penalty")
        notice = desk.page.get_by_role("alert").filter(has_text=UNANSWERED)
        await notice.get_by_role("button", name="Close").click()
        await desk.page.get_by_role("button", name="Start the bot").click()
        await desk.page.get_by_text("The bot is running").wait_for()
        await desk.command("/ask", "what about the penalty")
        await desk.page.locator("discord-embed").filter(has_text="The premium gets dearer").wait_for()


async def test_reload_keeps_the_channel_and_what_was_said(sit: Sit) -> None:
    async with sit("member2", channel="watched") as desk:
        await desk.go("lounge")
        await desk.say("still here after a reload")
        await desk.page.reload()
        await desk.message("still here after a reload").wait_for()
        await expect(desk.page.locator(".channel-name")).to_have_text("lounge")
        await expect(desk.page.get_by_label("You sit here as")).to_have_value("member2")


async def test_connection_that_breaks_is_made_anew_and_misses_nothing(sit: Sit, playground: Playground) -> None:
    async with sit("member2", channel="unwatched") as desk, sit(channel="unwatched") as other:
        user = playground.town.people["member2"]
        await playground.sandbox.drop_connections(user_id=user.id)
        await other.say("said while the line was down")
        await desk.message("said while the line was down").wait_for()
        await playground.sandbox.drop_connections(user_id=user.id, resumable=False)
        await other.say("said to a new session")
        await desk.message("said to a new session").wait_for()
        await expect(desk.page.locator(".connection")).to_be_hidden()


async def test_broken_faq_shows_every_problem_with_its_line(sit: Sit, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(BROKEN_FAQ, encoding="utf-8")
    async with sit("owner") as desk:
        desk.forgiven.append("Failed to load resource: the server responded with a status of 422")
        await desk.page.locator("#faq-files").set_input_files(broken)
        problems = desk.page.locator(".problems li")
        await expect(problems).to_contain_text(["broken.yaml, line 3", "broken.yaml, line 5"])
        await expect(desk.page.locator(".world")).to_contain_text("the shipped FAQ")


async def test_own_faq_is_asked_and_given_back(sit: Sit) -> None:
    async with sit("owner", channel="unwatched") as desk:
        # Dropped as from a file manager: the page has to read it from the drop.
        await desk.page.locator(".drop").evaluate(
            """(zone, text) => {
                const data = new DataTransfer();
                data.items.add(new File([text], "library.yaml", { type: "application/yaml" }));
                zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }""",
            GOOD_FAQ,
        )
        await expect(desk.page.locator(".outcome")).to_contain_text("now knows 1 entry with 3 phrasings, from library")
        await expect(desk.page.locator(".world")).to_contain_text("Your FAQ")
        await desk.command("/ask", "is the library open on sundays")
        await desk.page.locator("discord-embed").filter(has_text="from nine to five").wait_for()
        await desk.page.get_by_role("button", name="Back to the first FAQ").click()
        await expect(desk.page.locator(".world")).to_contain_text("the shipped FAQ")


async def test_night_brings_a_report_with_its_picture(sit: Sit) -> None:
    async with sit("member2", channel="watched") as desk:
        await desk.say("how do I get a new card?")  # the report is about questions
        await desk.page.locator(".why .verdict").wait_for()
        await desk.page.get_by_role("button", name="Let the night pass").click()
        await expect(desk.page.locator(".outcome")).to_contain_text("the report is there")
        await desk.page.get_by_role("button", name="Go to the report").click()
        await expect(desk.page.locator(".channel-name")).to_have_text("faq-report")
        picture = desk.last.locator("img[src*='/attachments/']").first
        await picture.wait_for()
        assert await picture.evaluate("async image => (await image.decode(), image.naturalWidth)") > 300

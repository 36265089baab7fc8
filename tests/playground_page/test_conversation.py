"""What a member does in the page: asks, presses, replies, looks things up, with the real bot answering.

No two tests of this folder have the same seat ask for the same entry: within twenty seconds the bot does not say the
same to the same person again.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.playground_page.desk import expect_gone

if TYPE_CHECKING:
    from playwright.async_api import Route, WebSocket

    from bot.playground import Playground
    from tests.playground_page.desk import Sit

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

CARD = "how do I get a new card?"
CARD_TITLE = "How do I get a replacement Medicare card?"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd"
    "0000000d49444154789c6350704800220004c70181636e732a0000000049454e44ae426082"
)
"""Two pixels beside each other."""


async def test_question_gets_an_embed_and_its_reasons(sit: Sit) -> None:
    async with sit() as desk:
        await desk.say(CARD)
        await desk.last.locator("discord-embed").filter(has_text=CARD_TITLE).wait_for()
        assert await desk.last.locator(".quote").inner_text() == CARD
        panel = desk.page.locator(".why")
        await panel.get_by_text("Answered").wait_for()
        assert await panel.locator(".quoted").inner_text() == CARD
        assert await panel.locator(".hits li").first.locator(".hit-title").inner_text() == CARD_TITLE
        assert re.search(r"Probability [01]\.\d\d · asks back from 0\.\d\d", await panel.inner_text())


async def test_chatter_is_left_alone_and_the_panel_says_why(sit: Sit) -> None:
    async with sit("member2", channel="watched") as desk:
        await desk.say("nice weather today")
        panel = desk.page.locator(".why")
        await panel.get_by_text("Left alone").wait_for()
        assert await panel.locator(".quoted").inner_text() == "nice weather today"
        assert await panel.locator(".hits").count() == 0


async def test_did_you_mean_can_be_pressed(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk:
        await desk.say("@Faqtotum who pays")
        asked = desk.message("Did you mean")
        await expect(asked.locator("discord-button")).to_have_count(3)
        await expect(asked.locator(".quote")).to_have_text("@Faqtotum who pays")
        title = "How much are the Medicare premiums, and do they depend on my income?"
        await asked.locator("discord-button", has_text=title).click()
        await desk.page.locator("discord-embed").filter(has_text="Part A is free for most people").wait_for()


async def test_slash_command_suggests_while_typing(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk:
        await desk.box.press_sequentially("/as")
        first = desk.page.locator(".listbox [role=option]").first
        await expect(first).to_contain_text("Ask the FAQ a question")
        await desk.page.keyboard.press("Enter")
        question = desk.page.get_by_role("combobox", name="question")
        await expect(question).to_be_focused()
        await desk.page.keyboard.type("penalty")
        offered = desk.page.get_by_role("option", name="What is the penalty for enrolling late in Medicare?")
        await offered.wait_for()
        await desk.page.keyboard.press("ArrowDown")
        await desk.page.keyboard.press("ArrowUp")
        await desk.page.keyboard.press("Enter")
        assert await question.input_value() == "What is the penalty for enrolling late in Medicare?"
        await desk.page.keyboard.press("Enter")
        answer = desk.message("The premium gets dearer")
        await expect(answer.locator(".origin")).to_have_text("You used /ask")
        await expect(desk.box).to_be_focused()


async def test_private_answer_is_seen_by_one_seat_and_can_be_dismissed(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("member2", channel="unwatched") as other:
        await desk.box.fill("/ask How and when do I sign up for Medicare?")
        await desk.page.get_by_role("button", name="+ private").click()
        await desk.page.get_by_label("private:").select_option("True")
        await desk.page.get_by_role("button", name="Send", exact=True).click()
        private = desk.messages.filter(has_text="Only you can see this").last
        await expect(private).to_contain_text("How and when do I sign up for Medicare?")
        await desk.say("seen by both")
        await other.message("seen by both").wait_for()
        assert await other.page.get_by_text("Only you can see this").count() == 0
        before = await desk.messages.count()
        await private.get_by_role("button", name="Dismiss message").click()
        await expect_gone(desk.page.get_by_text("Only you can see this"))
        assert await desk.messages.count() == before - 1


async def test_reply_edit_and_deletion_show_in_the_other_window(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("member2", channel="unwatched") as other:
        await desk.say("where do we meet?")
        await other.message("where do we meet?").hover()
        await other.message("where do we meet?").get_by_role("button", name="Reply").click()
        await other.page.get_by_text("Replying to You").wait_for()
        await other.say("at the library")
        reply = desk.message("at the library")
        assert await reply.locator(".quote").inner_text() == "where do we meet?"
        await other.box.press("ArrowUp")
        assert await other.box.input_value() == "at the library"
        await other.say("at the town hall")
        await expect(desk.message("at the town hall")).to_contain_text("(edited)")
        await expect_gone(desk.messages.filter(has_text="at the library"))
        await other.message("at the town hall").click(button="right")
        await other.page.get_by_role("menuitem", name="Delete message").click()
        await expect_gone(desk.messages.filter(has_text="at the town hall"))


async def test_typing_shows_in_the_other_window_until_the_message_is_there(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("member2", channel="unwatched") as other:
        await other.box.press_sequentially("wait")
        typing = desk.page.locator(".typing")
        await expect(typing).to_have_text("Ben is typing…")
        await other.box.press("Enter")
        await expect(typing).to_have_text("")


async def test_messages_menu_has_the_bots_own_entries(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk:
        await desk.say("can I change my plan in autumn, or when is it?")
        await desk.message("can I change my plan").click(button="right")
        await desk.page.get_by_role("menuitem", name="Answer from FAQ").click()
        await expect(desk.page.locator(".origin").last).to_contain_text("used Answer from FAQ")


async def test_a_menu_without_the_bots_entries_says_so(sit: Sit) -> None:
    async with sit("member2", channel="unwatched") as desk:
        await desk.say("what do they offer for this?")
        desk.forgiven.append("Failed to load resource: net::ERR_FAILED")
        await desk.page.route("**/application-command-index", lambda route: route.abort())
        await desk.message("what do they offer for this?").click(button="right")
        await expect(desk.page.get_by_role("alert")).to_contain_text(
            "What the bot offers for this message is not known"
        )
        await expect(desk.page.get_by_role("menuitem", name="Reply")).to_be_visible()


async def test_reactions_count_and_can_be_taken_back(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk, sit("member2", channel="unwatched") as other:
        await desk.say("who brings cake?")
        await other.message("who brings cake?").click(button="right")
        await other.page.get_by_role("menuitem", name="React ✅").click()
        mark = desk.message("who brings cake?").get_by_role("button", name="✅ 1")
        await mark.click()
        await desk.message("who brings cake?").get_by_role("button", name="✅ 2").click()
        await mark.wait_for()
        await expect(mark).to_have_attribute("aria-pressed", "false")


async def test_thread_and_forum_post_are_channels_of_their_own(sit: Sit) -> None:
    # Another seat than above: the bot does not tell the same person the same thing twice in a row.
    async with sit("member2", channel="unwatched") as desk:
        await desk.say("let us plan the trip")
        await desk.message("let us plan the trip").click(button="right")
        await desk.page.get_by_role("menuitem", name="Create thread").click()
        await expect(desk.page.locator(".channel-name")).to_have_text("let us plan the trip")
        await desk.say("by train")
        await desk.go("questions")
        await desk.page.get_by_label("Title").fill("A question")
        await desk.page.get_by_label("Text", exact=True).fill("never heard of Faqtotum, explain it to me")
        await desk.page.get_by_role("button", name="Post").click()
        await expect(desk.page.locator(".channel-name")).to_have_text("A question")
        await desk.page.locator("discord-embed").filter(has_text="I am a bot that knows the FAQ").wait_for()
        await desk.go("lounge")
        await desk.message("let us plan the trip").get_by_role("button", name="See thread").click()
        await desk.message("by train").wait_for()


async def test_what_happens_while_a_channel_is_fetched_is_not_lost(sit: Sit, playground: Playground) -> None:
    async with sit(channel="watched") as desk, sit("member2", channel="unwatched") as other:
        for text in ("will be taken back", "will be put better", "left as it is"):
            await other.say(text)
        heard = asyncio.Event()

        def listen(socket: WebSocket) -> None:
            socket.on("framereceived", lambda frame: heard.set() if "MESSAGE_DELETE" in str(frame) else None)

        async def answer_late(route: Route) -> None:
            fetched = await route.fetch()
            await other.say("said meanwhile")
            await other.message("will be put better").click(button="right")
            await other.page.get_by_role("menuitem", name="Edit").click()
            await other.say("has been put better")
            await other.message("will be taken back").click(button="right")
            await other.page.get_by_role("menuitem", name="Delete message").click()
            await heard.wait()
            await route.fulfill(response=fetched)

        desk.page.on("websocket", listen)
        await desk.page.reload()
        await desk.page.route(f"**/{playground.town.unwatched.id}/messages?limit=*", answer_late)
        await desk.go("lounge")
        await desk.message("said meanwhile").wait_for()
        await desk.message("has been put better").wait_for()
        await desk.message("left as it is").wait_for()
        await expect_gone(desk.messages.filter(has_text="will be"))


async def test_picture_is_shown_and_a_file_is_offered(sit: Sit) -> None:
    async with sit(channel="unwatched") as desk:
        await desk.page.locator(".composer input[type=file]").set_input_files(
            [
                {"name": "dot.png", "mimeType": "image/png", "buffer": PNG},
                {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"a note"},
            ]
        )
        await desk.say("two files")
        sent = desk.message("two files")
        picture = sent.locator("img[alt='dot.png']")
        await picture.wait_for()
        assert await picture.evaluate("async image => (await image.decode(), image.naturalWidth)") == 2
        async with desk.page.expect_download() as download:
            await sent.get_by_role("link", name="notes.txt").click()
        assert (await (await download.value).path()).read_bytes() == b"a note"

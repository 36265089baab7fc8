"""Whatever people and the bot write, the page shows it as text: no markup, no script, no request to anywhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp
import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import FilePayload, Page

    from bot.playground import Playground
    from tests.playground_page.desk import Desk, Sit

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

MARKUP = '<img src=x onerror="hacked=1"><svg onload="hacked=1"><script>hacked=1</script>'
ATTACKS = (
    MARKUP,
    f"**{MARKUP}**",
    f"```html\n{MARKUP}\n```",
    f"> {MARKUP}",
    f"# {MARKUP}",
    f"||{MARKUP}||",
    "[here](javascript:hacked=1) [there](data:text/html,<script>hacked=1</script>) <javascript:hacked=1>",
    "[https://good.example](https://evil.example)",
    "<t:99999999999999999:R> <t:1:x> <@0> <#0> <@&0> </x:0> <id:guide>",
    "<:x:123456789012345678> <a:x:123456789012345678> 123456789012345678",
    "https://evil.example/picture.png",
    "constructor __proto__ toString ${7*7} {{7*7}}",
)
HOSTILE_EMBED = {
    "title": f"{MARKUP} 123456789012345678",
    "description": MARKUP,
    "url": "https://evil.example/",
    "author": {
        "name": f"{MARKUP} 123456789012345678",
        "url": "https://evil.example/",
        "icon_url": "https://evil.example/a.png",
    },
    "footer": {"text": MARKUP, "icon_url": "https://evil.example/f.png"},
    "fields": [{"name": MARKUP, "value": MARKUP, "inline": True}],
    "image": {"url": "https://evil.example/i.png"},
    "thumbnail": {"url": "https://evil.example/t.png"},
}
WALK = """() => {
    const found = [];
    const note = (element) => {
        const { localName } = element;
        if (element.getAttributeNames().some((name) => name.startsWith("on"))) return true;
        if (localName === "script") return element.src !== location.origin + "/assets/page.js";
        if (["iframe", "object", "embed", "base"].includes(localName)) return true;
        if (/^(javascript|data|vbscript):/i.test(element.getAttribute("href") ?? "")) return true;
        const ours = /^(data:image\\/svg|\\/(ephemeral-)?attachments\\/)/;
        return localName === "img" && !ours.test(element.getAttribute("src"));
    };
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (note(element)) found.push(element.outerHTML);
            if (element.shadowRoot) walk(element.shadowRoot);
        }
    };
    walk(document);
    return { found, hacked: typeof hacked === "undefined" ? null : hacked };
}"""
"""What in the page could run script or fetch anything, shadow trees included, and whether some has run."""


async def expect_harmless(page: Page) -> None:
    """Fail where anything in the page could run, or did."""
    assert await page.evaluate(WALK) == {"found": [], "hacked": None}


async def test_message_text_is_only_text(desk: Desk) -> None:
    for number, text in enumerate(ATTACKS):
        await desk.say(f"{text}\nattack {number} of {len(ATTACKS)}")
        await desk.message(f"attack {number} of").wait_for()
        await expect_harmless(desk.page)


async def test_nested_text_neither_hangs_nor_breaks_the_page(desk: Desk) -> None:
    await desk.say("**__" * 400 + "deep" + "__**" * 99)
    await desk.message("deep").wait_for()
    await desk.say("after the deep one")
    await desk.message("after the deep one").wait_for()


async def test_embed_fields_are_only_text_and_pictures_from_elsewhere_are_not_fetched(
    desk: Desk, playground: Playground
) -> None:
    town = playground.town
    headers = {"Authorization": f"Bot {town.application.user.token}"}
    address = f"{playground.sandbox.rest_url}/channels/{town.unwatched.id}/messages"
    button = {"type": 2, "style": 5, "label": MARKUP[:80], "url": "https://evil.example/"}
    menu = {"type": 3, "custom_id": "x", "placeholder": MARKUP[:90], "options": [{"label": MARKUP[:90], "value": "1"}]}
    rows = [{"type": 1, "components": [button]}, {"type": 1, "components": [menu]}]
    body = {"content": "hostile embed", "embeds": [HOSTILE_EMBED], "components": rows}
    async with aiohttp.ClientSession() as http, http.post(address, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    shown = desk.message("hostile embed")
    await expect(shown.locator(".embed-title")).to_have_text(HOSTILE_EMBED["title"])
    assert await shown.get_by_role("link", name="Picture on another server").count() == 2
    await shown.locator(".select").click()
    await expect(shown.locator("[role=option]")).to_have_text(MARKUP[:90])
    await expect_harmless(desk.page)


async def test_an_faq_is_only_text_where_it_is_dropped_answered_and_explained(sit: Sit) -> None:
    entry = {
        "id": "hostile",
        "question": f"How do I bake bread? {MARKUP}",
        "alternates": ["how do i bake bread", f"baking bread {MARKUP}"],
        "answer": f"In an oven. {MARKUP} [here](https://evil.example)",
        "links": [{"label": "<b>bold</b>", "url": "https://evil.example/"}],
    }
    faq = json.dumps({"title": MARKUP, "entries": [entry]})
    broken = json.dumps({"title": MARKUP, "entries": [entry | {MARKUP: MARKUP}]})
    async with sit("owner", channel="unwatched") as desk:
        desk.forgiven.append("Failed to load resource: the server responded with a status of 422")
        for content, told in ((broken, ".problems li"), (faq, ".outcome:has-text('now knows')")):
            name = f"{MARKUP[:30]}.yaml"
            file: FilePayload = {"name": name, "mimeType": "application/yaml", "buffer": content.encode()}
            await desk.page.locator("#faq-files").set_input_files(file)
            await desk.page.locator(told).first.wait_for()
            await expect_harmless(desk.page)
        await desk.command("/ask", "how do i bake bread")
        await desk.page.locator("discord-embed").filter(has_text="In an oven.").wait_for()
        await expect_harmless(desk.page)
        await desk.page.get_by_role("button", name="Back to the first FAQ").click()
        await expect(desk.page.locator(".world")).to_contain_text("the shipped FAQ")


async def test_file_names_are_only_text_and_uploaded_pages_do_not_run(desk: Desk) -> None:
    page = b"<script>document.title = 'it ran'</script><p>uploaded</p>"
    name = '"><img src=x onerror=hacked=1>.html'
    await desk.page.locator(".composer input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/html", "buffer": page}]
    )
    await desk.say("a page as a file")
    link = desk.message("a page as a file").get_by_role("link")
    await link.wait_for()
    await expect_harmless(desk.page)
    path = await link.get_attribute("href")
    answer = await desk.page.request.get(f"{desk.origin}{path}")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_names_and_command_options_are_only_text(sit: Sit, playground: Playground) -> None:
    ben = playground.town.people["member2"]
    before, ben.global_name = ben.global_name, MARKUP[:32]
    try:
        async with sit("member2", channel="unwatched") as desk:
            await desk.command("/ask", MARKUP)
            await expect(desk.page.locator(".origin").last).to_contain_text(MARKUP[:32])
            await desk.say(f"{MARKUP} by name")
            await desk.page.locator(".why .quoted").filter(has_text="by name").wait_for()
            await expect_harmless(desk.page)
    finally:
        ben.global_name = before


async def test_policy_forbids_scripts_and_markup_made_from_text(desk: Desk) -> None:
    desk.forgiven += ["Executing inline script violates", "Refused to execute inline script", "This document requires"]
    ran = await desk.page.evaluate(
        """() => {
            const script = document.createElement("script");
            let refused = 0;
            for (const deed of [
                () => { script.text = "hacked=1"; document.body.append(script); },
                () => { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=hacked=1>"); },
            ]) try { deed(); } catch { refused += 1; }
            script.remove();
            return { hacked: typeof hacked, refused };
        }"""
    )
    assert ran == {"hacked": "undefined", "refused": 2}


async def test_page_without_the_key_says_what_to_do(desk: Desk) -> None:
    desk.forgiven.append("Failed to load resource: the server responded with a status of 401")
    await desk.page.context.clear_cookies()
    await desk.page.reload()
    await expect(desk.page.get_by_role("alert")).to_contain_text("open the address that the demo printed")

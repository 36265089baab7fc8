"""Take the README's pictures of the demo's page: the real bot, asked what the README says, and its report of a week.

    python tools/page_pictures.py [FOLDER]

Needs the page (`make page`) and a Chromium; FAQTOTUM_CHROMIUM names one that is not Debian's.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import async_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.playground import Playground, is_built, open_playground  # noqa: E402 - found through the line above

if TYPE_CHECKING:
    from playwright.async_api import Page

CHROMIUM = os.environ.get("FAQTOTUM_CHROMIUM", "/usr/bin/chromium")
WIDTH, HEIGHT = 1280, 800
COLOURS = 256
"""As many as a PNG with a palette can have."""
SETTLE_MS = 2500
"""For pictures to be there, the bot's reasons to be drawn, and what was lit up to have faded."""


async def take(page: Page, file: Path) -> None:
    """Take a picture once everything has come to rest."""
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=file)
    # What is drawn has few colours; so written, the file has a third of its size.
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(file)  # noqa: T201 - a tool that is run by hand


async def show_question(page: Page, playground: Playground, folder: Path) -> None:
    """A question in a watched channel, its answer, and why."""
    await page.goto(f"{playground.sandbox.base_url}/?seat=member")
    box = page.get_by_role("combobox", name="Message")
    for text in ("nice weather today", "@Faqtotum who pays"):
        await box.fill(text)
        await box.press("Enter")
        await page.wait_for_timeout(SETTLE_MS)
    await page.locator(".embed-title", has_text="Did you mean").wait_for()
    await take(page, folder / "page.png")


async def show_report(page: Page, playground: Playground, folder: Path) -> None:
    """What the week's questions came to, by the morning after."""
    await page.goto(f"{playground.sandbox.base_url}/?seat=moderator")
    await page.get_by_role("button", name="A busy week").click()
    await page.get_by_text("A week has passed").wait_for()
    await page.get_by_role("button", name="Let the night pass").click()
    await page.get_by_role("button", name="Go to the report").click()
    await take(page, folder / "report.png")


async def main(folder: Path) -> None:
    """Take all pictures."""
    if not is_built():
        sys.exit("the page is not built: run make page")
    async with async_playwright() as driver, open_playground() as playground:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
        page.set_default_timeout(120_000)
        await page.goto(playground.address)
        await show_question(page, playground, folder)
        await show_report(page, playground, folder)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"))

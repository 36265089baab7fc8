"""Draw the README's picture: the real bot on a loopback Discord, asked what the README says, drawn as in the demo.

    python tools/screenshot.py [OUT.svg]

The picture names no other host: it uses whatever monospaced font the reader has.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.app import open_app  # noqa: E402 - found through the line above
from bot.cli.screen import Buttons, Names, draw_message  # noqa: E402
from bot.client import FaqtotumBot  # noqa: E402
from bot.playground import build_config, build_town  # noqa: E402
from bot.sandbox import Sandbox, Seat, SeenMessage, redirected  # noqa: E402

WIDTH = 92
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
{lines}
</defs>
<rect fill="#1e1f22" width="100%" height="100%" rx="8"/>
<g transform="translate({terminal_x}, 12)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
"""rich's own template without its window frame and without the web font that it loads from another host."""


async def play(console: Console) -> None:
    """Ask what the README says and draw what is seen."""
    town = build_town()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = await stack.enter_async_context(open_app(build_config(town, folder, None)))
        sandbox = await stack.enter_async_context(Sandbox(town.world))
        stack.enter_context(redirected(sandbox))
        bot = await stack.enter_async_context(FaqtotumBot(app, guild_ready_timeout=0.1))
        connection = asyncio.create_task(bot.start(town.application.user.token))
        stack.push_async_callback(asyncio.wait, [connection])
        stack.push_async_callback(bot.close)
        await bot.wait_until_ready()
        seat = await stack.enter_async_context(Seat(sandbox, town.you))
        names, buttons = Names({str(town.application.id): "Faqtotum"}), Buttons()

        def draw(*messages: SeenMessage) -> None:
            for message in messages:
                console.print(draw_message(message.raw, names, buttons))

        question = await seat.say(town.watched.id, "my wallet got stolen, how do i get a new card?")
        draw(question, await seat.reply(question))
        draw(await seat.say(town.watched.id, "nice weather today"))
        vague = await seat.say(town.watched.id, f"<@{town.application.id}> who pays")
        draw(vague, await seat.reply(vague))
        console.print(Text("> /ask Do I need to pay more after a raise?", "bold"))
        draw(
            await seat.response(
                await seat.slash(
                    town.watched.id, "ask", {"question": "Do I need to pay more after a raise?", "private": True}
                )
            )
        )


def main() -> None:
    """Write the picture."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "demo.svg"
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    asyncio.run(play(console))
    target.write_text(console.export_svg(code_format=SVG, unique_id="faqtotum"), encoding="utf-8")


if __name__ == "__main__":
    main()

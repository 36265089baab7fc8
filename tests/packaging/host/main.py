"""A host's own bot: loads the extension, asks it something, unloads it, twice, and says what is left."""

import asyncio
import json
import sys
import threading

import discord
from discord.ext import commands

import bot as host_bot


def look(host: commands.Bot) -> dict[str, object]:
    return {
        "commands": sorted(
            command.name
            for kind in (None, discord.AppCommandType.user, discord.AppCommandType.message)
            for command in host.tree.get_commands(type=kind or discord.AppCommandType.chat_input)
        ),
        "cogs": sorted(host.cogs),
        "extensions": sorted(host.extensions),
        "listeners": {name: len(found) for name, found in host.extra_events.items() if found},
        "dynamic_items": len(host._connection._view_store._dynamic_items),
        "threads": sorted(thread.name for thread in threading.enumerate() if "faqtotum" in thread.name),
        "modules": sorted(name for name in sys.modules if name.startswith("faqtotum.cogs")),
        "attributes": sorted(name for name in vars(host) if "faqtotum" in name),
    }


async def main() -> None:
    host = commands.Bot("!", intents=discord.Intents.default())
    host.faqtotum_config = {"faq": {"files": ["faq_data/*.yaml"]}, "store": {"path": "data/faq.sqlite3"}}

    @host.tree.command(description="The host's own")
    async def host_command(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")

    loaded: list[dict[str, object]] = []
    async with host:
        before = look(host)
        for _ in range(2):
            await host.load_extension("faqtotum.cogs")
            cog = host.get_cog("Faqtotum")
            outcome = await cog._app.ask("I lost my Medicare card, what now")
            loaded.append(look(host) | {"answer": outcome.hits[0].entry.id})
            await host.unload_extension("faqtotum.cogs")
        after = look(host)
    told = {"host_bot": host_bot.WHOSE, "loaded": loaded, "before": before, "after": after}
    sys.stdout.write(json.dumps(told))


asyncio.run(main())

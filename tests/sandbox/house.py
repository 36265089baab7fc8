"""A guild, two people, a bot, and a recorder that holds everything that passed against Discord's own documents."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import discord
from discord.ext import commands

from bot.sandbox import Permission, Sandbox, Seat, World, redirected
from tests.discordspec import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox import Application, Channel, Guild, User


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class House:
    """A running sandbox with the usual people in it."""

    world: World
    sandbox: Sandbox
    guild: Guild
    help: Channel
    ann: User
    ben: User
    app: Application
    stack: AsyncExitStack
    recorder: Recorder

    async def seat(self, user: User | None = None) -> Seat:
        return await self.stack.enter_async_context(Seat(self.sandbox, user or self.ann))

    async def rest(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        authorization: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Answer:
        """A bare request with the bot's token."""
        headers = {"Authorization": authorization or f"Bot {self.app.user.token}"}
        if body is not None:
            options["json"] = body
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.request(method, self.sandbox.rest_url + path, **options) as response,
        ):
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else None, dict(response.headers))

    async def run(self, bot: commands.Bot | commands.AutoShardedBot, *, token: str | None = None) -> None:
        """Start a bot and wait until it is ready; it is closed with the house."""
        await self.stack.enter_async_context(running(bot, token or self.app.user.token))


@asynccontextmanager
async def running(bot: discord.Client, token: str) -> AsyncIterator[None]:
    """A started bot that is ready; an error while it starts is raised here."""
    async with bot:
        task = asyncio.create_task(bot.start(token))
        ready = asyncio.create_task(bot.wait_until_ready())
        try:
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            yield
        finally:
            ready.cancel()
            await bot.close()
            await asyncio.gather(task, ready, return_exceptions=True)


def make_bot(**options: object) -> commands.Bot:
    """A bot with the product's intents that does not wait long for its guilds."""
    intents = discord.Intents.default()
    intents.message_content = True
    settings = {"intents": intents, "guild_ready_timeout": 0.05, "help_command": None} | options
    return commands.Bot("!", **settings)  # pyright: ignore[reportArgumentType]


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """A house with discord.py pointed at it; fails at the end if anything that passed was not as documented."""
    world = World()
    ann, ben = world.add_user("ann"), world.add_user("ben")
    guild = world.add_guild("Test", owner=world.add_user("owner"))
    channel = guild.add_text_channel("help")
    guild.add_member(ann)
    guild.add_member(ben)
    app = world.add_application("Faqtotum", message_content=True)
    guild.install(app, permissions=Permission.MANAGE_MESSAGES)
    async with Sandbox(world) as sandbox, AsyncExitStack() as stack:
        recorder = Recorder.attached_to(sandbox)
        with redirected(sandbox):
            yield House(world, sandbox, guild, channel, ann, ben, app, stack, recorder)
            await stack.aclose()
    assert recorder.problems == []
    assert sandbox.unimplemented == []

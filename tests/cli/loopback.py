"""A loopback Discord that discord.py finds instead of the real one, whatever event loop it runs in."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from bot.sandbox import Guild, Sandbox, World, redirected

SECONDS_TO_OPEN = 60


@contextmanager
def loopback(
    token: str,
    *,
    message_content: bool = True,
    world: World | None = None,
    fill: Callable[[Guild, Sandbox], None] | None = None,
) -> Iterator[None]:
    """Serve a Discord from a thread of its own.

    Args:
        token: The bot's.
        message_content: Whether that intent is enabled.
        world: Where its server comes into; a new one by default.
        fill: Called with the server before anybody can reach it.
    """
    opened: SimpleQueue[tuple[Sandbox, Callable[[], object]]] = SimpleQueue()

    async def stay() -> None:
        town = world or World()
        application = town.add_application("Faqtotum", token=token, message_content=message_content)
        guild = town.add_guild("Test", owner=town.add_user("olga"))
        guild.install(application)
        loop, leave = asyncio.get_running_loop(), asyncio.Event()
        async with Sandbox(town) as sandbox:
            if fill:
                fill(guild, sandbox)
            opened.put((sandbox, lambda: loop.call_soon_threadsafe(leave.set)))
            await leave.wait()

    thread = threading.Thread(target=lambda: asyncio.run(stay()), daemon=True)
    thread.start()
    sandbox, close = opened.get(timeout=SECONDS_TO_OPEN)
    try:
        with redirected(sandbox):
            yield
    finally:
        close()
        thread.join()

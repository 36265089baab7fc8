"""Call the command line in a process in which discord.py finds a loopback Discord instead of the real one."""

import asyncio
import os
import sys
import threading

from bot.cli import main
from bot.sandbox import Sandbox, World, redirected


def serve(started: threading.Event, found: list[Sandbox]) -> None:
    async def stay() -> None:
        world = World()
        application = world.add_application(
            "Faqtotum", token=os.environ["FAQTOTUM_TOKEN"], message_content="WITHOUT_INTENT" not in os.environ
        )
        world.add_guild("Test", owner=world.add_user("olga")).install(application)
        async with Sandbox(world) as sandbox:
            found.append(sandbox)
            started.set()
            await asyncio.Event().wait()

    asyncio.run(stay())


if __name__ == "__main__":
    started = threading.Event()
    found: list[Sandbox] = []
    threading.Thread(target=serve, args=(started, found), daemon=True).start()
    started.wait()
    with redirected(found[0]):
        status = main()
    sys.stderr.flush()
    # The loopback Discord's thread is still at work; only leaving at once ends it in good order.
    os._exit(status)

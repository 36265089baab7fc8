"""A member's seat in a terminal: lines in, Discord's requests out, and what happens drawn as it happens."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.patch_stdout import patch_stdout
from rich.table import Table
from rich.text import Text

from ..sandbox import InteractionFailedError, SeatError, SeenMessage
from .commandline import parse_command
from .screen import Buttons, Names, draw_message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from rich.console import Console

    from ..sandbox import Application, Channel, Seat

_SETTLE_SECONDS = 1.0
"""With piped input: how long a line waits for what the bot may say to it before the next line is read."""
_FORUM = 15
"""Channel type "forum". Source: Discord's documentation, "Channel Types"."""
_HELP = (
    ("text", "say it in this channel; in a forum it opens a post"),
    ("@{bot} text", "mention the bot"),
    ("/ask text", "a slash command; options by name: /ask question: text private: true"),
    ("/ask? text", "what autocomplete offers for the text"),
    ("3", "press button 3"),
    ("> text", "reply to the last message"),
    ("menu", 'use the context menu "Answer from FAQ" on your last message'),
    ("#name", "go to another channel: {channels}"),
    ("quit", "leave"),
)
"""What can be typed, and what it does."""


async def lines_of(console: Console, prompt: Callable[[], str]) -> AsyncIterator[str]:
    """Yield the lines that are typed, or piped in, until the input ends."""
    if not sys.stdin.isatty():
        while line := await asyncio.to_thread(sys.stdin.readline):
            console.print(Text.assemble((prompt(), "bold"), line.rstrip()))
            yield line
            await asyncio.sleep(_SETTLE_SECONDS)
        return
    session: PromptSession[str] = PromptSession()
    # What is drawn while somebody types appears above the line that is being typed.
    with patch_stdout(raw=True):
        while True:
            try:
                yield await session.prompt_async(prompt)
            except (EOFError, KeyboardInterrupt):
                return


class Terminal:
    """One member's view.

    Args:
        seat: The member's connection.
        application: The bot; mentions and commands go to it.
        channels: Where the member can go; the first is where they are.
        console: Where to draw.
    """

    def __init__(self, seat: Seat, application: Application, channels: Sequence[Channel], console: Console) -> None:
        self.channel = channels[0]
        self._seat = seat
        self._application = application
        self._channels = {channel.name: channel for channel in channels}
        self._console = console
        self._names = Names(
            {str(application.id): application.name, str(seat.user.id): seat.user.global_name or seat.user.name},
            {str(channel.id): channel.name for channel in channels},
        )
        self._buttons = Buttons()

    async def serve(self, lines: AsyncIterator[str]) -> None:
        """Do what the lines say, and draw what happens, until they end or one says quit."""
        watching = asyncio.create_task(self._watch())
        try:
            async for line in lines:
                if line.strip() in {"quit", "exit"}:
                    return
                await self._obey_or_explain(line.strip())
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _watch(self) -> None:
        """Draw messages as they come and change; a pending reply is drawn when it is there."""
        while True:
            event = await self._seat.next(
                lambda event: event.name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}, seconds=float("inf")
            )
            message = SeenMessage(event.data)
            if not message.loading:
                self._console.print(draw_message(message.raw, self._names, self._buttons))

    async def _obey_or_explain(self, line: str) -> None:
        try:
            await self._obey(line)
        except (SeatError, InteractionFailedError, LookupError, ValueError) as error:
            self._console.print(Text(str(error), "red"))

    async def _obey(self, line: str) -> None:
        match line[:1]:
            case "":
                return
            case "/":
                await self._command(line[1:])
            case "#":
                self._go(line[1:])
            case ">":
                await self._reply(line[1:].strip())
            case _ if line.isdecimal():
                await self._press(int(line))
            case _ if line == "help":
                self._console.print(self._help())
            case _ if line == "menu":
                await self._use_menu()
            case _:
                await self._say(line.replace(f"@{self._application.name}", f"<@{self._application.id}>"))

    def _help(self) -> Table:
        """Return the help, in two columns that fold by themselves."""
        words = {"bot": self._application.name, "channels": " ".join(f"#{name}" for name in self._channels)}
        table = Table(box=None, show_header=False, padding=(0, 2))
        table.add_column(style="cyan", no_wrap=True)
        table.add_column()
        for typed, does in _HELP:
            table.add_row(Text(typed.format(**words)), Text(does.format(**words)))
        return table

    def _here(self) -> list[SeenMessage]:
        return self._seat.in_channel(self.channel.id)

    async def _reply(self, text: str) -> None:
        if not self._here():
            raise LookupError("there is no message to reply to")
        await self._seat.say(self.channel.id, text, reply_to=self._here()[-1])

    async def _say(self, text: str) -> None:
        if self.channel.type == _FORUM:
            await self._seat.post(self.channel.id, text, text)
        else:
            await self._seat.say(self.channel.id, text)

    async def _command(self, line: str) -> None:
        known = {command["name"]: command for command in await self._seat.commands(self.channel.id)}
        call = parse_command(line, known)
        if call.completing:
            choices = await self._seat.autocomplete(self.channel.id, call.name, *call.completing)
            offered = "\n".join(f"  {choice.name}" for choice in choices)
            self._console.print(Text(offered, "cyan") if offered else Text("  nothing", "dim"))
        else:
            await self._seat.slash(self.channel.id, call.name, call.options, sub=call.subcommand)

    async def _press(self, number: int) -> None:
        found = self._buttons.find(number)
        if found is None:
            raise LookupError(f"there is no button {number}")
        message_id, custom_id = found
        message = next((each for each in self._seat.messages if str(each.id) == message_id), None)
        if message is None:
            raise LookupError(f"the message of button {number} is gone")
        await self._seat.press(message, custom_id)

    async def _use_menu(self) -> None:
        mine = [message for message in self._here() if message.author_id == self._seat.user.id]
        if not mine:
            raise LookupError("say something first: the menu is used on your last message")
        await self._seat.context_menu("Answer from FAQ", self.channel.id, mine[-1].id)

    def _go(self, name: str) -> None:
        if name not in self._channels:
            raise LookupError(f"there is no #{name}; there are {' '.join(f'#{known}' for known in self._channels)}")
        self.channel = self._channels[name]
        topic = self.channel.topic or "a forum, where what you type opens a post"
        self._console.print(Text(f"You are in #{name}: {topic}", "dim"))

"""Time that passes at a wish: a busy week, and the night after which a report is due.

Nothing here is written into the bot's log. People say something as their clients would, over REST; the bot reads it
over its gateway, replies and logs it by itself, message after message, while the one clock of the world and of the bot
goes forward to the time at which each is said. Reports are those of the bot's own nightly job.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp

from ..core.schedule import latest_day, next_posting
from ..sandbox import Bucket
from .running import NotNowError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from ..sandbox import Sandbox, User
    from ..services import GuildSettings
    from .clock import ShiftedClock
    from .reasons import Reasons
    from .running import BotRunner
    from .script import Line
    from .town import Town

_PATIENCE_SECONDS = 30.0
"""How long a message of the week waits for the bot, which takes some hundredths of a second; but machines are busy."""
_REPORT_SECONDS = 120.0
"""How long a report may take; for a week of questions it is a second or two."""
_UNLIMITED = Bucket(100_000, 1.0)
_SOON = timedelta(minutes=1)
"""How long after the hour the bot looks at the latest whether a report is due."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a week: messages, those of them that were questions to the bot, and people."""

    messages: int
    questions: int
    people: int


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of a night.

    Attributes:
        report: Channel and message of the report, None if there is none.
        why: What happened, in a sentence.
    """

    report: tuple[int, int] | None
    why: str


class Passing:
    """Lets time pass in a town.

    Args:
        town: The town.
        clock: Its clock.
        runner: Its bot.
        sandbox: Where it is served.
        reasons: Knows which messages the bot is done with.
    """

    def __init__(self, town: Town, clock: ShiftedClock, runner: BotRunner, sandbox: Sandbox, reasons: Reasons) -> None:
        self._town = town
        self._clock = clock
        self._runner = runner
        self._sandbox = sandbox
        self._reasons = reasons
        self._places = {"help": town.watched, "lounge": town.unwatched, "questions": town.forum}

    async def play_week(self, lines: Sequence[Line], on_progress: Callable[[int, int], None]) -> Played:
        """Have everything said that a script holds, from the next midnight on, and leave the clock at its end.

        Args:
            lines: The script.
            on_progress: Called with lines done and lines to do.

        Raises:
            NotNowError: The bot does not run, or stops meanwhile.
        """
        people = {name: self._settle(name) for name in dict.fromkeys(line.person for line in lines)}
        now = self._clock.now()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        questions = 0
        await self._look_for_reports()
        with self._without_limits():
            async with aiohttp.ClientSession(raise_for_status=True) as http:
                for number, line in enumerate(lines, start=1):
                    await self._go_to(midnight + timedelta(days=line.day, minutes=line.minute))
                    message = await self._say(http, line, people[line.person])
                    questions += await self._was_question(line, message)
                    on_progress(number, len(lines))
        return Played(len(lines), questions, len(people))

    async def pass_night(self) -> Passed:
        """Let the night pass until the bot has posted the report that is due in the morning.

        Raises:
            NotNowError: The bot does not run.
        """
        await self._look_for_reports()
        await self._go_to(self._next_report() + _SOON)
        app, settings = self._runner.require_app(), self._settings()
        if settings.report_channel is None:
            return Passed(None, "The night has passed. There is no report: choose a channel for it with /settings.")
        last = await app.reports.find_last_posting(self._town.guild.id)
        today = latest_day(self._clock.now(), settings.report_hour, ZoneInfo(settings.time_zone))
        if last is None or last.day != today:
            return Passed(None, "The night has passed, and the report failed: run the demo with --verbose to see why.")
        if not last.channel_id or not last.message_id:
            return Passed(None, "The night has passed. There is no report: nobody asked anything in the week before.")
        return Passed((last.channel_id, last.message_id), "The night has passed, and the report is there.")

    def _next_report(self) -> datetime:
        settings = self._settings()
        return next_posting(self._clock.now(), settings.report_hour, ZoneInfo(settings.time_zone))

    def _settings(self) -> GuildSettings:
        return self._runner.require_app().settings.read(self._town.guild.id)

    async def _go_to(self, moment: datetime) -> None:
        """Go forward to a moment, with a stop at each morning on the way, at which a report is due."""
        while (morning := self._next_report() + _SOON) <= moment:
            self._clock.skip_to(morning)
            await self._look_for_reports()
        self._clock.skip_to(moment)

    async def _look_for_reports(self) -> None:
        """Have the bot look whether a report is due.

        It does so every minute by itself. Before time is skipped it must have looked once: reports are due from when it
        has seen that they are wanted in a channel.
        """
        with _explaining("the report is not there in time: see the bot's log with --verbose"):
            async with asyncio.timeout(_REPORT_SECONDS):
                await self._runner.post_reports()

    def _settle(self, name: str) -> User:
        user = self._town.add_person(name, name.capitalize())
        self._town.guild.add_member(user)
        return user

    async def _say(self, http: aiohttp.ClientSession, line: Line, author: User) -> dict[str, Any]:
        """Have somebody say something; return the message."""
        channel = self._places[line.place]
        text = line.text.replace("@Faqtotum", f"<@{self._town.application.id}>")
        path, body = f"/channels/{channel.id}/messages", {"content": text}
        if channel is self._town.forum:
            title, _, rest = text.partition(" | ")
            path, body = f"/channels/{channel.id}/threads", {"name": title, "message": {"content": rest or title}}
        headers = {"Authorization": author.token}
        async with http.post(self._sandbox.rest_url + path, json=body, headers=headers) as response:
            answer = await response.json()
        return answer.get("message", answer)

    async def _was_question(self, line: Line, message: dict[str, Any]) -> bool:
        """Wait until the bot is done with a message; return whether it was a question to it."""
        if self._places[line.place].id not in self._settings().overheard_in and not message["mentions"]:
            return False  # it does not even look at that
        with _explaining("the bot does not react: stop and start it"):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await self._reasons.wait_for(int(message["channel_id"]), int(message["id"]))
        return found["verdict"] != "ignored"

    @contextmanager
    def _without_limits(self) -> Generator[None]:
        """Let the bot say in seconds what it would say in a week."""
        limits = self._sandbox.rate_limits
        before = limits.overall, limits.default
        limits.overall = limits.default = _UNLIMITED
        try:
            yield
        finally:
            limits.overall, limits.default = before


@contextmanager
def _explaining(advice: str) -> Generator[None]:
    """Raise NotNowError for what takes too long inside."""
    try:
        yield
    except TimeoutError as error:
        raise NotNowError(advice) from error

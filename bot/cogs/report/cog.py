"""The nightly report, the command `/report`, and what the buttons below a report do."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.ext import commands

from ...core.errors import EditRefusedError, FaqtotumError
from ...core.reports import Deed, Done, Ignored, TopicKind
from ...core.schedule import latest_day, next_posting
from ...core.speech import sentence
from ...services import BoardError, ReplyRef
from ...services.report_lists import place_of, to_csv
from .. import limits
from ..access import guild_of
from ..admin.base import ForAdmins
from ..admin.editing import EditDesk
from ..admin.responding import fail, settle, show
from ..failures import UNHEARD
from ..places import only_here
from ..rendering import COLOUR, Reply, quote
from ..speech import speech_in
from . import texts
from .board import ChannelBoard
from .buttons import REPORTS_COG_NAME, ReportButton
from .desk import ReportDesk
from .rendering import IGNORED_PAGES, PAGES, TOPICS_A_PAGE, page_of_ignored, render_ignored, shown_topics
from .rounds import Rounds
from .staff import find_staff_reply

if TYPE_CHECKING:
    from ...app import App
    from ...core.reports import Asked, Topic
    from ...services import GuildSettings
    from ..admin.drafts import About
    from ..speech import Speech
    from .desk import Opened

_log = logging.getLogger(__name__)

_LISTED = 20
_LINE = 180
"""Questions, and characters of each, that are shown in a message; the file has them all."""


class ReportsCog(
    ForAdmins, commands.GroupCog, name=REPORTS_COG_NAME, group_name="report", group_description=texts.REPORT_GROUP
):
    """Posts reports and lets admins act on them."""

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app
        self._edits = EditDesk(app)
        self._desk = ReportDesk(app)
        self._board = ChannelBoard(bot, app, self._desk)
        self._rounds = Rounds(bot, app, self._board)
        if isinstance(self.app_command, app_commands.Group):
            self.app_command.default_permissions = self._hint()
            self.app_command.guild_only = True

    async def cog_load(self) -> None:
        """Let buttons find the cog, and begin to look for what is to be done."""
        self._bot.add_dynamic_items(ReportButton)
        self._rounds.start()

    async def cog_unload(self) -> None:
        """Take back what `cog_load` did."""
        self._rounds.stop()
        self._bot.remove_dynamic_items(ReportButton)

    @commands.Cog.listener()
    async def on_faqtotum_stale(self) -> None:
        """Show reports anew at once; what other processes have deleted is seen by the next look."""
        self._rounds.wake()

    async def post_due(self) -> None:
        """Post the reports that are due now; by itself the bot looks every minute."""
        await self._rounds.post_due()

    @app_commands.command(name="schedule", description=texts.SCHEDULE_COMMAND)
    async def schedule(self, interaction: discord.Interaction) -> None:
        """Say when and where the next report comes."""
        await settle(interaction)
        speech, settings = self._speech(interaction), self._settings_here(interaction)
        if settings.report_channel is None:
            await show(interaction, Reply(speech.say(texts.NO_CHANNEL_SET)))
            return
        hour, zone = settings.report_hour, ZoneInfo(settings.time_zone)
        coming = next_posting(self._app.clock.now(), hour, zone)
        last = await self._app.reports.find_last_posting(guild_of(interaction))
        while last and latest_day(coming, hour, zone) <= last.day:
            # It was posted before somebody put the hour off; a day has one report.
            coming = next_posting(coming, hour, zone)
        when = f"{discord.utils.format_dt(coming, 'F')} ({discord.utils.format_dt(coming, 'R')})"
        await show(interaction, Reply(speech.say(texts.SCHEDULED, when=when, channel=f"<#{settings.report_channel}>")))

    @app_commands.command(name="now", description=texts.NOW_COMMAND)
    @app_commands.describe(days=texts.NOW_DAYS)
    async def now(self, interaction: discord.Interaction, days: app_commands.Range[int, 1, 31] = 7) -> None:
        """Build a report and post it where reports stand, else here."""
        await settle(interaction)
        settings, now = self._settings_here(interaction), self._app.clock.now()
        zone = ZoneInfo(settings.time_zone)
        day = latest_day(now, settings.report_hour, zone)
        report = await self._app.reporter.build(guild_of(interaction), day, now, zone, days=days)
        channel_id = settings.report_channel or interaction.channel_id or 0
        posting_id = await self._app.reports.add_extra_report(report, channel_id)
        opened = await self._desk.find(posting_id, guild_of(interaction))
        if opened is None:
            return
        try:
            message_id = await self._board.post(opened.posting, report, channel_id)
        except BoardError as error:
            raise EditRefusedError(error.reason) from error
        await self._app.reports.place_extra_report(posting_id, message_id)
        place = ReplyRef(guild_of(interaction), channel_id, message_id)
        await show(interaction, Reply(self._speech(interaction).say(texts.POSTED, url=place.url)))

    def _settings_here(self, interaction: discord.Interaction) -> GuildSettings:
        """Return the settings as `/settings` shows them: what the configuration names of other servers is none here."""
        guild_id = guild_of(interaction)
        return only_here(self._app.settings.read(guild_id), guild_id, self._bot.guilds)

    async def press(self, interaction: discord.Interaction, deed: str, posting_id: int, number: int) -> None:
        """See ServesReports."""
        if not await self.interaction_check(interaction):
            return
        speech = self._speech(interaction)
        try:
            if deed == "show":
                await self._stop_ignoring(interaction, posting_id, page_of_ignored(number), speech)
                return
            if deed in IGNORED_PAGES:
                await self._show_ignored(interaction, page=number)
                return
            opened = await self._desk.find(posting_id, guild_of(interaction))
            if opened is None:
                raise EditRefusedError(sentence("That report is no longer kept."))
            if deed in PAGES:
                await interaction.response.edit_message(**opened.render(speech, number).to_turn())
                await self._follow(opened)
                return
            topic = opened.find(number)
            if topic is None:
                raise EditRefusedError(sentence("Nobody's question is left of that: all of them were deleted."))
            if deed != "all" and (done := opened.posting.done.get(number)):
                raise EditRefusedError(sentence("<@{who}> has acted on that already.", who=done.by))
            await self._do(interaction, deed, opened, topic, speech)
        except FaqtotumError as error:
            await fail(interaction, error, speech)

    async def _do(
        self, interaction: discord.Interaction, deed: str, opened: Opened, topic: Topic, speech: Speech
    ) -> None:
        about: About = {"report": opened.posting.id, "topic": topic.number}
        match deed:
            case "phrase":
                await self._add_phrasing(interaction, opened, topic, speech, about | {"deed": Deed.ADDED_PHRASING})
            case "create":
                asked = [opened.asked[one] for one in topic.question_ids if one in opened.asked]
                roles = self._app.settings.read(interaction.guild_id).admin_roles
                answer = await find_staff_reply(self._bot, asked, roles)
                raw = {"question": limits.shorten(opened.title(topic), limits.EMBED_TITLE), "answer": answer or ""}
                await self._edits.add(interaction, raw, speech, about | {"deed": Deed.CREATED_ENTRY})
            case "merge":
                content = {"does": "merge", "into": topic.entry_id, "other": topic.other_entry_id}
                await self._edits.ask(interaction, content | {"about": about | {"deed": Deed.MERGED}}, speech)
            case "ignore":
                await self._ignore(interaction, opened, topic, speech)
            case "all":
                await self._show_all(interaction, opened, topic, speech)
            case _:
                raise EditRefusedError(sentence("That button is from another version of the bot; use the command."))

    async def _add_phrasing(
        self, interaction: discord.Interaction, opened: Opened, topic: Topic, speech: Speech, about: About
    ) -> None:
        text = opened.title(topic)
        if topic.kind is TopicKind.MISSED_PHRASING and topic.entry_id:
            await self._edits.add_phrasing(interaction, topic.entry_id, text, speech, about)
            return
        await self._edits.offer_entries(interaction, text, speech, about)

    async def _ignore(self, interaction: discord.Interaction, opened: Opened, topic: Topic, speech: Speech) -> None:
        await settle(interaction)
        medoid = opened.asked.get(topic.medoid_id) or next(
            opened.asked[one] for one in topic.question_ids if one in opened.asked
        )
        # What is kept of the question may be another model's: after a change of the model that takes a while.
        embedding = (await self._app.ask(medoid.text, guild_id=interaction.guild_id)).embedding
        now = self._app.clock.now()
        if embedding is not None:
            ignored = Ignored(0, medoid.text, embedding, self._app.reporter.model_id, interaction.user.id, now)
            await self._app.reports.ignore(guild_of(interaction), ignored)
        await self._note_done(opened.posting.id, topic.number, Done(Deed.IGNORED, interaction.user.id, now, None))
        await show(interaction, Reply(speech.say(texts.NOW_IGNORED)))

    async def _show_all(self, interaction: discord.Interaction, opened: Opened, topic: Topic, speech: Speech) -> None:
        await settle(interaction)
        own = [opened.asked[one] for one in topic.question_ids if one in opened.asked]
        lines = [
            f"• {quote(one.text, _LINE)}"
            f" ({discord.utils.format_dt(one.asked_at, 'R')}{_link(one, opened.report.guild_id)})"
            for one in reversed(own)
        ]
        while sum(len(line) + 1 for line in lines) > limits.EMBED_DESCRIPTION - _LINE or len(lines) > _LISTED:
            lines.pop()
        if len(lines) < len(own):
            lines.append(speech.say(texts.ALL_MORE, count=len(own) - len(lines)))
        embed = discord.Embed(
            title=speech.say(texts.ALL_TITLE, number=topic.number), description="\n".join(lines), colour=COLOUR
        )
        alone = replace(opened.report, topics=(topic,))
        content = await asyncio.to_thread(to_csv, alone, own, {topic.number: opened.title(topic)})
        await show(interaction, Reply(embeds=(embed,), files=(("questions.csv", content),)))

    @commands.Cog.listener()
    async def on_faqtotum_saved(self, guild_id: int, by: int, about: About, change_id: int) -> None:
        """Say in a report that somebody acted on a topic."""
        if "report" not in about or await self._desk.find(int(about["report"]), guild_id) is None:
            return
        done = Done(Deed(about["deed"]), by, self._app.clock.now(), change_id)
        await self._note_done(int(about["report"]), int(about["topic"]), done)

    async def _note_done(self, posting_id: int, number: int, done: Done) -> None:
        await self._app.reports.note_done(posting_id, number, done)
        posting = await self._app.reports.find_posting(posting_id)
        if posting is None or posting.report is None or not posting.message_id or not posting.channel_id:
            return
        opened = await self._desk.open(posting, posting.report)
        shown = [topic.number for topic in shown_topics(opened.report, opened.asked)]
        # Its questions may have been deleted meanwhile.
        place = shown.index(number) if number in shown else 0
        speech = speech_in(self._app.settings.read(posting.guild_id).language)
        message = self._bot.get_partial_messageable(posting.channel_id).get_partial_message(posting.message_id)
        try:
            await message.edit(**opened.render(speech, place // TOPICS_A_PAGE).to_turn())
        except UNHEARD as error:
            # Discord limits edits of old messages.
            _log.warning("report %s could not be brought up to date, which is tried again: %s", posting_id, error)
            await self._app.refresher.mark(posting_id)
        await self._follow(opened)

    async def _follow(self, opened: Opened) -> None:
        """Make sure that what was just shown is not what somebody had deleted meanwhile."""
        if await self._desk.has_lost(opened):
            self._rounds.wake()

    @app_commands.command(name="ignored", description=texts.IGNORED_COMMAND)
    async def ignored(self, interaction: discord.Interaction) -> None:
        """Show what is ignored for good, with buttons that take it back."""
        await settle(interaction)
        await self._show_ignored(interaction)

    async def _show_ignored(self, interaction: discord.Interaction, note: str | None = None, *, page: int = 0) -> None:
        speech = self._speech(interaction)
        ignored = await self._app.reports.read_ignored(guild_of(interaction))
        await show(interaction, render_ignored(ignored, speech, note, page=page))

    async def _stop_ignoring(
        self, interaction: discord.Interaction, ignored_id: int, page: int, speech: Speech
    ) -> None:
        await settle(interaction)
        await self._app.reports.stop_ignoring(guild_of(interaction), ignored_id)
        await self._show_ignored(interaction, speech.say(texts.NO_LONGER_IGNORED), page=page)


def _link(question: Asked, guild_id: int) -> str:
    place = place_of(question, guild_id)
    return f", [link]({place.url})" if place else ""

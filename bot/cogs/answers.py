"""Questions in, answers out: messages, the `/ask` command, the context menu and the buttons."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from ..core.completion import complete
from ..core.errors import FaqtotumError
from ..core.types import Answer, Query
from ..services import Action, ReplyRef
from . import limits, texts
from .apologies import apologise
from .buttons import COG_NAME, EntryButton
from .failures import UNHEARD
from .incoming import is_spoken, read_text, to_query
from .rendering import Style, render_answer, render_appended, render_entry
from .retracting import Retractor
from .speech import speech_in
from .underway import Underway

if TYPE_CHECKING:
    from ..app import App
    from ..services import Faq, Outcome
    from .speech import Speech

_log = logging.getLogger(__name__)

_PICKED = "entry:"
"""An autocompleted `/ask` question arrives as this and the entry's id: a whole question may not fit into a choice."""
_LAST_WORDS_SECONDS = 5.0
"""Half of what a container has between being told to stop and being killed."""


class AnswersCog(commands.Cog, name=COG_NAME):
    """Carries questions from Discord to the answerer and its answers back."""

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app
        self._retractor = Retractor(bot, app.privacy, app.answerer.take_back)
        self._underway = Underway()
        self._menu = app_commands.ContextMenu(name=texts.ANSWER_FROM_FAQ, callback=self._answer_message)

    async def cog_load(self) -> None:
        """Register what is no method of a cog: the context menu and the buttons of messages sent before."""
        self._bot.tree.add_command(self._menu)
        self._bot.add_dynamic_items(EntryButton)

    async def cog_unload(self) -> None:
        """Take back what `cog_load` registered, and let what is being answered be answered and logged."""
        self._bot.remove_dynamic_items(EntryButton)
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)
        await self._underway.wait(_LAST_WORDS_SECONDS)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message if it is for us; a failure is logged and never shown in the channel."""
        if self._bot.user is None:
            return
        query = to_query(message, self._bot.user, self._watched(message.guild))
        if query is None or (await self._bot.get_context(message)).valid:
            return
        if not self._app.answerer.wants(query):
            self._app.answerer.pass_over(query)
            return
        try:
            with self._underway.noted():
                await self._answer_query(query, message)
        except FaqtotumError:
            _log.exception("message %s in channel %s could not be answered", message.id, message.channel.id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take back what was said to a message that is gone, and forget it."""
        self._app.answerer.note_deleted(payload.channel_id, [payload.message_id])
        await self._retractor.retract([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take back what was said to messages that are gone, and forget them."""
        self._app.answerer.note_deleted(payload.channel_id, payload.message_ids)
        await self._retractor.retract(payload.message_ids)

    def _watched(self, guild: discord.Guild | None) -> frozenset[int]:
        return self._app.settings.read(guild.id).overheard_in if guild else frozenset()

    async def _answer_query(self, query: Query, message: discord.Message) -> None:
        outcome = await self._app.answerer.answer(query)
        if outcome.action is Action.STAY_SILENT:
            await self._record(outcome)
            return
        reply = await self._reply(message, outcome)
        await self._record(outcome, reply, delivered=reply is not None)

    async def _record(self, outcome: Outcome, reply: ReplyRef | None = None, *, delivered: bool = True) -> None:
        await self._app.answerer.record(outcome, reply, delivered=delivered)
        await self._retractor.note(outcome.query.message_id, reply)

    async def _reply(self, message: discord.Message, outcome: Outcome) -> ReplyRef | None:
        """Reply to a message; return where the reply stands, None if Discord refused it or could not be reached."""
        rendered = render_answer(outcome, self._style(outcome.query.guild_id))
        try:
            sent = await message.reply(**rendered.to_send())
        except UNHEARD as error:
            # Missing permission, or the question was deleted meanwhile: nothing that anyone could be told here.
            _log.warning("no reply to message %s in channel %s: %s", message.id, message.channel.id, error)
            return None
        return _ref(sent)

    @app_commands.command(name="ask", description=texts.ASK_DESCRIPTION)
    @app_commands.describe(question=texts.ASK_QUESTION, private=texts.ASK_PRIVATE)
    async def ask(self, interaction: discord.Interaction, question: str, private: bool = False) -> None:  # noqa: FBT001, FBT002 - Discord's option
        """Answer a question that was asked with the slash command."""
        # Discord allows three seconds for the first sign of life; the model may be busy for longer.
        await interaction.response.defer(ephemeral=private)
        faq = self._faq(interaction.guild_id)
        query = Query(
            text=_written_out(question, faq),
            asker_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
            private=private,
        )
        with self._underway.noted():
            outcome = await self._app.answerer.answer(query)
            rendered = render_answer(outcome, self._style(interaction.guild_id))
            try:
                sent = await interaction.followup.send(wait=True, **rendered.to_send())
            except UNHEARD:
                # Who is asked to try again should not be told that it was answered.
                await self._app.answerer.record(outcome, delivered=False)
                raise
            # What a followup returns does not know its server.
            await self._app.answerer.record(outcome, ReplyRef(interaction.guild_id, sent.channel.id, sent.id))

    @ask.autocomplete("question")
    async def _complete_question(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        entries = complete(self._faq(interaction.guild_id).entries, typed, limits.AUTOCOMPLETE_CHOICES)
        return [
            app_commands.Choice(name=limits.shorten(entry.question, limits.CHOICE_NAME), value=f"{_PICKED}{entry.id}")
            for entry in entries
        ]

    async def _answer_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Answer somebody's message from the FAQ (context menu): in the channel if sure, else to the caller alone."""
        await interaction.response.defer(ephemeral=True)
        query = Query(
            text=read_text(message),
            asker_id=message.author.id,
            guild_id=interaction.guild_id,
            channel_id=message.channel.id,
            message_id=message.id,
            kept=self._may_keep(interaction, message),
            # Of somebody else's words it counts when they were said: since then, all may have been deleted.
            written_at=None if interaction.user.id == message.author.id else message.created_at,
        )
        with self._underway.noted():
            await self._answer_below(interaction, query, message)

    async def _answer_below(self, interaction: discord.Interaction, query: Query, message: discord.Message) -> None:
        outcome = await self._app.answerer.answer(query)
        if not outcome.text:
            await interaction.followup.send(
                self._speech(interaction.guild_id).say(texts.NOTHING_TO_READ), ephemeral=True
            )
            return
        reply = None
        sure = outcome.action is Action.REPLY and isinstance(outcome.verdict, Answer)
        if sure:
            reply = await self._reply(message, outcome)
        delivered = reply is not None
        try:
            if reply:
                said = self._speech(interaction.guild_id).say(texts.ANSWERED_BELOW, url=reply.url)
                await interaction.followup.send(said, ephemeral=True)
            else:
                rendered = render_answer(outcome, self._style(interaction.guild_id))
                await interaction.followup.send(ephemeral=True, **rendered.to_send())
                delivered = not sure
        finally:
            # Also where the caller cannot be told: the reply in the channel goes with its question all the same.
            await self._record(outcome, reply, delivered=delivered)

    def _may_keep(self, interaction: discord.Interaction, message: discord.Message) -> bool:
        """Return whether somebody's message may be logged: put to the bot by themselves, or heard by it anyway."""
        if not is_spoken(message):
            return False
        if interaction.user.id == message.author.id:
            return True
        me = interaction.client.user
        # Where the server is not known, it would pass for a direct message.
        query = to_query(message, me, self._watched(message.guild)) if me and message.guild else None
        return query is not None and self._app.answerer.wants(query)

    async def show_entry(self, interaction: discord.Interaction, pressed: EntryButton) -> None:
        """Show the entry of a button: in place for the asker, privately for everyone else."""
        faq, style = self._faq(interaction.guild_id), self._style(interaction.guild_id)
        entry = faq.find(pressed.entry_id)
        if entry is None:
            await interaction.response.send_message(style.speech.say(texts.ENTRY_GONE), ephemeral=True)
            return
        message = interaction.message
        if message is None or interaction.user.id != pressed.asker_id:
            rendered = render_entry(entry, faq, interaction.user.id, style)
            await interaction.response.send_message(ephemeral=True, **rendered.to_send())
        elif pressed.replace:
            rendered = render_entry(entry, faq, pressed.asker_id, style)
            await interaction.response.edit_message(**rendered.to_edit())
        else:
            rendered = render_appended(pressed, entry, faq, style, embeds=message.embeds, components=message.components)
            await interaction.response.edit_message(**rendered.to_edit())

    async def cog_app_command_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Apologise to the caller alone and log why."""
        command = interaction.command.name if interaction.command else "?"
        _log.error("command %s failed", command, exc_info=error)
        await apologise(interaction, self._speech(interaction.guild_id))

    def _faq(self, guild_id: int | None) -> Faq:
        return self._app.knowledge.current.faq_of(guild_id)

    def _style(self, guild_id: int | None) -> Style:
        replies = self._app.config.for_guild(guild_id).replies
        return Style(replies.show_similarity, replies.help_hint, self._speech(guild_id))

    def _speech(self, guild_id: int | None) -> Speech:
        return speech_in(self._app.settings.read(guild_id).language)


def _written_out(question: str, faq: Faq) -> str:
    """Return the question that the option of `/ask` stands for: typed by hand, or picked from the list."""
    entry = faq.find(question.removeprefix(_PICKED)) if question.startswith(_PICKED) else None
    return entry.question if entry else question


def _ref(message: discord.Message) -> ReplyRef:
    return ReplyRef(message.guild.id if message.guild else None, message.channel.id, message.id)

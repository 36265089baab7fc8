"""What admins can do with a message by its context menu: add it to the FAQ, or ask why it is the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from ...core.text import clean
from ...core.types import Query
from .. import limits
from ..incoming import read_text
from ..rendering import Reply
from . import texts
from .responding import settle, show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...app import App
    from ...core.types import QuestionRecord
    from ...services import Outcome
    from ..speech import Speech
    from .editing import EditDesk

    ShowTest = Callable[[discord.Interaction, Outcome, QuestionRecord | None], Awaitable[None]]


FETCH_SECONDS = 1.5
"""For a message that Discord did not send along: a form has to be open within three."""


class Menus:
    """The context menus for admins.

    Args:
        app: The opened Faqtotum.
        desk: Serves whoever edits.
        speech_of: Returns the language to speak in.
        show_test: Shows what a member would get, and why.
    """

    def __init__(
        self, app: App, desk: EditDesk, speech_of: Callable[[discord.Interaction], Speech], show_test: ShowTest
    ) -> None:
        self._app = app
        self._desk = desk
        self._speech_of = speech_of
        self._show_test = show_test
        self.commands = [
            app_commands.ContextMenu(name=texts.MENU_ADD, callback=self._add),
            app_commands.ContextMenu(name=texts.MENU_PHRASING, callback=self._phrase),
            app_commands.ContextMenu(name=texts.MENU_WHY, callback=self._explain),
        ]

    async def _add(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form for a new entry: the message is the answer, what it replies to is the question."""
        question = clean(await _read_question(message) or "")
        raw = {"answer": message.content, "question": limits.shorten(question, limits.EMBED_TITLE)}
        await self._desk.add(interaction, raw, self._speech_of(interaction))

    async def _phrase(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Offer the entries that a message may be a phrasing of."""
        speech = self._speech_of(interaction)
        await self._desk.offer_entries(interaction, read_text(message), speech)

    async def _explain(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Say why one of the bot's replies says what it says."""
        await settle(interaction)
        speech = self._speech_of(interaction)
        if message.author.id != interaction.application_id:
            await show(interaction, Reply(speech.say(texts.TEST_NOT_OURS)))
            return
        logged = await self._app.store.find_question(message.id)
        text = logged.text if logged else await _read_question(message)
        if text is None:
            await show(interaction, Reply(speech.say(texts.TEST_UNKNOWN)))
            return
        addressed = logged.addressed if logged else True
        # It was looked up, whatever its form, as the first message of a forum post is.
        query = Query(text, guild_id=interaction.guild_id, addressed=addressed, private=True, presumed_question=True)
        await self._show_test(interaction, await self._app.answerer.answer(query), logged)


async def _read_question(message: discord.Message) -> str | None:
    """Return what a message replies to, None if that is nothing, or gone."""
    reference = message.reference
    if reference is None or reference.message_id is None:
        return None
    if isinstance(reference.resolved, discord.Message):
        return read_text(reference.resolved)
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            return read_text(await message.channel.fetch_message(reference.message_id))
    except (discord.HTTPException, TimeoutError):
        return None

"""The command `/faq`: each subcommand in a few lines; what they do stands in `editing`, `browsing` and `exchange`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from ...core.errors import EditRefusedError, FaqInvalidError, FaqtotumError
from ...core.speech import sentence
from ...core.types import Query
from ...faqfiles.formats import Format
from ..access import guild_of
from ..doctor.examining import Doctor, render_findings
from ..doctor.texts import DOCTOR_COMMAND
from ..rendering import Style
from . import browsing, exchange, texts
from .base import ForAdmins
from .buttons import FAQ_COG_NAME, AdminButton, EntrySelect
from .changes import CHANGES_A_PAGE, render_change, render_history
from .completing import complete_entry, complete_phrasing, complete_tag
from .drafts import about_of
from .editing import EditDesk
from .following import Follower
from .forms import FORM_PREFIX
from .menus import Menus
from .rendering import render_reload
from .responding import fail, settle, show

if TYPE_CHECKING:
    from ...app import App
    from ...core.types import QuestionRecord
    from ...services import Outcome
    from ..speech import Speech

FOLLOW_SECONDS = 2.0
"""Between two looks at what other processes did, and at the files where they are watched."""
SEARCH_HITS = 10


class FaqCog(ForAdmins, commands.GroupCog, name=FAQ_COG_NAME, group_name="faq", group_description=texts.FAQ_GROUP):
    """Lets admins look after the FAQ of their server."""

    alternate = app_commands.Group(name="alternate", description=texts.ALTERNATE_GROUP)

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app
        self._desk = EditDesk(app)
        self._doctor = Doctor(bot, app)
        self._follower = Follower(app)
        self._menus = Menus(app, self._desk, self._speech, self._show_test).commands
        for command in (
            *self._menus,
            *([self.app_command] if isinstance(self.app_command, app_commands.Group) else []),
        ):
            command.default_permissions = self._hint()
            command.guild_only = True

    async def cog_load(self) -> None:
        """Register what is no method of a cog, and begin to follow other processes."""
        for menu in self._menus:
            menu.add_check(self.interaction_check)
            menu.on_error = self.cog_app_command_error
            self._bot.tree.add_command(menu)
        self._bot.add_dynamic_items(AdminButton, EntrySelect)
        self._follow.start()

    async def cog_unload(self) -> None:
        """Take back what `cog_load` did."""
        self._follow.cancel()
        self._bot.remove_dynamic_items(AdminButton, EntrySelect)
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    @tasks.loop(seconds=FOLLOW_SECONDS)
    async def _follow(self) -> None:
        await self._follower.follow()

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Serve forms by their ids, also those that were opened before a restart."""
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        if interaction.type is discord.InteractionType.modal_submit and custom_id.startswith(FORM_PREFIX):
            await self._serve(interaction, "submit", custom_id.removeprefix(FORM_PREFIX))

    async def press(self, interaction: discord.Interaction, deed: str, subject: str) -> None:
        """See ServesAdmins."""
        await self._serve(interaction, deed, subject)

    async def _serve(self, interaction: discord.Interaction, deed: str, subject: str) -> None:
        if not await self.interaction_check(interaction):
            return
        speech = self._speech(interaction)
        try:
            await self._do(interaction, deed, subject, speech)
        except FaqtotumError as error:
            await fail(interaction, error, speech)

    async def _do(self, interaction: discord.Interaction, deed: str, subject: str, speech: Speech) -> None:
        match deed:
            case "submit":
                await self._desk.submit(interaction, int(subject), speech)
            case "save":
                await self._desk.save(interaction, int(subject), speech)
            case "again":
                await self._desk.again(interaction, int(subject), speech)
            case "cancel":
                await self._desk.cancel(interaction, int(subject), speech)
            case "undo":
                await self._desk.ask(interaction, {"does": "undo", "change": int(subject)}, speech)
            case "override":
                await self._desk.override(interaction, subject, speech)
            case "pick":
                await self._pick(interaction, subject, speech)
            case "list":
                page, _, tag = subject.partition("|")
                await self._show_list(interaction, int(page), tag)
            case "history":
                before, _, entry_id = subject.partition("|")
                await self._show_history(interaction, int(before), entry_id)
            case _:
                raise EditRefusedError(sentence("That button is from another version of the bot; use the command."))

    @app_commands.command(name="reload", description=texts.RELOAD_COMMAND)
    async def reload(self, interaction: discord.Interaction) -> None:
        """Read the files anew."""
        await settle(interaction)
        result = await self._app.editor.reload(guild_of(interaction), interaction.user.id)
        await show(interaction, render_reload(result, self._speech(interaction)))

    @app_commands.command(name="add", description=texts.ADD_COMMAND)
    async def add(self, interaction: discord.Interaction) -> None:
        """Open the form for a new entry."""
        await self._desk.add(interaction, {}, self._speech(interaction))

    @app_commands.command(name="edit", description=texts.EDIT_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY)
    async def edit(self, interaction: discord.Interaction, entry: str) -> None:
        """Open the form for an entry."""
        await self._desk.edit(interaction, entry, self._speech(interaction))

    @app_commands.command(name="remove", description=texts.REMOVE_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY)
    async def remove(self, interaction: discord.Interaction, entry: str) -> None:
        """Ask whether to remove an entry."""
        await self._desk.ask(interaction, {"does": "remove", "id": entry}, self._speech(interaction))

    @app_commands.command(name="enable", description=texts.ENABLE_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY)
    async def enable(self, interaction: discord.Interaction, entry: str) -> None:
        """Ask whether to take an entry into use."""
        await self._desk.ask(interaction, {"does": "enable", "id": entry}, self._speech(interaction))

    @app_commands.command(name="disable", description=texts.DISABLE_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY)
    async def disable(self, interaction: discord.Interaction, entry: str) -> None:
        """Ask whether to stop using an entry."""
        await self._desk.ask(interaction, {"does": "disable", "id": entry}, self._speech(interaction))

    @alternate.command(name="add", description=texts.ALTERNATE_ADD_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY, phrasing=texts.OPTION_PHRASING)
    async def alternate_add(self, interaction: discord.Interaction, entry: str, phrasing: str) -> None:
        """Ask whether to save one more phrasing."""
        await self._desk.add_phrasing(interaction, entry, phrasing, self._speech(interaction))

    @alternate.command(name="remove", description=texts.ALTERNATE_REMOVE_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY, phrasing=texts.OPTION_PHRASING)
    async def alternate_remove(self, interaction: discord.Interaction, entry: str, phrasing: str) -> None:
        """Ask whether to drop a phrasing."""
        await self._desk.remove_phrasing(interaction, entry, phrasing, self._speech(interaction))

    @app_commands.command(name="list", description=texts.LIST_COMMAND)
    @app_commands.describe(tag=texts.OPTION_TAG)
    async def list_entries(self, interaction: discord.Interaction, tag: str = "") -> None:
        """Show the entries, a page at a time."""
        await self._show_list(interaction, 0, tag)

    @app_commands.command(name="show", description=texts.SHOW_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY)
    async def show_entry(self, interaction: discord.Interaction, entry: str) -> None:
        """Show one entry."""
        listed = self._app.editor.find(guild_of(interaction), entry)
        changes = await self._app.ledger.read_changes(guild_of(interaction), entry_id=entry, limit=1)
        reply = browsing.render_listed(listed, changes[0] if changes else None, self._speech(interaction))
        await show(interaction, reply)

    @app_commands.command(name="search", description=texts.SEARCH_COMMAND)
    @app_commands.describe(text=texts.OPTION_TEXT)
    async def search(self, interaction: discord.Interaction, text: str) -> None:
        """Show the entries closest to a text."""
        await settle(interaction)
        outcome = await self._app.ask(text, guild_id=interaction.guild_id)
        hits = outcome.hits
        if outcome.embedding is not None:
            hits = outcome.faq.matcher.rank(outcome.grounds.read_as, outcome.embedding, SEARCH_HITS).hits
        await show(interaction, browsing.render_search(outcome.text, hits, self._speech(interaction)))

    @app_commands.command(name="test", description=texts.TEST_COMMAND)
    @app_commands.describe(question=texts.OPTION_QUESTION, overheard=texts.OPTION_OVERHEARD)
    async def test(self, interaction: discord.Interaction, question: str, overheard: bool = False) -> None:  # noqa: FBT001, FBT002 - Discord's option
        """Show what a member would get, and why."""
        await settle(interaction)
        query = Query(question, guild_id=interaction.guild_id, addressed=not overheard, private=True)
        await self._show_test(interaction, await self._app.answerer.answer(query))

    @app_commands.command(name="history", description=texts.HISTORY_COMMAND)
    @app_commands.describe(entry=texts.OPTION_ENTRY, change=texts.OPTION_HISTORY_CHANGE)
    async def history(
        self, interaction: discord.Interaction, entry: str = "", change: app_commands.Range[int, 1] | None = None
    ) -> None:
        """Show who changed what, or one change with what was before and after."""
        if change is None:
            await self._show_history(interaction, 0, entry)
            return
        found = await self._app.ledger.read_change(guild_of(interaction), change)
        if found is None:
            raise EditRefusedError(sentence("There is no change #{number}.", number=change))
        await show(interaction, render_change(found, self._speech(interaction)))

    @app_commands.command(name="undo", description=texts.UNDO_COMMAND)
    @app_commands.describe(change=texts.OPTION_CHANGE)
    async def undo(self, interaction: discord.Interaction, change: app_commands.Range[int, 1] | None = None) -> None:
        """Ask whether to take a change back."""
        await settle(interaction)
        _, found = await self._app.editor.propose_undo(guild_of(interaction), change)
        await self._desk.ask(interaction, {"does": "undo", "change": found.id}, self._speech(interaction))

    @app_commands.command(name="import", description=texts.IMPORT_COMMAND)
    @app_commands.describe(file=texts.OPTION_FILE)
    async def import_file(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        """Show what importing a file would do."""
        await settle(interaction)
        speech = self._speech(interaction)
        try:
            imported = await exchange.read_attachment(file)
        except FaqInvalidError as error:
            await show(interaction, exchange.render_invalid(error, speech))
            return
        notes = [speech.tell(note) for note in imported.notes]
        await self._desk.bring_in(interaction, imported.entries, file.filename, notes, speech)

    @app_commands.command(name="export", description=texts.EXPORT_COMMAND)
    @app_commands.rename(kind="format")
    @app_commands.describe(kind=texts.OPTION_FORMAT)
    @app_commands.choices(kind=[app_commands.Choice(name=one.upper(), value=one) for one in exchange.WRITTEN])
    async def export(self, interaction: discord.Interaction, kind: str = Format.YAML) -> None:
        """Hand out the FAQ as a file."""
        await settle(interaction)
        entries = [listed.entry for listed in self._app.knowledge.current.listing_of(interaction.guild_id)]
        title = interaction.guild.name if interaction.guild else "FAQ"
        await show(
            interaction, await exchange.write_attachment(entries, Format(kind), title, self._speech(interaction))
        )

    @app_commands.command(name="overlap", description=texts.OVERLAP_COMMAND)
    async def overlap(self, interaction: discord.Interaction) -> None:
        """Show which entries members could confuse."""
        await settle(interaction)
        faq = self._app.knowledge.current.faq_of(interaction.guild_id)
        await show(interaction, await exchange.draw_overlap(faq, self._speech(interaction)))

    @app_commands.command(name="doctor", description=DOCTOR_COMMAND)
    async def doctor(self, interaction: discord.Interaction) -> None:
        """Show what works, what does not, and what to do about it."""
        await settle(interaction)
        findings = await self._doctor.examine(interaction.guild) if interaction.guild else []
        await show(interaction, render_findings(findings, self._speech(interaction)))

    @edit.autocomplete("entry")
    @remove.autocomplete("entry")
    @enable.autocomplete("entry")
    @disable.autocomplete("entry")
    @show_entry.autocomplete("entry")
    @history.autocomplete("entry")
    @alternate_add.autocomplete("entry")
    @alternate_remove.autocomplete("entry")
    async def _complete_entry(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return complete_entry(self._app, interaction, typed)

    @alternate_remove.autocomplete("phrasing")
    async def _complete_phrasing(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return complete_phrasing(self._app, interaction, typed)

    @list_entries.autocomplete("tag")
    async def _complete_tag(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return complete_tag(self._app, interaction, typed)

    async def _pick(self, interaction: discord.Interaction, subject: str, speech: Speech) -> None:
        draft_id, _, entry_id = subject.partition(":")
        draft = await self._desk.drafts.find(int(draft_id), guild_of(interaction), interaction.user.id)
        text = str(draft.content["text"])
        await self._desk.add_phrasing(interaction, entry_id, text, speech, about_of(draft))
        await self._desk.drafts.drop(draft)

    async def _show_test(
        self, interaction: discord.Interaction, outcome: Outcome, logged: QuestionRecord | None = None
    ) -> None:
        replies = self._app.config.for_guild(interaction.guild_id).replies
        style = Style(replies.show_similarity, replies.help_hint, self._speech(interaction))
        is_question = self._app.answerer.wants(outcome.query)
        await show(interaction, browsing.render_test(outcome, style, logged, is_question=is_question))

    async def _show_list(self, interaction: discord.Interaction, page: int, tag: str) -> None:
        listing = self._app.knowledge.current.listing_of(interaction.guild_id)
        await show(interaction, browsing.render_list(listing, page, tag, self._speech(interaction)))

    async def _show_history(self, interaction: discord.Interaction, before: int, entry_id: str) -> None:
        changes = await self._app.ledger.read_changes(
            guild_of(interaction), entry_id=entry_id or None, before=before or None, limit=CHANGES_A_PAGE + 1
        )
        reply = render_history(changes, entry_id, newest=not before, speech=self._speech(interaction))
        await show(interaction, reply)

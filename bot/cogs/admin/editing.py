"""The life of an edit: typed into a form, previewed, and saved, edited again or cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.edits import ChangeKind
from ...core.entries import Origin, to_plain
from ...core.errors import EditRefusedError
from ...core.speech import sentence
from ...core.text import phrasing_key
from .. import limits
from ..access import guild_of
from ..events import STALE_EVENT
from ..rendering import Reply
from . import texts
from .buttons import EntrySelect
from .drafts import Drafts, about_of, imported, notes_of, raw_of
from .forms import build_form, fill_in, read_form
from .rendering import render_file_entry, render_preview, render_refusal, render_saved
from .responding import settle, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import discord

    from ...app import App
    from ...core.edits import Draft
    from ...core.types import Entry
    from ...services import Proposal
    from ..speech import Speech
    from .drafts import About
    from .forms import Raw

SAVED_EVENT = "faqtotum_saved"
"""Dispatched when a draft with an ``about`` was saved: the server, who did it, the about, and the change's number."""


class EditDesk:
    """Serves whoever edits. Every method answers the interaction, or raises FaqtotumError before it has.

    Args:
        app: The opened Faqtotum.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.drafts = Drafts(app)

    async def add(self, interaction: discord.Interaction, raw: Raw, speech: Speech, about: About | None = None) -> None:
        """Open the form for a new entry, filled with what there is."""
        draft = await self.drafts.put(guild_of(interaction), interaction.user.id, raw, None, about)
        await interaction.response.send_modal(build_form(draft.id, raw, speech, texts.ADD_TITLE))

    async def edit(self, interaction: discord.Interaction, entry_id: str, speech: Speech) -> None:
        """Open the form for an entry; for one of the files, say that it is read-only and offer to override it."""
        listed = self._app.editor.find(guild_of(interaction), entry_id)
        if listed.origin is Origin.FILE:
            await show(interaction, render_file_entry(listed.entry, speech))
        else:
            await self.override(interaction, entry_id, speech)

    async def override(self, interaction: discord.Interaction, entry_id: str, speech: Speech) -> None:
        """Open the form for an entry, wherever it comes from."""
        entry = self._app.editor.find(guild_of(interaction), entry_id).entry
        raw = to_plain(entry)
        draft = await self.drafts.put(guild_of(interaction), interaction.user.id, raw, entry)
        await interaction.response.send_modal(build_form(draft.id, raw, speech, texts.EDIT_TITLE))

    async def submit(self, interaction: discord.Interaction, draft_id: int, speech: Speech) -> None:
        """Keep what was typed into a form and show what it would do."""
        typed = read_form(interaction.data or {})
        await settle(interaction)
        try:
            draft = await self.drafts.find(draft_id, guild_of(interaction), interaction.user.id)
        except EditRefusedError as error:
            # Nothing that somebody typed may be lost.
            reply = render_refusal(error, speech)
            content = "\n\n".join(f"{name}:\n{text}" for name, text in typed.items())
            await show(interaction, Reply(embeds=reply.embeds, files=(("typed.txt", content.encode()),)))
            return
        draft = await self.drafts.change(draft, raw=fill_in(raw_of(draft), typed))
        await self._review(interaction, draft, speech)

    async def again(self, interaction: discord.Interaction, draft_id: int, speech: Speech) -> None:
        """Open the form once more, filled with what was typed."""
        draft = await self.drafts.find(draft_id, guild_of(interaction), interaction.user.id)
        draft = await self.drafts.look_again(draft)
        title = texts.EDIT_TITLE if draft.content.get("seen") else texts.ADD_TITLE
        await interaction.response.send_modal(build_form(draft.id, raw_of(draft), speech, title))

    async def ask(self, interaction: discord.Interaction, content: Mapping[str, object], speech: Speech) -> None:
        """Show what something other than a form would do, and ask whether it should be done."""
        await settle(interaction)
        draft = await self.drafts.keep(guild_of(interaction), interaction.user.id, content)
        await self._review(interaction, draft, speech)

    async def add_phrasing(
        self,
        interaction: discord.Interaction,
        entry_id: str,
        phrasing: str,
        speech: Speech,
        about: About | None = None,
    ) -> None:
        """Show what one more phrasing of an entry would do, and ask whether to save it."""
        await settle(interaction)
        entry = self._app.editor.find(guild_of(interaction), entry_id).entry
        raw = to_plain(entry) | {"alternates": [*entry.alternates, phrasing.strip()]}
        await self._review_raw(interaction, raw, entry, speech, about)

    async def offer_entries(
        self, interaction: discord.Interaction, text: str, speech: Speech, about: About | None = None
    ) -> None:
        """Offer the entries that a text may be a phrasing of, the likeliest first."""
        await settle(interaction)
        outcome = await self._app.ask(text, guild_id=interaction.guild_id)
        if not outcome.text or outcome.embedding is None:
            await show(interaction, Reply(speech.say(texts.NO_TEXT)))
            return
        ranking = outcome.faq.matcher.rank(outcome.grounds.read_as, outcome.embedding, limits.SELECT_OPTIONS)
        if not ranking.hits:
            await show(interaction, Reply(speech.say(texts.NOTHING_TO_PICK)))
            return
        content = {"does": "pick", "text": outcome.text} | ({"about": about} if about else {})
        draft = await self.drafts.keep(guild_of(interaction), interaction.user.id, content)
        entries = [hit.entry for hit in ranking.hits]
        select = EntrySelect("pick", draft.id, entries, speech.say(texts.PICK_PLACEHOLDER))
        said = speech.say(texts.PICK_ENTRY, text=limits.shorten(outcome.text, limits.EMBED_FIELD_VALUE))
        await show(interaction, Reply(said, buttons=((select,),)))

    async def remove_phrasing(
        self, interaction: discord.Interaction, entry_id: str, phrasing: str, speech: Speech
    ) -> None:
        """Show what an entry would be without one of its phrasings, and ask whether to save it."""
        await settle(interaction)
        entry = self._app.editor.find(guild_of(interaction), entry_id).entry
        kept = [one for one in entry.alternates if phrasing_key(one) != phrasing_key(phrasing)]
        if len(kept) == len(entry.alternates):
            raise EditRefusedError(
                sentence("“{phrasing}” is none of the other ways to ask for “{id}”.", phrasing=phrasing, id=entry_id)
            )
        await self._review_raw(interaction, to_plain(entry) | {"alternates": kept}, entry, speech)

    async def bring_in(
        self,
        interaction: discord.Interaction,
        entries: Sequence[Entry],
        name: str,
        notes: Sequence[str],
        speech: Speech,
    ) -> None:
        """Show what an import would do, and ask whether to do it; the interaction is settled."""
        draft = await self.drafts.bring_in(guild_of(interaction), interaction.user.id, entries, name, notes)
        await self._review(interaction, draft, speech)

    async def save(self, interaction: discord.Interaction, draft_id: int, speech: Speech) -> None:
        """Do what a draft proposes."""
        await settle(interaction)
        draft = await self.drafts.find(draft_id, guild_of(interaction), interaction.user.id)
        try:
            saved = await self._app.editor.save(await self.drafts.propose(draft), interaction.user.id)
        except EditRefusedError as error:
            await show(interaction, render_refusal(error, speech, draft=draft))
            return
        await self.drafts.drop(draft)
        await show(interaction, render_saved(saved.change_id, speech, saved.failure))
        interaction.client.dispatch(STALE_EVENT)
        if about := about_of(draft):
            # Whoever offered it may want to say who took it up; this desk needs not know who that is.
            interaction.client.dispatch(SAVED_EVENT, guild_of(interaction), interaction.user.id, about, saved.change_id)

    async def cancel(self, interaction: discord.Interaction, draft_id: int, speech: Speech) -> None:
        """Forget a draft."""
        await settle(interaction)
        await self.drafts.drop(await self.drafts.find(draft_id, guild_of(interaction), interaction.user.id))
        await show(interaction, Reply(speech.say(texts.CANCELLED)))

    async def _review_raw(
        self, interaction: discord.Interaction, raw: Raw, seen: Entry, speech: Speech, about: About | None = None
    ) -> None:
        draft = await self.drafts.put(guild_of(interaction), interaction.user.id, raw, seen, about)
        await self._review(interaction, draft, speech)

    async def _review(self, interaction: discord.Interaction, draft: Draft, speech: Speech) -> None:
        try:
            proposal = await self.drafts.propose(draft)
        except EditRefusedError as error:
            await show(interaction, render_refusal(error, speech, draft=draft))
            return
        if not proposal.edits and not proposal.settings:
            nothing = EditRefusedError(sentence("That would change nothing."))
            await show(interaction, render_refusal(nothing, speech, draft=draft))
            return
        preview = await self._app.previewer.preview(proposal)
        before = after = None
        if len(proposal.edits) == 1 and proposal.kind not in {ChangeKind.IMPORT, ChangeKind.UNDO}:
            edit = proposal.edits[0]
            before = self._app.knowledge.current.find_listed(draft.guild_id, edit.entry_id)
            after = self.drafts.entry_of(draft) if draft.content["does"] == "put" else None
        remarks = self._count(draft, proposal, speech) if proposal.kind is ChangeKind.IMPORT else ()
        await show(interaction, render_preview(draft, preview, speech, before=before, after=after, remarks=remarks))

    def _count(self, draft: Draft, proposal: Proposal, speech: Speech) -> list[str]:
        there = {listed.entry.id for listed in self._app.knowledge.current.listing_of(draft.guild_id)}
        changed = sum(edit.entry_id in there for edit in proposal.edits)
        counts = speech.say(
            texts.IMPORT_COUNTS,
            added=len(proposal.edits) - changed,
            changed=changed,
            unchanged=len(imported(draft)) - len(proposal.edits),
        )
        return [counts, *notes_of(draft)]

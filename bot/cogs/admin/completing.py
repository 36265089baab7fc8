"""What the options of `/faq` offer while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from ...core.completion import complete
from .. import limits
from ..access import is_admin

if TYPE_CHECKING:
    import discord

    from ...app import App


def complete_entry(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the entries that what was typed may mean, by id or question; none to who may not administer."""
    if not is_admin(interaction, app):
        return []
    listing = app.knowledge.current.listing_of(interaction.guild_id)
    entries = tuple(listed.entry for listed in listing)
    enabled = app.knowledge.current.faq_of(interaction.guild_id).entries
    # Mostly they are those that members are offered, of which there is an index.
    origin = enabled if entries == enabled else listing
    by_id = [entry for entry in entries if typed and entry.id.startswith(typed)]
    found = dict.fromkeys((*by_id, *complete(entries, typed, limits.AUTOCOMPLETE_CHOICES, made_of=origin)))
    return [
        app_commands.Choice(name=limits.shorten(entry.question, limits.CHOICE_NAME), value=entry.id)
        for entry in list(found)[: limits.AUTOCOMPLETE_CHOICES]
    ]


def complete_phrasing(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the alternates of the entry that was chosen already."""
    entry_id: str = getattr(interaction.namespace, "entry", "") or ""
    listed = app.knowledge.current.find_listed(interaction.guild_id, entry_id)
    if listed is None or not is_admin(interaction, app):
        return []
    fitting = [one for one in listed.entry.alternates if typed.casefold() in one.casefold()]
    choices = [app_commands.Choice(name=one, value=one) for one in fitting if len(one) <= limits.CHOICE_NAME]
    return choices[: limits.AUTOCOMPLETE_CHOICES]


def complete_tag(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the tags with what was typed in them; none to who may not administer."""
    if not is_admin(interaction, app):
        return []
    listing = app.knowledge.current.listing_of(interaction.guild_id)
    tags = sorted({tag for listed in listing for tag in listed.entry.tags if typed.casefold() in tag.casefold()})
    return [app_commands.Choice(name=tag, value=tag) for tag in tags[: limits.AUTOCOMPLETE_CHOICES]]

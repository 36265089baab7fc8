"""Buttons that name an entry. They carry all they need in their ids, so they work after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from . import limits

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from discord.ext import commands

    from ..core.types import Entry

COG_NAME = "Faqtotum"
"""Under this name the buttons find the cog that serves them."""


class ServesEntries(Protocol):
    """What a button needs of the cog."""

    async def show_entry(self, interaction: discord.Interaction, pressed: EntryButton) -> None:
        """Show the entry of the button that was pressed."""
        ...


class EntryButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"faqtotum:(?P<kind>pick|more):(?P<entry_id>[a-z0-9-]+):(?P<asker_id>\d+)",
):
    """A button that shows an entry: a suggestion is replaced by its answer, a follow-up's answer is added below.

    Attributes:
        entry_id: The entry.
        asker_id: The person whose question it belongs to; for everyone else the answer is shown privately.
        replace: True for a suggestion, False for a follow-up.
    """

    def __init__(self, entry_id: str, asker_id: int, label: str, *, replace: bool, row: int | None = None) -> None:
        self.entry_id = entry_id
        self.asker_id = asker_id
        self.replace = replace
        super().__init__(
            discord.ui.Button(
                style=discord.ButtonStyle.primary if replace else discord.ButtonStyle.secondary,
                label=limits.shorten(label, limits.BUTTON_LABEL),
                custom_id=f"faqtotum:{'pick' if replace else 'more'}:{entry_id}:{asker_id}",
                row=row,
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button again that somebody pressed."""
        return cls._parse(cast("discord.ui.Button[Any]", item).label or "", match)

    @classmethod
    def _parse(cls, label: str, match: re.Match[str]) -> Self:
        return cls(match["entry_id"], int(match["asker_id"]), label, replace=match["kind"] == "pick")

    @classmethod
    def find_all(cls, components: Iterable[discord.Component]) -> list[Self]:
        """Return the buttons of this kind that a message has."""
        found: list[Self] = []
        for button in _buttons(components):
            match = cls.__discord_ui_compiled_template__.fullmatch(button.custom_id or "")
            if match:
                found.append(cls._parse(button.label or "", match))
        return found

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the cog show the entry."""
        cog = cast("commands.Bot", interaction.client).get_cog(COG_NAME)
        await cast("ServesEntries", cog).show_entry(interaction, self)


def entry_button(entry: Entry, asker_id: int, *, replace: bool, row: int | None = None) -> EntryButton:
    """Return the button that shows an entry under its question."""
    return EntryButton(entry.id, asker_id, entry.question, replace=replace, row=row)


def link_button(label: str, url: str) -> discord.ui.Button[Any]:
    """Return a button that opens an address."""
    return discord.ui.Button(style=discord.ButtonStyle.link, label=limits.shorten(label, limits.BUTTON_LABEL), url=url)


def find_links(components: Iterable[discord.Component]) -> list[discord.ui.Button[Any]]:
    """Return the link buttons that a message has."""
    return [link_button(button.label or "", button.url) for button in _buttons(components) if button.url]


def _buttons(components: Iterable[discord.Component]) -> list[discord.Button]:
    return [
        child
        for row in components
        if isinstance(row, discord.ActionRow)
        for child in row.children
        if isinstance(child, discord.Button)
    ]

"""Buttons and menus for admins. They name what they are about in their ids, so they work after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from .. import limits

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from discord.ext import commands

    from ...core.types import Entry

FAQ_COG_NAME = "Faqtotum FAQ"
"""Under this name the buttons find the cog that serves them."""


class ServesAdmins(Protocol):
    """What a button needs of the cog."""

    async def press(self, interaction: discord.Interaction, deed: str, subject: str) -> None:
        """Do what a button says.

        Args:
            interaction: The press.
            deed: What to do.
            subject: What with: a draft's number, an entry's id, a page.
        """
        ...


class AdminButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"faqtotum:do:(?P<deed>[a-z]+):(?P<subject>.*)"
):
    """A button that has the cog do something.

    Args:
        deed: What to do.
        subject: What with.
        label: What stands on it.
        style: Its colour.
        disabled: Whether it cannot be pressed.
    """

    def __init__(
        self,
        deed: str,
        subject: str | int,
        label: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
    ) -> None:
        self.deed = deed
        self.subject = str(subject)
        super().__init__(
            discord.ui.Button(
                style=style,
                label=limits.shorten(label, limits.BUTTON_LABEL),
                custom_id=f"faqtotum:do:{deed}:{subject}",
                disabled=disabled,
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button again that somebody pressed."""
        button = cast("discord.ui.Button[Any]", item)
        return cls(match["deed"], match["subject"], button.label or "", button.style)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the cog do it."""
        await _cog_of(interaction).press(interaction, self.deed, self.subject)


class EntrySelect(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"faqtotum:choose:(?P<deed>[a-z]+):(?P<subject>.*)"
):
    """A menu of entries; the cog is told the deed, and as subject its own and the chosen entry's id.

    Args:
        deed: What to do.
        subject: What with.
        entries: Those to choose from, the best first.
        placeholder: What stands there until one is chosen.
    """

    def __init__(self, deed: str, subject: str | int, entries: Iterable[Entry], placeholder: str) -> None:
        self.deed = deed
        self.subject = str(subject)
        options = [
            discord.SelectOption(
                label=limits.shorten(entry.question, limits.SELECT_LABEL), value=entry.id, description=entry.id
            )
            for entry in entries
        ]
        super().__init__(
            discord.ui.Select(
                custom_id=f"faqtotum:choose:{deed}:{subject}",
                placeholder=placeholder,
                options=options[: limits.SELECT_OPTIONS],
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the menu again in which somebody chose."""
        select = cls(match["deed"], match["subject"], (), "")
        select.item = cast("discord.ui.Select[Any]", item)
        return select

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the cog do it."""
        await _cog_of(interaction).press(interaction, self.deed, f"{self.subject}:{self.item.values[0]}")


def _cog_of(interaction: discord.Interaction) -> ServesAdmins:
    return cast("ServesAdmins", cast("commands.Bot", interaction.client).get_cog(FAQ_COG_NAME))

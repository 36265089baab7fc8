"""Buttons below a report. They name report and topic in their ids, so they work after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from .. import limits

if TYPE_CHECKING:
    import re

    from discord.ext import commands

REPORTS_COG_NAME = "Faqtotum reports"
"""Under this name the buttons find the cog that serves them."""


class ServesReports(Protocol):
    """What a button needs of the cog."""

    async def press(self, interaction: discord.Interaction, deed: str, posting_id: int, number: int) -> None:
        """Do what a button says.

        Args:
            interaction: The press.
            deed: What to do.
            posting_id: The report.
            number: The topic, or the page.
        """
        ...


class ReportButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"faqtotum:report:(?P<deed>[a-z]+):(?P<posting>[0-9]+):(?P<number>[0-9]+)",
):
    """A button that has the cog do something with a topic of a report.

    Args:
        deed: What to do.
        posting_id: The report.
        number: The topic, or the page.
        label: What stands on it.
        row: The row in which it stands, from 0.
        style: Its colour.
        disabled: Whether it cannot be pressed.
    """

    def __init__(
        self,
        deed: str,
        posting_id: int,
        number: int,
        label: str,
        *,
        row: int | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> None:
        self.deed = deed
        self.posting_id = posting_id
        self.number = number
        super().__init__(
            discord.ui.Button(
                style=style,
                label=limits.shorten(label, limits.BUTTON_LABEL),
                custom_id=f"faqtotum:report:{deed}:{posting_id}:{number}",
                row=row,
                disabled=disabled,
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button again that somebody pressed."""
        button = cast("discord.ui.Button[Any]", item)
        return cls(match["deed"], int(match["posting"]), int(match["number"]), button.label or "", style=button.style)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the cog do it."""
        cog = cast("ServesReports", cast("commands.Bot", interaction.client).get_cog(REPORTS_COG_NAME))
        await cog.press(interaction, self.deed, self.posting_id, self.number)

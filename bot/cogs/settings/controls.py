"""Menus and buttons of the settings panel. They say all in their ids, so they work after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from .. import limits

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Sequence

    from discord.ext import commands

SETTINGS_COG_NAME = "Faqtotum Settings"
"""Under this name the controls find the cog that serves them."""
_WATCHABLE = [discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.news]
_POSTABLE = [discord.ChannelType.text, discord.ChannelType.news]


class ServesSettings(Protocol):
    """What a control needs of the cog."""

    async def press(self, interaction: discord.Interaction, pressed: Control) -> None:
        """Do what a button says, or take what was chosen in a menu."""
        ...


class Control(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"faqtotum:set:(?P<page>[a-z]+):(?P<deed>[a-z]+):(?P<subject>[^:]*):(?P<seen>[^:]*)",
):
    """A menu or a button of the panel; made by the functions below.

    Attributes:
        page: The page that it belongs to.
        deed: What to do.
        subject: What with: a setting, a page, a change.
        seen: Says what the page's settings were when it was drawn; empty where that does not matter.
    """

    def __init__(self, page: str, deed: str, subject: str, seen: str, item: discord.ui.Item[Any]) -> None:
        self.page = page
        self.deed = deed
        self.subject = subject
        self.seen = seen
        super().__init__(item)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the control again that somebody used."""
        return cls(match["page"], match["deed"], match["subject"], match["seen"], item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the cog do it."""
        cog = cast("commands.Bot", interaction.client).get_cog(SETTINGS_COG_NAME)
        await cast("ServesSettings", cog).press(interaction, self)


class Controls:
    """Makes the controls of one page.

    Args:
        page: The page.
        seen: Says what its settings are.
    """

    def __init__(self, page: str, seen: str = "") -> None:
        self._page = page
        self._seen = seen

    def button(
        self,
        deed: str,
        label: str,
        subject: str | int = "",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
    ) -> Control:
        """Return a button."""
        custom_id = self._id(deed, subject)
        button = discord.ui.Button[Any](
            style=style, label=limits.shorten(label, limits.BUTTON_LABEL), custom_id=custom_id, disabled=disabled
        )
        return self._control(deed, subject, button)

    def menu(
        self, deed: str, options: Sequence[discord.SelectOption], placeholder: str | None = None, subject: str = ""
    ) -> Control:
        """Return a menu of texts, of which one is chosen."""
        menu = discord.ui.Select[Any](custom_id=self._id(deed, subject), placeholder=placeholder, options=[*options])
        return self._control(deed, subject, menu)

    def channels(self, subject: str, chosen: Iterable[int], placeholder: str, *, several: bool) -> Control:
        """Return a menu of the server's channels, in which some are chosen already."""
        menu = discord.ui.ChannelSelect[Any](
            custom_id=self._id("put", subject),
            channel_types=_WATCHABLE if several else _POSTABLE,
            placeholder=placeholder,
            min_values=0 if several else 1,
            max_values=limits.SELECT_OPTIONS if several else 1,
            default_values=_defaults(chosen, discord.SelectDefaultValueType.channel),
        )
        return self._control("put", subject, menu)

    def roles(self, subject: str, chosen: Iterable[int], placeholder: str) -> Control:
        """Return a menu of the server's roles, in which some are chosen already."""
        menu = discord.ui.RoleSelect[Any](
            custom_id=self._id("put", subject),
            placeholder=placeholder,
            min_values=0,
            max_values=limits.SELECT_OPTIONS,
            default_values=_defaults(chosen, discord.SelectDefaultValueType.role),
        )
        return self._control("put", subject, menu)

    def _id(self, deed: str, subject: str | int) -> str:
        return f"faqtotum:set:{self._page}:{deed}:{subject}:{self._seen}"

    def _control(self, deed: str, subject: str | int, item: discord.ui.Item[Any]) -> Control:
        return Control(self._page, deed, str(subject), self._seen, item)


def _defaults(ids: Iterable[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=one, type=kind) for one in list(ids)[: limits.SELECT_OPTIONS]]

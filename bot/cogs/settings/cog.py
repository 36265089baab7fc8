"""The command `/settings`: a panel in which admins choose how the bot behaves in their server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from ...core.edits import ChangeKind
from ...core.errors import EditConflictError, EditRefusedError, FaqtotumError
from ...core.speech import sentence
from ...services import NO_CHANNEL, SETTABLE
from ..admin.base import ForAdmins
from ..admin.responding import fail, settle, show
from ..doctor import checks as doctor_checks
from ..places import find_place, only_here
from ..speech import speech_in
from . import pages as settings_pages
from . import texts
from .controls import SETTINGS_COG_NAME, Control
from .pages import PAGES, Page, Region, View
from .values import Scene, fingerprint, read_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...app import App
    from ...core.edits import SettingValue
    from ...services import Proposal
    from ..doctor.checks import Finding

_SHOWN_WARNINGS = 3


class SettingsCog(ForAdmins, commands.Cog, name=SETTINGS_COG_NAME):
    """Lets admins choose how the bot behaves in their server."""

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app
        self.settings.default_permissions = self._hint()
        self.settings.guild_only = True

    async def cog_load(self) -> None:
        """Register the menus and buttons of panels that were opened before."""
        self._bot.add_dynamic_items(Control)

    async def cog_unload(self) -> None:
        """Take back what `cog_load` did."""
        self._bot.remove_dynamic_items(Control)

    @app_commands.command(name="settings", description=texts.SETTINGS_COMMAND)
    async def settings(self, interaction: discord.Interaction) -> None:
        """Open the panel."""
        await settle(interaction)
        await show(interaction, settings_pages.render_home(self._look(_guild(interaction))))

    async def press(self, interaction: discord.Interaction, pressed: Control) -> None:
        """See ServesSettings."""
        if not await self.interaction_check(interaction):
            return
        try:
            await settle(interaction)
            await self._do(interaction, pressed)
        except FaqtotumError as error:
            await fail(interaction, error, self._speech(interaction))

    async def _do(self, interaction: discord.Interaction, pressed: Control) -> None:
        guild, chosen = _guild(interaction), _chosen(interaction)
        page = PAGES.get(chosen[0] if pressed.deed == "open" and chosen else pressed.page)
        if page is None:
            await show(interaction, settings_pages.render_home(self._look(guild)))
            return
        view = View()
        match pressed.deed:
            case "region":
                view = View(region=Region(chosen[0]))
            case "turn":
                name, _, number = pressed.subject.partition("|")
                view = View(region=Region(name, int(number)))
            case "put" | "drop" | "stop" | "reset" | "undo":
                view = await self._change(interaction, page, pressed)
            case _:
                pass
        await self._show(interaction, page, view)

    async def _change(self, interaction: discord.Interaction, page: Page, pressed: Control) -> View:
        """Save what was chosen; return what there is to say about it."""
        guild = _guild(interaction)
        try:
            proposal = await self._propose(guild, page, pressed, _chosen(interaction))
            if not proposal.settings:
                return View()
            saved = await self._app.editor.save(proposal, interaction.user.id)
        except EditConflictError:
            # The snapshot may not have followed yet.
            await self._app.knowledge.refresh()
            return View(notice=self._speech(interaction).say(texts.CHANGED_MEANWHILE))
        except EditRefusedError as error:
            speech = self._speech(interaction)
            reason = " ".join(speech.tell(one) for one in error.reasons)
            return View(notice=speech.say(texts.REFUSED, reason=reason))
        # Only now: it may be the language that was changed.
        speech = self._speech(interaction)
        template = texts.TAKEN_BACK if proposal.kind is ChangeKind.UNDO else texts.SAVED
        notice = speech.say(
            texts.SAVED_LATER if saved.failure else template, number=saved.change_id, reason=saved.failure
        )
        return View(notice=notice, undo=saved.change_id)

    async def _propose(self, guild: discord.Guild, page: Page, pressed: Control, chosen: Sequence[str]) -> Proposal:
        """Return what a control would change.

        Raises:
            EditConflictError: The settings are not what they were when the page was drawn.
            EditRefusedError: It cannot be done.
        """
        if pressed.seen != self._fingerprint(guild.id, page):
            raise EditConflictError(page.key)
        name = pressed.subject
        values: dict[str, SettingValue]
        match pressed.deed:
            case "undo":
                return (await self._app.editor.propose_undo(guild.id, int(pressed.subject)))[0]
            case "reset":
                values = dict.fromkeys(page.settings)
            case "stop":
                values = {"report_channel": NO_CHANNEL}
            case "drop" if name in page.settings:
                values = {name: self._look(guild).there(name)}
            case "put" if name in page.settings:
                values = {name: read_choice(name, chosen, guild.id)}
            case _:
                raise EditRefusedError(
                    sentence("That menu is from another version of the bot; call `/settings` again.")
                )
        return self._app.settings.propose(guild.id, values)

    async def _show(self, interaction: discord.Interaction, page: Page, view: View) -> None:
        guild = _guild(interaction)
        scene = self._look(guild)
        warned = [finding for finding in self._examine(page, scene, guild) if finding.is_bad][:_SHOWN_WARNINGS]
        warnings = [
            scene.speech.say(
                texts.WARNED,
                what=scene.speech.tell(finding.what),
                advice=scene.speech.tell(finding.advice) if finding.advice else "",
            )
            for finding in warned
        ]
        view = replace(view, seen=self._fingerprint(guild.id, page), warnings=warnings)
        await show(interaction, settings_pages.render_page(page, scene, view))

    def _examine(self, page: Page, scene: Scene, guild: discord.Guild) -> list[Finding]:
        """Return what the doctor says to what a page is about."""
        settings = scene.settings
        if page.key == "watch" and settings.watch:
            content = doctor_checks.check_content(in_code=self._bot.intents.message_content, granted=True, watched=True)
            return [content, *doctor_checks.check_watched(settings, [find_place(guild, one) for one in settings.watch])]
        if page.key == "report" and settings.report_channel:
            return doctor_checks.check_report(settings, find_place(guild, settings.report_channel))
        return []

    def _look(self, guild: discord.Guild) -> Scene:
        settings = self._app.settings
        return Scene(
            settings=only_here(settings.read(guild.id), guild.id, self._bot.guilds),
            own=frozenset(name for name in SETTABLE if settings.is_own(guild.id, name)),
            channels=frozenset(channel.id for channel in guild.channels),
            roles=frozenset(role.id for role in guild.roles),
            now=self._app.clock.now(),
            speech=speech_in(settings.read(guild.id).language),
            is_hidden=not self._app.config.names_admins,
        )

    def _fingerprint(self, guild_id: int, page: Page) -> str:
        settings = self._app.settings
        own = [name for name in page.settings if settings.is_own(guild_id, name)]
        return fingerprint(settings.read(guild_id), own, page.settings)


def _guild(interaction: discord.Interaction) -> discord.Guild:
    # Whoever gets here was found to be an admin of a server.
    if interaction.guild is None:
        raise EditRefusedError(sentence("That works in a server only."))
    return interaction.guild


def _chosen(interaction: discord.Interaction) -> list[str]:
    """Return what was chosen in a menu, as Discord names it; nothing for a button."""
    values: list[str] = cast("dict[str, Any]", interaction.data or {}).get("values", [])
    return values

"""`/faq doctor`: asks everything that has to work whether it does, and says what to do where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from ...core.errors import EmbedderUnavailableError, FaqInvalidError, StoreUnavailableError
from ...core.speech import sentence
from .. import limits
from ..admin.rendering import WARNING
from ..places import find_place, only_here
from ..rendering import COLOUR, Reply
from . import checks, texts
from .checks import Finding, Level
from .upkeep import check_renewal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.ext import commands

    from ...app import App
    from ...services import GuildSettings
    from ..speech import Speech

    Command = (
        app_commands.AppCommand | app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
    )

_FAULTY = discord.Colour(0xD83C3E)
"""Red: something does not work."""
_PROBE = "Does this model work?"
_MARKS = {Level.OK: "✅", Level.WARNING: "⚠️", Level.FAULT: "❌"}
_TITLES = {Level.OK: texts.ALL_WELL, Level.WARNING: texts.SOME_WARNINGS, Level.FAULT: texts.SOME_FAULTS}
_COLOURS = {Level.OK: COLOUR, Level.WARNING: WARNING, Level.FAULT: _FAULTY}


class Doctor:
    """Examines the bot as one server knows it.

    Args:
        bot: The bot.
        app: The opened Faqtotum.
    """

    def __init__(self, bot: commands.Bot, app: App) -> None:
        self._bot = bot
        self._app = app

    async def examine(self, guild: discord.Guild) -> list[Finding]:
        """Return everything that was found, in the order in which it is asked for."""
        settings = only_here(self._app.settings.read(guild.id), guild.id, self._bot.guilds)
        snapshot = self._app.knowledge.current
        report = find_place(guild, settings.report_channel) if settings.report_channel else None
        return [
            *checks.check_watched(settings, [find_place(guild, one) for one in settings.watch]),
            await self._check_content(settings),
            await self._check_commands(guild),
            *checks.check_faq(snapshot.faq_of(guild.id), snapshot.listing_of(guild.id)),
            await self._check_files(),
            await self._check_model(guild),
            *await self._check_database(guild, settings),
            *checks.check_members(known=self._app.knows_members),
            *checks.check_roles(settings.admin_roles, {role.id for role in guild.roles}),
            *checks.check_report(settings, report),
        ]

    async def _check_content(self, settings: GuildSettings) -> Finding:
        try:
            flags = (await self._bot.application_info()).flags
        except discord.HTTPException as error:
            return _unasked(error)
        return checks.check_content(
            in_code=self._bot.intents.message_content,
            granted=flags.gateway_message_content or flags.gateway_message_content_limited,
            watched=bool(settings.watch),
        )

    async def _check_commands(self, guild: discord.Guild) -> Finding:
        tree = self._bot.tree
        try:
            # A host may keep commands for one server only.
            registered = [*await tree.fetch_commands(), *await tree.fetch_commands(guild=guild)]
        except discord.HTTPException as error:
            return _unasked(error)
        ours = [*tree.get_commands(), *tree.get_commands(guild=guild)]
        return checks.check_commands({_name(one) for one in ours}, {_name(one) for one in registered})

    async def _check_files(self) -> Finding:
        try:
            unchanged = await self._app.knowledge.check_files()
        except FaqInvalidError as error:
            return checks.check_files(error, unchanged=False)
        return checks.check_files(None, unchanged=unchanged)

    async def _check_model(self, guild: discord.Guild) -> Finding:
        name = self._app.config.model.path or self._app.config.model.name
        try:
            outcome = await self._app.ask(_PROBE, guild_id=guild.id)
        except EmbedderUnavailableError as error:
            what = sentence("The model ({name}) does not work: {error}", name=name, error=error)
            return Finding(Level.FAULT, what, _SEE_LOG)
        dimensions = 0 if outcome.embedding is None else len(outcome.embedding)
        what = sentence("The model answers ({name}, {dimensions} dimensions).", name=name, dimensions=dimensions)
        return Finding(Level.OK, what)

    async def _check_database(self, guild: discord.Guild, settings: GuildSettings) -> list[Finding]:
        store = self._app.store
        try:
            damage = checks.check_damage(await store.find_damage())
            newest = await store.read_questions(guild_id=guild.id, newest=1)
            outdated = await self._app.renewer.count_outdated()
        except StoreUnavailableError as error:
            return [Finding(Level.FAULT, sentence("The database does not work: {error}", error=error), _SEE_LOG)]
        asked_at = newest[0].asked_at if newest else None
        log = checks.check_log(log_questions=settings.log_questions, newest=asked_at)
        return [damage, log, *check_renewal(self._app.renewer.progress, outdated)]


_SEE_LOG = sentence("Whoever runs the bot runs `faqtotum check`, and finds the cause in the bot's log.")


def render_findings(findings: Sequence[Finding], speech: Speech) -> Reply:
    """Return what was found, the worst first."""
    worst = max(findings, key=lambda one: one.level).level if findings else Level.OK
    lines: list[str] = []
    ordered = sorted(findings, key=lambda one: -one.level)
    for number, finding in enumerate(ordered):
        line = _line(finding, speech)
        if sum(len(one) + 1 for one in [*lines, line]) > limits.EMBED_DESCRIPTION - limits.SELECT_LABEL:
            lines.append(speech.say(texts.MORE, count=len(ordered) - number))
            break
        lines.append(line)
    embed = discord.Embed(title=speech.say(_TITLES[worst]), description="\n".join(lines), colour=_COLOURS[worst])
    return Reply(embeds=(embed,))


def _line(finding: Finding, speech: Speech) -> str:
    what = speech.tell(finding.what)
    advice = speech.tell(finding.advice) if finding.advice else ""
    said = speech.say(texts.ADVISED if advice else texts.FINDING, mark=_MARKS[finding.level], what=what, advice=advice)
    return limits.shorten(said, limits.EMBED_FIELD_VALUE)


def _name(command: Command) -> str:
    """Return what people see of a command: with a stroke if it is typed, alone if it stands in a context menu."""
    is_typed = (
        command.type is discord.AppCommandType.chat_input
        if isinstance(command, app_commands.AppCommand)
        else not isinstance(command, app_commands.ContextMenu)
    )
    return f"/{command.name}" if is_typed else command.name


def _unasked(error: discord.HTTPException) -> Finding:
    what = sentence("Discord could not be asked: {error}", error=error)
    return Finding(Level.WARNING, what, sentence("Try again in a minute."))

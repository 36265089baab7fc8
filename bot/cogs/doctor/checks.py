"""What the doctor looks at, one function a question. Pure: what they need to know is told to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import discord

from ...core.entries import Origin
from ...core.speech import Sentence, counted, labelled, lines, sentence
from ...core.text import clean, phrasing_key
from ...matching import MIN_ENTRIES, MIN_PHRASINGS
from ..speech import PlainSentence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from ...core.entries import Listed
    from ...core.errors import FaqInvalidError
    from ...services import Faq, GuildSettings
    from ..places import Place

_SHOWN = 5
"""Things of a kind that are named one by one."""
_PERMISSIONS = {
    "view_channel": sentence("View Channel"),
    "send_messages": sentence("Send Messages"),
    "send_messages_in_threads": sentence("Send Messages in Threads"),
    "embed_links": sentence("Embed Links"),
    "attach_files": sentence("Attach Files"),
    "read_message_history": sentence("Read Message History"),
}
"""As Discord calls them."""
_UNDER_SEND = {"embed_links", "attach_files"}
"""Discord takes these from who may not send; in a forum, where sending is opening a post, that says nothing."""
_WATCH_NEEDS = tuple(_PERMISSIONS)
_FORUM_NEEDS = tuple(name for name in _PERMISSIONS if name != "send_messages")
# The history to find a report again that was posted by a process that died over it.
_REPORT_NEEDS = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")
_HARMLESS = {"attach_files", "send_messages_in_threads"}
"""In a text channel answers come without them."""


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the doctor found.

    Attributes:
        level: How bad it is.
        what: What it is.
        advice: What to do about it; None where there is nothing to do.
    """

    level: Level
    what: Sentence
    advice: Sentence | None = None

    @property
    def is_bad(self) -> bool:
        """Whether something should be done about it."""
        return self.level is not Level.OK


def check_watched(settings: GuildSettings, places: Sequence[Place]) -> list[Finding]:
    """Tell whether the bot can do its work in the watched channels."""
    if not places:
        what = sentence("No channel is watched, so I answer only who asks me.")
        return [Finding(Level.WARNING, what, sentence("Choose channels or forums with `/settings`."))]
    findings = [found for place in places if (found := _check_place(place, for_report=False))]
    if not findings:
        what = counted(
            "I can read and answer in the watched channel.",
            "I can read and answer in all {count} watched channels.",
            len(places),
        )
        findings.append(Finding(Level.OK, what))
    if not settings.overhear:
        what = sentence("In the watched channels I answer only who asks me.")
        advice = sentence("If I should answer unasked, choose that under “Answers there” in `/settings`.")
        findings.append(Finding(Level.WARNING, what, advice))
    return findings


def check_report(settings: GuildSettings, place: Place | None) -> list[Finding]:
    """Tell whether the nightly report arrives."""
    if place is None:
        advice = sentence("If you want one, choose a channel under “Nightly report” in `/settings`.")
        return [Finding(Level.OK, sentence("No nightly report is posted."), advice)]
    if bad := _check_place(place, for_report=True):
        return [bad]
    what = sentence(
        "The nightly report comes at {hour:02}:00 ({zone}) in {channel}.",
        hour=settings.report_hour,
        zone=settings.time_zone,
        channel=f"<#{place.id}>",
    )
    advice = sentence("If that is not your time, choose your time zone in `/settings`.")
    return [Finding(Level.OK, what, advice if settings.time_zone == "UTC" else None)]


def _check_place(place: Place, *, for_report: bool) -> Finding | None:
    if place.held is None:
        what = (
            sentence("The channel for the nightly report (`{id}`) was deleted.", id=place.id)
            if for_report
            else sentence("A watched channel (`{id}`) was deleted.", id=place.id)
        )
        return Finding(Level.WARNING, what, sentence("Choose another one, or none, in `/settings`."))
    lacking = find_lacking(place.held, is_forum=place.is_forum, for_report=for_report)
    if not lacking:
        return None
    harmless = not place.is_forum and not for_report and _HARMLESS.issuperset(lacking)
    what = sentence(
        "In {channel} I may not: {permissions}.",
        channel=f"<#{place.id}>",
        permissions=_joined([_PERMISSIONS[name] for name in lacking]),
    )
    advice = sentence("Allow it to my role in the settings of that channel, under “Permissions”.")
    return Finding(Level.WARNING if harmless else Level.FAULT, what, advice)


def find_lacking(held: discord.Permissions, *, is_forum: bool, for_report: bool) -> list[str]:
    """Return the permissions that the bot needs in a channel and does not have."""
    if not held.view_channel:
        # Discord takes all the others along.
        return ["view_channel"]
    needs = _REPORT_NEEDS if for_report else _FORUM_NEEDS if is_forum else _WATCH_NEEDS
    lacking = [name for name in needs if not getattr(held, name)]
    if held.send_messages:
        return lacking
    return [name for name in lacking if name not in _UNDER_SEND]


def _joined(parts: Sequence[Sentence]) -> Sentence:
    """Return several of them as an enumeration, each said in its reader's language."""
    fields = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(", ".join(f"{{{name}}}" for name in fields), fields)


def check_content(*, in_code: bool, granted: bool, watched: bool) -> Finding:
    """Tell whether the bot can read what is written in the watched channels.

    Args:
        in_code: Whether the running bot asks for the Message Content intent.
        granted: Whether the application has it.
        watched: Whether any channel is watched.
    """
    advice = sentence(
        "Whoever runs the bot switches on Message Content Intent (discord.com/developers > the application > Bot), "
        "keeps `discord.message_content: true` in the configuration, and restarts the bot."
    )
    if not in_code:
        what = sentence("I run without the Message Content intent, so I cannot read messages that do not mention me.")
        return Finding(Level.FAULT, what, advice) if watched else Finding(Level.OK, what)
    if not granted:
        what = sentence("Discord no longer grants me the Message Content intent, so I cannot read along.")
        return Finding(Level.FAULT, what, advice)
    return Finding(Level.OK, sentence("I may read what is written in the watched channels."))


def check_commands(ours: Collection[str], registered: Collection[str]) -> Finding:
    """Tell whether Discord knows the bot's commands, given by their names."""
    advice = sentence(
        "Whoever runs the bot has it synced: restart the bot, or call `await bot.tree.sync()` where it is part of "
        "another bot. Then press Ctrl+R in Discord."
    )
    if missing := sorted(set(ours) - set(registered)):
        what = sentence("Discord does not know these commands: {names}.", names=_quoted(missing))
        return Finding(Level.FAULT, what, advice)
    if left := sorted(set(registered) - set(ours)):
        what = sentence("Discord still offers commands that I do not have: {names}.", names=_quoted(left))
        return Finding(Level.WARNING, what, advice)
    return Finding(Level.OK, counted("Discord knows my command.", "Discord knows my {count} commands.", len(set(ours))))


def check_faq(faq: Faq, listing: Sequence[Listed]) -> list[Finding]:
    """Tell whether there is enough to answer from, and nothing in it contradicts the rest."""
    enabled = [one for one in listing if one.entry.enabled]
    if not enabled:
        advice = sentence("Add entries with `/faq add` or `/faq import`.")
        return [Finding(Level.FAULT, sentence("The FAQ is empty, so I know nothing."), advice)]
    entries = counted("{count} entry", "{count} entries", len(enabled))
    phrasings = counted("{count} phrasing", "{count} phrasings", sum(len(one.entry.phrasings) for one in enabled))
    if faq.calibration.measured:
        what = sentence("The FAQ has {entries} with {phrasings}.", entries=entries, phrasings=phrasings)
        size = Finding(Level.OK, what)
    else:
        what = sentence(
            "The FAQ has {entries} with {phrasings}: too little to work out how sure I may be, so I am quieter than "
            "need be.",
            entries=entries,
            phrasings=phrasings,
        )
        advice = sentence(
            "From {entries} entries and {phrasings} phrasings on I can: `/faq add`, `/faq alternate add`.",
            entries=MIN_ENTRIES,
            phrasings=MIN_PHRASINGS,
        )
        size = Finding(Level.WARNING, what, advice)
    return [size, *_check_follow_ups(enabled), *_check_collisions(enabled)]


def _check_follow_ups(enabled: Sequence[Listed]) -> list[Finding]:
    ids = {one.entry.id for one in enabled}
    hit = [one.entry.id for one in enabled if not ids.issuperset(one.entry.follow_ups)]
    if not hit:
        return []
    what = sentence("These entries name follow-ups that are gone or disabled: {names}.", names=_quoted(hit))
    advice = sentence("Their other buttons work. Enable the follow-ups again, or leave them out of the entries' file.")
    return [Finding(Level.WARNING, what, advice)]


def _check_collisions(enabled: Sequence[Listed]) -> list[Finding]:
    findings: list[Finding] = []
    owners: dict[str, str] = {}
    # The files' first, so that it is the server's own entry that should be changed.
    for listed in sorted(enabled, key=lambda one: one.origin is not Origin.FILE):
        for phrasing in listed.entry.phrasings:
            owner = owners.setdefault(phrasing_key(phrasing) or clean(phrasing), listed.entry.id)
            if owner == listed.entry.id:
                continue
            what = sentence(
                "“{phrasing}” belongs to `{id}` and to `{other}`, so I cannot tell them apart.",
                phrasing=discord.utils.escape_markdown(phrasing),
                id=listed.entry.id,
                other=owner,
            )
            advice = sentence("Take it out of one of them: `/faq edit`, `/faq alternate remove` or `/faq disable`.")
            findings.append(Finding(Level.WARNING, what, advice))
    return findings[:_SHOWN]


def check_files(problems: FaqInvalidError | None, *, unchanged: bool) -> Finding:
    """Tell whether the FAQ files could be read again, and whether they should be."""
    if problems is not None:
        told = lines([labelled(problem.place, problem.message) for problem in problems.problems[:_SHOWN]])
        what = sentence(
            "The FAQ files have problems, so the FAQ stays as it was:\n{problems}",
            problems=PlainSentence(told.template, told.fields),
        )
        advice = sentence("Whoever runs the bot mends them; then `/faq reload`.")
        return Finding(Level.FAULT, what, advice)
    if not unchanged:
        what = sentence("The FAQ files were changed since I last read them.")
        return Finding(Level.WARNING, what, sentence("Put them into service with `/faq reload`."))
    return Finding(Level.OK, sentence("The FAQ files are in order."))


def check_damage(damage: Sequence[str]) -> Finding:
    """Tell whether the database is sound."""
    if damage:
        what = counted(
            "The database is damaged in {count} place: {first}",
            "The database is damaged in {count} places; the first: {first}",
            len(damage),
            first=discord.utils.escape_markdown(damage[0]),
        )
        advice = sentence("Whoever runs the bot puts a backup in its place, or moves the file away to begin anew.")
        return Finding(Level.FAULT, what, advice)
    return Finding(Level.OK, sentence("The database is sound."))


def check_members(*, known: bool) -> list[Finding]:
    """Tell whether members who decided what is kept of them are recognised."""
    if known:
        return []
    what = sentence("I do not recognise who opted out or had questions deleted: the key for that is another one now.")
    advice = sentence("Whoever runs the bot runs `faqtotum check`, which says what to do, and restarts the bot.")
    return [Finding(Level.FAULT, what, advice)]


def check_log(*, log_questions: bool, newest: datetime | None) -> Finding:
    """Tell whether questions are kept, and when the last one was."""
    if not log_questions:
        what = sentence("Questions are not logged, so there is no report, and previews cannot look back.")
        advice = sentence("If that is not meant so, whoever runs the bot sets `store.log_questions: true`.")
        return Finding(Level.WARNING, what, advice)
    if newest is None:
        return Finding(Level.OK, sentence("Questions are logged; there was none yet in this server."))
    when = discord.utils.format_dt(newest, "R")
    return Finding(Level.OK, sentence("Questions are logged, the last one {when}.", when=when))


def check_roles(admin_roles: Iterable[int], roles: Collection[int]) -> list[Finding]:
    """Tell whether the roles that may administer exist."""
    deleted = [f"`{one}`" for one in admin_roles if one not in roles]
    if not deleted:
        return []
    what = sentence("Roles that may administer were deleted: {names}.", names=", ".join(deleted[:_SHOWN]))
    return [Finding(Level.WARNING, what, sentence("Drop them under “May administer” in `/settings`."))]


def _quoted(names: Sequence[str]) -> Sentence:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return (
        sentence("{names} and {count} more", names=shown, count=more) if more > 0 else sentence("{names}", names=shown)
    )

"""From the history to what admins see of it. Pure: nothing here talks to Discord."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import discord

from ...core.edits import OPERATOR, ChangeKind
from ...core.entries import to_plain
from .. import limits
from ..rendering import COLOUR, Reply
from ..setting_texts import LABELS
from . import texts
from .buttons import AdminButton
from .rendering import FIELDS, name_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.edits import Change, Edit
    from ...core.types import Entry
    from ..speech import Speech

CHANGES_A_PAGE = 10
_SHOWN_EDITS = 4
_SHOWN_VALUE = 150
_LINE = 380
"""Characters of a change in a list; ten of them fit into an embed."""
_DEEDS = {
    ChangeKind.ADD: texts.DID_ADD,
    ChangeKind.EDIT: texts.DID_EDIT,
    ChangeKind.REMOVE: texts.DID_REMOVE,
    ChangeKind.ENABLE: texts.DID_ENABLE,
    ChangeKind.DISABLE: texts.DID_DISABLE,
    ChangeKind.IMPORT: texts.DID_IMPORT,
    ChangeKind.UNDO: texts.DID_UNDO,
    ChangeKind.RELOAD: texts.DID_RELOAD,
    ChangeKind.SETTINGS: texts.DID_SETTINGS,
}


def render_history(changes: Sequence[Change], entry_id: str, *, newest: bool, speech: Speech) -> Reply:
    """Return one page of changes.

    Args:
        changes: Newest first, one more than fits if there is a further page.
        entry_id: The entry that they are about; empty for all.
        newest: Whether this is the first page.
        speech: The admin's language.
    """
    if not changes:
        return Reply(speech.say(texts.HISTORY_EMPTY))
    shown = changes[:CHANGES_A_PAGE]
    lines = [limits.shorten(say_change(change, speech), _LINE) for change in shown]
    embed = discord.Embed(title=speech.say(texts.HISTORY_TITLE), description="\n".join(lines), colour=COLOUR)
    buttons: list[AdminButton] = []
    if not newest:
        buttons.append(AdminButton("history", f"0|{entry_id}", speech.say(texts.PREVIOUS)))
    if len(changes) > len(shown):
        buttons.append(AdminButton("history", f"{shown[-1].id}|{entry_id}", speech.say(texts.NEXT)))
    return Reply(embeds=(embed,), buttons=(tuple(buttons),) if buttons else ())


def render_change(change: Change, speech: Speech) -> Reply:
    """Return one change with what was before and after it; all of it, word for word, in an attached file."""
    embed = discord.Embed(description=limits.shorten(say_change(change, speech), _LINE), colour=COLOUR)
    for edit in change.edits[:_SHOWN_EDITS]:
        value = "\n".join(_say_edit(edit, speech)) or speech.say(texts.SAME_AS_BEFORE)
        embed.add_field(name=edit.entry_id, value=limits.shorten(value, limits.EMBED_FIELD_VALUE), inline=False)
    for setting in change.settings[:_SHOWN_EDITS]:
        value = _say_values(setting.before, setting.after, speech)
        embed.add_field(name=speech.say(LABELS.get(setting.name, setting.name)), value=value, inline=False)
    if not change.edits and not change.settings:
        return Reply(embeds=(embed,))
    undo = AdminButton("undo", change.id, speech.say(texts.UNDO))
    return Reply(embeds=(embed,), buttons=((undo,),), files=((f"change-{change.id}.json", _to_file(change)),))


def say_change(change: Change, speech: Speech) -> str:
    """Return in a line who did what, and when."""
    names = [edit.entry_id for edit in change.edits]
    names += [speech.say(LABELS.get(edit.name, edit.name)) for edit in change.settings]
    what = speech.say(
        _DEEDS[change.kind],
        names=name_list(names, speech),
        note=discord.utils.escape_markdown(change.note),
        undoes=change.undoes,
    )
    time = discord.utils.format_dt(change.at, "R")
    who = speech.say(texts.OPERATOR) if change.by == OPERATOR else f"<@{change.by}>"
    return speech.say(texts.HISTORY_LINE, number=change.id, time=time, who=who, what=what)


def _say_edit(edit: Edit, speech: Speech) -> list[str]:
    if edit.before is None or edit.after is None:
        entry = edit.before or edit.after
        return [_say_values(_spell(edit.before), _spell(edit.after), speech)] if entry else []
    return [
        f"**{speech.say(said)}**\n{_say_values(getattr(edit.before, name), getattr(edit.after, name), speech)}"
        for name, said in FIELDS.items()
        if getattr(edit.before, name) != getattr(edit.after, name)
    ]


def _spell(entry: Entry | None) -> str | None:
    return entry and f"{entry.question} {entry.answer}"


def _say_values(before: object, after: object, speech: Speech) -> str:
    """Return a value before and after; None is none of the server's own."""
    said = [speech.say(texts.NOT_OWN) if value is None else _plainly(value) for value in (before, after)]
    return f"− {said[0]}\n+ {said[1]}"  # noqa: RUF001 - a minus beside a plus


def _plainly(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return limits.shorten(discord.utils.escape_markdown(" ".join(text.split())), _SHOWN_VALUE)


def _to_file(change: Change) -> bytes:
    edits = [
        {
            "entry": one.entry_id,
            "before": one.before and to_plain(one.before),
            "after": one.after and to_plain(one.after),
        }
        for one in change.edits
    ]
    settings = [{"setting": one.name, "before": one.before, "after": one.after} for one in change.settings]
    whole = {"change": change.id, "kind": change.kind, "by": change.by, "at": change.at.isoformat()}
    return json.dumps(whole | {"edits": edits, "settings": settings}, ensure_ascii=False, indent=1).encode()

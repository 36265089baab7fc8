"""From proposals, reloads and refusals to what admins see. Pure: nothing here talks to Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from ...core.edits import ChangeKind
from ...core.entries import Origin
from .. import limits
from ..rendering import COLOUR, Reply
from ..setting_texts import LABELS
from . import texts
from .buttons import AdminButton

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...core.edits import Draft
    from ...core.entries import Listed
    from ...core.errors import EditRefusedError, FaqInvalidError
    from ...core.types import Entry
    from ...services import Preview, ReloadResult
    from ..speech import Speech

WARNING = discord.Colour(0xE0A030)
"""Amber: look before you go on."""
_LISTED_PROBLEMS = 15
_LISTED_NAMES = 5
_SHOWN_ANSWER = 1500
"""Characters of an answer in a preview; it leaves room for what the edit does."""
FIELDS = {
    "question": texts.FIELD_QUESTION,
    "alternates": texts.FIELD_ALTERNATES,
    "answer": texts.FIELD_ANSWER,
    "tags": texts.FIELD_TAGS,
    "links": texts.FIELD_LINKS,
    "follow_ups": texts.FIELD_FOLLOW_UPS,
    "enabled": texts.FIELD_ENABLED,
}
"""What the parts of an entry are called."""
_QUESTIONS = {
    ChangeKind.ADD: texts.SAVE_QUESTION_ADD,
    ChangeKind.EDIT: texts.SAVE_QUESTION_EDIT,
    ChangeKind.REMOVE: texts.SAVE_QUESTION_REMOVE,
    ChangeKind.ENABLE: texts.SAVE_QUESTION_ENABLE,
    ChangeKind.DISABLE: texts.SAVE_QUESTION_DISABLE,
}


def render_refusal(error: EditRefusedError, speech: Speech, *, draft: Draft | None = None) -> Reply:
    """Return why an edit cannot be made, with a way back to what was typed."""
    lines = [f"• {speech.tell(reason)}" for reason in error.reasons]
    embed = discord.Embed(title=speech.say(texts.REFUSED), description=_fit(lines), colour=WARNING)
    if draft is None or draft.content["does"] != "put":
        return Reply(embeds=(embed,))
    embed.set_footer(text=speech.say(texts.NOT_SAVED))
    again = AdminButton("again", draft.id, speech.say(texts.EDIT_AGAIN), discord.ButtonStyle.primary)
    return Reply(embeds=(embed,), buttons=((again, _cancel(draft, speech)),))


def render_problems(error: FaqInvalidError, speech: Speech, title: str) -> Reply:
    """Return every problem of some files: the first in the message, all of them in an attached file if need be."""
    told = [f"{problem.place}: {speech.tell(problem.message)}" for problem in error.problems]
    lines = [f"• {discord.utils.escape_markdown(line)}" for line in told[:_LISTED_PROBLEMS]]
    more = len(told) - len(lines)
    while sum(len(line) + 1 for line in lines) > limits.EMBED_DESCRIPTION - 200:
        lines.pop()
        more += 1
    files: tuple[tuple[str, bytes], ...] = ()
    if more:
        lines.append(speech.say(texts.MORE_PROBLEMS, count=more))
        files = (("problems.txt", "\n".join(told).encode()),)
    embed = discord.Embed(title=speech.say(title), description="\n".join(lines), colour=WARNING)
    return Reply(embeds=(embed,), files=files)


def render_reload(result: ReloadResult, speech: Speech) -> Reply:
    """Return what a reload did."""
    counts = speech.say(
        texts.RELOAD_COUNTS,
        added=result.added,
        changed=result.changed,
        removed=result.removed,
        unchanged=result.unchanged,
    )
    detail = speech.say(texts.RELOAD_DETAIL, embedded=result.embedded, seconds=result.seconds)
    return Reply(
        embeds=(discord.Embed(title=speech.say(texts.RELOADED), description=f"{counts}\n{detail}", colour=COLOUR),)
    )


def render_preview(
    draft: Draft,
    preview: Preview,
    speech: Speech,
    *,
    before: Listed | None = None,
    after: Entry | None = None,
    remarks: Sequence[str] = (),
) -> Reply:
    """Return what a draft would do, with the buttons that save or drop it.

    Args:
        draft: The draft.
        preview: What it would do.
        speech: The admin's language.
        before: The entry as it is, None if it is new or several are concerned.
        after: The entry as it would be, None if it would be gone or several are concerned.
        remarks: What else there is to say.
    """
    said = [speech.tell(sentence) for sentence in preview.sentences]
    said = [*remarks, *_say_origin(preview.proposal.kind, before, speech), *_say_fields(before, after, speech), *said]
    if after is not None and not after.enabled:
        said.append(speech.say(texts.DISABLED_NOW))
    embeds = [
        discord.Embed(
            title=limits.shorten(_title(draft, preview, before, speech), limits.EMBED_TITLE),
            description=_fit([f"• {line}" for line in said]),
            colour=WARNING if preview.collisions else COLOUR,
        )
    ]
    if after is not None and preview.proposal.kind in {ChangeKind.ADD, ChangeKind.EDIT}:
        shown = discord.Embed(
            title=after.question, description=limits.shorten(after.answer, _SHOWN_ANSWER), colour=COLOUR
        )
        embeds.insert(0, shown.set_footer(text=after.id))
    buttons = [AdminButton("save", draft.id, speech.say(texts.SAVE), discord.ButtonStyle.success)]
    if draft.content["does"] == "put":
        buttons.append(AdminButton("again", draft.id, speech.say(texts.EDIT_AGAIN)))
    return Reply(embeds=tuple(embeds), buttons=((*buttons, _cancel(draft, speech)),))


def render_saved(change_id: int, speech: Speech, failure: str = "") -> Reply:
    """Return that a change was saved, with a button that takes it back."""
    said = speech.say(
        texts.SAVED_LATER if failure else texts.SAVED,
        number=change_id,
        reason=limits.shorten(failure, limits.EMBED_FIELD_VALUE),
    )
    return Reply(said, buttons=((AdminButton("undo", change_id, speech.say(texts.UNDO)),),))


def render_file_entry(entry: Entry, speech: Speech) -> Reply:
    """Return that an entry of the files is read-only, with an offer to override it."""
    override = AdminButton("override", entry.id, speech.say(texts.OVERRIDE), discord.ButtonStyle.primary)
    return Reply(speech.say(texts.FROM_FILE, question=entry.question), buttons=((override,),))


def _title(draft: Draft, preview: Preview, before: Listed | None, speech: Speech) -> str:
    proposal, content = preview.proposal, draft.content
    if proposal.kind is ChangeKind.UNDO:
        names = [edit.entry_id for edit in proposal.edits]
        names += [speech.say(LABELS[edit.name]) for edit in proposal.settings]
        what = name_list(names, speech)
        return speech.say(texts.SAVE_QUESTION_UNDO, number=proposal.undoes, what=what)
    if proposal.kind is ChangeKind.IMPORT:
        return speech.say(texts.SAVE_QUESTION_IMPORT, name=content["name"])
    return speech.say(_QUESTIONS[proposal.kind], id=before.entry.id if before else "")


def _say_origin(kind: ChangeKind, before: Listed | None, speech: Speech) -> list[str]:
    if before is None:
        return []
    if kind is ChangeKind.REMOVE:
        return [speech.say(texts.FILE_COMES_BACK)] if before.origin is Origin.OVERRIDE else []
    return [speech.say(texts.BECOMES_OVERRIDE)] if before.origin is Origin.FILE else []


def _say_fields(before: Listed | None, after: Entry | None, speech: Speech) -> list[str]:
    if before is None or after is None:
        return []
    names = [speech.say(said) for name, said in FIELDS.items() if getattr(before.entry, name) != getattr(after, name)]
    return [speech.say(texts.CHANGED_FIELDS, names=", ".join(names))] if names else []


def name_list(names: Sequence[str], speech: Speech) -> str:
    """Return some entries' names, the first of them where they are many."""
    said = ", ".join(speech.say(texts.QUOTED, name=name) for name in names[:_LISTED_NAMES])
    more = len(names) - _LISTED_NAMES
    return speech.say(texts.AND_MORE, names=said, count=more) if more > 0 else said


def _cancel(draft: Draft, speech: Speech) -> AdminButton:
    return AdminButton("cancel", draft.id, speech.say(texts.CANCEL))


def _fit(lines: Iterable[str]) -> str:
    """Return as many lines as leave room for an entry beside them, the last of them cut where they are too many."""
    kept: list[str] = []
    room = limits.EMBED_DESCRIPTION // 2
    for line in lines:
        shown = limits.shorten(line, limits.EMBED_FIELD_VALUE)
        if len(shown) > room:
            return "\n".join([*kept, limits.shorten(shown, max(room, 1))])
        kept.append(shown)
        room -= len(shown) + 1
    return "\n".join(kept)

"""From the FAQ and its history to the pages that admins leaf through. Pure: nothing here talks to Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from ...core.entries import Origin
from ...core.speech import counted
from ...core.types import Answer, Suggest, VerdictName
from ...services import Action, explain
from .. import limits
from ..rendering import COLOUR, Reply, quote, render_answer
from . import texts
from .buttons import AdminButton
from .changes import say_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.edits import Change
    from ...core.entries import Listed
    from ...core.types import Hit, QuestionRecord
    from ...services import Outcome
    from ..rendering import Style
    from ..speech import Speech

ENTRIES_A_PAGE = 10
_LINE = 500
"""Characters of a line of reasons; only what somebody wrote can make one longer."""
_SHOWN_QUESTION = 150
_ORIGINS = {
    Origin.FILE: texts.ORIGIN_FILE,
    Origin.OWN: texts.ORIGIN_OWN,
    Origin.OVERRIDE: texts.ORIGIN_OVERRIDE,
}
_SHARES = {
    "cosine": texts.SHARE_COSINE,
    "centroid": texts.SHARE_CENTROID,
    "head": texts.SHARE_HEAD,
    "spelling": texts.SHARE_SPELLING,
    "rerank": texts.SHARE_RERANK,
}
"""What the terms of a relevance are called."""
_VERDICTS = {
    VerdictName.ANSWER: texts.VERDICT_ANSWER,
    VerdictName.SUGGEST: texts.VERDICT_SUGGEST,
    VerdictName.NO_MATCH: texts.VERDICT_NO_MATCH,
}


def render_list(listing: Sequence[Listed], page: int, tag: str, speech: Speech) -> Reply:
    """Return one page of the entries.

    Args:
        listing: All of them.
        page: Which page, from 0; the last one where there are fewer.
        tag: Only those with this tag; empty for all.
        speech: The admin's language.
    """
    found = [one for one in listing if not tag or tag in one.entry.tags]
    if not found:
        return Reply(speech.say(texts.LIST_EMPTY))
    pages = -(-len(found) // ENTRIES_A_PAGE)
    page = min(page, pages - 1)
    lines = [_list_line(one, speech) for one in found[page * ENTRIES_A_PAGE : (page + 1) * ENTRIES_A_PAGE]]
    embed = discord.Embed(
        title=speech.tell(counted("FAQ: {count} entry", "FAQ: {count} entries", len(found))),
        description="\n".join(lines),
        colour=COLOUR,
    )
    embed.set_footer(text=speech.say(texts.PAGE, page=page + 1, pages=pages))
    if pages == 1:
        return Reply(embeds=(embed,))
    back = AdminButton("list", f"{max(page - 1, 0)}|{tag}", speech.say(texts.PREVIOUS), disabled=page == 0)
    on = AdminButton("list", f"{page + 1}|{tag}", speech.say(texts.NEXT), disabled=page == pages - 1)
    return Reply(embeds=(embed,), buttons=((back, on),))


def render_listed(listed: Listed, last: Change | None, speech: Speech) -> Reply:
    """Return an entry with all that belongs to it, and who changed it last."""
    entry = listed.entry
    embed = discord.Embed(title=entry.question, description=entry.answer, colour=COLOUR)
    origin = speech.say(_ORIGINS[listed.origin])
    embed.add_field(name=speech.say(texts.SHOW_ID), value=f"`{entry.id}`")
    embed.add_field(
        name=speech.say(texts.SHOW_ORIGIN),
        value=origin if entry.enabled else f"{origin}, {speech.say(texts.DISABLED)}",
    )
    fields = {
        speech.say(texts.SHOW_ALTERNATES, count=len(entry.alternates)): "\n".join(
            f"• {one}" for one in entry.alternates
        ),
        speech.say(texts.SHOW_TAGS): ", ".join(entry.tags),
        speech.say(texts.SHOW_FOLLOW_UPS): ", ".join(f"`{one}`" for one in entry.follow_ups),
        speech.say(texts.SHOW_HISTORY): say_change(last, speech) if last else "",
    }
    for name, value in fields.items():
        if value and len(embed) + len(name) + limits.EMBED_FIELD_VALUE < limits.EMBED_TOTAL:
            embed.add_field(name=name, value=limits.shorten(value, limits.EMBED_FIELD_VALUE), inline=False)
    return Reply(embeds=(embed,))


def render_search(text: str, hits: Sequence[Hit], speech: Speech) -> Reply:
    """Return the entries that are closest to a text."""
    if not hits:
        return Reply(speech.say(texts.LIST_EMPTY))
    lines = [
        speech.say(
            texts.SEARCH_LINE,
            number=number,
            question=limits.shorten(hit.entry.question, _SHOWN_QUESTION),
            id=hit.entry.id,
            similarity=hit.similarity,
            phrasing=limits.shorten(hit.phrasing, 100),
        )
        for number, hit in enumerate(hits, start=1)
    ]
    title = limits.shorten(speech.say(texts.SEARCH_TITLE, text=text), limits.EMBED_TITLE)
    return Reply(embeds=(discord.Embed(title=title, description="\n".join(lines), colour=COLOUR),))


def render_test(
    outcome: Outcome, style: Style, logged: QuestionRecord | None = None, *, is_question: bool = True
) -> Reply:
    """Return what a member would get for a question, and why.

    Args:
        outcome: What came of it.
        style: How the server wants its replies.
        logged: The question as it was answered then, if this is about an earlier reply.
        is_question: False if it would not even be looked up.
    """
    speech = style.speech
    explanation = explain(outcome)
    said = [speech.say(texts.TEST_ASKED, text=limits.shorten(outcome.text, limits.EMBED_TITLE))]
    if logged is not None:
        verdict = speech.say(_VERDICTS[logged.verdict])
        said.append(
            speech.say(texts.TEST_THEN, verdict=verdict, id=logged.entry_id or "?", similarity=logged.similarity or 0.0)
        )
    said.append(f"**{speech.say(_consequence(outcome) if is_question else texts.TEST_QUIET)}**")
    said += [] if is_question else [speech.say(texts.TEST_NO_QUESTION)]
    said += [f"• {speech.tell(sentence)}" for sentence in explanation.sentences]
    for number, candidate in enumerate(explanation.candidates, start=1):
        shares = " + ".join(f"{speech.say(_SHARES[share.term])} {share.adds:.2f}" for share in candidate.shares)
        hit = candidate.hit
        said.append(
            speech.say(
                texts.TEST_LINE,
                number=number,
                id=hit.entry.id,
                similarity=hit.similarity,
                relevance=hit.relevance,
                shares=shares,
            )
        )
    description = limits.shorten("\n".join(limits.shorten(line, _LINE) for line in said), limits.EMBED_DESCRIPTION)
    embed = discord.Embed(title=speech.say(texts.TEST_TITLE), description=description, colour=COLOUR)
    if outcome.action is Action.STAY_SILENT or not is_question:
        return Reply(embeds=(embed,))
    shown = render_answer(outcome, style)
    # The answer may take all the room that a message has; here it is the reasons that count.
    answers = tuple(_shortened(one) for one in shown.embeds)
    return Reply(shown.content, (*answers, embed), shown.buttons)


def _list_line(listed: Listed, speech: Speech) -> str:
    entry = listed.entry
    marks = [] if listed.origin is Origin.FILE else [speech.say(_ORIGINS[listed.origin])]
    marks += [] if entry.enabled else [speech.say(texts.DISABLED)]
    marked = f" · {', '.join(marks)}" if marks else ""
    return f"**{quote(entry.question, _SHOWN_QUESTION)}**\n`{entry.id}`{marked}"


def _consequence(outcome: Outcome) -> str:
    match outcome.verdict:
        case Answer():
            return texts.TEST_ANSWERS
        case Suggest() if outcome.query.addressed:
            return texts.TEST_SUGGESTS
        case _:
            return texts.TEST_SILENT if outcome.query.addressed else texts.TEST_QUIET


def _shortened(embed: discord.Embed) -> discord.Embed:
    copy = embed.copy()
    copy.description = limits.shorten(embed.description or "", limits.EMBED_FIELD_VALUE)
    return copy

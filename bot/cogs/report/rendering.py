"""From a report to its message. Pure: nothing here talks to Discord.

A message shows a few topics at a time, each as an embed with a row of buttons; buttons lead to the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from ...core.reports import Deed, TopicKind
from ...core.speech import counted
from ...services.report_lists import place_of
from .. import limits
from ..rendering import COLOUR, Reply, quote
from . import texts
from .buttons import ReportButton

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...core.reports import Asked, Done, Ignored, Posting, Report, Topic
    from ..speech import Speech

TOPICS_A_PAGE = 4
"""Discord: five rows of buttons, of which one leads to the other pages."""
_QUESTION = 300
"""Characters of the question that stands for a topic; with all else an embed stays below 1,400."""
_IGNORED, _IGNORED_QUESTION = 20, 100
"""Questions that are ignored, and characters of each, that stand in one message: four rows of buttons."""
_LAST_ROW = 4
PAGES = ("before", "here", "after")
"""What the buttons do that turn a report's pages; the one between them only tells which page it is."""
IGNORED_PAGES = ("ignoredbefore", "ignoredhere", "ignoredafter")
"""The same for the pages of what is ignored."""
_LINKS = 5
_CHANNELS = 3
KINDS = {
    TopicKind.NO_ENTRY: texts.KIND_NO_ENTRY,
    TopicKind.MISSED_PHRASING: texts.KIND_MISSED_PHRASING,
    TopicKind.COLLIDING: texts.KIND_COLLIDING,
    TopicKind.ASKED_AGAIN: texts.KIND_ASKED_AGAIN,
    TopicKind.ANSWERED: texts.KIND_ANSWERED,
}
"""What the kinds are called."""
COLOURS = {
    TopicKind.NO_ENTRY: discord.Colour(0xD55E00),
    TopicKind.MISSED_PHRASING: discord.Colour(0xE69F00),
    TopicKind.COLLIDING: discord.Colour(0xCC79A7),
    TopicKind.ASKED_AGAIN: discord.Colour(0x56B4E9),
    TopicKind.ANSWERED: discord.Colour(0x009E73),
}
"""Those of the picture."""
_DONE = {
    Deed.ADDED_PHRASING: texts.DONE_PHRASING,
    Deed.CREATED_ENTRY: texts.DONE_ENTRY,
    Deed.MERGED: texts.DONE_MERGED,
    Deed.IGNORED: texts.DONE_IGNORED,
}


def shown_topics(report: Report, asked: Mapping[int, Asked]) -> list[Topic]:
    """Return the topics about which something can be done, as far as any of their questions is still there."""
    return [
        topic
        for topic in report.topics
        if topic.kind is not TopicKind.ANSWERED and any(one in asked for one in topic.question_ids)
    ]


def title_of(topic: Topic, asked: Mapping[int, Asked]) -> str:
    """Return the question that stands for a topic; if it was deleted, the first of the others; empty without any."""
    ids = (topic.medoid_id, *topic.question_ids)
    return next((asked[one].text for one in ids if one in asked), "")


def render_report(
    posting: Posting,
    report: Report,
    asked: Mapping[int, Asked],
    questions: Mapping[str, str],
    speech: Speech,
    *,
    page: int = 0,
) -> Reply:
    """Return a page of a report, without its files.

    Args:
        posting: The report's life.
        report: What it says.
        asked: The questions that are still there, by their rows.
        questions: The entries' questions, by their ids.
        speech: The language.
        page: The page, from 0; one that is not there is the last.
    """
    topics = shown_topics(report, asked)
    pages = max(1, -(-len(topics) // TOPICS_A_PAGE))
    page = min(max(page, 0), pages - 1)
    own = topics[page * TOPICS_A_PAGE : (page + 1) * TOPICS_A_PAGE]
    headline = render_headline(report, topics, speech)
    headline.set_footer(text=name_report(posting.id, speech))
    embeds = [headline]
    rows: list[tuple[discord.ui.Item[Any], ...]] = []
    for row, topic in enumerate(own):
        done = posting.done.get(topic.number)
        embeds.append(_render_topic(topic, report.guild_id, asked, questions, speech, done))
        rows.append(_build_row(posting.id, topic, speech, row, done))
    if pages > 1:
        rows.append(_build_pages(PAGES, posting.id, page, pages, speech))
    return Reply(embeds=tuple(embeds), buttons=tuple(rows))


def render_deleted(posting: Posting, speech: Speech) -> Reply:
    """Return a report of which nothing is left: a quiet line, and the name by which it is found."""
    embed = discord.Embed(description=speech.say(texts.DELETED), colour=COLOUR)
    return Reply(embeds=(embed.set_footer(text=name_report(posting.id, speech)),))


def render_ignored(ignored: Sequence[Ignored], speech: Speech, note: str | None = None, *, page: int = 0) -> Reply:
    """Return a page of the questions that no report shows, each with a button that takes that back.

    Args:
        ignored: The questions.
        speech: The language.
        note: What is said above them.
        page: The page, from 0; one that is not there is the last.
    """
    pages = max(1, -(-len(ignored) // _IGNORED))
    page = min(max(page, 0), pages - 1)
    lines = list[str]()
    buttons = list[ReportButton]()
    for number, one in list(enumerate(ignored, start=1))[page * _IGNORED : (page + 1) * _IGNORED]:
        when = discord.utils.format_dt(one.at, "R")
        question = quote(one.question, _IGNORED_QUESTION)
        lines.append(speech.say(texts.IGNORED_LINE, number=number, question=question, who=one.by, when=when))
        buttons.append(ReportButton("show", one.id, number, speech.say(texts.STOP_IGNORING, number=number)))
    embed = discord.Embed(
        title=speech.say(texts.IGNORED_TITLE),
        description="\n".join(lines) or speech.say(texts.IGNORED_NONE),
        colour=COLOUR,
    )
    rows: list[tuple[discord.ui.Item[Any], ...]] = [
        tuple(buttons[at : at + limits.BUTTONS_A_ROW]) for at in range(0, len(buttons), limits.BUTTONS_A_ROW)
    ]
    if pages > 1:
        rows.append(_build_pages(IGNORED_PAGES, 0, page, pages, speech))
    return Reply(note, embeds=(embed,), buttons=tuple(rows))


def page_of_ignored(number: int) -> int:
    """Return the page, from 0, on which `render_ignored` shows the question of a number, from 1."""
    return (number - 1) // _IGNORED


def name_report(posting_id: int, speech: Speech) -> str:
    """Return the name that stands below a report, by which it is found again."""
    return speech.say(texts.FOOTER, number=posting_id)


def render_headline(report: Report, topics: Sequence[Topic], speech: Speech) -> discord.Embed:
    """Return the report in a few lines."""
    embed = discord.Embed(title=speech.say(texts.TITLE), colour=COLOUR)
    if not report.questions:
        embed.description = speech.say(texts.NOTHING)
        return embed
    share = round(100 * report.answered / report.questions)
    days = max(1, (report.until - report.since).days)
    lines = [
        speech.tell(
            counted(
                "**{count} question** in {days} days, {share} % answered",
                "**{count} questions** in {days} days, {share} % answered",
                report.questions,
                days=days,
                share=share,
            )
        )
    ]
    if topics:
        lines.append(
            speech.tell(
                counted("**{count} repeated topic** to look at", "**{count} repeated topics** to look at", len(topics))
            )
        )
    else:
        lines.append(speech.say(texts.NO_TOPICS))
    well = [topic for topic in report.topics if topic.kind is TopicKind.ANSWERED]
    if well:
        total = sum(len(topic.question_ids) for topic in well)
        lines.append(
            speech.tell(
                counted(
                    "{count} topic answered well ({questions} questions)",
                    "{count} topics answered well ({questions} questions)",
                    len(well),
                    questions=total,
                )
            )
        )
    embed.description = "\n".join(lines)
    return embed


def _render_topic(
    topic: Topic,
    guild_id: int,
    asked: Mapping[int, Asked],
    questions: Mapping[str, str],
    speech: Speech,
    done: Done | None,
) -> discord.Embed:
    own = [asked[one] for one in topic.question_ids if one in asked]
    title = quote(title_of(topic, asked), _QUESTION)
    lines = [f"**{title}**", _count(topic, own, speech), _about(topic, questions, speech)]
    channels = list(dict.fromkeys(f"<#{one.channel_id}>" for one in own if one.channel_id))
    said = ", ".join([*channels[:_CHANNELS], *(["…"] if len(channels) > _CHANNELS else [])])
    first, last = (discord.utils.format_dt(one.asked_at, "R") for one in (own[0], own[-1]))
    lines.append(speech.say(texts.WHEN, first=first, last=last, channels=said or speech.say(texts.NO_CHANNEL)))
    if links := _link(own, guild_id):
        lines.append(speech.say(texts.LINKS, links=links))
    if done:
        lines.append(speech.say(_DONE[done.deed], who=done.by, when=discord.utils.format_dt(done.at, "R")))
    return discord.Embed(
        title=f"{topic.number} · {speech.say(KINDS[topic.kind])}",
        description="\n".join(lines),
        colour=COLOURS[topic.kind],
    )


def _count(topic: Topic, own: Sequence[Asked], speech: Speech) -> str:
    askers = len({one.author_hash for one in own})
    people = counted("{count} person", "{count} people", askers)
    total = counted("asked {count} time by {people}", "asked {count} times by {people}", len(own), people=people)
    before = speech.say(texts.BEFORE if topic.before else texts.BEFORE_NONE, count=topic.before)
    return f"{speech.tell(total)}, {before}"


def _about(topic: Topic, questions: Mapping[str, str], speech: Speech) -> str:
    def named(entry_id: str | None) -> str:
        question = questions.get(entry_id or "")
        if question is None:
            return speech.say(texts.ENTRY_GONE)
        return quote(question, limits.EMBED_TITLE)

    match topic.kind:
        case TopicKind.MISSED_PHRASING:
            return speech.say(texts.ABOUT_MISSED_PHRASING, id=topic.entry_id, question=named(topic.entry_id))
        case TopicKind.COLLIDING:
            return speech.say(texts.ABOUT_COLLIDING, id=topic.entry_id, other=topic.other_entry_id)
        case TopicKind.ASKED_AGAIN:
            return speech.say(texts.ABOUT_ASKED_AGAIN, id=topic.entry_id)
        case _:
            return speech.say(texts.ABOUT_NO_ENTRY)


def _link(own: Sequence[Asked], guild_id: int) -> str:
    places = [place for one in own if (place := place_of(one, guild_id))][-_LINKS:]
    return " ".join(f"[{number}]({place.url})" for number, place in enumerate(places, start=1))


def _build_row(
    posting_id: int, topic: Topic, speech: Speech, row: int, done: Done | None
) -> tuple[discord.ui.Item[Any], ...]:
    def button(deed: str, label: str, *, first: bool = False, **fields: object) -> ReportButton:
        said = speech.say(label, number=topic.number, **fields)
        style = discord.ButtonStyle.primary if first else discord.ButtonStyle.secondary
        return ReportButton(deed, posting_id, topic.number, said, row=row, style=style)

    everything = button("all", texts.SHOW_ALL)
    if done:
        return (everything,)
    create, ignore = button("create", texts.CREATE_ENTRY), button("ignore", texts.IGNORE)
    phrase = button("phrase", texts.ADD_PHRASING)
    match topic.kind:
        case TopicKind.MISSED_PHRASING:
            phrase_of = button("phrase", texts.ADD_PHRASING_OF, first=True, id=topic.entry_id)
            return (phrase_of, create, ignore, everything)
        case TopicKind.COLLIDING:
            return (button("merge", texts.MERGE, first=True), phrase, create, ignore, everything)
        case _:
            return (button("create", texts.CREATE_ENTRY, first=True), phrase, ignore, everything)


def _build_pages(
    deeds: tuple[str, str, str], posting_id: int, page: int, pages: int, speech: Speech
) -> tuple[discord.ui.Item[Any], ...]:
    labels = speech.say(texts.PREVIOUS), speech.say(texts.PAGE, page=page + 1, pages=pages), speech.say(texts.NEXT)
    leads_to = max(page - 1, 0), page, min(page + 1, pages - 1)
    # Each has an id of its own, also where two would lead to the same page.
    return tuple(
        ReportButton(deed, posting_id, to, label, row=_LAST_ROW, disabled=to == page)
        for deed, to, label in zip(deeds, leads_to, labels, strict=True)
    )

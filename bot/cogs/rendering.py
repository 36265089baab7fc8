"""From an outcome to what people see. Pure: nothing here talks to Discord, and whatever comes out fits its limits."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import discord

from ..core.types import Answer, NoMatch, Suggest
from ..services import Action
from . import limits, texts
from .buttons import EntryButton, entry_button, find_links, link_button
from .speech import ENGLISH, Speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..core.types import Entry, Hit
    from ..services import Faq, Outcome

COLOUR = discord.Colour(0x3BA55D)
"""Green, readable beside Discord's light and dark backgrounds."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a server wants its replies.

    Attributes:
        show_similarity: Whether the footer tells the similarity.
        help_hint: A sentence below each answer that says how to reach a person; empty for none.
        speech: The language of the bot's own words.
    """

    show_similarity: bool = False
    help_hint: str = ""
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to be sent: text, embeds, buttons and files (name and content), each of them optional."""

    content: str | None = None
    embeds: tuple[discord.Embed, ...] = ()
    buttons: tuple[tuple[discord.ui.Item[Any], ...], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()

    def to_send(self) -> dict[str, Any]:
        """Return the keyword arguments of discord.py's methods that send. Nothing in a reply ever pings anyone.

        Must be called on the event loop, where discord.py makes its views.
        """
        sent = self._common() | ({"view": self._view()} if self.buttons else {})
        return sent | ({"files": self._files()} if self.files else {})

    def to_turn(self) -> dict[str, Any]:
        """Return the keyword arguments of discord.py's methods that edit, so that the message keeps its files."""
        return self._common() | {"content": self.content, "view": self._view() if self.buttons else None}

    def to_edit(self) -> dict[str, Any]:
        """Return the keyword arguments of discord.py's methods that edit: what is not in the reply is taken away."""
        view = self._view() if self.buttons else None
        return self._common() | {"content": self.content, "view": view, "attachments": self._files()}

    def _common(self) -> dict[str, Any]:
        common = {"embeds": list(self.embeds), "allowed_mentions": discord.AllowedMentions.none()}
        return common | ({"content": self.content} if self.content else {})

    def _files(self) -> list[discord.File]:
        return [discord.File(BytesIO(content), name) for name, content in self.files]

    def _view(self) -> discord.ui.View:
        view = discord.ui.View(timeout=None)
        for row in self.buttons:
            for button in row:
                view.add_item(button)
        return view


def quote(text: str, limit: int) -> str:
    """Return what somebody wrote in one line, without effect as markup, cut to `limit` characters with its escapes."""
    line = " ".join(text.split())
    shown = limits.shorten(line, limit)
    while (excess := len(quoted := discord.utils.escape_markdown(shown)) - limit) > 0:
        # A character takes two with its escape, so that this is never too much.
        shown = limits.shorten(line, len(shown) - -(-excess // 2))
    return quoted


def render_answer(outcome: Outcome, style: Style) -> Reply:
    """Return the reply to a question that is to be replied to.

    Args:
        outcome: With any action but STAY_SILENT.
        style: How the server wants it.
    """
    if outcome.action is Action.POINT_BACK:
        earlier = outcome.earlier
        if earlier is None:
            return Reply(style.speech.say(texts.ALREADY_ANSWERED))
        return Reply(style.speech.say(texts.ALREADY_ANSWERED_AT, url=earlier.url))
    asker_id = outcome.query.asker_id
    match outcome.verdict:
        case Answer(hit):
            return render_entry(hit.entry, outcome.faq, asker_id, style, similarity=hit.similarity)
        case Suggest(hits):
            return _render_suggestions(hits, asker_id, style)
        case NoMatch():
            words = style.speech.say(texts.NO_ANSWER if outcome.text else texts.ASK_ME)
            return Reply(f"{words}\n{style.help_hint}".strip())


def render_entry(entry: Entry, faq: Faq, asker_id: int, style: Style, *, similarity: float | None = None) -> Reply:
    """Return the reply that shows one entry: question, answer, links, and its follow-ups as buttons."""
    return Reply(
        embeds=(_embed(entry, style, similarity),), buttons=_rows(_links(entry), _follow_ups(entry, faq, asker_id))
    )


def render_appended(
    pressed: EntryButton,
    entry: Entry,
    faq: Faq,
    style: Style,
    *,
    embeds: Iterable[discord.Embed],
    components: Iterable[discord.Component],
) -> Reply:
    """Return the reply in which a follow-up's answer stands below what the message showed already.

    Where Discord's limits leave no room for everything, the oldest answers go, and the last buttons.

    Args:
        pressed: The follow-up's button.
        entry: Its entry.
        faq: The FAQ that names the entry's own follow-ups.
        style: How the server wants it.
        embeds: What the message shows.
        components: The message's buttons; those still of use stay.
    """
    shown = [*embeds, _embed(entry, style, None)][-limits.EMBEDS :]
    while len(shown) > 1 and sum(map(len, shown)) > limits.EMBED_TOTAL:
        del shown[0]
    components = list(components)
    links = {str(button.url): button for button in [*find_links(components), *_links(entry)]}
    titles = {embed.title for embed in shown}
    candidates = [*EntryButton.find_all(components), *_follow_ups(entry, faq, pressed.asker_id)]
    # An entry that is shown needs no button; one that is gone from the FAQ would lead nowhere.
    useful = {
        button.entry_id: button
        for button in candidates
        if (found := faq.find(button.entry_id)) and found.question not in titles
    }
    return Reply(embeds=tuple(shown), buttons=_rows(links.values(), useful.values()))


def _links(entry: Entry) -> list[discord.ui.Button[Any]]:
    return [link_button(link.label, link.url) for link in entry.links]


def _follow_ups(entry: Entry, faq: Faq, asker_id: int) -> list[EntryButton]:
    entries = [faq.find(entry_id) for entry_id in entry.follow_ups]
    return [entry_button(found, asker_id, replace=False) for found in entries if found]


def _embed(entry: Entry, style: Style, similarity: float | None) -> discord.Embed:
    embed = discord.Embed(title=entry.question, description=entry.answer.strip(), colour=COLOUR)
    if style.help_hint:
        embed.add_field(name=style.speech.say(texts.HINT_TITLE), value=style.help_hint, inline=False)
    footer = [style.speech.say(texts.AUTOMATIC)]
    if style.show_similarity and similarity is not None:
        footer.append(style.speech.say(texts.SIMILARITY, similarity=similarity))
    return embed.set_footer(text=" · ".join(footer))


def _render_suggestions(hits: Sequence[Hit], asker_id: int, style: Style) -> Reply:
    lines = [f"{number}. {hit.entry.question}" for number, hit in enumerate(hits, start=1)]
    embed = discord.Embed(title=style.speech.say(texts.DID_YOU_MEAN), description="\n".join(lines), colour=COLOUR)
    # A row each: labels are whole questions, and on a telephone several in a row are cut to nothing.
    buttons = tuple((entry_button(hit.entry, asker_id, replace=True, row=row),) for row, hit in enumerate(hits))
    return Reply(embeds=(embed.set_footer(text=style.speech.say(texts.AUTOMATIC)),), buttons=buttons)


def _rows(*groups: Iterable[discord.ui.Item[Any]]) -> tuple[tuple[discord.ui.Item[Any], ...], ...]:
    """Return buttons in rows, each group beginning a new one."""
    rows: list[tuple[discord.ui.Item[Any], ...]] = []
    for group in groups:
        items = tuple(group)
        rows += [items[start : start + limits.BUTTONS_A_ROW] for start in range(0, len(items), limits.BUTTONS_A_ROW)]
    for number, row in enumerate(rows[: limits.ROWS]):
        for item in row:
            item.row = number
    return tuple(rows[: limits.ROWS])

"""What one FAQ file may say. Limits named after Discord are those of its documentation, "Message" and "Components"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ..core.ids import MAX_ID, is_id
from ..core.speech import sentence
from ..core.text import clean
from ..core.types import Entry, Link
from ..yamlfile import Section, UnfitError, key, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_QUESTION = 256
"""Discord: an embed's title."""
MAX_ANSWER = 4096
"""Discord: an embed's description. With title, hint and footer an embed stays below 6,000 in all.

Discord counts code points, as Python does, so an emoji counts once (discord/discord-api-docs, issue 1315).
"""
MAX_ALTERNATE = 1000
MAX_ALTERNATES = 2000
MAX_TAG = 50
MAX_LINK_LABEL = 80
"""Discord: a button's label."""
MAX_URL = 512
"""Discord: the address of a link button."""
MAX_LINKS = 5
MAX_FOLLOW_UPS = 5
"""Discord: buttons in a row; links have one row, follow-ups another."""
MAX_TITLE = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ADDRESS_OR_MENTION = re.compile(r"https?://[^\s<>]|<(?:[@#:/]|a:|t:|id:)[^<>\s]+>|@everyone|@here")
"""What Discord shows, though there is nothing in it to compare with: a link, a channel, a server's own emoji."""


def _check_id(text: str) -> None:
    if not is_id(text):
        raise UnfitError(
            sentence(
                "should be lower-case letters, digits and single hyphens, like 'lost-card', found {found!r}", found=text
            )
        )


def _check_language(text: str) -> None:
    if not _LANGUAGE.fullmatch(text):
        raise UnfitError(sentence("should be a language tag like 'en' or 'pt-BR', found {found!r}", found=text))


def _check_phrasing(text: str) -> None:
    if not clean(text):
        raise UnfitError(
            sentence("has nothing to compare with once markup and invisible characters are taken away; write words")
        )


def _check_answer(text: str) -> None:
    if not clean(text) and not _ADDRESS_OR_MENTION.search(text):
        raise UnfitError(
            sentence("would be empty in Discord; write an answer, or set 'enabled: false' until there is one")
        )
    if text.count("```") % 2:
        raise UnfitError(
            sentence("opens a code block (```) and does not close it; close it, or the rest is shown as code")
        )


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an open bracket, or a port above 65535
        usable = False
    if not usable or re.search(r"\s", text):
        raise UnfitError(
            sentence("should be an address that begins with https:// or http://, found {found!r}", found=text)
        )


def _text(longest: int) -> rules.Rule[str]:
    return rules.text(at_least=1, at_most=longest, stripped=True)


_label = _text(MAX_LINK_LABEL)
_url = rules.checked(_text(MAX_URL), _check_url)
_id = rules.checked(rules.text(at_least=1, at_most=MAX_ID), _check_id)
_question = rules.checked(_text(MAX_QUESTION), _check_phrasing)
_alternate = rules.checked(_text(MAX_ALTERNATE), _check_phrasing)
_answer = rules.checked(_text(MAX_ANSWER), _check_answer)
_language = rules.checked(rules.text(), _check_language)


class LinkModel(Section):
    """A link of an entry."""

    label: str = key(_label)
    url: str = key(_url)


class EntryModel(Section):
    """An entry."""

    id: str = key(_id)
    question: str = key(_question)
    alternates: tuple[str, ...] = key(rules.listed(_alternate, at_most=MAX_ALTERNATES), default=())
    answer: str = key(_answer)
    tags: tuple[str, ...] = key(rules.listed(_text(MAX_TAG)), default=())
    links: tuple[LinkModel, ...] = key(rules.listed(LinkModel.read, at_most=MAX_LINKS), default=())
    follow_ups: tuple[str, ...] = key(rules.listed(rules.text(at_least=1), at_most=MAX_FOLLOW_UPS), default=())
    enabled: bool = key(rules.true_or_false, default=True)

    def to_core(self) -> Entry:
        """Return the entry as the rest of the program knows it."""
        return Entry(
            id=self.id,
            question=self.question,
            answer=self.answer,
            alternates=self.alternates,
            tags=self.tags,
            links=tuple(Link(link.label, link.url) for link in self.links),
            follow_ups=self.follow_ups,
            enabled=self.enabled,
        )


def salvage(raw: Mapping[str, object]) -> Entry:
    """Return what can be compared with other entries of an entry that is not valid; what is not there is empty."""

    def texts(key: str) -> tuple[str, ...]:
        items = raw.get(key)
        # Each keeps its position, which is where problems point.
        return tuple(_or_empty(item) for item in cast("list[object]", items)) if isinstance(items, list) else ()

    return Entry(
        id=_or_empty(raw.get("id")),
        question=_or_empty(raw.get("question")),
        answer="",
        alternates=texts("alternates"),
        follow_ups=texts("follow_ups"),
        enabled=raw.get("enabled") is not False,
    )


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


class FaqModel(Section):
    """A file, with its entries as they stand there: each is an EntryModel, checked by itself."""

    title: str = key(_text(MAX_TITLE))
    language: str = key(_language, default="en")
    entries: tuple[Any, ...] = key(rules.listed(rules.anything, at_least=1))

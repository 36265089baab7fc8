"""What one FAQ file may say. Limits named after Discord are those of its documentation, "Message" and "Components"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ..core.ids import MAX_ID, is_id
from ..core.speech import sentence
from ..core.text import clean
from ..core.types import Entry, Link
from ..yamlfile import UnfitError

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


def _check_id(text: str) -> str:
    if not is_id(text):
        raise UnfitError(
            sentence(
                "should be lower-case letters, digits and single hyphens, like 'lost-card', found {found!r}", found=text
            )
        )
    return text


def _check_language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise UnfitError(sentence("should be a language tag like 'en' or 'pt-BR', found {found!r}", found=text))
    return text


def _check_phrasing(text: str) -> str:
    if not clean(text):
        raise UnfitError(
            sentence("has nothing to compare with once markup and invisible characters are taken away; write words")
        )
    return text


def _check_answer(text: str) -> str:
    if not clean(text) and not _ADDRESS_OR_MENTION.search(text):
        raise UnfitError(
            sentence("would be empty in Discord; write an answer, or set 'enabled: false' until there is one")
        )
    if text.count("```") % 2:
        raise UnfitError(
            sentence("opens a code block (```) and does not close it; close it, or the rest is shown as code")
        )
    return text


def _check_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an open bracket, or a port above 65535
        usable = False
    if not usable or re.search(r"\s", text):
        raise UnfitError(
            sentence("should be an address that begins with https:// or http://, found {found!r}", found=text)
        )
    return text


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LinkModel(_Model):
    """A link of an entry."""

    label: Annotated[str, _text(MAX_LINK_LABEL)]
    url: Annotated[str, _text(MAX_URL), AfterValidator(_check_url)]


class EntryModel(_Model):
    """An entry."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID), AfterValidator(_check_id)]
    question: Annotated[str, _text(MAX_QUESTION), AfterValidator(_check_phrasing)]
    alternates: Annotated[
        list[Annotated[str, _text(MAX_ALTERNATE), AfterValidator(_check_phrasing)]], Field(max_length=MAX_ALTERNATES)
    ] = []
    answer: Annotated[str, _text(MAX_ANSWER), AfterValidator(_check_answer)]
    tags: list[Annotated[str, _text(MAX_TAG)]] = []
    links: Annotated[list[LinkModel], Field(max_length=MAX_LINKS)] = []
    follow_ups: Annotated[list[Annotated[str, Field(min_length=1)]], Field(max_length=MAX_FOLLOW_UPS)] = []
    enabled: bool = True

    def to_core(self) -> Entry:
        """Return the entry as the rest of the program knows it."""
        return Entry(
            id=self.id,
            question=self.question,
            answer=self.answer,
            alternates=tuple(self.alternates),
            tags=tuple(self.tags),
            links=tuple(Link(link.label, link.url) for link in self.links),
            follow_ups=tuple(self.follow_ups),
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


class FaqModel(_Model):
    """A file, with its entries as they stand there: each is an EntryModel, checked by itself."""

    title: Annotated[str, _text(MAX_TITLE)]
    language: Annotated[str, AfterValidator(_check_language)] = "en"
    entries: Annotated[list[Any], Field(min_length=1)]

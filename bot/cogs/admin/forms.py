"""The form for an entry: what it is filled with, and what was typed into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord

from ...core.errors import EditRefusedError
from ...core.speech import sentence
from .. import limits
from . import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..speech import Speech

FORM_PREFIX = "faqtotum:form:"
"""Before the draft's number in a form's custom id: whoever submits it is served, also after a restart."""

Raw = dict[str, Any]
"""An entry as a draft keeps it: the keys of the FAQ files, and whatever was typed."""


def build_form(draft_id: int, raw: Raw, speech: Speech, title: str) -> discord.ui.Modal:
    """Return the form for an entry, filled with what there is.

    Raises:
        EditRefusedError: The answer does not fit into a form.
    """
    answer: str = raw.get("answer", "")
    if len(answer) > limits.TEXT_INPUT:
        said = sentence(
            "The answer has {length} characters, and Discord's forms hold {limit}. Edit it in a file: `/faq export`, "
            "then `/faq import`.",
            length=len(answer),
            limit=limits.TEXT_INPUT,
        )
        raise EditRefusedError(said)
    form = discord.ui.Modal(title=speech.say(title), custom_id=f"{FORM_PREFIX}{draft_id}", timeout=None)
    for name, label, hint, paragraph, required, value in (
        ("question", texts.FORM_QUESTION, texts.FORM_QUESTION_HINT, False, True, raw.get("question", "")),
        ("alternates", texts.FORM_ALTERNATES, texts.FORM_ALTERNATES_HINT, True, False, _lines(raw.get("alternates"))),
        ("answer", texts.FORM_ANSWER, texts.FORM_ANSWER_HINT, True, True, answer),
        ("tags", texts.FORM_TAGS, "", False, False, ", ".join(raw.get("tags") or ())),
        ("links", texts.FORM_LINKS, texts.FORM_LINKS_HINT, True, False, _lines(map(_to_line, raw.get("links") or ()))),
    ):
        if len(value) > limits.TEXT_INPUT or (name == "tags" and any("," in tag for tag in raw.get("tags") or ())):
            # So many phrasings do not fit, and such tags would be torn apart; what is not in the form stays as it is.
            continue
        field = discord.ui.TextInput[Any](
            custom_id=name,
            style=discord.TextStyle.paragraph if paragraph else discord.TextStyle.short,
            required=required,
            default=value or None,
            max_length=max(limits.EMBED_TITLE, len(value)) if name == "question" else limits.TEXT_INPUT,
        )
        description = speech.say(hint) if hint else None
        form.add_item(discord.ui.Label(text=speech.say(label), description=description, component=field))
    return form


def read_form(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed into a form, by the custom ids of its fields."""
    typed: dict[str, str] = {}
    for row in cast("Iterable[Mapping[str, Any]]", data.get("components", ())):
        for field in [row["component"]] if "component" in row else row.get("components", ()):
            typed[field["custom_id"]] = field.get("value", "")
    return typed


def fill_in(raw: Raw, typed: Mapping[str, str]) -> Raw:
    """Return an entry with what was typed; what the form did not have stays."""
    filled = dict(raw)
    for name in ("question", "answer"):
        if name in typed:
            filled[name] = typed[name].strip()
    if "alternates" in typed:
        filled["alternates"] = _split(typed["alternates"], "\n")
    if "tags" in typed:
        filled["tags"] = _split(typed["tags"], ",")
    if "links" in typed:
        filled["links"] = [_to_link(line) for line in _split(typed["links"], "\n")]
    return filled


def _split(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


def _lines(parts: Iterable[str] | None) -> str:
    # A file may break a phrasing over lines, which mean nothing in it; here a line is a phrasing.
    return "\n".join(" ".join(part.split()) for part in parts or ())


def _to_line(link: Mapping[str, str]) -> str:
    return f"{link['label']} | {link['url']}" if link["url"] else link["label"]


def _to_link(line: str) -> dict[str, str]:
    label, _, url = (part.strip() for part in line.rpartition("|")) if "|" in line else (line, "", "")
    # An address alone is its own label.
    return (
        {"label": label or url, "url": url} if url or not label.startswith("http") else {"label": label, "url": label}
    )

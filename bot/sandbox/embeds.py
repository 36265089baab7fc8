"""Checks embeds against Discord's limits and completes them.

Source of the limits: Discord's documentation of the message resource, "Embed Limits".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._json import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._json import Json
    from .forms import Form

MAX_EMBEDS = 10
MAX_TITLE = 256
MAX_DESCRIPTION = 4096
MAX_FIELDS = 25
MAX_FIELD_NAME = 256
MAX_FIELD_VALUE = 1024
MAX_FOOTER = 2048
MAX_AUTHOR = 256
MAX_TOTAL = 6000

_PICTURES = ("image", "thumbnail")
_SCHEMES = ("http://", "https://", "attachment://")


def check(embeds: list[Json], form: Form) -> None:
    """Note in the form whatever Discord would refuse."""
    form.count("embeds", embeds, MAX_EMBEDS)
    for index, embed in enumerate(embeds):
        _check_one(embed, f"embeds.{index}", form)
    if sum(map(_weight, embeds)) > MAX_TOTAL:
        form.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_TOTAL}")


def _check_one(embed: Json, path: str, form: Form) -> None:
    form.length(f"{path}.title", embed.get("title"), MAX_TITLE)
    form.length(f"{path}.description", embed.get("description"), MAX_DESCRIPTION)
    footer, author = embed.get("footer"), embed.get("author")
    if footer is not None:
        form.length(f"{path}.footer.text", footer.get("text"), MAX_FOOTER, 1)
    if author is not None:
        form.length(f"{path}.author.name", author.get("name"), MAX_AUTHOR, 1)
    fields: list[Json] = as_list(embed.get("fields"))
    form.count(f"{path}.fields", fields, MAX_FIELDS)
    for index, field in enumerate(fields):
        form.length(f"{path}.fields.{index}.name", field.get("name"), MAX_FIELD_NAME, 1)
        form.length(f"{path}.fields.{index}.value", field.get("value"), MAX_FIELD_VALUE, 1)
    for key in _PICTURES:
        picture = embed.get(key)
        if picture is not None and not str(picture.get("url")).startswith(_SCHEMES):
            form.add(f"{path}.{key}.url", "URL_TYPE_INVALID_SCHEME", "Not a well formed URL.")


def _weight(embed: Json) -> int:
    texts: list[Any] = [embed.get("title"), embed.get("description")]
    texts += [as_object(embed.get("footer")).get("text"), as_object(embed.get("author")).get("name")]
    for field in as_list(embed.get("fields")):
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def complete(embed: Json, resolve: Callable[[str], str]) -> Json:
    """The embed as Discord sends it back: typed, without empty fields, `attachment://` addresses resolved."""
    done = {key: value for key, value in embed.items() if value not in (None, [], {})}
    done["type"] = "rich"
    if "fields" in done:
        done["fields"] = [{"inline": False} | field for field in done["fields"]]
    for key in _PICTURES:
        if key in done:
            done[key] = {"url": resolve(done[key]["url"])}
    return done

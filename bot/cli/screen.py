"""Discord messages drawn in a terminal. Pure: a message of Discord's API goes in, something for rich comes out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from rich.columns import Columns
from rich.console import Group
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

EPHEMERAL = 1 << 6
"""Message flag: only one person sees it. Source: Discord's documentation, "Message Flags"."""
_BUTTON = 2
_LINK = 5
_STYLES = {1: "white on blue", 2: "white on grey37", 3: "white on green", 4: "white on red"}
"""How buttons look, by their style: primary, secondary, success, danger."""
_MENTION = re.compile(r"<@!?(\d+)>")
_CHANNEL = re.compile(r"<#(\d+)>")
_COMMAND = re.compile(r"</([^:<>]+):\d+>")
_SUBTEXT = re.compile(r"^-# ", re.MULTILINE)


@dataclass(slots=True)
class Names:
    """What ids are called, as far as this terminal has seen."""

    users: dict[str, str] = field(default_factory=dict[str, str])
    channels: dict[str, str] = field(default_factory=dict[str, str])

    def spell_out(self, text: str) -> str:
        """Return a text with its mentions as people read them."""
        text = _MENTION.sub(lambda match: f"@{self.users.get(match[1], 'unknown')}", text)
        text = _CHANNEL.sub(lambda match: f"#{self.channels.get(match[1], 'unknown')}", text)
        return _COMMAND.sub(r"/\1", text)


@dataclass(slots=True)
class Buttons:
    """The buttons on the screen, numbered from 1 in the order in which they appeared."""

    shown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def number(self, message_id: str, custom_id: str) -> int:
        """Return the number of a button; the same button keeps its number when its message is drawn again."""
        button = (message_id, custom_id)
        if button not in self.shown:
            self.shown.append(button)
        return self.shown.index(button) + 1

    def find(self, number: int) -> tuple[str, str] | None:
        """Return message id and custom id of a button, None if there is no such number."""
        return self.shown[number - 1] if 1 <= number <= len(self.shown) else None


def draw_message(message: Mapping[str, Any], names: Names, buttons: Buttons) -> RenderableType:
    """Return a message as it looks in Discord: author, quoted message, text, embeds, buttons, attachments."""
    message = _printable(message)
    parts: list[RenderableType] = []
    if replied := message.get("referenced_message"):
        author = replied["author"].get("global_name") or replied["author"]["username"]
        said = " ".join(names.spell_out(replied["content"]).split())
        parts.append(Text(f"╭─ {author}: {said or '…'}", "dim", overflow="ellipsis", no_wrap=True))
    parts.append(_head(message))
    body = _body(message, names, buttons)
    parts.append(Padding(Group(*body), (0, 0, 1, 2)) if body else Text())
    return Group(*parts)


def _printable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value without the characters that would command the terminal instead of being shown in it."""
    match value:
        case str():
            return "".join(char for char in value if char in "\n\t" or unicodedata.category(char) != "Cc")
        case dict():
            return {key: _printable(inner) for key, inner in cast("dict[str, Any]", value).items()}
        case list():
            return [_printable(inner) for inner in cast("list[Any]", value)]
        case _:
            return value


def _head(message: Mapping[str, Any]) -> Text:
    author = message["author"]
    head = Text(author.get("global_name") or author["username"], "bold green" if author.get("bot") else "bold cyan")
    if author.get("bot"):
        head.append(" ").append(" APP ", "white on blue")
    if message.get("edited_timestamp"):
        head.append(" (edited)", "dim")
    if message.get("flags", 0) & EPHEMERAL:
        head.append("  only you can see this", "dim italic")
    return head


def _body(message: Mapping[str, Any], names: Names, buttons: Buttons) -> list[RenderableType]:
    body: list[RenderableType] = []
    if message["content"]:
        body.append(_markdown(message["content"], names))
    body += [_draw_embed(embed, names) for embed in message.get("embeds", ())]
    body += [Text(f"📎 {attachment['filename']}") for attachment in message.get("attachments", ())]
    for row in message.get("components", ()):
        drawn = [
            _draw_button(message["id"], button, buttons)
            for button in row.get("components", ())
            if button["type"] == _BUTTON
        ]
        if drawn:
            # Columns fold between buttons, not inside of them.
            body.append(Columns(drawn, padding=(0, 2)))
    return body


def _draw_embed(embed: Mapping[str, Any], names: Names) -> RenderableType:
    parts: list[RenderableType] = []
    if title := embed.get("title"):
        parts.append(Text(title, "bold"))
    if description := embed.get("description"):
        parts.append(_markdown(description, names))
    for name, value in ((part["name"], part["value"]) for part in embed.get("fields", ())):
        parts += [Text(name, "bold"), _markdown(value, names)]
    if footer := embed.get("footer"):
        parts.append(Text(footer["text"], "dim"))
    colour = embed.get("color")
    return Panel(Group(*parts), border_style=f"#{colour:06x}" if colour else "dim", padding=(0, 1))


def _draw_button(message_id: str, button: Mapping[str, Any], buttons: Buttons) -> Text:
    label = button.get("label") or ""
    if button["style"] == _LINK:
        return Text.assemble((label, Style(underline=True, link=button["url"])), " ↗")
    number = buttons.number(message_id, button["custom_id"])
    return Text.assemble((f"[{number}]", "bold yellow"), " ", (f" {label} ", _STYLES.get(button["style"], "reverse")))


def _markdown(text: str, names: Names) -> Markdown:
    # Discord keeps single line breaks, which Markdown joins; two spaces at the end of a line keep them here too.
    lines = _SUBTEXT.sub("", names.spell_out(text)).split("\n")
    return Markdown("  \n".join(lines))

"""Turns the body of a request into the content of a message, or refuses it as Discord would.

Source: Discord's documentation of the message resource, "Create Message", and the API reference, "Uploading Files".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import attachments, components, embeds, mentions
from ._json import as_list
from .entities import MessageFlag
from .errors import empty_message
from .forms import Form

if TYPE_CHECKING:
    from ._json import Json
    from .attachments import Upload
    from .entities import Attachment, Message
    from .world import World

MAX_CONTENT = 2000
MAX_ATTACHMENTS = 10

_SENDABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.IS_COMPONENTS_V2


def check(body: Json, *, v2: bool, prefix: str = "") -> None:
    """Check what a message body says.

    Raises:
        ApiError: 400 with code 50035, naming every field that is wrong (below `prefix`).
    """
    form = _PrefixedForm(prefix)
    form.length("content", body.get("content"), MAX_CONTENT)
    if v2 and (body.get("content") or body.get("embeds")):
        form.add("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "not with IS_COMPONENTS_V2")
    embeds.check(as_list(body.get("embeds")), form)
    components.check(as_list(body.get("components")), form, v2=v2)
    mentions.check(body.get("allowed_mentions"), form)
    form.count("attachments", as_list(body.get("attachments")), MAX_ATTACHMENTS)
    form.close()


class _PrefixedForm(Form):
    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def add(self, path: str, code: str, message: str) -> None:
        super().add(self._prefix + path, code, message)


def fill(message: Message, body: Json, uploads: list[Upload], world: World, *, prefix: str = "") -> None:
    """Put what a body says into a new or an edited message; what it does not mention stays.

    Raises:
        ApiError: 400, when Discord would refuse the body or nothing would be left to read; 413 for large files.
    """
    if body.get("flags") is not None:
        sent = int(body["flags"])
        message.flags = (message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | (sent & int(_SENDABLE))
    attachments.check_sizes(uploads)
    check(body, v2=bool(message.flags & MessageFlag.IS_COMPONENTS_V2), prefix=prefix)
    if "attachments" in body or uploads:
        message.attachments = _attachments(message, body, uploads, world)
    if "content" in body:
        message.content = (body["content"] or "").strip()
    if "embeds" in body:
        message.embeds = [embeds.complete(each, lambda url: _resolve(message, url)) for each in as_list(body["embeds"])]
    if "components" in body:
        message.components = components.complete(as_list(body["components"]))
    if not (message.content or message.embeds or message.components or message.attachments):
        raise empty_message()


def _attachments(message: Message, body: Json, uploads: list[Upload], world: World) -> list[Attachment]:
    described: dict[str, Json] = {str(each.get("id")): each for each in as_list(body.get("attachments"))}
    kept = [each for each in message.attachments if "attachments" not in body or str(each.id) in described]
    folder, hidden = f"attachments/{message.channel.id}", message.ephemeral_for is not None
    kept += [
        attachments.store(world, folder, upload, described.get(upload.number, {}), ephemeral=hidden)
        for upload in uploads
    ]
    form = Form()
    form.count("attachments", kept, MAX_ATTACHMENTS)
    form.close()
    return kept


def _resolve(message: Message, url: str) -> str:
    filename = url.removeprefix("attachment://")
    return next((file.url for file in message.attachments if file.filename == filename), url)

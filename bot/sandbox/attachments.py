"""Keeps uploaded files, of messages as well as of interactions.

Source: Discord's documentation of the message resource, "Attachment Structure", and the API reference, "Uploading
Files".
"""

from __future__ import annotations

import mimetypes
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ._json import as_list
from .entities import Attachment
from .errors import too_large

if TYPE_CHECKING:
    from ._json import Json
    from .world import World

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
"""What users without Nitro, and applications in guilds without boosts, may upload as one file."""
MAX_FILENAME = 1024

_TEXTUAL = ("text/", "application/json")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = slice(16, 24)
"""Width and height in the header of a PNG (its specification, section 11.2.1)."""


@dataclass(frozen=True)
class Upload:
    """One file of a multipart request; `field` is its name there, such as `files[0]`."""

    field: str
    filename: str
    content: bytes
    content_type: str

    @property
    def number(self) -> str:
        """What a body calls this file by: the number in its field's name."""
        return self.field.removeprefix("files[").removesuffix("]")


def check_sizes(uploads: list[Upload]) -> None:
    """Check that no file is too large.

    Raises:
        ApiError: 413 with code 40005.
    """
    if any(len(upload.content) > MAX_ATTACHMENT_BYTES for upload in uploads):
        raise too_large()


def store(world: World, folder: str, upload: Upload, described: Json, *, ephemeral: bool) -> Attachment:
    """Make an attachment of an upload. `folder` is the part of its address before its id."""
    file_id = world.snowflakes.next()
    filename = str(described.get("filename") or upload.filename)
    guessed = mimetypes.guess_type(filename)[0] or upload.content_type
    if guessed.startswith(_TEXTUAL):
        guessed += "; charset=utf-8"
    return Attachment(
        file_id,
        filename,
        upload.content,
        guessed,
        f"{world.base_url}/{folder}/{file_id}/{quote(filename)}",
        described.get("description"),
        ephemeral=ephemeral,
        size=_picture_size(upload.content),
    )


def _picture_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG_MAGIC) or len(content) < _PNG_SIZE.stop:
        return None
    width, height = struct.unpack(">II", content[_PNG_SIZE])
    return width, height


def of_interaction(world: World, channel_id: int, data: Json, uploads: list[Upload]) -> dict[str, Attachment]:
    """The files that came with an interaction, by the numbers that its `data` calls them by.

    Raises:
        ApiError: 413 for a file that is too large.
    """
    check_sizes(uploads)
    described: dict[str, Json] = {str(each.get("id")): each for each in as_list(data.get("attachments"))}
    folder = f"ephemeral-attachments/{channel_id}"
    return {
        upload.number: store(world, folder, upload, described.get(upload.number, {}), ephemeral=True)
        for upload in uploads
    }

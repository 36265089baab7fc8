"""Files that come in and go out: imports, exports and pictures. Reading, writing and drawing happen in a thread."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING

import discord

from ...core.errors import FaqInvalidError, Problem
from ...core.speech import counted, sentence
from ...faqfiles.formats import MAX_BYTES, Format, read_faq, write_faq
from ...services import advise, find_overlap
from .. import limits
from ..rendering import COLOUR, Reply
from . import texts
from .rendering import render_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.types import Entry
    from ...faqfiles.formats import Imported
    from ...plots import OverlapWords
    from ...services import Faq, Overlap
    from ..speech import Speech

WRITTEN = (Format.YAML.value, Format.JSON.value, Format.CSV.value)
_SHOWN_PAIRS = 8
_MEGABYTE = 2**20
_ZIPPED = ".zip"


async def read_attachment(attachment: discord.Attachment) -> Imported:
    """Return the FAQ that an attached file holds.

    Raises:
        FaqInvalidError: With every problem.
    """
    name = attachment.filename
    if attachment.size > MAX_BYTES:
        fault = sentence(
            "has {size:.1f} MB; at most {most} MB are read: split it, or leave out what is no FAQ",
            size=attachment.size / _MEGABYTE,
            most=MAX_BYTES // _MEGABYTE,
        )
        raise FaqInvalidError([Problem(name, 0, fault)])
    try:
        content = await attachment.read()
    except discord.HTTPException as error:
        fault = sentence("could not be fetched from Discord; attach it again")
        raise FaqInvalidError([Problem(name, 0, fault)]) from error
    return await asyncio.to_thread(read_faq, content, name)


def render_invalid(error: FaqInvalidError, speech: Speech) -> Reply:
    """Return why a file cannot be imported."""
    return render_problems(error, speech, texts.IMPORT_PROBLEMS)


async def write_attachment(entries: Sequence[Entry], kind: Format, title: str, speech: Speech) -> Reply:
    """Return a message with the FAQ as a file, zipped where Discord would not take it as it is."""
    said = speech.tell(counted("{count} entry", "{count} entries", len(entries)))
    name, content = await asyncio.to_thread(_write, entries, kind, title)
    if len(content) > limits.FILE:
        size, most = len(content) / _MEGABYTE, limits.FILE // _MEGABYTE
        return Reply(speech.say(texts.EXPORT_TOO_LARGE, said=said, size=size, most=most))
    if name.endswith(_ZIPPED):
        said = speech.say(texts.EXPORT_ZIPPED, said=said)
    return Reply(said, files=((name, content),))


def _write(entries: Sequence[Entry], kind: Format, title: str) -> tuple[str, bytes]:
    name, content = f"faq.{kind.value}", write_faq(entries, kind, title=title)
    if len(content) <= limits.FILE:
        return name, content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return f"{name}{_ZIPPED}", packed.getvalue()


async def draw_overlap(faq: Faq, speech: Speech) -> Reply:
    """Return a message with the picture of an FAQ's similarities, and the entries that could be confused."""
    overlap, picture = await asyncio.to_thread(_draw, faq, speech)
    lines: list[str] = []
    for number, pair in enumerate(overlap.pairs[:_SHOWN_PAIRS], start=1):
        said = " ".join(speech.tell(one) for one in advise(pair))
        lines.append(f"**{number}.** {limits.shorten(said, limits.EMBED_DESCRIPTION // (_SHOWN_PAIRS + 1))}")
    embed = discord.Embed(
        title=speech.say(texts.OVERLAP_TITLE),
        description="\n".join(lines) or speech.say(texts.OVERLAP_NONE),
        colour=COLOUR,
    )
    embed.set_image(url="attachment://overlap.png")
    return Reply(embeds=(embed,), files=(("overlap.png", picture),))


def _draw(faq: Faq, speech: Speech) -> tuple[Overlap, bytes]:
    # Drawing costs a second and some 40 MB when it is first imported, which nobody pays who never asks for it.
    from ...plots import plot_overlap  # noqa: PLC0415

    overlap = find_overlap(faq)
    return overlap, plot_overlap(overlap, say_overlap_words(speech))


def say_overlap_words(speech: Speech) -> OverlapWords:
    """Return what the picture says in a language."""
    from ...plots import OverlapWords  # noqa: PLC0415 - as above

    return OverlapWords(
        title=speech.say(texts.OVERLAP_TITLE),
        pairs=speech.say(texts.OVERLAP_PAIRS),
        none=speech.say(texts.OVERLAP_NONE_HEADING),
        legend=speech.say(texts.OVERLAP_LEGEND),
        more=speech.read(texts.OVERLAP_MORE),
        scale=speech.say(texts.OVERLAP_SCALE),
        close=speech.say(texts.OVERLAP_CLOSE),
    )

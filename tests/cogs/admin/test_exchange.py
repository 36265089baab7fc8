"""An FAQ goes out as a file that Discord takes, or whoever asked for it is told how to get it."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from bot.cogs import limits
from bot.cogs.admin.exchange import write_attachment
from bot.cogs.speech import ENGLISH, speech_in
from bot.core.types import Entry
from bot.faqfiles.formats import Format, read_faq, write_faq

ENTRIES = [Entry(f"e{number}", f"Question no. {number}?", ("An answer. " * 50).strip()) for number in range(200)]


async def test_what_fits_goes_out_as_it_is() -> None:
    reply = await write_attachment(ENTRIES, Format.YAML, "Zoo", ENGLISH)
    assert reply.content == "200 entries"
    assert reply.files == (("faq.yaml", write_faq(ENTRIES, Format.YAML, title="Zoo")),)


@pytest.mark.parametrize("kind", [Format.YAML, Format.JSON, Format.CSV])
async def test_what_is_too_large_is_zipped(kind: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE", 20_000)
    reply = await write_attachment(ENTRIES, kind, "Zoo", ENGLISH)
    [(name, content)] = reply.files
    assert name == f"faq.{kind.value}.zip"
    assert len(content) <= limits.FILE
    assert "200 entries, zipped" in (reply.content or "")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [held] = archive.namelist()
        assert list(read_faq(archive.read(held), held).entries) == ENTRIES


async def test_what_is_too_large_even_then_is_left_to_the_terminal() -> None:
    draw = random.Random(0)  # noqa: S311 - to be packed, and not to be kept secret
    entries = [Entry(f"e{number}", f"Question {number}?", draw.randbytes(2000).hex()) for number in range(6_000)]
    reply = await write_attachment(entries, Format.CSV, "Zoo", speech_in("de"))
    assert reply.files == ()
    assert "`faqtotum export`" in (reply.content or "")
    assert "6000 Einträge" in (reply.content or "")

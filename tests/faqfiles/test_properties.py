"""What holds for any FAQ file, whatever stands in it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.errors import FaqInvalidError
from bot.core.text import clean, phrasing_key
from bot.core.types import Entry, Link
from bot.faqfiles import FaqFiles


def read(folder: Path) -> list[Entry]:
    return list(asyncio.run(FaqFiles({None: ["faq.yaml"]}, folder).read())[None])


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=40)
phrasings = words.map(str.strip).filter(clean)
plain_entries = st.builds(
    Entry,
    id=st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,2}", fullmatch=True).filter(lambda text: len(text) <= 50),
    question=phrasings,
    answer=phrasings.filter(lambda text: "```" not in text),
    alternates=st.lists(phrasings, max_size=3).map(tuple),
    tags=st.lists(words.map(str.strip).filter(bool), max_size=2).map(tuple),
    links=st.lists(st.just(Link("L", "https://example.com/x")), max_size=2).map(tuple),
)


@st.composite
def faqs(draw: st.DrawFn) -> list[Entry]:
    found = draw(st.lists(plain_entries, min_size=1, max_size=4, unique_by=lambda entry: entry.id))
    keys = [phrasing_key(phrasing) for entry in found for phrasing in entry.phrasings]
    if len(keys) != len(set(keys)):
        found = [replace(found[0], alternates=())]
    return [replace(entry, follow_ups=tuple(other.id for other in found if other is not entry)) for entry in found]


@given(faqs())
@example([Entry(id="08", question="-.5", answer="1e3", alternates=("1_000", "0x10", "no"))])
def test_what_is_written_is_read_back(faq: list[Entry]) -> None:
    entries = [
        {
            "id": entry.id,
            "question": entry.question,
            "alternates": list(entry.alternates),
            "answer": entry.answer,
            "tags": list(entry.tags),
            "links": [{"label": link.label, "url": link.url} for link in entry.links],
            "follow_ups": list(entry.follow_ups),
        }
        for entry in faq
    ]
    written = yaml.safe_dump({"title": "T", "entries": json.loads(json.dumps(entries))}, allow_unicode=True)
    with TemporaryDirectory() as folder:
        (Path(folder) / "faq.yaml").write_text(written, encoding="utf-8")
        assert read(Path(folder)) == faq


@given(st.text(max_size=200))
def test_any_text_is_an_faq_or_a_list_of_problems(text: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "faq.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(FaqInvalidError) as caught:
            read(Path(folder))
    assert caught.value.problems

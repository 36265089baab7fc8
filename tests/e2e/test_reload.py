"""A reload while people ask."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from bot.app import open_app
from bot.config import Config
from bot.core.ports import Embedder
from bot.core.types import Answer, Embeddings
from bot.services import Outcome
from tests.e2e.conftest import ROOT
from tests.fakes.embedder import HashEmbedder

ENTRIES = 1000
IN_FLIGHT = 50
ASKED = [
    "I lost my Medicare card, what now?",
    "Do I need to pay more after a raise?",
    "is this ChatGPT or some other GPT",
    "nice weather today",
    "what do I type to ask it something",
]


class Counting(HashEmbedder):
    """Remembers how many texts it was given."""

    async def embed_corpus(self, texts: Sequence[str]) -> Embeddings:
        self.given = getattr(self, "given", 0) + len(texts)
        return await super().embed_corpus(texts)


def write_faq(path: Path, changed: str = "") -> None:
    entries = [
        f"  - id: entry-{number}\n    question: What about number {number} of the list?\n"
        f"    alternates: [{changed if changed and not number else f'explain {number}'}]\n"
        f"    answer: It is {number}.\n"
        for number in range(ENTRIES)
    ]
    path.write_text("title: Big\nentries:\n" + "".join(entries), encoding="utf-8")


async def test_of_a_thousand_entries_with_one_changed_phrasing_one_text_is_encoded(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    write_faq(path)
    config = Config.from_mapping({"faq": {"files": [str(path)]}, "store": {"path": str(tmp_path / "db.sqlite3")}})
    embedder = Counting()
    async with open_app(config, embedder=embedder) as app:
        embedder.given = 0
        write_faq(path, changed="put it in other words")
        result = await app.knowledge.reload()
        assert (result.changed, result.unchanged, result.embedded) == (1, ENTRIES - 1, 1)
        assert embedder.given == 1


async def test_a_reload_under_load_drops_no_question_and_changes_no_answer(
    tmp_path: Path, model: Embedder, seed: Path
) -> None:
    shutil.copy(seed, tmp_path / "db.sqlite3")
    (tmp_path / "faq").mkdir()
    for file in (ROOT / "faq_data").glob("*.yaml"):
        (tmp_path / "faq" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    settings = {"faq": {"files": [str(tmp_path / "faq" / "*.yaml")]}, "store": {"path": str(tmp_path / "db.sqlite3")}}
    async with open_app(Config.from_mapping(settings), embedder=model) as app:
        before = {text: said(await app.ask(text)) for text in ASKED}
        more = "title: More\nentries:\n  - id: dogs\n    question: Are dogs allowed?\n    answer: Yes.\n"
        (tmp_path / "faq" / "more.yaml").write_text(more, encoding="utf-8")
        reload, answered = asyncio.create_task(app.knowledge.reload()), 0
        while not reload.done():
            outcomes = await asyncio.gather(*(app.ask(ASKED[number % len(ASKED)]) for number in range(IN_FLIGHT)))
            answered += len(outcomes)
            for outcome in outcomes:
                assert said(outcome) == before[outcome.text]
        assert (await reload).added == 1
        assert answered >= IN_FLIGHT
        assert said(await app.ask("are dogs allowed")) == "dogs"
        assert {text: said(await app.ask(text)) for text in ASKED} == before


def said(outcome: Outcome) -> str | None:
    """What is answered: an entry's id."""
    return outcome.verdict.hit.entry.id if isinstance(outcome.verdict, Answer) else None

"""Faqtotum without Discord."""

import shutil
from pathlib import Path

import pytest

from bot.app import open_app
from bot.config import Config
from bot.core.errors import FaqInvalidError, StoreUnavailableError
from bot.core.ports import Embedder
from bot.core.types import Answer, NoMatch, VerdictName
from tests.e2e.conftest import CARD_QUESTION, ROOT


@pytest.fixture
def folder(tmp_path: Path, seed: Path) -> Path:
    """A folder with a database from an earlier start."""
    shutil.copy(seed, tmp_path / "db.sqlite3")
    return tmp_path


def config(tmp_path: Path, **more: object) -> Config:
    settings = {"faq": {"files": [str(ROOT / "faq_data" / "*.yaml")]}, "store": {"path": str(tmp_path / "db.sqlite3")}}
    return Config.from_mapping(settings | more)


async def test_ask_tells_what_the_faq_says_and_logs_nothing(folder: Path, model: Embedder) -> None:
    async with open_app(config(folder), embedder=model) as app:
        sure = await app.ask(CARD_QUESTION)
        assert isinstance(sure.verdict, Answer)
        assert sure.verdict.hit.entry.id == "replacement-card"
        again = await app.ask(CARD_QUESTION)
        assert again.verdict == sure.verdict
        assert isinstance((await app.ask("nice weather today")).verdict, NoMatch)
        assert await app.store.read_questions() == []


@pytest.mark.parametrize(
    "text", ["", "\u200b", "why " * 1000, "\N{GRINNING FACE}" * 4000, "\u202eطقس " * 500, "https://a.example", "\x00?"]
)
async def test_odd_texts_find_nothing_and_break_nothing(tmp_path: Path, model: Embedder, text: str) -> None:
    async with open_app(
        config(tmp_path, faq={"files": [str(ROOT / "faq_data" / "medicare.yaml")]}), embedder=model
    ) as app:
        outcome = await app.ask(text)
        assert VerdictName.of(outcome.verdict) is VerdictName.NO_MATCH


async def test_the_similarity_of_the_demonstration_question_is_no_accident(folder: Path, model: Embedder) -> None:
    async with open_app(config(folder), embedder=model) as app:
        question = "Do I need to pay more after a raise?"
        best, second = (await app.ask(question)).hits[:2]
        assert best.entry.id == "premiums-and-income"
        assert best.similarity - second.similarity > 0.3
        words = set(question.casefold().rstrip("?").split())
        for phrasing in best.entry.phrasings:
            shared = words & set(phrasing.casefold().rstrip("?").split())
            assert len(shared) <= len(words) / 2, phrasing


async def test_what_cannot_be_opened_says_so(tmp_path: Path, model: Embedder) -> None:
    with pytest.raises(FaqInvalidError, match="no FAQ file is here"):
        async with open_app(config(tmp_path, faq={"files": ["nowhere.yaml"]}), embedder=model):
            pass
    (tmp_path / "text").write_text("no database at all, only words in a file " * 50)
    with pytest.raises(StoreUnavailableError, match="text"):
        async with open_app(config(tmp_path, store={"path": str(tmp_path / "text")}), embedder=model):
            pass

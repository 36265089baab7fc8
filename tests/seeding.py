"""A database in which the shipped FAQs are embedded and calibrated, so that not every test has to wait for that."""

from __future__ import annotations

from pathlib import Path

from bot.app import build_embedder, open_app
from bot.config import Config
from tests.fakes.embedder import HashEmbedder

FAQS = Path(__file__).parents[1] / "faq_data"
SMALL = FAQS / "medicare.yaml"
"""Too small to be calibrated, and so fitted in no time."""


async def fill_seed(path: Path) -> None:
    """Make the database: start with all shipped FAQs together, and with the big one by itself.

    The small one needs no more than the embeddings of its texts, which are among the former.
    """
    big = {"faq": {"files": [str(FAQS / "faqtotum.yaml")]}}
    settings = {"faq": {"files": [str(FAQS / "*.yaml")]}, "guilds": {"1" * 17: big}, "store": {"path": str(path)}}
    config = Config.from_mapping(settings)
    async with build_embedder(config) as model:
        for embedder in (model, HashEmbedder()):
            async with open_app(config, embedder=embedder):
                pass

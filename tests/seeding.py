"""A database in which the shipped FAQs are embedded and calibrated, so that not every test has to wait for that."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from bot.app import build_embedder, open_app
from bot.config import Config
from tests.fakes.embedder import HashEmbedder

if TYPE_CHECKING:
    import pytest

FAQS = Path(__file__).parents[1] / "faq_data"
SMALL = FAQS / "medicare.yaml"
"""Too small to be calibrated, and so fitted in no time."""


async def seeded_once(factory: pytest.TempPathFactory) -> Path:
    """Return the database of a test run, and make it unless that was done: where several processes test, by one."""
    # Processes of one run have folders of their own inside the run's.
    base = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    ready, unfinished = base / "seed" / "ready.sqlite3", base / "seed" / "unfinished.sqlite3"
    ready.parent.mkdir(exist_ok=True)
    with FileLock(ready.with_suffix(".lock")):
        if not ready.exists():
            await _fill(unfinished)
            unfinished.rename(ready)
    return ready


async def _fill(path: Path) -> None:
    """Start with all shipped FAQs together and with the big one by itself; the small one's texts are in the former."""
    big = {"faq": {"files": [str(FAQS / "faqtotum.yaml")]}}
    settings = {"faq": {"files": [str(FAQS / "*.yaml")]}, "guilds": {"1" * 17: big}, "store": {"path": str(path)}}
    config = Config.from_mapping(settings)
    async with build_embedder(config) as model:
        for embedder in (model, HashEmbedder()):
            async with open_app(config, embedder=embedder):
                pass

"""What holds for every test."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

# Read when numpy and torch are imported, here and in the processes that tests start. More threads than cores that are
# free spend their time waiting for each other: on two busy cores, embedding the shipped FAQ takes five times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The model comes from its package; nothing may be fetched while testing.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Some tests import onnxruntime by themselves, which is to tell nobody of it; see bot.core.onnx.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import pytest
from hypothesis import is_hypothesis_test, settings

import bot
from bot.app import build_embedder, build_engine_loader
from bot.config import Config
from bot.embedders import DEFAULT_MODEL, find_weights
from bot.embedders.cache import CACHE_VARIABLE
from tests.discordspec.openapi import OPENAPI_MISSING, openapi_path
from tests.seeding import fill_seed
from tests.sharing import make_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.core.ports import Embedder

# The library's 200 ms are soon over where others use the cores, or where an example is the first to load scikit-learn.
PATIENCE = timedelta(seconds=30)
# The suite tries the same examples each time: who changes something is told of that, not of what was wrong before. New
# examples are what the thorough profile is for.
settings.register_profile("patient", deadline=PATIENCE, derandomize=True)
settings.register_profile("thorough", deadline=PATIENCE, max_examples=1000)
settings.load_profile("patient")

# Most are imported when a name of theirs is first used. Which test that is must not count for the coverage: in some of
# them it is not traced.
for _module in pkgutil.walk_packages(bot.__path__, "bot."):
    if _module.name != "bot.__main__":
        importlib.import_module(_module.name)

FAQS = Path(__file__).parents[1] / "faq_data"
SLOW_FIXTURES = {"model", "seed", "compiled"}
SLOW_FIXTURES_SECONDS = 600
"""The first test that asks for one of them waits for it, which takes a minute or two where others use the cores."""


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with compiled models for all tests and the processes that they start; nobody's own is touched."""
    folder = make_once(tmp_path_factory, "cache", lambda _: None)
    os.environ[CACHE_VARIABLE] = str(folder)
    return folder


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The cache with the default model in it, compiled once for all tests."""
    make_once(
        tmp_path_factory, "compiled", lambda _: build_engine_loader(Config()).load_compiled(find_weights(DEFAULT_MODEL))
    )
    return cache


@pytest.fixture(scope="session")
def model(compiled: Path) -> Iterator[Embedder]:
    """The real model, loaded once for all tests: its worker thread belongs to no event loop."""
    assert compiled.exists()
    embedder = build_embedder(Config())
    asyncio.run(embedder.__aenter__())
    yield embedder
    asyncio.run(embedder.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Path:
    """A database that knows the shipped FAQs, for the real model and for `HashEmbedder`; to be copied."""
    assert compiled.exists()

    def fill(folder: Path) -> None:
        asyncio.run(fill_seed(folder / "seed.sqlite3"))

    return make_once(tmp_path_factory, "seed", fill) / "seed.sqlite3"


@pytest.fixture
def config_of_before(seed: Path, tmp_path: Path) -> Path:
    """The configuration of a bot that was started before, with the shipped FAQs."""
    shutil.copy(seed, tmp_path / "faq.sqlite3")
    file = tmp_path / "config.yaml"
    file.write_text(f"faq: {{files: [{FAQS}/*.yaml]}}\nstore: {{path: faq.sqlite3}}\n")
    return file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = item.fixturenames if isinstance(item, pytest.Function) else ()
        if SLOW_FIXTURES.intersection(fixtures) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_FIXTURES_SECONDS))
        # What examples reach that are drawn at random is not the same each time, so the goals should not count on it;
        # and to trace the hundreds of them takes as long as all else.
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker(pytest.mark.no_cover)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if openapi_path() is None:
        terminalreporter.write_line(
            f"REST exchanges were NOT checked against Discord's own document: this {OPENAPI_MISSING}", yellow=True
        )

import asyncio
import os
from collections.abc import Generator
from pathlib import Path

import pytest

# Read when the hub's client is imported, which only the embedders do: no test may wait for the network.
os.environ["HF_HUB_OFFLINE"] = "1"

from bot.embedders import LocalEmbedder
from tests.embedders.tiny import save_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Generator[LocalEmbedder]:
    embedder = LocalEmbedder("test/tiny", path=tiny_folder)
    asyncio.run(embedder.start())
    yield embedder
    asyncio.run(embedder.close())


@pytest.fixture(scope="session")
def real() -> Generator[LocalEmbedder]:
    """The default model, as the package of the extra "offline" carries it."""
    embedder = LocalEmbedder()
    asyncio.run(embedder.start())
    yield embedder
    asyncio.run(embedder.close())

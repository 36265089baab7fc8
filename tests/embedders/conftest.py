import asyncio
import os
from collections.abc import Generator
from pathlib import Path

import pytest

# Read when the hub's client is imported, which only the embedders do: no test may wait for the network.
os.environ["HF_HUB_OFFLINE"] = "1"

from bot.app import build_embedder
from bot.config import Config
from bot.embedders import EngineLoader, LocalEmbedder
from tests.embedders.tiny import save_tiny_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    save_tiny_model(folder)
    return folder


def opened(embedder: LocalEmbedder) -> Generator[LocalEmbedder]:
    asyncio.run(embedder.start())
    yield embedder
    asyncio.run(embedder.close())


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> Generator[LocalEmbedder]:
    yield from opened(LocalEmbedder("test/tiny", path=tiny_folder))


@pytest.fixture(scope="session")
def tiny_onnx(tiny_folder: Path, cache: Path) -> Generator[LocalEmbedder]:
    load = EngineLoader(None, engine="onnx", cache=cache)
    yield from opened(LocalEmbedder("test/tiny", path=tiny_folder, load=load))


@pytest.fixture(scope="session")
def tiny_int8(tiny_folder: Path, cache: Path) -> Generator[LocalEmbedder]:
    load = EngineLoader(None, engine="onnx", precision="int8", cache=cache)
    yield from opened(LocalEmbedder("test/tiny", path=tiny_folder, load=load))


@pytest.fixture(scope="session")
def real() -> Generator[LocalEmbedder]:
    """The default model, as the package of the extra "offline" carries it, run by torch."""
    yield from opened(LocalEmbedder())


@pytest.fixture(scope="session")
def real_onnx(compiled: Path) -> Generator[LocalEmbedder]:
    """The default model as it is run by default."""
    assert compiled.exists()
    yield from opened(build_embedder(Config.from_mapping({"model": {"engine": "onnx"}})))


@pytest.fixture(params=["real", "real_onnx"])
def on_either(request: pytest.FixtureRequest) -> LocalEmbedder:
    """The default model, run by torch and by onnxruntime."""
    return request.getfixturevalue(request.param)

"""Models in bfloat16, on a stand-in for OpenVINO and, where it is installed, on OpenVINO itself."""

import logging
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.core.types import Embeddings
from bot.embedders import DEFAULT_MODEL, EngineLoader, LocalEmbedder, UnusableError, find_weights
from bot.embedders.bfloat16 import LIBRARY, find_obstacle
from bot.embedders.cache import CompiledCache, default_cache_folder
from bot.embedders.compiled import CompiledEncoder
from tests.embedders.small import save_embedding_model

TEXTS = ["how do i sign up", "no", "", "what does it cost for a whole year?", "сколько стоит?"]
HALF_PRECISIONS_LENGTH = 1.004
"""By which the stand-in's embeddings are too long, as those of half precision are."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bfloat16") / "small"
    save_embedding_model(folder)
    return folder


class Processor:
    """OpenVINO as far as it is used, in single precision: ``Core``, a compiled model and its request in one."""

    def __init__(self, capabilities: list[str]) -> None:
        self.capabilities = capabilities
        self.asked: dict[str, object] = {}
        self.free = Lock()

    def get_property(self, device: str, name: str) -> list[str]:
        assert (device, name) == ("CPU", "OPTIMIZATION_CAPABILITIES")
        return self.capabilities

    def read_model(self, file: str) -> str:
        return file

    def compile_model(self, file: str, device: str, options: dict[str, object]) -> "Processor":
        assert device == "CPU"
        self.asked = options
        self.session: Any = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        return self

    def create_infer_request(self) -> "Processor":
        return self

    def infer(self, inputs: Any, *, share_inputs: bool) -> dict[str, Embeddings]:  # noqa: ANN401 - arrays by name
        assert share_inputs
        # The library raises as well when a request that is under way is asked again.
        assert self.free.acquire(blocking=False), "Infer Request is busy"
        try:
            return {"embedding": HALF_PRECISIONS_LENGTH * self.session.run(["embedding"], inputs)[0]}
        finally:
            self.free.release()


def install(monkeypatch: pytest.MonkeyPatch, *capabilities: str) -> Processor:
    """Pretend that OpenVINO is installed, on a processor of such capabilities."""
    processor = Processor([*capabilities])
    module = ModuleType(LIBRARY)
    module.__spec__ = ModuleSpec(LIBRARY, None)
    module.__dict__["Core"] = lambda: processor
    monkeypatch.setitem(sys.modules, LIBRARY, module)
    return processor


def uninstall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that it is not."""
    monkeypatch.setattr("bot.embedders.bfloat16.find_spec", lambda _: None)


def loader(cache: Path, **options: Any) -> EngineLoader:  # noqa: ANN401
    defaults = {"cache": cache, "engine": "onnx", "precision": "bfloat16", "has_gpu": lambda: False}
    return EngineLoader(None, **defaults | options)


async def embed(folder: Path, load: EngineLoader) -> tuple[str, Embeddings]:
    async with LocalEmbedder("test/small", path=folder, load=load) as model:
        return model.model_id, await model.embed_queries(TEXTS)


async def test_a_model_is_asked_for_bfloat16_and_has_a_name_of_its_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = install(monkeypatch, "FP32", "BF16")
    name, found = await embed(folder, loader(tmp_path, threads=3))
    assert processor.asked["INFERENCE_PRECISION_HINT"] == "bf16"
    assert processor.asked["INFERENCE_NUM_THREADS"] == 3
    others = [await embed(folder, loader(tmp_path, precision=precision)) for precision in ("float32", "int8")]
    assert len({name, *(other for other, _ in others)}) == 3
    np.testing.assert_allclose(found, others[0][1], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert found.dtype == np.float32


def test_one_batch_at_a_time_is_under_way(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "BF16")
    texts = [f"{'no ' * (number % 40)}{number}" for number in range(600)]
    model = loader(tmp_path, threads=3).load_compiled(folder)
    assert model.encode_query(texts).shape[0] == len(texts)


async def test_all_cores_are_left_to_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor = install(monkeypatch, "BF16")
    await embed(folder, loader(tmp_path, threads=None))
    assert processor.asked["INFERENCE_NUM_THREADS"] == 0


def test_what_is_missing_is_told_and_not_remembered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as without:
        uninstall(without)
        for attempt in (loader(tmp_path).load_compiled, loader(tmp_path).compile):
            with pytest.raises(UnusableError, match=r'not installed \(pip install "faqtotum\[openvino\]"\)'):
                attempt(folder)
    install(monkeypatch, "FP32")
    with pytest.raises(EmbedderUnavailableError, match="this processor does not multiply in bfloat16; set model"):
        loader(tmp_path)(folder)
    caplog.set_level(logging.WARNING)
    assert not isinstance(loader(tmp_path, engine="auto")(folder), CompiledEncoder)
    assert "The model runs on torch and in single precision, slower" in caplog.text
    install(monkeypatch, "BF16")
    assert isinstance(loader(tmp_path, engine="auto")(folder), CompiledEncoder)


def test_it_is_held_to_the_same_as_single_precision(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, "BF16")
    right = Processor.infer

    def infer(self: Processor, inputs: Any, *, share_inputs: bool) -> dict[str, Embeddings]:  # noqa: ANN401 - likewise
        found = right(self, inputs, share_inputs=share_inputs)["embedding"]
        return {"embedding": found + np.float32(0.01)}

    monkeypatch.setattr(Processor, "infer", infer)
    refused = loader(tmp_path).compile(folder).refused
    assert refused is not None
    assert refused.startswith("compiled, it embeds differently")


def test_another_version_of_openvino_has_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = CompiledCache(tmp_path)
    places = set[Path]()
    for installed in ("2025.4", "2026.1"):
        monkeypatch.setattr(
            "bot.embedders.cache.installed_version", lambda name, own=installed: own if name == LIBRARY else "1"
        )
        places.add(cache.slot(tmp_path, "bfloat16"))
        places.add(cache.slot(tmp_path, "float32"))
    assert len(places) == 3


@pytest.mark.model
@pytest.mark.usefixtures("compiled")
async def test_the_real_model_on_openvino_itself(tmp_path: Path) -> None:
    pytest.importorskip(LIBRARY, reason="the extra openvino is not installed")
    if obstacle := find_obstacle():
        pytest.skip(obstacle)
    _, found = await embed(find_weights(DEFAULT_MODEL), loader(tmp_path))
    _, exact = await embed(find_weights(DEFAULT_MODEL), loader(default_cache_folder(), precision="float32"))
    similarities = np.sum(found * exact, axis=1)
    assert 0.9999 < similarities.min() < 0.9999999

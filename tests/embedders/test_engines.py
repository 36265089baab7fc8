"""Which engine serves, and what happens to the cache of compiled models when something goes wrong."""

import asyncio
import errno
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import EngineLoader, LocalEmbedder, UnusableError, exporting
from bot.embedders.cache import CACHE_VARIABLE, CompiledCache, Manifest, default_cache_folder
from bot.embedders.compiled import GRAPH_FILE, TOKENIZER_FILE, WEIGHTS_FILE, CompiledEncoder
from bot.embedders.gpu import GPU_PIECE_BYTES
from bot.embedders.model import Encoder
from bot.embedders.verifying import TEXTS
from bot.embedders.weights import hash_file
from tests.embedders.small import DIM, edit_json, make_bert, save_embedding_model, save_transformer


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engines") / "small"
    save_embedding_model(folder)
    return folder


@pytest.fixture(scope="session")
def compiled_once(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the model in it."""
    root = tmp_path_factory.mktemp("compiled")
    EngineLoader(None, engine="onnx", cache=root).load_compiled(folder)
    return root


@pytest.fixture
def own_cache(compiled_once: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(compiled_once, tmp_path / "cache")


def loader(cache: Path, **options: Any) -> EngineLoader:  # noqa: ANN401
    return EngineLoader(None, **{"cache": cache, "has_gpu": lambda: False} | options)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def is_compiled(encoder: Encoder) -> bool:
    assert len(encoder.encode_query(["sign up"], normalize_embeddings=True)) == 1
    return isinstance(encoder, CompiledEncoder)


def slot_of(cache: Path, folder: Path) -> Path:
    return CompiledCache(cache).slot(folder, "float32")


def count_compiling(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    compiled: list[Path] = []
    original = EngineLoader.compile

    def counted(self: EngineLoader, folder: Path) -> Manifest:
        compiled.append(folder)
        return original(self, folder)

    monkeypatch.setattr(EngineLoader, "compile", counted)
    return compiled


def test_what_is_compiled_is_not_compiled_again(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    compiled = count_compiling(monkeypatch)
    assert is_compiled(loader(own_cache)(folder))
    assert not compiled
    assert not warnings(caplog)


def test_a_compiled_model_is_read_whole_only_if_it_may_have_changed(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def hashed(file: Path) -> str:
        read.append(file.name)
        return hash_file(file)

    monkeypatch.setattr("bot.embedders.cache.hash_file", hashed)
    manifest = loader(own_cache).find(folder)
    assert manifest is not None
    assert not read
    assert loader(own_cache).find(folder, thoroughly=True) == manifest
    assert sorted(read) == sorted(manifest.files)
    read.clear()
    # A copy that another tool made.
    os.utime(slot_of(own_cache, folder) / WEIGHTS_FILE)
    assert loader(own_cache).find(folder) == manifest
    assert sorted(read) == sorted(manifest.files)


def test_who_embeds_few_texts_gets_the_same_embeddings(folder: Path, own_cache: Path) -> None:
    usual, brief = (loader(own_cache, brief=brief).load_compiled(folder) for brief in (False, True))
    for texts in (["sign up"], ["how do i sign up", "no", "what does it cost"]):
        np.testing.assert_allclose(usual.encode_query(texts), brief.encode_query(texts), atol=1e-6)
    assert usual.dim == brief.dim == DIM


def test_torch_serves_who_wants_torch(folder: Path, own_cache: Path) -> None:
    assert not is_compiled(loader(own_cache, engine="torch")(folder))


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("truncated", lambda slot: os.truncate(slot / WEIGHTS_FILE, 1000)),
        ("empty", lambda slot: os.truncate(slot / WEIGHTS_FILE, 0)),
        ("a byte", lambda slot: flip(slot / WEIGHTS_FILE)),
        ("graph", lambda slot: (slot / GRAPH_FILE).write_bytes(b"not a graph")),
        ("missing", lambda slot: (slot / TOKENIZER_FILE).unlink()),
        ("manifest", lambda slot: (slot / "manifest.json").write_text("{")),
        ("other manifest", lambda slot: (slot / "manifest.json").write_text('{"source": 7}')),
        ("no object", lambda slot: (slot / "manifest.json").write_text("[]")),
    ],
)
def test_what_is_damaged_is_compiled_anew_and_told_once(
    folder: Path, own_cache: Path, name: str, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    slot = slot_of(own_cache, folder)
    spoil(slot)
    assert is_compiled(loader(own_cache)(folder)), name
    [told] = warnings(caplog)
    assert told.startswith(f"A compiled model is damaged and is compiled anew: {slot}")
    caplog.clear()
    assert is_compiled(loader(own_cache)(folder))
    assert not warnings(caplog)
    assert [*own_cache.iterdir()] == [slot]


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_what_cannot_be_loaded_although_it_is_as_it_was_written_is_compiled_anew(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = loader(own_cache).find(folder)
    assert manifest is not None
    (slot_of(own_cache, folder) / GRAPH_FILE).write_bytes(b"not a graph")
    # As if an onnxruntime of the same version could not use what another one wrote.
    monkeypatch.setattr(CompiledCache, "find", lambda *_: manifest)
    assert is_compiled(loader(own_cache)(folder))
    [told] = warnings(caplog)
    assert told.startswith("The compiled model cannot be loaded (")


def test_a_model_that_has_changed_is_compiled_anew(
    folder: Path, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    loader(own_cache)(copy)
    compiled = count_compiling(monkeypatch)
    loader(own_cache)(copy)
    assert not compiled
    save_embedding_model(tmp_path / "other", seed=2)
    shutil.copytree(tmp_path / "other", copy, dirs_exist_ok=True)
    encoder: Any = loader(own_cache)(copy)
    assert compiled == [copy]
    expected: Any = SentenceTransformer(str(copy)).encode(["sign up"], normalize_embeddings=True)
    assert encoder.encode_query(["sign up"])[0] @ expected[0] == pytest.approx(1, abs=1e-5)


def test_without_a_place_for_the_cache_torch_serves(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A file where the folder should be stands for every folder that cannot be written to, also for root.
    (tmp_path / "taken").write_text("")
    for cache in (tmp_path / "taken", tmp_path / "taken" / "below"):
        caplog.clear()
        assert not is_compiled(loader(cache)(folder))
        [told] = warnings(caplog)
        assert told.startswith(f"The model runs on torch, slower and in more memory, because the cache folder {cache} ")
    with pytest.raises(EmbedderUnavailableError, match=r"cannot be run by onnxruntime: .* set model.engine to auto"):
        loader(cache, engine="onnx")(folder)


def test_a_full_disk_leaves_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(CompiledCache, "put", full)
    assert not is_compiled(loader(tmp_path / "cache")(folder))
    assert "No space left on device" in warnings(caplog)[0]
    assert not [*(tmp_path / "cache").iterdir()]


def test_too_little_room_is_no_reason_to_refuse_the_model_for_good(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    weights = (folder / "model.safetensors").stat().st_size
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * weights))
        assert not is_compiled(loader(tmp_path / "cache")(folder))
    assert "No space left on device" in warnings(caplog)[0]
    assert is_compiled(loader(tmp_path / "cache")(folder))


def intrude(monkeypatch: pytest.MonkeyPatch, fail: Callable[[Path], None]) -> None:
    """Have something happen, or be raised, before a graph is written."""
    export = exporting._export

    def failing(model: object, into: Path) -> None:
        fail(into)
        export(model, into)

    monkeypatch.setattr(exporting, "_export", failing)


def fail_oddly(work: Path) -> None:
    (work / "half.onnx").write_bytes(bytes(1000))
    raise RuntimeError("INVALID_PROTOBUF")


def fail_like_numpy(_work: Path) -> None:
    raise OSError("1000 requested and 512 written")


@pytest.mark.parametrize("fail", [fail_oddly, fail_like_numpy])
def test_a_disk_that_somebody_else_fills_meanwhile_is_no_reason_to_refuse_the_model_for_good(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fail: Callable[[Path], None],
) -> None:
    needed = 3 * sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    with monkeypatch.context() as full:
        # One byte less than what the folder holds by then, which counts as free: so much of an export, and what is
        # expected of the texts, behind 128 bytes that say how it is stored.
        left = [needed - 1001 - 128 - 4 * DIM * len(TEXTS), needed]
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=left.pop()))
        intrude(full, fail)
        assert not is_compiled(loader(tmp_path)(folder))
    assert not left
    assert "No space left on device" in warnings(caplog)[0]
    assert not [*tmp_path.iterdir()]
    assert is_compiled(loader(tmp_path)(folder))


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EFBIG])
def test_a_quota_is_no_reason_to_refuse_the_model_for_good(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as limited:
        limited.setattr(os, "posix_fallocate", refuse)
        intrude(limited, fail_oddly)
        assert not is_compiled(loader(tmp_path)(folder))
    assert os.strerror(number) in warnings(caplog)[0]
    assert is_compiled(loader(tmp_path)(folder))


def test_where_no_room_can_be_reserved_the_free_space_alone_tells(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    intrude(monkeypatch, fail_oddly)
    for root in (tmp_path / "refusing", tmp_path / "without"):
        monkeypatch.setattr(os, "posix_fallocate", refuse)
        if root.name == "without":
            monkeypatch.delattr(os, "posix_fallocate")
        manifest = loader(root).compile(folder)
        assert manifest.refused == "it cannot be exported (RuntimeError: INVALID_PROTOBUF)"
        assert loader(root).find(folder) == manifest
        assert [file.name for file in slot_of(root, folder).iterdir()] == ["manifest.json"]


def test_who_ran_out_of_room_that_is_there_again_tries_once_more(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[Path] = []

    def fail_first(work: Path) -> None:
        tried.append(work)
        if len(tried) == 1:
            fail_oddly(work)

    intrude(monkeypatch, fail_first)
    assert is_compiled(loader(tmp_path)(folder))
    assert len(tried) == 2
    assert not warnings(caplog)
    assert not (slot_of(tmp_path, folder) / "half.onnx").exists()


def test_too_little_memory_is_no_reason_to_refuse_the_model_for_good(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def run_out(*_: object) -> None:
        raise MemoryError

    for step in ("exporting._export", "compiling.pack"):
        caplog.clear()
        with monkeypatch.context() as small:
            small.setattr(f"bot.embedders.{step}", run_out)
            assert not is_compiled(loader(tmp_path)(folder))
        assert warnings(caplog)[0].endswith("because there is too little memory to compile it")
        assert not [*tmp_path.iterdir()]
    assert is_compiled(loader(tmp_path)(folder))


def test_a_folder_without_a_model_is_not_the_caches_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("no model")
    with pytest.raises(Exception, match=r"notes|config|model") as caught:
        loader(tmp_path / "cache")(tmp_path / "model")
    assert not isinstance(caught.value, EmbedderUnavailableError)
    assert not warnings(caplog)
    assert not [*(tmp_path / "cache").iterdir()]


def test_an_export_that_fails_is_remembered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such operator\n  in opset 20")

    monkeypatch.setattr("bot.embedders.exporting._export", fail)
    compiled = count_compiling(monkeypatch)
    for _ in range(2):
        caplog.clear()
        assert not is_compiled(loader(tmp_path)(folder))
        [told] = warnings(caplog)
        assert told.endswith("because it cannot be exported (RuntimeError: no such operator in opset 20)")
    assert len(compiled) == 1


def test_a_compiled_model_that_embeds_differently_does_not_serve(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.embedders.verifying.LOWEST_ALLOWED", {"float32": 1.1, "int8": 1.1})
    assert not is_compiled(loader(tmp_path)(folder))
    assert "compiled, it embeds differently" in warnings(caplog)[0]
    caplog.clear()
    assert not is_compiled(loader(tmp_path, precision="int8")(folder))
    assert warnings(caplog)[0].startswith("The model runs on torch and in single precision, slower")


def save_static(folder: Path) -> None:
    save_transformer(folder.with_name("parts"), make_bert())
    words = StaticEmbedding(Tokenizer.from_file(str(folder.with_name("parts") / "tokenizer.json")), embedding_dim=DIM)
    SentenceTransformer(modules=[words]).save(str(folder), create_model_card=False)


def save_pooled(folder: Path, **options: Any) -> None:  # noqa: ANN401
    save_transformer(folder.with_name("parts"), make_bert())
    modules = [Transformer(str(folder.with_name("parts")), max_seq_length=64), Pooling(DIM, **options)]
    SentenceTransformer(modules=modules).save(str(folder), create_model_card=False)


def save_left(folder: Path) -> None:
    save_embedding_model(folder)
    edit_json(folder / "tokenizer_config.json", padding_side="left")


@pytest.mark.parametrize(
    ("save", "why"),
    [
        (save_static, "something else than a transformer with a pooling"),
        (lambda folder: save_pooled(folder, pooling_mode="weightedmean"), "its pooling, weightedmean, is not compiled"),
        (lambda folder: save_pooled(folder, pooling_mode=("mean", "cls")), "its pooling, .* is not compiled"),
        (lambda folder: save_pooled(folder, include_prompt=False), "its pooling, mean, is not compiled"),
        (save_left, "pads on the left"),
    ],
)
async def test_models_of_other_kinds_are_left_to_torch(
    tmp_path: Path, save: Callable[[Path], None], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "model")
    async with LocalEmbedder("test/odd", path=tmp_path / "model", load=loader(tmp_path / "cache")) as model:
        assert len(await model.embed_queries(["sign up", "no"])) == 2
    assert caplog.text.count("The model runs on torch, slower and in more memory, because") == 1
    with pytest.raises(UnusableError, match=why):
        loader(tmp_path / "cache").load_compiled(tmp_path / "model")


def test_two_may_compile_at_once(
    folder: Path, tmp_path: Path, compiled_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = loader(compiled_once).find(folder)
    assert manifest is not None
    both_at_work = threading.Barrier(2)

    def compile_exported(work: Path, *_: object) -> object:
        for file in work.iterdir():
            file.unlink()
        for name in manifest.files:
            shutil.copy(slot_of(compiled_once, folder) / name, work)
        both_at_work.wait()
        return manifest.verification

    monkeypatch.setattr("bot.embedders.exporting.export_model", lambda *_: manifest.settings)
    monkeypatch.setattr("bot.embedders.compiling.compile_exported", compile_exported)
    with ThreadPoolExecutor(2) as pool:
        load = loader(tmp_path, engine="onnx")
        assert all(pool.map(is_compiled, pool.map(load, [folder, folder])))
    assert [*tmp_path.iterdir()] == [slot_of(tmp_path, folder)]


def test_who_comes_second_finds_what_the_first_has_put_there(folder: Path, own_cache: Path) -> None:
    cache = CompiledCache(own_cache)
    manifest = cache.find(folder, "float32")
    assert manifest is not None
    slot = cache.slot(folder, "float32")
    go = threading.Barrier(4)

    def replace() -> None:
        before = cache.stamp(folder, "float32")
        with cache.prepare(0) as work:
            shutil.copytree(slot, work, dirs_exist_ok=True)
            go.wait()
            cache.put(work, folder, "float32", manifest, before)

    threads = [threading.Thread(target=replace) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.find(folder, "float32") == manifest
    assert [*own_cache.iterdir()] == [slot]


def test_what_another_process_has_put_there_meanwhile_stays(folder: Path, own_cache: Path) -> None:
    cache = CompiledCache(own_cache)
    manifest = cache.find(folder, "float32")
    assert manifest is not None
    stamps = [cache.stamp(folder, "float32")]
    for before in (stamps[0], stamps[0]):
        with cache.prepare(0) as work:
            shutil.copytree(cache.slot(folder, "float32"), work, dirs_exist_ok=True)
            cache.put(work, folder, "float32", manifest, before)
        stamps.append(cache.stamp(folder, "float32"))
    assert stamps[0] != stamps[1] == stamps[2]
    assert cache.stamp(folder, "int8") is None


def test_what_is_at_hand_takes_a_moment_to_load(
    folder: Path, own_cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert loader(own_cache).is_at_hand(folder)
    assert not loader(own_cache, engine="torch").is_at_hand(folder)
    assert not loader(own_cache, has_gpu=lambda: True).is_at_hand(folder)
    assert loader(own_cache, engine="onnx", has_gpu=lambda: True).is_at_hand(folder)
    assert not loader(tmp_path / "empty").is_at_hand(folder)
    (slot_of(own_cache, folder) / "manifest.json").write_text("{")
    assert not loader(own_cache).is_at_hand(folder)
    # Who loads it tells what is wrong.
    assert not warnings(caplog)


def test_a_graphics_card_is_used_unless_something_else_is_wanted(folder: Path, own_cache: Path) -> None:
    card: Any = object()
    with_card = {"has_gpu": lambda: True, "load_on_gpu": lambda _: card}
    assert loader(own_cache, **with_card)(folder) is card
    assert loader(own_cache, engine="torch", **with_card)(folder) is card
    assert is_compiled(loader(own_cache, engine="onnx", **with_card)(folder))
    assert is_compiled(loader(own_cache, precision="int8", **with_card)(folder))


def test_the_default_models_weights_are_checked_before_they_are_compiled(
    tmp_path: Path, folder: Path, own_cache: Path
) -> None:
    name = "sentence-transformers/all-MiniLM-L6-v2"
    for engine in ("auto", "torch"):
        with pytest.raises(EmbedderUnavailableError, match="were not loaded"):
            EngineLoader(name, engine=engine, cache=tmp_path / "new", has_gpu=lambda: False)(folder)
    assert is_compiled(loader(own_cache)(folder))


async def test_a_loaders_error_is_told_as_it_is(tmp_path: Path) -> None:
    load = loader(tmp_path / "cache", engine="onnx")
    save_static(tmp_path / "model")
    with pytest.raises(EmbedderUnavailableError, match=r"^the model in .* cannot be run by onnxruntime"):
        async with LocalEmbedder("test/odd", path=tmp_path / "model", load=load):
            pass


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache_folder() == Path(os.environ[CACHE_VARIABLE])
    monkeypatch.setenv(CACHE_VARIABLE, "")
    assert default_cache_folder() == tmp_path / "xdg" / "faqtotum"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_cache_folder() == tmp_path / "home" / ".cache" / "faqtotum"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_cache_folder() == tmp_path / "home" / "Library" / "Caches" / "faqtotum"


def test_a_user_without_a_home_has_the_cache_in_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in (CACHE_VARIABLE, "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2_000_000_000)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.chdir(tmp_path)
    assert default_cache_folder() == tmp_path / ".cache" / "faqtotum"


async def test_a_piece_for_a_graphics_card_is_larger(tmp_path: Path) -> None:
    calls: list[int] = []

    class Card:
        prompts = MappingProxyType[str, str]({})
        max_seq_length = None
        tokenizer = None
        piece_bytes = GPU_PIECE_BYTES

        def encode_query(self, inputs: list[str], **_: object) -> list[list[float]]:
            calls.append(len(inputs))
            return [[1.0, 0.0]] * len(inputs)

        encode_document = encode_query

    async with LocalEmbedder("test/card", path=tmp_path, load=lambda _: Card()) as model:
        await asyncio.gather(model.embed_corpus([f"{number}" for number in range(3000)]))
    assert calls == [1, 3000]

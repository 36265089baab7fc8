"""A compiled model is taken along, and serves where nothing could compile it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import DEFAULT_MODEL, EngineLoader, LocalEmbedder, carry, find_carried, is_carried, true_name
from bot.embedders.carried import MODEL_VARIABLE, open_carried
from bot.embedders.weights import hash_weights
from tests.embedders.small import save_embedding_model

NAME = "tests/small"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model, and the folder in which it is carried in single precision."""
    base = tmp_path_factory.mktemp("carried")
    save_embedding_model(base / "model")
    carry_it(base / "model", base / "cache", base / "along", NAME)
    return base / "model", base / "along"


def carry_it(model: Path, cache: Path, into: Path, name: str) -> Path:
    loader = EngineLoader(None, cache=cache)
    manifest = loader.find(model) or loader.compile(model)
    return carry(name, "float32", loader.cache.slot(model, "float32"), manifest, into)


@pytest.fixture
def along(folders: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(folders[1], tmp_path / "along")


async def test_it_embeds_as_its_source_under_the_same_id(
    folders: tuple[Path, Path], along: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LocalEmbedder(NAME, path=folders[0]) as source:
        wanted = await source.embed_queries(["sign up", "what does it cost"])
        model_id = source.model_id
    load = EngineLoader(None, has_gpu=lambda: pytest.fail("there is no torch to ask"))
    async with LocalEmbedder(NAME, path=along, load=load) as carried:
        found = await carried.embed_queries(["sign up", "what does it cost"])
        assert carried.model_id == model_id
    assert found == pytest.approx(wanted, abs=1e-5)
    monkeypatch.setenv(MODEL_VARIABLE, str(along))
    async with LocalEmbedder(NAME, load=load) as named:
        assert np.array_equal(await named.embed_queries(["sign up", "what does it cost"]), found)


async def test_where_nobody_names_it_a_model_does_not_pass_for_the_default_one(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = folders
    async with LocalEmbedder(path=source) as model:
        model_id = model.model_id
    assert model_id.startswith("model@")
    name = true_name(DEFAULT_MODEL, source, hash_weights(source))
    along = carry_it(source, tmp_path / "cache", tmp_path / "elsewhere", name).parent
    async with LocalEmbedder(path=along, load=EngineLoader(None)) as carried:
        assert carried.model_id == model_id
    monkeypatch.setenv(MODEL_VARIABLE, str(along))
    with pytest.raises(EmbedderUnavailableError, match="holds sentence-transformers/model, not "):
        find_carried(DEFAULT_MODEL)
    assert find_carried("model") == along


async def test_a_folder_that_the_configuration_names_comes_before_the_environments(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(tmp_path / "nowhere"))
    async with LocalEmbedder(NAME, path=folders[0]) as source:
        assert source.dim > 0


def test_carrying_again_replaces_it(folders: tuple[Path, Path], along: Path, tmp_path: Path) -> None:
    (along / "float32" / "model.onnx").write_bytes(b"old")
    target = carry_it(folders[0], tmp_path / "cache", along, NAME)
    assert target == along / "float32"
    assert open_carried(along, "float32", 1).encode_query(["sign up"]).shape[0] == 1
    assert sorted(path.name for path in along.iterdir()) == ["faqtotum-model.json", "float32"]


def test_nothing_is_named_by_an_empty_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, "")
    assert find_carried(NAME) is None
    monkeypatch.delenv(MODEL_VARIABLE)
    assert find_carried(NAME) is None


def test_what_the_variable_names_is_looked_at(along: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, str(tmp_path))
    with pytest.raises(EmbedderUnavailableError, match="holds no compiled model; make the folder again"):
        find_carried(NAME)
    monkeypatch.setenv(MODEL_VARIABLE, str(along))
    assert find_carried(NAME) == along
    with pytest.raises(EmbedderUnavailableError, match="holds tests/small, not sentence-transformers/other; name a"):
        find_carried("other")
    (along / "faqtotum-model.json").write_text("[]")
    with pytest.raises(EmbedderUnavailableError, match="json is damaged; make the folder again"):
        find_carried(NAME)


@pytest.mark.parametrize("name", ["model.onnx", "model.bin", "tokenizer.json"])
def test_a_damaged_file_is_told(along: Path, name: str) -> None:
    file = along / "float32" / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(EmbedderUnavailableError, match=r"is damaged: .* is not as it was written; make the folder"):
        open_carried(along, "float32", 1)


def test_a_model_that_the_library_cannot_read_is_told(along: Path) -> None:
    graph, manifest = along / "float32" / "model.onnx", along / "float32" / "manifest.json"
    graph.write_bytes(b"no graph")
    told = json.loads(manifest.read_text())
    told["files"].pop("model.onnx")
    manifest.write_text(json.dumps(told))
    with pytest.raises(EmbedderUnavailableError, match=r"cannot be loaded .*; make the folder again"):
        open_carried(along, "float32", 1)


def test_a_precision_that_is_not_there_and_torch_are_told(along: Path) -> None:
    with pytest.raises(EmbedderUnavailableError, match="holds the model in float32, not in int8; set"):
        EngineLoader(None, precision="int8")(along)
    with pytest.raises(EmbedderUnavailableError, match="which torch cannot run; set model"):
        EngineLoader(None, engine="torch")(along)
    shutil.rmtree(along / "float32")
    with pytest.raises(EmbedderUnavailableError, match="holds the model in nothing"):
        open_carried(along, "float32", 1)


def test_it_is_put_into_no_folder_with_something_else(folders: tuple[Path, Path], tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").touch()
    with pytest.raises(EmbedderUnavailableError, match="holds something else; name a new or an empty one"):
        carry_it(folders[0], tmp_path / "cache", full, NAME)
    assert [path.name for path in full.iterdir()] == ["letter.txt"]
    assert not is_carried(full)
    with pytest.raises(EmbedderUnavailableError, match="cannot be written to"):
        carry_it(folders[0], tmp_path / "cache", full / "letter.txt", NAME)
    again = shutil.copytree(folders[1], tmp_path / "again")
    with pytest.raises(EmbedderUnavailableError, match="holds tests/small, not tests/other"):
        carry_it(folders[0], tmp_path / "cache", again, "tests/other")

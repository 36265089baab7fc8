"""Folders of rerankers as people publish them: layouts, precision, settings, damage, code of their own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import huggingface_hub
import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers.utils import logging as transformers_logging

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import LocalReranker, find_weights
from bot.embedders.reranker import load_cross_encoder
from tests.embedders.small import (
    DIM,
    FOREIGN,
    edit_json,
    make_bert,
    make_classifier,
    save_embedding_model,
    save_transformer,
)

if TYPE_CHECKING:
    from bot.core.ports import Reranker

NAME = "test/small"
COMMIT = "0" * 40
QUERY = "how do i sign up"
TEXTS = ["sign up", "what does it cost?", "", "password " * 100, *FOREIGN.values()]
PAIRS = [(QUERY, text) for text in TEXTS]
CLOSE = 1e-5
"""Pairs of different lengths are padded to one, which changes the last digits."""


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as transformers saves it, which is how most rerankers are published."""
    folder = tmp_path_factory.mktemp("reranker") / "plain"
    save_transformer(folder, make_classifier())
    return folder


@pytest.fixture
def saved(plain: Path, tmp_path: Path) -> Path:
    """The same model as sentence-transformers saves it."""
    CrossEncoder(str(plain)).save_pretrained(str(tmp_path / "saved"))
    return tmp_path / "saved"


async def read(folder: Path) -> tuple[str, np.ndarray]:
    async with LocalReranker(NAME, path=folder) as reranker:
        port: Reranker = reranker
        return port.model_id, await port.rerank_pairs(PAIRS)


async def refusal(folder: Path) -> EmbedderUnavailableError:
    with pytest.raises(EmbedderUnavailableError) as caught:
        await read(folder)
    return caught.value


async def test_both_layouts_are_the_same_model(plain: Path, saved: Path) -> None:
    assert not (plain / "modules.json").exists()
    assert (saved / "modules.json").exists()
    (plain_id, of_plain), (saved_id, of_saved) = await read(plain), await read(saved)
    assert plain_id == saved_id
    np.testing.assert_array_equal(of_plain, of_saved)
    library = CrossEncoder(str(plain)).predict(PAIRS, show_progress_bar=False)
    np.testing.assert_allclose(of_plain, library, atol=CLOSE)
    assert len({*of_plain.round(6).tolist()}) == len(PAIRS)


async def test_a_model_of_several_modules(tmp_path: Path) -> None:
    save_transformer(tmp_path / "parts", make_bert())
    modules = [Transformer(str(tmp_path / "parts")), Pooling(DIM, pooling_mode="cls")]
    head = Dense(DIM, 1, activation_function=None, module_input_name="sentence_embedding", module_output_name="scores")
    library = CrossEncoder(modules=[*modules, head])
    library.save_pretrained(str(tmp_path / "modules"))
    assert json.loads((tmp_path / "modules" / "config.json").read_text())["architectures"] == ["BertModel"]
    [_, relevance] = await read(tmp_path / "modules")
    np.testing.assert_allclose(relevance, library.predict(PAIRS, show_progress_bar=False), atol=CLOSE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
async def test_half_precision_is_widened(plain: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    model = make_classifier()
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)
    save_transformer(tmp_path / "half", model)
    [_, halved], [_, whole] = await read(tmp_path / "half"), await read(plain)
    assert halved.dtype == np.float32
    np.testing.assert_allclose(halved, whole, atol=0.05)


async def test_the_models_prompt_is_put_before_pairs(plain: Path, tmp_path: Path) -> None:
    prompted = CrossEncoder(str(plain), prompts={"ask": "query: ", "other": "do: "}, default_prompt_name="ask")
    prompted.save_pretrained(str(tmp_path / "prompted"))
    [_, relevance], [_, bare] = await read(tmp_path / "prompted"), await read(plain)
    np.testing.assert_allclose(relevance, prompted.predict(PAIRS, show_progress_bar=False), atol=CLOSE)
    assert np.abs(relevance - bare).max() > 0.01


async def test_a_head_that_the_library_would_make_up_is_refused(tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "embedding")
    save_transformer(tmp_path / "bare", make_bert())
    for folder in (tmp_path / "embedding", tmp_path / "bare"):
        error = await refusal(folder)
        assert f"{folder} is no reranker but, say, one that embeds; set rerank.name or rerank.path to" in str(error)


def forget_padding(folder: Path) -> None:
    edit_json(folder / "tokenizer_config.json", pad_token=None)
    edit_json(folder / "config.json", pad_token_id=None)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param(lambda folder: (folder / "config.json").write_text("[]"), "cannot be loaded", id="another JSON"),
        pytest.param(lambda folder: (folder / "tokenizer.json").write_text("{}"), "cannot be loaded", id="tokenizer"),
        pytest.param(lambda folder: edit_json(folder / "config.json", hidden_size=16), "cannot be loaded", id="sizes"),
        pytest.param(lambda folder: (folder / "modules.json").write_text("[]"), "cannot be loaded", id="no settings"),
        pytest.param(forget_padding, r"the reranker failed \(ValueError\)", id="only one pair at a time"),
    ],
)
async def test_a_damaged_folder_is_refused_at_the_start(
    plain: Path, tmp_path: Path, damage: Callable[[Path], object], says: str
) -> None:
    copy = Path(shutil.copytree(plain, tmp_path / "copy"))
    damage(copy)
    reranker = LocalReranker(NAME, path=copy)
    with pytest.raises(EmbedderUnavailableError, match=says) as caught:
        await reranker.start()
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__
    # Mended, it can be used.
    shutil.rmtree(copy)
    shutil.copytree(plain, copy)
    assert (await reranker.rerank(QUERY, ["again"])).shape == (1,)
    await reranker.close()


async def test_a_model_may_become_unfit_while_it_runs(plain: Path) -> None:
    library = CrossEncoder(str(plain))
    async with LocalReranker(NAME, path=plain, load=lambda _: library) as reranker:
        # A sigmoid would make a sound 0 of it.
        library.get_parameter("0.model.classifier.bias").data.fill_(-torch.inf)
        with pytest.raises(EmbedderUnavailableError, match=r"not finite; its weights are unfit, set rerank\.name or"):
            await reranker.rerank_pairs(PAIRS)


def plant_code(folder: Path, marker: Path) -> None:
    """Put a module into a model's folder that leaves a mark if it is imported."""
    (folder / "custom.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Own: pass\n")


async def test_code_of_an_unknown_architecture_does_not_run(plain: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(plain, tmp_path / "own"))
    plant_code(own, tmp_path / "ran")
    auto_map = {"AutoConfig": "custom.Own", "AutoModelForSequenceClassification": "custom.Own"}
    edit_json(own / "config.json", auto_map=auto_map, model_type="own")
    assert "cannot be loaded" in str(await refusal(own))
    assert not (tmp_path / "ran").exists()


async def test_code_of_an_unknown_module_does_not_run(saved: Path, tmp_path: Path) -> None:
    plant_code(saved, tmp_path / "ran")
    modules = saved / "modules.json"
    [module] = json.loads(modules.read_text())
    modules.write_text(json.dumps([module | {"type": "custom.Own"}]))
    assert "cannot be loaded" in str(await refusal(saved))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("own", ["custom.Own", "torch.nn.Bilinear", "torch.nn.GLU"])
async def test_an_activation_that_cannot_be_used_is_a_sigmoid(
    plain: Path, saved: Path, tmp_path: Path, own: str
) -> None:
    plant_code(saved, tmp_path / "ran")
    edit_json(saved / "config_sentence_transformers.json", activation_fn=own)
    if own == "torch.nn.Bilinear":  # wants arguments
        assert "cannot be loaded" in str(await refusal(saved))
        return
    [_, relevance], [_, expected] = await read(saved), await read(plain)
    np.testing.assert_array_equal(relevance, expected)
    assert not (tmp_path / "ran").exists()


def test_loading_draws_nothing_and_leaves_the_hosts_setting(plain: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load_cross_encoder(plain)
    assert transformers_logging.is_progress_bar_enabled()
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for downloads, still empty."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


async def test_a_name_is_found_among_downloads(plain: Path, cache: Path) -> None:
    repository = cache / "models--cross-encoder--small"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    snapshot = Path(shutil.copytree(plain, repository / "snapshots" / COMMIT))
    assert find_weights("cross-encoder/small") == snapshot
    async with LocalReranker("small") as reranker:
        assert reranker.model_id.startswith("cross-encoder/small@")
        np.testing.assert_array_equal(await reranker.rerank_pairs(PAIRS), (await read(plain))[1])


@pytest.mark.usefixtures("cache")
async def test_a_name_that_was_never_downloaded() -> None:
    with pytest.raises(EmbedderUnavailableError, match=r"cross-encoder/smal is not to be had: check.*\(rerank\.path"):
        async with LocalReranker("smal"):
            pass

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from bot.core.errors import EmbedderUnavailableError
from bot.embedders import LocalReranker
from bot.embedders.reranker import CHUNK
from tests.embedders.tiny import MAX_TOKENS, save_tiny_cross_encoder, save_tiny_model

WEIGHTS = "model.safetensors"
SAID = "my account number is 12345"
PAIRS = [
    ("How do I sign up?", "Where can I sign up?"),
    ("How do I sign up?", "nice weather"),
    ("nice weather", "How do I sign up?"),
    ("", ""),
    ("\N{HIRAGANA LETTER A} ¿dónde?", "где?"),
]
CLOSE = 1e-5
"""Pairs of different lengths are padded to one, which changes the last digits."""


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def logits_of(folder: Path, pairs: list[tuple[str, str]], limit: int = 4 * MAX_TOKENS) -> NDArray[np.float32]:
    """Return what the model says of each pair, asked one by one and without sentence-transformers."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).float().eval()
    with torch.inference_mode():
        said = [
            model(**tokenizer([pair], truncation="longest_first", max_length=limit, return_tensors="pt")).logits.item()
            for pair in pairs
        ]
    return np.array(said, dtype=np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reranker") / "tiny"
    save_tiny_cross_encoder(made)
    return made


@pytest.fixture
async def reranker(folder: Path) -> AsyncIterator[LocalReranker]:
    async with LocalReranker("test/tiny", path=folder) as started:
        yield started


async def expect_refusal(folder: Path, name: str = "test/tiny") -> str:
    """Return why a reranker could not be started; it is closed by then."""
    refused = LocalReranker(name, path=folder)
    with pytest.raises(EmbedderUnavailableError) as caught:
        async with refused:
            pytest.fail("a model that is unfit was loaded")
    with pytest.raises(EmbedderUnavailableError, match="the reranker is closed"):
        await refused.start()
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_relevance_is_the_sigmoid_of_the_logit(reranker: LocalReranker, folder: Path) -> None:
    logits = logits_of(folder, PAIRS)
    assert np.ptp(logits) > 0.1
    relevance = await reranker.rerank_pairs(PAIRS)
    assert (relevance.shape, relevance.dtype) == ((len(PAIRS),), np.float32)
    assert ((relevance >= 0) & (relevance <= 1)).all()
    np.testing.assert_allclose(relevance, sigmoid(logits), atol=CLOSE)


async def test_one_query_with_many_texts_is_so_many_pairs(reranker: LocalReranker) -> None:
    texts = ["Where can I sign up?", "nice weather"]
    relevance = await reranker.rerank("How do I sign up?", texts)
    np.testing.assert_array_equal(relevance, await reranker.rerank_pairs(PAIRS[:2]))


async def test_which_text_is_the_question_makes_a_difference(reranker: LocalReranker) -> None:
    there, back = await reranker.rerank_pairs(PAIRS[1:3])
    assert abs(there - back) > 10 * CLOSE


async def test_no_pairs_no_values(reranker: LocalReranker) -> None:
    for relevance in (await reranker.rerank_pairs([]), await reranker.rerank("who?", ())):
        assert (relevance.shape, relevance.dtype) == ((0,), np.float32)


async def test_many_pairs_keep_their_order(reranker: LocalReranker, folder: Path) -> None:
    pairs = [(f"question {number}", "answer " * (number % 7)) for number in range(2 * CHUNK + 1)]
    relevance = await reranker.rerank_pairs(pairs)
    some = [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK - 1, 2 * CHUNK]
    np.testing.assert_allclose(relevance[some], sigmoid(logits_of(folder, [pairs[at] for at in some])), atol=CLOSE)
    assert len(relevance) == len(pairs)


async def test_concurrent_callers_get_their_own(reranker: LocalReranker) -> None:
    together = await reranker.rerank_pairs(PAIRS)
    alone = await asyncio.gather(*(reranker.rerank_pairs([pair]) for pair in PAIRS))
    np.testing.assert_allclose(np.concatenate(alone), together, atol=CLOSE)


async def test_a_pair_that_is_too_long_is_cut(reranker: LocalReranker, folder: Path) -> None:
    pairs = [("a b " * 500, "c d " * 300), ("who?", "x " * 1000)]
    np.testing.assert_allclose(await reranker.rerank_pairs(pairs), sigmoid(logits_of(folder, pairs)), atol=CLOSE)


async def test_half_precision_is_loaded_in_full(folder: Path, tmp_path: Path, reranker: LocalReranker) -> None:
    save_tiny_cross_encoder(tmp_path / "half", half=True)
    async with LocalReranker("test/tiny", path=tmp_path / "half") as half:
        relevance = await half.rerank_pairs(PAIRS)
        assert half.model_id != reranker.model_id
    np.testing.assert_allclose(relevance, sigmoid(logits_of(tmp_path / "half", PAIRS)), atol=CLOSE)
    np.testing.assert_allclose(relevance, sigmoid(logits_of(folder, PAIRS)), atol=1e-2)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        pytest.param(torch.nn.Identity(), sigmoid, id="none, as those for MS MARCO"),
        pytest.param(torch.nn.Tanh(), sigmoid, id="below 0"),
        pytest.param(torch.nn.Softplus(), sigmoid, id="above 1"),
        pytest.param(torch.nn.Hardsigmoid(), lambda logits: np.clip(logits / 6 + 0.5, 0, 1), id="of its own"),
    ],
)
async def test_another_activation_counts_if_it_makes_relevances(
    tmp_path: Path, activation: torch.nn.Module, expected: Callable[[NDArray[np.float32]], NDArray[np.float64]]
) -> None:
    save_tiny_cross_encoder(tmp_path / "tiny", activation=activation)
    async with LocalReranker("test/tiny", path=tmp_path / "tiny") as other:
        relevance = await other.rerank_pairs(PAIRS)
    np.testing.assert_allclose(relevance, expected(logits_of(tmp_path / "tiny", PAIRS)), atol=CLOSE)


async def test_model_ids_tell_weights_and_settings_apart(folder: Path, tmp_path: Path, reranker: LocalReranker) -> None:
    assert reranker.model_id.startswith("test/tiny@")
    shutil.copytree(folder, tmp_path / "copy")
    save_tiny_cross_encoder(tmp_path / "library", activation=torch.nn.Sigmoid())
    save_tiny_cross_encoder(tmp_path / "weights", seed=2)
    save_tiny_cross_encoder(tmp_path / "activation", activation=torch.nn.Hardsigmoid())
    save_tiny_cross_encoder(tmp_path / "prompt", prompt="judge: ")
    shutil.copytree(folder, tmp_path / "length")
    settings = tmp_path / "length" / "tokenizer_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"model_max_length": MAX_TOKENS}))
    ids = dict[str, str]()
    for name in ("copy", "library", "weights", "activation", "prompt", "length"):
        async with LocalReranker("test/tiny", path=tmp_path / name) as other:
            ids[name] = other.model_id
    assert ids.pop("copy") == ids.pop("library") == reranker.model_id
    assert len({reranker.model_id, *ids.values()}) == 5


async def test_a_name_without_an_organisation_is_one_of_the_librarys(folder: Path) -> None:
    async with LocalReranker("tiny", path=folder) as short:
        assert short.model_id.startswith("cross-encoder/tiny@")


async def test_a_missing_folder_is_told_and_tried_again(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "model"
    late = LocalReranker("test/tiny", path=path)
    with pytest.raises(EmbedderUnavailableError, match=r"model does not exist; correct rerank\.path in the config$"):
        await late.rerank_pairs(PAIRS)
    shutil.copytree(folder, path)
    assert len(await late.rerank_pairs(PAIRS)) == len(PAIRS)
    await late.close()


async def test_a_name_that_the_hub_does_not_have_is_told() -> None:
    with pytest.raises(EmbedderUnavailableError, match=r"cross-encoder/nowhere is not to be had: .*rerank\.path"):
        async with LocalReranker("nowhere"):
            pass


def empty(_: Path) -> None:
    """Leave nothing but a note."""


def bare(path: Path) -> None:
    (path / "config.json").write_text("{}")


def garble_settings(path: Path) -> None:
    save_tiny_cross_encoder(path)
    (path / "config.json").write_text("{ no JSON")


def cut_weights(path: Path) -> None:
    save_tiny_cross_encoder(path)
    weights = path / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1000])


def lose_weights(path: Path) -> None:
    save_tiny_cross_encoder(path)
    (path / WEIGHTS).unlink()


def spoil_weights(path: Path) -> None:
    save_tiny_cross_encoder(path)
    tensors = load_file(path / WEIGHTS)
    tensors["classifier.weight"].fill_(torch.nan)
    save_file(tensors, path / WEIGHTS, metadata={"format": "pt"})


def sort_pairs(path: Path) -> None:
    save_tiny_cross_encoder(path, labels=3)


LOADING = "cannot be loaded, is it a CrossEncoder of sentence-transformers? ("
REMEDY = "set rerank.name or rerank.path to a CrossEncoder for relevance, such as cross-encoder/ms-marco-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (empty, LOADING),
        (bare, "is no reranker but, say, one that embeds; "),
        (save_tiny_model, "is no reranker but, say, one that embeds; "),
        (garble_settings, LOADING),
        (cut_weights, LOADING),
        (lose_weights, LOADING),
        (spoil_weights, "the reranker returned values that are not finite; its weights are unfit, "),
        (sort_pairs, "sorts pairs into 3 labels, so it is no reranker; "),
    ],
)
async def test_what_is_no_reranker_is_refused(tmp_path: Path, spoil: Callable[[Path], None], says: str) -> None:
    path = tmp_path / "model"
    path.mkdir()
    spoil(path)
    told = await expect_refusal(path)
    assert says in told
    assert says == LOADING or told.endswith(REMEDY)
    assert spoil is spoil_weights or str(path) in told


async def test_what_no_tokenizer_can_read_is_not_quoted(
    reranker: LocalReranker, caplog: pytest.LogCaptureFixture
) -> None:
    half_a_character = "\ud83d"
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(EmbedderUnavailableError, match=r"^the reranker failed \(\w+\)$"):
            await reranker.rerank(f"{SAID} {half_a_character}", ["who?"])
        assert len(await reranker.rerank(SAID, ["who?"])) == 1
    assert SAID not in caplog.text

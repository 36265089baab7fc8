"""What the compiled form of a model has in common with its source, which is everything."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers.sentence_transformer.modules import Dense, Normalize

from bot.core.types import Embeddings
from bot.embedders import EngineLoader, LocalEmbedder
from bot.embedders.compiled import split
from tests.embedders.small import DIM, FOREIGN, MAX_TOKENS, make_bert, save_embedding_model, save_transformer
from tests.embedders.test_alternatives import save_multilingual_model

NAME = "test/small"
ROOT = Path(__file__).parents[2]
TEXTS = [
    "how do i sign up",
    "no",
    "",
    "What does it COST?\nA whole year",
    *FOREIGN.values(),
    "[SEP] a [PAD]",
    "x " * 200,
]
CLOSE = 1e-5


async def embed(folder: Path, **options: Any) -> tuple[str, Embeddings, Embeddings]:  # noqa: ANN401
    async with LocalEmbedder(NAME, path=folder, **options) as model:
        return model.model_id, await model.embed_queries(TEXTS), await model.embed_corpus(TEXTS)


async def expect_the_same(folder: Path, cache: Path, **options: Any) -> Embeddings:  # noqa: ANN401
    """Compare both engines; return what is made of the questions."""
    load = EngineLoader(None, engine="onnx", cache=cache)
    wanted, found = await embed(folder, **options), await embed(folder, load=load, **options)
    assert found[0] == wanted[0]
    np.testing.assert_allclose(found[1], wanted[1], atol=CLOSE)
    np.testing.assert_allclose(found[2], wanted[2], atol=CLOSE)
    return found[1]


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
async def test_poolings_prompts_and_length(tmp_path: Path, cache: Path, pooling: Any) -> None:  # noqa: ANN401
    prompts = {"query": "query: ", "passage": "passage: "}
    save_embedding_model(tmp_path / "model", pooling=pooling, prompts=prompts)
    await expect_the_same(tmp_path / "model", cache)
    await expect_the_same(tmp_path / "model", cache, query_prompt="", corpus_prompt="what ")


async def test_layers_after_the_pooling_and_the_models_own_cut(tmp_path: Path, cache: Path) -> None:
    save_embedding_model(tmp_path / "model", more=[Dense(DIM, 12), Normalize()], truncate_dim=6)
    assert (await expect_the_same(tmp_path / "model", cache)).shape == (len(TEXTS), 6)
    assert (await expect_the_same(tmp_path / "model", cache, dimensions=9)).shape == (len(TEXTS), 9)


async def test_a_multilingual_model(tmp_path: Path, cache: Path) -> None:
    # XLM-RoBERTa reckons positions from what is no padding, and has no token types.
    save_multilingual_model(tmp_path / "model")
    await expect_the_same(tmp_path / "model", cache)


async def test_a_folder_of_transformers_alone(tmp_path: Path, cache: Path) -> None:
    save_transformer(tmp_path / "model", make_bert())
    await expect_the_same(tmp_path / "model", cache)


@pytest.mark.model
async def test_fifty_thousand_characters_are_cut_and_told(
    on_either: LocalEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    [long] = await on_either.embed_queries(["lorem ipsum " * 4200])
    assert long @ long == pytest.approx(1, abs=1e-5)
    assert "1 of 1 texts were cut: the longest from 16802 tokens to the 256 that the model reads" in caplog.text
    assert "lorem" not in caplog.text


@pytest.mark.model
async def test_the_real_model_is_the_same_on_both_engines(real: LocalEmbedder, real_onnx: LocalEmbedder) -> None:
    assert real.model_id == real_onnx.model_id
    assert [*real.vocabulary] == [*real_onnx.vocabulary]
    assert real.is_symmetric
    assert real_onnx.is_symmetric
    similarities = np.sum(await real.embed_queries(TEXTS) * await real_onnx.embed_queries(TEXTS), axis=1)
    assert similarities.min() > 0.9999


async def test_cut_texts_are_counted_alike(tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    save_embedding_model(tmp_path / "model", prompts={"query": "query: "})
    told: list[str] = []
    for load in (None, EngineLoader(None, engine="onnx", cache=cache)):
        async with LocalEmbedder(NAME, path=tmp_path / "model", load=load) as model:
            caplog.clear()
            await model.embed_queries(["a " * (MAX_TOKENS - 4), "a " * MAX_TOKENS, "a"])
            told += [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told[0] == told[1]
    assert told[0].startswith("1 of 3 texts were cut: the longest from 68 tokens")


@pytest.mark.model
def test_a_bot_whose_model_is_compiled_never_imports_torch(compiled: Path) -> None:
    assert compiled.exists()
    script = (
        "import asyncio, sys; from bot.app import build_embedder; from bot.config import Config\n"
        "async def main():\n"
        "    async with build_embedder(Config()) as model:\n"
        "        await model.embed_queries(['one', 'two'])\n"
        "asyncio.run(main())\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'onnx'} & {*sys.modules})"
        "\nprint('onnxruntime' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    assert done.stdout == "set()\nTrue\n", done.stderr


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_batches_that_are_under_way_together_come_back_in_their_order(
    precision: Literal["float32", "int8"], tmp_path: Path, cache: Path
) -> None:
    save_embedding_model(tmp_path / "model")
    alone, several = (
        EngineLoader(None, engine="onnx", precision=precision, cache=cache, threads=threads).load_compiled(
            tmp_path / "model"
        )
        for threads in (1, 3)
    )
    texts = [f"{'no ' * (number % 40)}{number}" for number in range(600)]
    assert np.abs(several.encode_query(texts) - alone.encode_query(texts)).max() < 1e-5
    assert several.piece_bytes == 3 * alone.piece_bytes


async def test_in_eight_bits_a_model_has_another_name_and_nearly_the_same_embeddings(
    tmp_path: Path, cache: Path
) -> None:
    save_embedding_model(tmp_path / "model")
    ids: list[str] = []
    made: list[Embeddings] = []
    for precision in ("float32", "int8"):
        load = EngineLoader(None, engine="onnx", precision=precision, cache=cache)
        model_id, queries, _ = await embed(tmp_path / "model", load=load)
        ids.append(model_id)
        made.append(queries)
    assert ids[0] != ids[1]
    similarities = np.sum(made[0] * made[1], axis=1)
    assert 0.98 < similarities.min() < 0.999999


@given(st.lists(st.integers(1, 300), max_size=50).map(sorted), st.integers(1, 1000))
def test_batches_hold_all_texts_in_order_and_only_one_alone_is_beyond_the_budget(
    lengths: list[int], budget: int
) -> None:
    ends = split(lengths, budget)
    starts = [0, *ends[:-1]] if ends else []
    assert [*ends][-1:] == ([len(lengths)] if lengths else [])
    for start, end in zip(starts, ends, strict=True):
        assert start < end
        assert end - start == 1 or lengths[end - 1] * (end - start) <= budget
        # Nothing that would have had room was left to the next batch.
        assert end == len(lengths) or lengths[end] * (end + 1 - start) > budget

"""Other models than the default one, as people publish them: cut embeddings, prompts, poolings, scripts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

from bot.core.errors import EmbedderUnavailableError
from bot.core.types import Embeddings
from bot.embedders import LocalEmbedder
from tests.embedders.small import (
    DIM,
    FOREIGN,
    SCRIPTS,
    VOCABULARY,
    edit_json,
    make_bert,
    save_embedding_model,
    save_transformer,
)

NAME = "test/small"
TEXTS = ["how do i sign up", "no", "", "what does it cost for a whole year?", "\N{SNOWMAN}", "сколько стоит?"]
CLOSE = 1e-5


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding") / "small"
    save_embedding_model(folder)
    return folder


async def embed(folder: Path, texts: list[str], **options: Any) -> tuple[Embeddings, Embeddings]:  # noqa: ANN401
    """Return what a model makes of texts as questions and as the FAQ, after a look at what must hold for both."""
    async with LocalEmbedder(NAME, path=folder, **options) as model:
        both = await model.embed_queries(texts), await model.embed_corpus(texts)
        dim = model.dim
    for embeddings in both:
        assert embeddings.shape == (len(texts), dim)
        assert embeddings.dtype == np.float32
        assert embeddings.flags.c_contiguous
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), np.ones(len(texts)), atol=1e-5)
    return both


async def model_id(folder: Path, **options: Any) -> str:  # noqa: ANN401
    async with LocalEmbedder(NAME, path=folder, **options) as model:
        return model.model_id


def normalised(embeddings: Embeddings) -> Embeddings:
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def read_settings(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "config_sentence_transformers.json").read_text())


@pytest.mark.parametrize("dimensions", [1, 7, DIM // 2, DIM])
async def test_the_first_dimensions_are_kept_and_normalised(folder: Path, dimensions: int) -> None:
    whole, cut = await embed(folder, TEXTS), await embed(folder, TEXTS, dimensions=dimensions)
    for long, short in zip(whole, cut, strict=True):
        assert short.shape == (len(TEXTS), dimensions)
        np.testing.assert_allclose(short, normalised(long[:, :dimensions]), atol=CLOSE)


async def test_no_texts_have_as_many_dimensions(folder: Path) -> None:
    queries, corpus = await embed(folder, [], dimensions=5)
    assert queries.shape == corpus.shape == (0, 5)


async def test_a_model_that_normalises_by_itself_is_cut_too(tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "unit", more=[Normalize()])
    [queries, _] = await embed(tmp_path / "unit", TEXTS, dimensions=4)
    [whole, _] = await embed(tmp_path / "unit", TEXTS)
    np.testing.assert_allclose(queries, normalised(whole[:, :4]), atol=CLOSE)


async def test_model_ids_tell_dimensions_apart(folder: Path) -> None:
    ids = [await model_id(folder, dimensions=dimensions) for dimensions in (None, 4, 8, 8)]
    assert len({*ids}) == 3
    assert ids[2] == ids[3]


@pytest.mark.parametrize("dimensions", [DIM + 1, 10 * DIM, 0, -1])
async def test_dimensions_that_the_model_has_not(folder: Path, dimensions: int) -> None:
    embedder = LocalEmbedder(NAME, path=folder, dimensions=dimensions)
    with pytest.raises(EmbedderUnavailableError, match=r"dimension|shape") as caught:
        await embedder.start()
    if dimensions > DIM:
        assert f"have {DIM} dimensions, of which {dimensions} cannot be kept; lower model.dim" in str(caught.value)
    with pytest.raises(EmbedderUnavailableError, match="not loaded"):
        _ = embedder.dim
    await embedder.close()


async def test_a_model_may_come_cut(folder: Path, tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "cut", truncate_dim=6)
    assert read_settings(tmp_path / "cut")["truncate_dim"] == 6
    own, chosen = await embed(tmp_path / "cut", TEXTS), await embed(folder, TEXTS, dimensions=6)
    np.testing.assert_allclose(own, chosen, atol=CLOSE)
    assert await model_id(tmp_path / "cut") == await model_id(folder, dimensions=6) != await model_id(folder)
    # The operator has the last word.
    [longer, _] = await embed(tmp_path / "cut", TEXTS, dimensions=8)
    assert longer.shape == (len(TEXTS), 8)


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
async def test_prompts_of_a_model_are_honoured_for_both_kinds(folder: Path, tmp_path: Path, name: str) -> None:
    save_embedding_model(tmp_path / "prompts", prompts={"query": "query: ", name: "what it cost: "})
    saved = read_settings(tmp_path / "prompts")["prompts"]
    assert (saved["query"], saved[name]) == ("query: ", "what it cost: ")
    queries, corpus = await embed(tmp_path / "prompts", TEXTS)
    [by_hand, _] = await embed(folder, [prompt + text for prompt in ("query: ", "what it cost: ") for text in TEXTS])
    np.testing.assert_allclose(np.concatenate([queries, corpus]), by_hand, atol=CLOSE)
    assert np.abs(queries - corpus).max() > 0.01


async def test_prompts_are_honoured_as_the_library_honours_them(tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "prompts", prompts={"query": "query: ", "document": "my: ", "passage": "passage: "})
    queries, corpus = await embed(tmp_path / "prompts", TEXTS)
    library = SentenceTransformer(str(tmp_path / "prompts"))
    np.testing.assert_allclose(queries, library.encode_query(TEXTS, normalize_embeddings=True), atol=CLOSE)
    np.testing.assert_allclose(corpus, library.encode_document(TEXTS, normalize_embeddings=True), atol=CLOSE)


async def test_a_prompt_for_one_kind_leaves_the_other_bare(folder: Path, tmp_path: Path) -> None:
    # As the bge models have it: an instruction before questions, nothing before passages.
    save_embedding_model(tmp_path / "prompts", prompts={"query": "what is it: "})
    queries, corpus = await embed(tmp_path / "prompts", TEXTS)
    [asked, _] = await embed(folder, [f"what is it: {text}" for text in TEXTS])
    [_, bare] = await embed(folder, TEXTS)
    np.testing.assert_allclose(np.concatenate([queries, corpus]), np.concatenate([asked, bare]), atol=CLOSE)


async def test_prompts_for_other_tasks_are_left_alone(folder: Path, tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "prompts", prompts={"clustering": "sort: "}, default_prompt_name="clustering")
    assert read_settings(tmp_path / "prompts")["default_prompt_name"] == "clustering"
    np.testing.assert_allclose(await embed(tmp_path / "prompts", TEXTS), await embed(folder, TEXTS), atol=CLOSE)


async def test_prompts_can_be_written_into_a_folder_by_hand(folder: Path, tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "prompts")
    edit_json(tmp_path / "prompts" / "config_sentence_transformers.json", prompts={"query": "query: "})
    [queries, _] = await embed(tmp_path / "prompts", ["sign up"])
    [by_hand, _] = await embed(folder, ["query: sign up"])
    np.testing.assert_allclose(queries, by_hand, atol=CLOSE)
    assert await model_id(tmp_path / "prompts") == await model_id(folder, query_prompt="query: ")


async def test_a_model_with_cls_pooling_takes_the_first_token(folder: Path, tmp_path: Path) -> None:
    save_embedding_model(tmp_path / "cls", pooling="cls")
    [queries, _] = await embed(tmp_path / "cls", TEXTS)
    tokenizer, bert = AutoTokenizer.from_pretrained(tmp_path / "cls"), AutoModel.from_pretrained(tmp_path / "cls")
    with torch.inference_mode():
        tokens = tokenizer(TEXTS, padding=True, return_tensors="pt")
        first = bert(**tokens).last_hidden_state[:, 0].numpy()
    np.testing.assert_allclose(queries, normalised(first), atol=1e-4)
    [averaged, _] = await embed(folder, TEXTS)
    assert np.abs(queries - averaged).max() > 0.01


async def test_a_model_with_a_layer_after_the_pooling(tmp_path: Path) -> None:
    # As LaBSE has it. What counts is the length that comes out at the end.
    save_embedding_model(tmp_path / "dense", pooling="cls", more=[Dense(DIM, 8), Normalize()])
    [queries, _] = await embed(tmp_path / "dense", TEXTS)
    assert queries.shape == (len(TEXTS), 8)
    with pytest.raises(EmbedderUnavailableError, match="have 8 dimensions, of which 16 cannot be kept"):
        await model_id(tmp_path / "dense", dimensions=16)


async def test_a_folder_of_transformers_alone_is_averaged(folder: Path, tmp_path: Path) -> None:
    save_transformer(tmp_path / "plain", make_bert())
    np.testing.assert_allclose(await embed(tmp_path / "plain", TEXTS), await embed(folder, TEXTS), atol=CLOSE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("dimensions", [None, 8])
async def test_a_model_in_half_precision_keeps_the_contract(
    folder: Path, tmp_path: Path, dtype: torch.dtype, dimensions: int | None
) -> None:
    halved = SentenceTransformer(str(folder))
    for parameter in halved.parameters():
        parameter.data = parameter.data.to(dtype)
    halved.save(str(tmp_path / "half"), create_model_card=False)
    assert json.loads((tmp_path / "half" / "config.json").read_text())["dtype"] == str(dtype).removeprefix("torch.")
    whole = await embed(folder, TEXTS, dimensions=dimensions)
    np.testing.assert_allclose(await embed(tmp_path / "half", TEXTS, dimensions=dimensions), whole, atol=0.05)


async def test_a_model_of_words_without_a_transformer(tmp_path: Path) -> None:
    save_transformer(tmp_path / "parts", make_bert())
    words = StaticEmbedding(Tokenizer.from_file(str(tmp_path / "parts" / "tokenizer.json")), embedding_dim=DIM)
    SentenceTransformer(modules=[words]).save(str(tmp_path / "static"), create_model_card=False)
    [queries, _] = await embed(tmp_path / "static", [*FOREIGN.values()], dimensions=8)
    assert queries.shape == (len(FOREIGN), 8)


def save_multilingual_model(folder: Path) -> None:
    """Make a model as multilingual ones are: SentencePiece's pieces, XLM-RoBERTa, prompts."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = [*special, "▁", "▁как", "▁пароль", "密码", *(one for one in VOCABULARY if len(one) == 1)]
    tokenizer = Tokenizer(Unigram([(piece, -float(rank)) for rank, piece in enumerate(pieces)], unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = dict(zip(("cls_token", "pad_token", "sep_token", "unk_token"), special, strict=True))
    torch.manual_seed(1)
    config = XLMRobertaConfig(
        vocab_size=len(pieces),
        hidden_size=DIM,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=2 * DIM,
        max_position_embeddings=66,
        pad_token_id=1,
        initializer_range=0.5,
    )
    parts = folder.with_name("parts")
    XLMRobertaModel(config).save_pretrained(parts)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(parts)
    prompts = {"query": "query: ", "passage": "passage: "}
    modules = [Transformer(str(parts), max_seq_length=64), Pooling(DIM), Normalize()]
    SentenceTransformer(modules=modules, prompts=prompts).save(str(folder), create_model_card=False)


@pytest.fixture(scope="session")
def multilingual_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("multilingual") / "model"
    save_multilingual_model(folder)
    return folder


@pytest.mark.parametrize("kind", ["folder", "multilingual_folder"])
async def test_texts_in_every_script_are_embedded_each_its_own_way(request: pytest.FixtureRequest, kind: str) -> None:
    texts = [*FOREIGN.values()]
    for embeddings in await embed(request.getfixturevalue(kind), [*texts, *texts]):
        np.testing.assert_allclose(embeddings[: len(texts)], embeddings[len(texts) :], atol=CLOSE)
        similarities = embeddings[: len(texts)] @ embeddings[: len(texts)].T
        assert similarities[~np.eye(len(texts), dtype=bool)].max() < 0.999


async def test_long_texts_in_every_script_are_cut_and_counted(
    multilingual_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    texts = [text * 30 for text in FOREIGN.values()]
    await embed(multilingual_folder, texts)
    assert f"{len(texts)} of {len(texts)} texts were cut" in caplog.text
    assert not [text for text in FOREIGN.values() if text in caplog.text]


async def test_words_of_every_script_are_told_where_the_tokenizer_can(folder: Path, multilingual_folder: Path) -> None:
    async with LocalEmbedder(NAME, path=folder) as model:
        assert "привет" in model.vocabulary
        assert not {*SCRIPTS} & {*model.vocabulary}
    async with LocalEmbedder(NAME, path=multilingual_folder) as model:
        assert not model.vocabulary
        assert not model.is_symmetric

"""What becomes of padding when models are compiled."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import helper
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import (
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedModel,
    RobertaConfig,
    RobertaModel,
)

from bot.embedders import EngineLoader, tokens
from bot.embedders.cache import CompiledCache, Manifest
from bot.embedders.compiled import GRAPH_FILE
from bot.embedders.graphs import Graph
from bot.embedders.packing import NotPackableError, pack
from bot.embedders.settings import Precision
from tests.embedders.small import DIM, VOCABULARY, make_bert, save_transformer

SIZES: dict[str, Any] = {"vocab_size": len(VOCABULARY), "initializer_range": 0.5, "pad_token_id": 0}
USUAL: dict[str, Any] = SIZES | {
    "hidden_size": DIM,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 2 * DIM,
    "max_position_embeddings": 100,
}
SHORT: dict[str, Any] = {"dim": DIM, "n_layers": 1, "n_heads": 4, "hidden_dim": 2 * DIM, "max_position_embeddings": 100}
RELATIVE: dict[str, Any] = {"relative_attention": True, "position_biased_input": False, "pos_att_type": ["p2c", "c2p"]}


def save(folder: Path, model: PreTrainedModel) -> Path:
    save_transformer(folder / "parts", model)
    modules = [Transformer(str(folder / "parts"), max_seq_length=64), Pooling(DIM)]
    SentenceTransformer(modules=modules).save(str(folder / "model"), create_model_card=False)
    return folder / "model"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bert"), make_bert())


def compile_(folder: Path, cache: Path, precision: Precision = "float32") -> Manifest:
    manifest = EngineLoader(None, engine="onnx", precision=precision, cache=cache).compile(folder)
    assert manifest.refused is None
    return manifest


def is_packed(folder: Path, cache: Path, precision: Precision = "float32") -> bool:
    """Return whether what is compiled looks for tokens that are no padding."""
    graph = CompiledCache(cache).slot(folder, precision) / GRAPH_FILE
    model: Any = onnx.load(str(graph), load_external_data=False)
    return any(node.op_type == "NonZero" for node in model.graph.node)


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("apart", [False, True])
def test_padding_is_dropped_at_either_precision(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: Precision, *, apart: bool
) -> None:
    monkeypatch.setattr(tokens, "BIG_TABLE", len(VOCABULARY) + (not apart))
    manifest = compile_(bert, tmp_path, precision)
    assert is_packed(bert, tmp_path, precision)
    files = {"model.onnx", "model.bin", "tokenizer.json", "words.txt", "words.npy"}
    assert {*manifest.files} == files | ({"tokens.npy"} if apart else set())


@pytest.mark.parametrize(
    ("make", "packed"),
    [
        (lambda: RobertaModel(RobertaConfig(**USUAL)), True),
        (lambda: MPNetModel(MPNetConfig(**USUAL)), True),
        (lambda: DistilBertModel(DistilBertConfig(**SIZES, **SHORT)), True),
        # Its attention is of another kind.
        (lambda: DebertaV2Model(DebertaV2Config(**USUAL, **RELATIVE)), False),
    ],
    ids=["RoBERTa", "MPNet", "DistilBERT", "DeBERTa"],
)
def test_other_transformers_lose_it_where_their_attention_is_as_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], PreTrainedModel], *, packed: bool
) -> None:
    monkeypatch.setattr(tokens, "BIG_TABLE", len(VOCABULARY))
    torch.manual_seed(1)
    folder = save(tmp_path, make())
    manifest = compile_(folder, tmp_path / "cache")
    assert "tokens.npy" in manifest.files
    assert manifest.verification is not None
    assert manifest.verification.lowest > 0.99999
    assert is_packed(folder, tmp_path / "cache") == packed


def find_nothing(_graph: Graph, _mask: str) -> frozenset[str]:
    raise NotPackableError("it has no attention")


def stumble(_graph: Graph, _mask: str) -> frozenset[str]:
    raise KeyError("something")


def negate(graph: Graph, mask: str) -> frozenset[str]:
    """Pack, but for a sign."""
    flat = pack(graph, mask)
    [*nodes, last] = graph.nodes
    [output] = last.output
    last.output[0] = "wrong"
    graph.write([*nodes, last, graph.make("Neg", ["wrong"], output)])
    return flat


def break_(graph: Graph, mask: str) -> frozenset[str]:
    """Pack into a graph that cannot be run."""
    flat = pack(graph, mask)
    [*nodes, last] = graph.nodes
    graph.write([*nodes, helper.make_node("NoSuchOperator", [last.input[0]], [last.output[0]])])
    return flat


@pytest.mark.parametrize(
    ("packing", "why"),
    [
        (find_nothing, "it has no attention"),
        (stumble, ": KeyError"),
        (negate, ": compiled, it embeds differently"),
        (break_, ": InvalidGraph"),
    ],
)
def test_where_it_cannot_be_dropped_it_stays(
    bert: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    packing: Callable[[Graph, str], frozenset[str]],
    why: str,
) -> None:
    monkeypatch.setattr("bot.embedders.compiling.pack", packing)
    caplog.set_level(logging.DEBUG, "bot.embedders.compiling")
    manifest = compile_(bert, tmp_path)
    assert manifest.verification is not None
    assert manifest.verification.lowest > 0.99999
    assert not is_packed(bert, tmp_path)
    assert "Padding stays in the compiled model" in caplog.text
    assert why in caplog.text
    # Nothing of the first try is left behind the weights of the second.
    slot = CompiledCache(tmp_path).slot(bert, "float32")
    assert (slot / "model.bin").stat().st_size < (bert / "model.safetensors").stat().st_size * 1.1

"""Writes a sentence-transformers model as a graph for onnxruntime; imports torch and its friends when it is called.

What it takes beside torch and the model itself is small, so that it can be done where memory is short: the weights go
into their file one by one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .compiled import EMBEDDING, IDS, MASK, TOKENIZER_FILE
from .library import load_sentence_transformer
from .refusals import NotCompilableError, refusing
from .settings import EncoderSettings
from .verifying import TEXTS
from .words import whole_words, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import torch

POOLINGS = frozenset({"mean", "cls", "max"})
"""Ways to make one embedding of many tokens' that are compiled; the others are rare."""

EXPORTED_FILE, EXPECTED_FILE = "exported.onnx", "expected.npy"
"""The graph as it was exported; what the model makes of the texts of `verifying`, whole embeddings of length 1."""

EXPORTED_WEIGHTS_FILE = "exported.bin"
"""The graph's weights, which lie beside it."""

_PLAIN_MODULES = frozenset({"Dense", "Normalize", "Dropout", "LayerNorm"})
"""What may come after the pooling: works on each embedding by itself."""

_TYPES = "token_type_ids"
_KNOWN_INPUTS = frozenset({IDS, MASK, _TYPES})

_OPSET = 20
"""The latest that torch's TorchScript exporter writes; it has LayerNormalization and Gelu as one operator each."""

_ALIGNMENT = 64
"""Bytes at a multiple of which each weight begins in its file."""

_EXAMPLES = ["two", "texts of different lengths, so that no length is taken for fixed"]


def export_model(into: Path, folder: Path, threads: int | None) -> EncoderSettings:
    """Write a model's graph, weights, tokenizer and words, and what it makes of the texts of `verifying`.

    Args:
        into: Where they are written.
        folder: The model.
        threads: See `load_sentence_transformer`.

    Returns:
        What else has to be known of the model.

    Raises:
        NotCompilableError: The model has parts that are not compiled.
        NotExportedError: A library failed, be it that it cannot express the model or that the disk is full.
        OSError: The folder cannot be written to, or is full.
        MemoryError: There is too little memory.
        Exception: Whatever sentence-transformers raises about files that it cannot use.
    """
    model = cast("Any", load_sentence_transformer(folder, threads=threads))
    settings = _read_settings(model)
    _write_expected(model, into / EXPECTED_FILE)
    with refusing():
        _export(model, into)
    (into / TOKENIZER_FILE).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    write_words(into, whole_words(model.tokenizer))
    return settings


def _read_settings(model: Any) -> EncoderSettings:  # noqa: ANN401 - a model of the library
    """Return what has to be known of a model.

    Raises:
        NotCompilableError: It has parts that are not compiled.
    """
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer  # noqa: PLC0415 - slow to import

    modules = list(model)
    if len(modules) < 2 or type(modules[0]) is not Transformer or type(modules[1]) is not Pooling:  # noqa: PLR2004
        raise NotCompilableError("it is something else than a transformer with a pooling")
    transformer, pooling, *others = modules
    if strange := {type(module).__name__ for module in others} - _PLAIN_MODULES:
        raise NotCompilableError(f"it has parts that are not compiled: {', '.join(sorted(strange))}")
    if pooling.pooling_mode not in POOLINGS or not pooling.include_prompt:
        raise NotCompilableError(f"its pooling, {pooling.pooling_mode}, is not compiled")
    if transformer.transformer_task != "feature-extraction" or {*transformer.modality_config} != {"text"}:
        raise NotCompilableError("it is no model for texts alone")
    if transformer.processing_kwargs or transformer.query_length or transformer.document_length:
        raise NotCompilableError("it treats texts in a way of its own before it reads them")
    tokenizer = model.tokenizer
    if not tokenizer.is_fast or tokenizer.padding_side != "right":
        raise NotCompilableError("its tokenizer is not one of the library tokenizers, or pads on the left")
    if strange := {*tokenizer.model_input_names} - _KNOWN_INPUTS:
        raise NotCompilableError(f"it wants more than tokens: {', '.join(sorted(strange))}")
    return EncoderSettings(
        prompts=dict(model.prompts),
        max_tokens=model.max_seq_length,
        truncate_dim=model.truncate_dim,
        pad_id=tokenizer.pad_token_id or 0,
        cut_side=tokenizer.truncation_side,
    )


def _write_expected(model: Any, file: Path) -> None:  # noqa: ANN401 - a model of the library
    with model.truncate_embeddings(None):
        # One at a time: padded to the longest of them, thirty-two texts would take a hundred megabytes.
        np.save(
            file,
            model.encode(
                [*TEXTS],
                prompt="",
                batch_size=1,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            ),
        )


def _export(model: Any, into: Path) -> None:  # noqa: ANN401 - a model of the library
    """Write the graph from tokens to normalised embeddings, and its weights."""
    import torch  # noqa: PLC0415 - loaded by now, and slow to load before

    wants_types = _TYPES in model.tokenizer.model_input_names

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            features = {IDS: ids, MASK: mask}
            if wants_types:
                features[_TYPES] = torch.zeros_like(ids)
            return torch.nn.functional.normalize(self.model(features)["sentence_embedding"], p=2, dim=1)

    # The exporter knows what this one consists of; the usual one is a single operator, which it takes apart badly.
    model[0].model.set_attn_implementation("eager")
    tokens = model.tokenizer(_EXAMPLES, padding=True, truncation=True, return_tensors="pt")
    sizes = {0: "texts", 1: "tokens"}
    whole = Whole().eval()
    graph = into / EXPORTED_FILE
    with torch.no_grad():
        export = cast("Callable[..., None]", torch.onnx.export)  # pyright: ignore[reportUnknownMemberType] - see stubs
        export(
            whole,
            (tokens[IDS], tokens[MASK]),
            str(graph),
            input_names=[IDS, MASK],
            output_names=[EMBEDDING],
            dynamic_axes={IDS: sizes, MASK: sizes, EMBEDDING: {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
            # The exporter would hold all weights twice; onnxruntime folds constants as well as it does.
            export_params=False,
            do_constant_folding=False,
        )
    _write_weights(graph, whole.state_dict())


def _write_weights(file: Path, weights: Mapping[str, torch.Tensor]) -> None:
    """Turn a graph's inputs that are named like weights into constants, which lie in a file of their own."""
    onnx: Any = import_module("onnx")  # slow to import, and its types are incomplete
    model = onnx.load(str(file))
    inputs = [*model.graph.input]
    del model.graph.input[:]
    with file.with_name(EXPORTED_WEIGHTS_FILE).open("wb") as opened:
        for one in inputs:
            if one.name not in weights:
                model.graph.input.append(one)
                continue
            values = np.ascontiguousarray(weights[one.name].numpy())
            kind = onnx.helper.np_dtype_to_tensor_dtype(values.dtype)
            constant = onnx.TensorProto(name=one.name, data_type=kind, dims=values.shape)
            constant.data_location = onnx.TensorProto.EXTERNAL
            place = {"location": EXPORTED_WEIGHTS_FILE, "offset": opened.tell(), "length": values.nbytes}
            for key, value in place.items():
                constant.external_data.add(key=key, value=str(value))
            model.graph.initializer.append(constant)
            opened.write(values.data)
            opened.write(bytes(-values.nbytes % _ALIGNMENT))
    onnx.save_model(model, str(file))

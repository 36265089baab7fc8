"""Turns a sentence-transformers model into one for onnxruntime; imports torch and its friends when it is called."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from .compiled import EMBEDDING, GRAPH_FILE, IDS, MASK, TOKENIZER_FILE, WEIGHTS_FILE, CompiledEncoder
from .graphs import Graph
from .packing import NotPackableError, pack
from .quantising import quantise
from .sessions import open_session
from .settings import INT8, EncoderSettings
from .thread import brief
from .tokens import TOKENS_FILE, set_apart
from .verifying import TEXTS, find_fault, verify
from .words import whole_words, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from ..core.types import Embeddings
    from .cache import Verification
    from .model import Encoder
    from .settings import Precision

_log = logging.getLogger(__name__)

POOLINGS = frozenset({"mean", "cls", "max"})
"""Ways to make one embedding of many tokens' that are compiled; the others are rare."""

_PLAIN_MODULES = frozenset({"Dense", "Normalize", "Dropout", "LayerNorm"})
"""What may come after the pooling: works on each embedding by itself."""

_TYPES = "token_type_ids"
_KNOWN_INPUTS = frozenset({IDS, MASK, _TYPES})

_OPSET = 20
"""The latest that torch's TorchScript exporter writes; it has LayerNormalization and Gelu as one operator each."""

_INLINE_BYTES = 1024
"""Smaller constants stay in the graph. The bigger ones have a file of their own, which is mapped into memory."""

_EXAMPLES = ["two", "texts of different lengths, so that no length is taken for fixed"]


class NotCompilableError(Exception):
    """The model cannot be compiled; says why."""


class NotExportedError(NotCompilableError):
    """A library failed at it; says how. The libraries say the same where a disk was full."""


def compile_model(
    source: Encoder, into: Path, precision: Precision, threads: int | None
) -> tuple[EncoderSettings, Verification]:
    """Compile a model into an empty folder and compare what the two make of the texts of `verifying`.

    Args:
        source: As `load_sentence_transformer` loaded it; it is of no use afterwards.
        into: Where the compiled model's files are written.
        precision: What it shall be in.
        threads: How many cores the compiled model may take while it is compared, None for all.

    Raises:
        NotCompilableError: The model has parts that are not compiled, or what came out embeds differently.
        NotExportedError: A library failed, be it that it cannot express the model or that the folder is full.
        OSError: The folder cannot be written to, or is full.
        MemoryError: There is too little memory.
    """
    model = cast("Any", source)
    settings = _read_settings(model)
    expected = _encode(model)
    optimised = into / "optimised.onnx"
    with _refusing():
        _export(model, optimised)
    (into / TOKENIZER_FILE).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    write_words(into, whole_words(model.tokenizer))
    # What is compared are whole embeddings; the model's own cut comes later.
    whole = replace(settings, truncate_dim=None)
    load = partial(CompiledEncoder, into, whole, "", precision, threads=threads)
    verification = _finish_packed(optimised, into, precision, lambda: verify(load().encode_query, expected))
    if verification is None:
        with _refusing():
            _finish(optimised, into, precision, packed=False)
        verification = verify(load().encode_query, expected)
    optimised.unlink()
    if fault := find_fault(verification, precision):
        raise NotCompilableError(fault)
    return settings, verification


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


def _encode(model: Any) -> Embeddings:  # noqa: ANN401 - a model of the library
    """Return what the model makes of the texts of `verifying`, whole and normalised."""
    with model.truncate_embeddings(None):
        return cast(
            "Embeddings",
            model.encode(
                [*TEXTS], prompt="", normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            ),
        )


def _export(model: Any, optimised: Path) -> None:  # noqa: ANN401 - a model of the library
    """Write the graph from tokens to normalised embeddings, optimised for processors."""
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
    graph = optimised.with_name("exported.onnx")
    with torch.no_grad():
        export = cast("Callable[..., None]", torch.onnx.export)  # pyright: ignore[reportUnknownMemberType] - see stubs
        export(
            Whole().eval(),
            (tokens[IDS], tokens[MASK]),
            str(graph),
            input_names=[IDS, MASK],
            output_names=[EMBEDDING],
            dynamic_axes={IDS: sizes, MASK: sizes, EMBEDDING: {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    open_session(graph, optimised)
    graph.unlink()


def _finish_packed(
    optimised: Path, folder: Path, precision: Precision, compare: Callable[[], Verification]
) -> Verification | None:
    """Finish a graph that works without padding, and return how close it is; None if there is none that may serve."""
    try:
        _finish(optimised, folder, precision, packed=True)
        verification = compare()
    except NotPackableError as error:
        fault = str(error)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - onnxruntime's have no common base; the plain graph may serve yet
        fault = brief(error)
    else:
        fault = find_fault(verification, precision)
        if fault is None:
            return verification
    _log.debug("Padding stays in the compiled model: %s", fault)
    return None


def _finish(optimised: Path, folder: Path, precision: Precision, *, packed: bool) -> None:
    """Bring an optimised graph to its precision, without padding or with it, and give its weights a file of their own.

    Raises:
        NotPackableError: See `pack`.
    """
    onnx: Any = import_module("onnx")  # slow to import, and its types are incomplete
    model = onnx.load(str(optimised))
    graph = Graph(model)
    flat = pack(graph, MASK) if packed else frozenset[str]()
    if precision == INT8:
        quantise(graph, flat)
    # Onnx would write behind what is there of another try.
    for file in (WEIGHTS_FILE, TOKENS_FILE):
        (folder / file).unlink(missing_ok=True)
    set_apart(graph, IDS, folder)
    onnx.save_model(
        model,
        str(folder / GRAPH_FILE),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS_FILE,
        size_threshold=_INLINE_BYTES,
    )


@contextmanager
def _refusing() -> Generator[None]:
    """Say of whatever goes wrong, but for files and memory, that the model cannot be exported.

    The exporter's warnings are kept from people who can do nothing about them; whether it traced well is verified.
    """
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # Torch, onnx and onnxruntime raise whatever they like about what they cannot express.
        raise NotExportedError(f"it cannot be exported ({brief(error)})") from error
    finally:
        logger.setLevel(level)

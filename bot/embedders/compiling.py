"""Makes of an exported graph what the bot runs. It takes onnxruntime and onnx, neither torch nor its friends."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .compiled import GRAPH_FILE, IDS, MASK, WEIGHTS_FILE, CompiledEncoder
from .exporting import EXPECTED_FILE, EXPORTED_FILE, EXPORTED_WEIGHTS_FILE
from .graphs import Graph
from .packing import NotPackableError, pack
from .quantising import quantise
from .refusals import NotCompilableError, refusing
from .sessions import open_session
from .settings import INT8
from .thread import brief
from .tokens import TOKENS_FILE, set_apart
from .verifying import find_fault, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .cache import Verification
    from .settings import EncoderSettings, Precision

_log = logging.getLogger(__name__)

_OPTIMISED_FILE = "optimised.onnx"

_INLINE_BYTES = 1024
"""Smaller constants stay in the graph. The bigger ones have a file of their own, which is mapped into memory."""


def compile_exported(
    folder: Path, settings: EncoderSettings, precision: Precision, threads: int | None
) -> Verification:
    """Compile what `export_model` has written, and compare what the two make of the texts of `verifying`.

    Args:
        folder: Where it was written; in the end it holds the compiled model's files alone.
        settings: What it returned.
        precision: What the compiled model shall be in.
        threads: How many cores it may take while it is compared, None for all.

    Raises:
        NotCompilableError: What came out embeds differently.
        NotExportedError: A library failed, be it that it cannot express the model or that the folder is full.
        OSError: The folder cannot be written to, or is full.
        MemoryError: There is too little memory.
    """
    expected = np.load(folder / EXPECTED_FILE)
    optimised = folder / _OPTIMISED_FILE
    with refusing():
        open_session(folder / EXPORTED_FILE, optimised)
    # What is compared are whole embeddings; the model's own cut comes later.
    whole = replace(settings, truncate_dim=None)
    load = partial(CompiledEncoder, folder, whole, "", precision, threads=threads)
    verification = _finish_packed(optimised, folder, precision, lambda: verify(load().encode_query, expected))
    if verification is None:
        with refusing():
            _finish(optimised, folder, precision, packed=False)
        verification = verify(load().encode_query, expected)
    # The optimised graph reads of the exported weights what it left as it was.
    for file in (EXPECTED_FILE, EXPORTED_FILE, EXPORTED_WEIGHTS_FILE, _OPTIMISED_FILE):
        (folder / file).unlink()
    if fault := find_fault(verification, precision):
        raise NotCompilableError(fault)
    return verification


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

"""Models as sentence-transformers loads them: any model, and the reference for the compiled ones."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from .model import Encoder

FULL_PRECISION = {"dtype": "float32"}
"""How models are loaded: in half precision they are slower on a CPU, and embeddings have lengths not near 1."""


def load_sentence_transformer(folder: Path, *, threads: int | None = None) -> Encoder:
    """Load a model from a folder, without the network.

    Args:
        folder: As `find_weights` found it.
        threads: How many cores torch may use in this process, None to leave that to torch.
    """
    # Together they take seconds to import, which `faqtotum --help` should not.
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    if threads is not None:
        torch.set_num_threads(threads)
    with quiet_loading():
        encoder = SentenceTransformer(
            str(folder), local_files_only=True, trust_remote_code=False, model_kwargs=FULL_PRECISION
        )
        return cast("Encoder", encoder)


@contextmanager
def quiet_loading() -> Generator[None]:
    """Keep transformers from drawing a bar for the weights on everybody's terminal; the command line draws its own."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - slow to import

    drawing = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if drawing:
            transformers_logging.enable_progress_bar()

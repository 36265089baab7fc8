"""``faqtotum compile``: the model for onnxruntime, before the bot needs it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ..app import build_engine_loader
from ..core.errors import EmbedderUnavailableError
from ..embedders import carry, find_carried, find_weights, is_carried, true_name
from .common import load_config, steps_progress

if TYPE_CHECKING:
    from argparse import Namespace

_MEGABYTE = 1_000_000


def run(arguments: Namespace) -> int:
    """Run the command; return the exit status.

    Raises:
        FaqtotumError: The model is missing or cannot be compiled, or the cache cannot be used.
    """
    config = load_config(arguments.config)
    if arguments.precision:
        config = config.replace(model=config.model.replace(precision=arguments.precision))
    loader = build_engine_loader(config, apart=True)
    folder = config.model.path or find_carried(config.model.name)
    if folder and is_carried(folder):
        raise EmbedderUnavailableError(f"the model in {folder} is compiled; name the one that it was compiled from")
    folder = find_weights(config.model.name, config.model.path, check=False)
    started = time.monotonic()
    with steps_progress():
        manifest = loader.find(folder, thoroughly=True)
        made = manifest is None
        manifest = manifest or loader.compile(folder)
    if manifest.verification is None or manifest.refused is not None:
        raise EmbedderUnavailableError(
            f"the model in {folder} cannot be compiled: {manifest.refused}; the bot runs it on torch"
        )
    slot = loader.cache.slot(folder, config.model.precision)
    if arguments.output:
        name = true_name(config.model.name, folder, manifest.weights)
        slot = carry(name, config.model.precision, slot, manifest, arguments.output)
    size = sum(file.stat().st_size for file in slot.iterdir()) / _MEGABYTE
    console = Console(soft_wrap=True, highlight=False)
    done = f"compiled in {time.monotonic() - started:.1f} s" if made else "is compiled already and sound"
    console.print(f"[green]✓[/] {escape(str(folder))}, {config.model.precision}: {done}")
    console.print(f"  {slot}, {size:.0f} MB", markup=False)
    verification = manifest.verification
    console.print(
        f"  cosine similarity to torch's embeddings: lowest {verification.lowest:.6f}, mean {verification.mean:.6f}, "
        f"of {verification.texts} texts"
    )
    return 0

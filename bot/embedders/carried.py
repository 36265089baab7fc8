"""Compiled models in a folder of their own, for machines without the libraries that compile them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import EmbedderUnavailableError
from .cache import DamagedError, check_files, read_manifest, write_manifest
from .compiled import CompiledEncoder
from .thread import brief
from .weights import DEFAULT_MODEL, full_name, is_default

if TYPE_CHECKING:
    from .cache import Manifest
    from .settings import Precision

MODEL_VARIABLE = "FAQTOTUM_MODEL"
"""Environment variable with a folder of compiled models, which serves wherever the configuration names no folder."""

_FILE = "faqtotum-model.json"
"""Says which model lies in a folder, each of its precisions in a folder below."""
_AGAIN = "make the folder again with faqtotum compile --output"


def carry(name: str, precision: Precision, slot: Path, manifest: Manifest, into: Path) -> Path:
    """Copy a compiled model to where it can be taken along, and return its folder; what was there is replaced.

    Args:
        name: The model's name, see `true_name`.
        precision: Of the compiled model.
        slot: Its folder in the cache.
        manifest: What is known of it.
        into: The folder to take along, which may hold the same model in another precision.

    Raises:
        EmbedderUnavailableError: The folder holds something else, or cannot be written to.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        if is_carried(into):
            _check_name(into, name)
        elif any(into.iterdir()):
            raise EmbedderUnavailableError(f"the folder {into} holds something else; name a new or an empty one")
        target = into / precision
        with tempfile.TemporaryDirectory(prefix=".new-", dir=into) as work:
            new = Path(work) / precision
            new.mkdir()
            for file in manifest.files:
                shutil.copyfile(slot / file, new / file)
            # Where it came from says nothing on the machine that it is taken to.
            write_manifest(new, replace(manifest, source={}, written={}))
            if target.exists():
                target.rename(Path(work) / "old")
            new.rename(target)
        (into / _FILE).write_text(json.dumps({"model": name}) + "\n", encoding="utf-8")
    except OSError as error:
        raise EmbedderUnavailableError(f"the folder {into} cannot be written to ({error.strerror})") from error
    return target


def is_carried(folder: Path) -> bool:
    """Return whether a folder is one that `carry` made."""
    return (folder / _FILE).is_file()


def find_carried(name: str) -> Path | None:
    """Return the folder that the environment names, None if it names none.

    Args:
        name: The model that is wanted.

    Raises:
        EmbedderUnavailableError: It is no folder of compiled models, or one of another model.
    """
    named = os.environ.get(MODEL_VARIABLE, "")
    if not named:
        return None
    folder = Path(named)
    if not is_carried(folder):
        raise EmbedderUnavailableError(f"{MODEL_VARIABLE} names {folder}, which holds no compiled model; {_AGAIN}")
    _check_name(folder, name)
    return folder


def true_name(name: str, folder: Path, weights: str) -> str:
    """Return the name of a model that was found in a folder of the operator's own choice.

    Where nobody said what the model is called, the configuration has the default one's name for it.

    Args:
        name: Its name, as it was given or not.
        folder: The folder.
        weights: What `hash_weights` says of the weights there.

    Returns:
        The name; for weights other than the default model's never that model's, but what stands in a folder that
        `carry` made, else the name of the folder.

    Raises:
        EmbedderUnavailableError: What stands there is damaged.
    """
    if full_name(name) != DEFAULT_MODEL or is_default(weights):
        return full_name(name)
    return _read_name(folder) if is_carried(folder) else folder.resolve().name


def open_carried(folder: Path, precision: Precision, threads: int | None) -> CompiledEncoder:
    """Return a compiled model, ready to embed.

    Args:
        folder: What `carry` made.
        precision: Which of the models in it.
        threads: How many cores it may use, None for all.

    Raises:
        EmbedderUnavailableError: It is not there in this precision, or damaged.
    """
    slot = folder / precision
    try:
        manifest = read_manifest(slot)
        if manifest is not None:
            check_files(slot, manifest)
        if manifest is not None and manifest.settings is not None:
            return CompiledEncoder(slot, manifest.settings, manifest.weights, precision, threads=threads)
    except DamagedError as error:
        raise EmbedderUnavailableError(f"a compiled model is damaged: {error}; {_AGAIN}") from error
    except Exception as error:
        # onnxruntime and tokenizers raise what they like.
        raise EmbedderUnavailableError(f"the model in {slot} cannot be loaded ({brief(error)}); {_AGAIN}") from error
    there = ", ".join(sorted(path.name for path in folder.iterdir() if path.is_dir())) or "nothing"
    raise EmbedderUnavailableError(
        f"the model folder {folder} holds the model in {there}, not in {precision}; set model.precision in the config"
    )


def _read_name(folder: Path) -> str:
    try:
        return str(json.loads((folder / _FILE).read_text(encoding="utf-8"))["model"])
    except (ValueError, KeyError, TypeError) as error:
        raise EmbedderUnavailableError(f"{folder / _FILE} is damaged; {_AGAIN}") from error


def _check_name(folder: Path, name: str) -> None:
    found, wanted = full_name(_read_name(folder)), full_name(name)
    if found != wanted:
        raise EmbedderUnavailableError(
            f"the model folder {folder} holds {found}, not {wanted}; name a folder with it (model.path in the config), "
            "or install what compiles models: pip install faqtotum"
        )

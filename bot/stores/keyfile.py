"""The file with the key under which the askers' ids are hashed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..core.errors import StoreUnavailableError
from .failures import describe

KEY_BYTES = 32
"""As long as the hash that it feeds (HMAC-SHA256); RFC 2104, section 3, asks for at least that."""


def read_or_create_key(path: Path) -> bytes:
    """Return the key in a file; the first call makes it from random bytes, readable by its owner only.

    Several processes may call it at the same time; they all get the same key.

    Args:
        path: The file, 64 hexadecimal digits; its folder is made.

    Returns:
        The key, `KEY_BYTES` bytes.

    Raises:
        StoreUnavailableError: The file cannot be read or made, or holds no key.
    """
    try:
        if not path.exists():
            _create(path)
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise StoreUnavailableError(
            f"the key file {path} cannot be used: {describe(error)}; let the bot's user read and write it"
        ) from error
    return _parse(text, path)


def _create(path: Path) -> None:
    """Put a new key into place complete or not at all; if another process was faster, its key stays."""
    # Once in the life of a database.
    import secrets  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes files with mode 0600. A link appears at once with all of its content and never replaces a file.
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def _parse(text: str, path: Path) -> bytes:
    with contextlib.suppress(ValueError):
        if len(key := bytes.fromhex(text)) == KEY_BYTES:
            return key
    raise StoreUnavailableError(
        f"the key file {path} holds no key ({2 * KEY_BYTES} hexadecimal digits expected); put a backup in its place, "
        "or delete it, after which old questions are no longer linked to the people who asked them"
    )

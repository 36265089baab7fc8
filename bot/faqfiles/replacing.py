"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from ..core.errors import InvalidInputError, Problem
from ..core.speech import verbatim

if TYPE_CHECKING:
    from pathlib import Path


def check_place(path: Path) -> None:
    """Make sure that a file can be written, before minutes are spent on what goes into it.

    Raises:
        InvalidInputError: It cannot.
    """
    try:
        folder = path.resolve().parent
        # /dev/stdout and its like are written into.
        can_be = os.access(path if path.exists() and not path.is_file() else folder, os.W_OK) and not path.is_dir()
        fault = None if can_be else "name a file in a folder that you may write"
        if not folder.is_dir():
            fault = f"there is no folder {folder}; make it"
    except (OSError, ValueError, RuntimeError) as error:  # no file can have that name, or links that go in circles
        fault = f"{getattr(error, 'strerror', None) or error}; name a file in a folder that you may write"
    if fault:
        raise InvalidInputError([Problem(str(path), 0, verbatim(f"cannot be written: {fault}"))])


def write_file(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file; one that is replaced is so when the new one is complete, so that nobody reads half of it.

    Who may read and write what is replaced may do so with the new one, as far as its mode tells.

    Args:
        path: The file.
        content: What it is to hold.
        replace: False if a file that is there already has to stay as it is.

    Raises:
        InvalidInputError: It cannot be written, or has to stay.
    """
    try:
        _write(path, content, replace=replace)
    except FileExistsError as error:
        fault = verbatim("is there already; name another file, or replace it with --force")
        raise InvalidInputError([Problem(str(path), 0, fault)]) from error
    except (OSError, ValueError, RuntimeError) as error:  # no file can have that name, or links that go in circles
        reason = getattr(error, "strerror", None) or error
        fault = verbatim(f"cannot be written: {reason}; name a file in a folder that you may write")
        raise InvalidInputError([Problem(str(path), 0, fault)]) from error


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # /dev/stdout and its like; a folder refuses
        return
    if not replace:
        with path.open("xb") as file:
            file.write(content)
        return
    path = path.resolve()  # what a link points to is replaced, not the link
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with draft.open("xb") as file:
            # Before there is anything in it that not everybody was to read. There may be nothing to replace, and some
            # file systems have no modes.
            with suppress(OSError):
                shutil.copymode(path, draft)
            file.write(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)

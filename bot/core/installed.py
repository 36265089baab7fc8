"""Which versions of libraries are installed."""

from __future__ import annotations

import os
import re
import sys
from functools import cache

_METADATA = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info")
"""Folder that every installer makes beside a library: the specification "Recording installed projects"."""
_SEPARATORS = re.compile(r"[-_.]+")


def installed_version(name: str) -> str:
    """Return the version of an installed library.

    It tells what ``importlib.metadata.version`` does, whose import takes longer than that of most of our own modules.

    Args:
        name: Its name on PyPI.

    Raises:
        importlib.metadata.PackageNotFoundError: It is not installed.
    """
    found = _list_installed(tuple(sys.path)).get(_normalise(name))
    if found is not None:
        return found
    # What was installed in a way of its own.
    from importlib.metadata import version  # noqa: PLC0415

    return version(name)


@cache
def _list_installed(path: tuple[str, ...]) -> dict[str, str]:
    """Return the version of each library in some folders; the first folder that has it counts."""
    versions: dict[str, str] = {}
    for folder in path:
        try:
            with os.scandir(folder or ".") as entries:
                files = [entry.name for entry in entries]
        except OSError:  # a zip file, or a folder that is not there
            continue
        for file in files:
            if found := _METADATA.fullmatch(file):
                versions.setdefault(_normalise(found["name"]), found["version"])
    return versions


def _normalise(name: str) -> str:
    """Return a name as PyPI compares it (the specification "Names and normalization")."""
    return _SEPARATORS.sub("-", name).lower()
